"""`RoomWidget`: a call in a notebook cell, and its live mirror in Python."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Sequence
from typing import Any, Final

from traitlets import Bool, Dict, Enum, Int, TraitError, Tuple, Unicode, validate

from ..errors import InvalidArgumentError, RtcWidgetError, WaitTimeoutError
from ..ice.ice_servers import IceServers
from ..ice.turn_server import TurnServer, check_turn
from ..protocol.owner_key import new_owner_key, owner_name
from ..recording.capture.recorder import Recorder
from ..relay.address import Relay
from ..room import kernel_peers
from ..room.room_member import Condition, RoomMember
from ..room.room_state import assign
from ..runtime import cell_registry, threads
from ..runtime.bundled_widget import BundledWidget
from ..runtime.jupyter import executing_tab, formats_result, show
from ..runtime.signatures import explained
from ..runtime.validation import check_ice_servers, check_names, check_size
from ..teaching.controls import Controls
from ..teaching.signaling_control import SignalingControl
from .arguments import (
    AUDIO_SOURCES,
    MEDIA_PATHS,
    NEGOTIATIONS,
    RESOLUTION,
    VIDEO_SOURCES,
    AudioSource,
    NegotiationStyle,
    VideoSource,
    check_choices,
)
from .call_commands import CallCommands
from .call_controls import CallControls
from .call_mirror import CallEvents, CallMirror
from .call_move import CallMove
from .call_summary import CallSummary
from .comm_channel import CommChannel
from .displayed_outputs import DisplayedOutputs
from .frame_access import FrameAccess, receiving_peer
from .front_end import WIDGET_CSS, WIDGET_JS
from .front_end_messages import receivers
from .link_view import Links
from .media_channels import MediaChannels
from .recording_notices import RecordingNotices
from .succession import Succession
from .turn_watch import TurnWatch
from .unshown_hint import UnshownHint

_CLOSE_SECONDS: Final = 2.0
_UNSHOWN: Final = "No browser displays this widget: it joins from the tab in which the cell is run."


class RoomWidget(CallControls, Controls, RoomMember, BundledWidget):
    """A WebRTC call with everybody else in a room.

    As the last expression of a cell it shows the call and joins from the tab in which the cell was run. Camera and
    microphone open there, never without a live kernel.

    Parameters
    ----------
    room : str
        1 to 128 printable characters, no blanks at the ends. Clients with one room name on a relay join the same call.
    name : str, optional
        Shown to the others; a short "Guest …" by default.
    video : {"camera", "screen", "pattern", False}
        What to send; "pattern" is a moving test picture that needs no camera.
    audio : {"microphone", "tone", False}
        What to send; "tone" is a quiet test tone.
    resolution : tuple of int
        Width and height of `video` in pixels, each 16 to 4096. Assigned during a call, it changes what is sent.
    negotiation : {"perfect", "naive"}
        How offers and answers are exchanged. "naive" is the tutorials' way: nothing settles offers that cross.
    keep_picture : bool
        Whether the notebook keeps a small picture of the call, for those who open it afterwards.
    relay : Relay or str, optional
        A `Relay` or its ``https://…`` address; by default this user's own on this machine, started when needed.
    token : str, optional
        What the relay's owner gave you for this room; needed where ``relay`` is an address.
    ice_servers : sequence of dict
        ``RTCIceServer`` dictionaries (STUN and TURN). None are used unless named.
    turn : TurnServer, optional
        A TURN server for which credentials are made and renewed; the secret stays in this kernel.

    Attributes
    ----------
    state : str
        "idle", "connecting", "joined", "reconnecting", "left" or "failed".
    participants : Participants
        Everybody else, each with live traits; a new tuple at every coming and going.
    waiting : WaitingPeople
        Who waits to be let in, by a link with ``wait=True``; see `admit` and `decline`.
    me : Participant or None
        This widget's own participant while it is in the room.
    error : dict or None
        The last thing that went wrong, as {"code", "message"}.
    devices : dict
        Labels of the cameras and microphones that the browser offers.

    Raises
    ------
    InvalidArgumentError
        ``bad_room``, ``bad_name`` or ``bad_argument``.
    InvalidCallError
        ``bad_argument``, a `TypeError`, for an unknown keyword.

    Notes
    -----
    Callbacks of `observe` and `on_message` run on the observer thread, one after the other. Those of `observe` also run
    during a cell; messages come by the page, from which many kernels take nothing until the cell has ended.

    Examples
    --------
    >>> room = RoomWidget("demo", name="Ada", video="pattern", audio=False)
    >>> room
    RoomWidget('demo', name='Ada', state='idle', participants=0)
    >>> room.close()
    """

    _bundle = Unicode(WIDGET_JS).tag(sync=True)
    _css = WIDGET_CSS

    # Desired, Python is the only writer. What is synced is saved in the notebook: nothing secret may be among it.
    room = Unicode(help="The room's name, fixed for the widget's life.").tag(sync=True)
    name = Unicode(help="The name shown to the others, fixed for the widget's life.").tag(sync=True)
    video = Enum(VIDEO_SOURCES, "camera", help="The picture to send.").tag(sync=True)
    audio = Enum(AUDIO_SOURCES, "microphone", help="The sound to send.").tag(sync=True)
    negotiation = Enum(NEGOTIATIONS, "perfect", help="How to negotiate, fixed for life.").tag(sync=True)
    resolution = Tuple(Int(), Int(), default_value=RESOLUTION, help="The picture's size.").tag(sync=True)
    media_path = Enum(
        MEDIA_PATHS,
        "auto",
        help="How media travel between this widget and the Peers of its kernel: by ICE, over the notebook's own "
        "connection, or over that for as long as ICE finds no way.",
    ).tag(sync=True)

    keep_picture = Bool(False, help="Keep a picture of the call, fixed for the widget's life.").tag(sync=True)

    # Actual, as those of `RoomMember`; not synced: the front end knows, the notebook need not.
    devices = Dict(read_only=True)
    seen = Dict(read_only=True, help="What the call was: who, when, and a picture.").tag(sync=True)

    @explained
    def __init__(
        self,
        room: str,
        *,
        name: str | None = None,
        video: VideoSource = "camera",
        audio: AudioSource = "microphone",
        resolution: tuple[int, int] = RESOLUTION,
        negotiation: NegotiationStyle = "perfect",
        keep_picture: bool = False,
        relay: Relay | str | None = None,
        token: str | None = None,
        ice_servers: Sequence[dict[str, Any]] = (),
        turn: TurnServer | None = None,
    ) -> None:
        room, name = check_names(room, name)
        check_choices(video, audio, negotiation, keep_picture)
        resolution = check_size("resolution", resolution)
        servers, turn = check_ice_servers(ice_servers), check_turn(turn)
        all_servers = IceServers(servers, turn)
        from ..signaling.resolver import RelayResolver, check_relay
        from .kernel_session import KernelSession

        relay = check_relay(relay, token)
        access = {"relay": relay, "token": token, "ice_servers": servers, "turn": turn}
        key = new_owner_key()
        # With all values, so that the front end never sees defaults.
        super().__init__(
            room=room,
            name=name,
            video=video,
            audio=audio,
            resolution=resolution,
            negotiation=negotiation,
            keep_picture=keep_picture,
        )
        self._hint = UnshownHint(self)
        self._succession = Succession(self, lambda: self._session)
        self._outputs = DisplayedOutputs(self.model_id)
        self._begin_membership(owner_name(key))
        self._channel = CommChannel(
            lambda content, buffers: self._send({"method": "custom", "content": content}, buffers=buffers)
        )
        self._control = SignalingControl(
            self,
            self._life,
            self._waiters,
            request=self._request_of_relay,
            reach=lambda: self._session.reach(),
            send=self._channel.send,
        )
        self._summary = CallSummary(self, lambda summary: assign(self, seen=dict(summary)))
        self._frames = FrameAccess(
            self._life, self, lambda: receiving_peer(room, name, access), lambda: self._session.is_inviting
        )
        self._commands = CallCommands(self._channel, self, self._life, lambda: self.devices, self._run_taps)
        resolver = RelayResolver(room, relay, token, role="teacher")
        self._links = Links(room, self._life, resolver.locate)
        notices = RecordingNotices(self._channel)
        self._recorder = Recorder(
            self,
            self._life,
            observer=lambda: self._session.observer,
            decline=self._commands.decline,
            on_recorders=self._publish_recorders,
            on_progress=notices.on_progress,
            on_finished=notices.on_finished,
        )
        self._mirror = CallMirror(
            self,
            self._room_state,
            self._threads,
            self._waiters,
            recorder=self._recorder,
            summary=self._summary,
            events=CallEvents(
                on_entered=self._on_entered,
                on_left=self._on_left,
                on_abandoned=self._succession.on_abandoned,
                on_message=self._receive_message,
                on_reported=TurnWatch(self, self._threads, all_servers).take,
            ),
        )
        self._session = KernelSession(
            room,
            key,
            resolver=resolver,
            ice_servers=all_servers,
            threads=self._threads,
            send=self._channel.send,
            is_joined=lambda: self._room_state.me is not None,
            peers=self._reachable_peers,
            # What is held is noted first: who is woken by a change of the mirror may look at it.
            listeners=[self._control.listener(), self._mirror.listener()],
            on_stale=self._mirror.on_stale,
        )
        self._media = MediaChannels(self._channel, self._threads)
        self._move = CallMove(
            self,
            self._threads,
            leave=self._commands.leave,
            invite=lambda client_id: self._session.invite_tab(None, now=True, client=client_id),
        )
        self._channel.receive_with(
            receivers(
                self._channel,
                self._session,
                self._threads,
                mirror=self._mirror,
                move=self._move,
                control=self._control,
                recorder=self._recorder,
                links=self._links,
                notices=notices,
                media=self._media,
                on_picture=self._summary.set_picture if keep_picture else None,
            )
        )
        self.on_msg(self._channel.receive)
        self._session.open()
        self._session.invite_tab(executing_tab(), now=False)
        cell_registry.replace_earlier(self)

    @validate("room", "name", "negotiation")
    def _fixed(self, proposal: Any) -> str:
        """Refuse changes, also by the front end: room and name are fixed when the widget is made."""
        before = self._trait_values.get(proposal.trait.name)
        if before and before != proposal.value:
            msg = f"A widget's {proposal.trait.name} cannot change: create another RoomWidget."
            raise TraitError(msg)
        return str(proposal.value)

    @validate("resolution")
    def _within_limits(self, proposal: Any) -> tuple[int, int]:
        try:
            return check_size("resolution", proposal.value)
        except InvalidArgumentError as error:
            raise TraitError(error.message) from None

    # -- what a user may do, beside what `Controls` and `CallControls` have

    def join(self) -> None:
        """Join from the tab that runs this cell, also after having left. Returns at once; see `wait_for`."""
        self._life.check_open()
        self._hint.dismiss()
        self._session.open()
        self._session.invite_tab(executing_tab(), now=True)

    def leave(self) -> None:
        """Leave the room, in every tab; cameras go off. `join` or showing the widget again comes back.

        What this widget holds and breaks ends; what it records goes on until that is stopped.
        """
        self._life.check_open()
        self._session.withdraw_invitation()
        self._frames.close()
        self._commands.leave()
        self._control.let_go()

    def close(self) -> None:
        """Leave and end the widget for good: comm, sockets, threads. May be called twice."""
        life = getattr(self, "_life", None)
        if life is None or life.closed:
            super().close()
            return
        self._hint.dismiss()
        self._recorder.close()
        self._links.close()
        # Otherwise Jupyter would report in its place that the model was not found.
        self._outputs.replace(self._card())
        life.closed = True
        self._channel.close()
        super().close()
        self.__dict__.pop("_repr_mimebundle_", None)  # None, which ipywidgets sets, would hide the card.
        self._frames.close()
        parts = [self._control.close(), self._media.close()]
        ending = [*map(self._threads.spawn, parts), self._session.close(for_good=True)]
        concurrent.futures.wait([each for each in ending if each is not None], timeout=_CLOSE_SECONDS)
        closed = RtcWidgetError("closed", "The widget was closed while something was waiting for it.")
        self._threads.post(self._mirror.end, closed)
        threads.release()

    def __repr__(self) -> str:
        return f"RoomWidget({self.room!r}, name={self.name!r}, state={self.state!r}, participants={len(self.participants)})"

    # -- showing itself

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if self._life.closed:
            return self._card()
        self._hint.dismiss()
        cell_registry.keep(self, self._succession.succeed)
        # Displayed again after it was left, perhaps in another cell: whoever runs that cell joins.
        self._threads.post(self._join_again, executing_tab())
        self._outputs.watch()
        # The card is for viewers without widgets: untrusted notebooks, GitHub, pages without widget state.
        return {**(super()._repr_mimebundle_(**kwargs) or ({}, {}))[0], **self._card()}

    def _ipython_display_(self) -> None:
        # A cell's result has no display id. Whatever else displays a widget takes its MIME bundle and has its own.
        if not formats_result():
            raise NotImplementedError
        show(self._repr_mimebundle_())

    def _card(self) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._summary.card()}

    def _join_again(self, session: str | None) -> None:
        if self.me is None and self.state in ("left", "failed"):
            self._session.open()
            self._session.invite_tab(session, now=False)

    # -- waiting

    def _begin_waiting(self, what: Condition) -> concurrent.futures.Future[None]:
        self._hint.dismiss()
        future = super()._begin_waiting(what)
        if isinstance(what, str) and self.me is None and self.state in ("idle", "connecting"):
            self._session.invite_tab(executing_tab(), now=True)
        return future

    def _timed_out(self, what: object, timeout: float) -> WaitTimeoutError:
        error = super()._timed_out(what, timeout)
        if self.state != "idle" or not isinstance(what, str):
            return error
        return WaitTimeoutError("frontend_absent", f"{error.message} {_UNSHOWN}")

    # -- what the parts need of each other

    def _request_of_relay(
        self, event: str, payload: dict[str, Any]
    ) -> concurrent.futures.Future[dict[str, Any]]:
        self._hint.dismiss()
        return self._session.request(event, payload)

    def _reachable_peers(self) -> list[str]:
        # Whoever holds messages or breaks a path wants to see what comes of it.
        return [] if self._control.intervenes else kernel_peers.ids(self.room)

    def _on_entered(self) -> None:
        self._session.withdraw_invitation()
        # Other tabs of the widget say where the call is.
        self._session.beat()

    def _on_left(self) -> None:
        # A participant who leaves does not continue to observe.
        self._frames.close()
        self._control.let_go()
        self._control.greet("*")
        self._session.beat()
        self._move.on_left()
