"""`RoomWidget`: a call in a notebook cell, and its live mirror in Python."""

from __future__ import annotations

import concurrent.futures
import secrets
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
from traitlets import Bool, Dict, Enum, Int, TraitError, Tuple, Unicode, validate

from ..errors import InvalidArgumentError, RtcWidgetError, WaitTimeoutError
from ..protocol.owner_key import new_owner_key, owner_name
from ..recording.capture.recordable import Recordable
from ..relay.address import Relay
from ..room.data_messages import decode
from ..room.participants import Participants
from ..room.room_member import Condition
from ..room.room_state import assign
from ..runtime import cell_registry, threads
from ..runtime.jupyter import executing_session, show
from ..runtime.validation import (
    check_choice,
    check_ice_servers,
    check_names,
    check_relay,
    check_size,
    refuse_keywords,
)
from ..teaching.signaling_control import Controls
from .call_commands import Commands
from .call_summary import Memory
from .frame_access import Eyes

if TYPE_CHECKING:
    from ..recording.capture.live_recording import LiveRecording

_STATIC = Path(__file__).parents[1] / "static"
if not (_STATIC / "widget.js").exists():
    msg = f"rtc_widget's front end is not built ({_STATIC / 'widget.js'} is missing): run 'make js' in the checkout."
    raise FileNotFoundError(msg)

VIDEO_SOURCES = ("camera", "screen", "pattern", False)
AUDIO_SOURCES = ("microphone", "tone", False)
NEGOTIATIONS = ("perfect", "naive")
RESOLUTION = (640, 360)
_KEYWORDS = (
    "name",
    "video",
    "audio",
    "resolution",
    "negotiation",
    "keep_picture",
    "relay",
    "token",
    "ice_servers",
)


class RoomWidget(Commands, Controls, Eyes, Recordable, Memory, anywidget.AnyWidget):
    """A WebRTC call with everybody else in a room.

    As the last expression of a cell it shows the call and joins from the tab in which the cell was run. Camera and
    microphone open there, never without a live kernel.

    Parameters
    ----------
    room : str
        1 to 128 printable characters. Who names the same room on the same relay meets.
    name : str, optional
        Shown to the others; a short "Guest …" by default.
    video : {"camera", "screen", "pattern", False}
        What to send; "pattern" is a moving test picture that needs no camera.
    audio : {"microphone", "tone", False}
        What to send; "tone" is a quiet test tone.
    resolution : tuple of int
        Width and height in pixels, each 16 to 4096: what the camera is asked for, and in which the pattern is drawn.
        Assigned during a call, it changes what is sent; only that of `video`, never of a shared screen.
    negotiation : {"perfect", "naive"}
        How offers and answers are exchanged. "naive" is the tutorials' way, to see what goes wrong with it: whoever
        was there offers, whoever comes answers, and nothing settles offers that cross.
    keep_picture : bool
        Whether the notebook keeps a small picture of the call, for those who open it afterwards.
    relay : Relay or str, optional
        Somebody else's relay, as a `Relay` or its ``https://…`` address. By default this user's own on this
        machine, shared by all notebooks and started when needed.
    token : str, optional
        What the relay's owner gave you for this room; needed where ``relay`` is an address.
    ice_servers : sequence of dict
        ``RTCIceServer`` dictionaries (STUN and TURN). None are used unless named.

    Attributes
    ----------
    state : str
        "idle", "connecting", "joined", "reconnecting", "left" or "failed".
    participants : Participants
        Everybody else, each with live traits; a new tuple at every coming and going.
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
    TypeError
        For an unknown keyword.

    Notes
    -----
    Callbacks of `observe` and `on_message` run on the observer thread, one after the other, also while a cell runs.

    Examples
    --------
    >>> room = RoomWidget("demo", name="Ada", video="pattern", audio=False)
    >>> room
    RoomWidget('demo', name='Ada', state='idle', participants=0)
    >>> room.close()
    """

    _esm = _STATIC / "widget.js"
    _css = _STATIC / "widget.css"

    # Desired, Python is the only writer. What is synced is saved in the notebook: nothing secret may be among it.
    room = Unicode(help="The room's name, fixed for the widget's life.").tag(sync=True)
    name = Unicode(help="The name shown to the others, fixed for the widget's life.").tag(sync=True)
    video = Enum(VIDEO_SOURCES, "camera", help="The picture to send.").tag(sync=True)
    audio = Enum(AUDIO_SOURCES, "microphone", help="The sound to send.").tag(sync=True)
    negotiation = Enum(NEGOTIATIONS, "perfect", help="How to negotiate, fixed for the widget's life.").tag(
        sync=True
    )
    resolution = Tuple(Int(), Int(), default_value=RESOLUTION, help="The picture's size.").tag(sync=True)

    keep_picture = Bool(False, help="Keep a picture in the notebook, fixed for the widget's life.").tag(
        sync=True
    )

    # Actual, as those of `Presence`. Not synced: the front end knows, the notebook need not.
    devices = Dict(read_only=True)

    def __init__(
        self,
        room: str,
        *,
        name: str | None = None,
        video: str | bool = "camera",
        audio: str | bool = "microphone",
        resolution: tuple[int, int] = RESOLUTION,
        negotiation: str = "perfect",
        keep_picture: bool = False,
        relay: Relay | str | None = None,
        token: str | None = None,
        ice_servers: Sequence[dict[str, Any]] = (),
        **unknown: Any,
    ) -> None:
        refuse_keywords("RoomWidget", unknown, _KEYWORDS)
        check_names(room, name)
        check_choice("video", video, VIDEO_SOURCES)
        check_choice("audio", audio, AUDIO_SOURCES)
        check_choice("negotiation", negotiation, NEGOTIATIONS)
        check_choice("keep_picture", keep_picture, (True, False))
        resolution = check_size(resolution)
        relay = check_relay(relay, token)
        servers = check_ice_servers(ice_servers)
        self._key = new_owner_key()
        name = name if name is not None else f"Guest {secrets.token_hex(2)}"
        # With all values, so that the front end never sees others.
        super().__init__(
            room=room,
            name=name,
            video=video,
            audio=audio,
            resolution=resolution,
            negotiation=negotiation,
            keep_picture=keep_picture,
        )
        self._relay, self._token, self._ice_servers = relay, token, servers
        self._display_id, self._displayed = secrets.token_hex(8), False
        self._was_in = False
        self._watching = False
        self._unseen = False
        self._relay_failed = False
        self._session: Any = None
        self._running: concurrent.futures.Future[None] | None = None
        self._be_present(owner_name(self._key))
        self._begin_teaching()
        self._begin_recordings()
        self.on_msg(self._receive)
        self._open_session()
        self._invite(executing_session(), now=False)
        cell_registry.replace_earlier(self)

    @validate("room", "name", "negotiation")
    def _fixed(self, proposal: Any) -> str:
        """Refuse changes, the front end's too: who is in which room is settled when the widget is made."""
        before = self._trait_values.get(proposal.trait.name)
        if before and before != proposal.value:
            msg = f"A widget's {proposal.trait.name} is fixed: make another RoomWidget."
            raise TraitError(msg)
        return str(proposal.value)

    @validate("resolution")
    def _within_limits(self, proposal: Any) -> tuple[int, int]:
        try:
            return check_size(proposal.value)
        except InvalidArgumentError as error:
            raise TraitError(error.message) from None

    # -- the session on the RTC thread

    def _open_session(self) -> None:
        if self._running is not None or self._closed:
            return
        from .kernel_session import Hooks, Session

        post = self._threads.post
        hooks = Hooks(
            send=self._send_custom,
            snapshot=self._hear_snapshot,
            stale=lambda: post(self._on_stale),
            event=self._hear_event,
            lost=self._hear_lost,
            failed=lambda error: post(lambda: self._fail(error)),
        )

        session = Session(
            self.room,
            self._key,
            relay=self._relay,
            token=self._token,
            ice_servers=self._ice_servers,
            hooks=hooks,
        )
        self._session = session
        self._running = self._threads.spawn(session.run())

    def _hear_snapshot(self, watched: dict[str, Any]) -> None:
        super()._hear_snapshot(watched)
        self._threads.post(lambda: self._on_recordings(watched.get("recordings", [])))
        self._threads.post(lambda: self._on_snapshot(watched["participants"]))

    def _hear_event(self, event: str, payload: dict[str, Any]) -> None:
        super()._hear_event(event, payload)
        if event == "recording":
            self._threads.post(lambda: self._on_recording(payload))
        else:
            self._threads.post(lambda: self._on_event(event, payload))

    def _hear_lost(self) -> None:
        super()._hear_lost()
        self._threads.post(self._on_lost)

    def _request(self, event: str, payload: dict[str, Any]) -> concurrent.futures.Future[dict[str, Any]]:
        self._open_session()
        return self._threads.spawn(self._session.request(event, payload))

    def _close_session(self) -> concurrent.futures.Future[None] | None:
        running, self._running = self._running, None
        if running is not None:
            running.cancel()
        return running

    def _on_loop(self, act: Callable[[Any], Any]) -> None:
        """Do something with the session on its loop."""
        session = self._session
        self._threads.loop.call_soon_threadsafe(lambda: act(session))

    def _invite(self, session: str | None, *, now: bool) -> None:
        from .kernel_session import Invitation

        invitation = Invitation.make(session, now)
        self._on_loop(lambda running: running.invite(invitation))

    def _send_custom(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        """Put a message on the comm from any thread; a kernel that is going away is no reason for a traceback."""
        try:
            self._send({"method": "custom", "content": content}, buffers=buffers)
        except (OSError, RuntimeError, AttributeError):
            if not self._closed:
                traceback.print_exc()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        cell_registry.keep(self)
        if not self._closed:
            # Shown again after it was left, perhaps in another cell: whoever runs that cell is to be in the call.
            session = executing_session()
            self._threads.post(lambda: self._shown(session))
        shown = {"text/plain": repr(self), "text/html": self._card()}
        # The card is for where widgets are not shown: untrusted notebooks, GitHub, pages without widget state.
        return {**(super()._repr_mimebundle_(**kwargs) or ({}, {}))[0], **shown}

    def _ipython_display_(self) -> None:
        # By an id, so that what is shown can be put in place of the widget when it is closed.
        show(self._repr_mimebundle_(), self._display_id)
        self._displayed = True

    def _show_card(self) -> None:
        """Leave the card where the widget was: Jupyter would say that its model was not found."""
        if self._displayed:
            show({"text/plain": repr(self), "text/html": self._card()}, self._display_id, again=True)

    def _shown(self, session: str | None) -> None:
        if self.me is None and self.state in ("left", "failed"):
            self._open_session()
            self._invite(session, now=False)

    # -- news from the relay and the front ends, on the observer thread

    def _on_snapshot(self, entries: list[dict[str, Any]]) -> None:
        self._watching = True
        self._mirror.snapshot(entries)
        self._publish()

    def _on_stale(self) -> None:
        self._mirror.drop(
            {p.id for p in (*self._mirror.others, *([self._mirror.me] if self._mirror.me else []))}
        )
        self._publish()

    def _on_event(self, event: str, payload: dict[str, Any]) -> None:
        self._mirror.apply(event, payload)
        me = self._mirror.me
        if event == "report" and me is not None and payload["from"] == me.id:
            for entry in payload["entries"]:
                self._on_own_report(entry)
        self._publish()

    def _on_own_report(self, entry: dict[str, Any]) -> None:
        if entry["type"] == "error":
            assign(self, error={"code": str(entry.get("code")), "message": str(entry.get("message"))})
        elif entry["type"] == "devices":
            self._set_devices(entry)

    def _on_lost(self) -> None:
        self._watching = False
        self._publish()

    def _fail(self, error: RtcWidgetError) -> None:
        self._watching = False
        assign(self, error=dict(error.info()))
        self._relay_failed = True
        if self._mirror.me is None:
            assign(self, state="failed")
        self._publish()

    def _publish(self) -> None:
        """Set the widget's own traits to what the mirror shows, and wake whoever waits for it."""
        me, others = self._mirror.me, self._mirror.others
        if me is not None and not self._was_in:
            self._was_in = True
            assign(self, error=None)
            self._on_loop(lambda session: session.invite(None))
        if others != self.participants:
            assign(self, participants=others)
        if me is not self.me:
            assign(self, me=me)
        self._remember()
        if me is not None:
            state = "joined" if self._watching and not me.away else "reconnecting"
        elif self._was_in:
            state, self._was_in = "left", False
            # Who leaves does not go on watching.
            self._close_eyes()
            self._stop_teaching()
        elif self.state == "failed" and self._watching and self._relay_failed:
            state, self._relay_failed = "idle", False
        else:
            state = self.state
        if state != self.state:
            assign(self, state=state)
        if self._unseen and me is None:
            # The cell was re-run or cleared: nothing shows this widget, so it needs no sockets either.
            self._unseen = self._watching = False
            self._close_session()
            self._mirror.clear()
            assign(self, participants=Participants())
        self._waiters.wake()

    def _receive(self, _widget: object, content: Any, buffers: list[Any]) -> None:
        """Take a front end's comm message: on whatever thread the kernel uses, so only hand it over."""
        if not isinstance(content, dict) or self._closed:
            return
        client_id, kind = content.get("client_id"), content.get("kind")
        if not isinstance(client_id, str):
            return
        if kind == "tunnel":
            self._on_loop(lambda session: session.tunnels.receive(client_id, content))
        elif kind == "panel":
            self._threads.loop.call_soon_threadsafe(self._press, client_id, content)
        elif kind == "record":
            self._record_from_button(content.get("on") is True)
        elif kind == "hello":
            self._threads.post(self._greet)
        else:
            copies = [bytes(buffer) for buffer in buffers or []]
            self._threads.post(lambda: self._on_front_end(str(kind), content, copies))

    def _greet(self) -> None:
        """Answer a front end that has come, perhaps to a widget that had been left."""
        self._open_session()
        self._on_loop(lambda session: session.beat())

    def _on_front_end(self, kind: str, content: dict[str, Any], buffers: list[bytes]) -> None:
        if kind == "phase":
            phase = content.get("phase")
            if self._mirror.me is None and phase in ("connecting", "failed", "left"):
                assign(self, state=phase)
            self._unseen = phase == "left" and content.get("unseen") is True
            self._publish()
        elif kind == "error":
            assign(self, error={"code": str(content.get("code")), "message": str(content.get("message"))})
        elif kind == "devices":
            self._set_devices(content)
        elif kind == "picture" and self.keep_picture:
            self._on_picture(content.get("data"))
        elif kind == "message":
            self._on_data(content, buffers)

    def _set_devices(self, content: dict[str, Any]) -> None:
        assign(
            self,
            devices={
                key: [str(label) for label in content.get(key, ())] for key in ("cameras", "microphones")
            },
        )

    def _on_data(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        data = decode(buffers[0]) if buffers else content.get("data")
        self._hand_message(data, str(content.get("from")))

    # -- what a user may do

    def join(self) -> None:
        """Join from the tab that runs this cell, also after having left. Returns at once; see `wait_for`."""
        self._check_open()
        session = executing_session()

        def invite() -> None:
            self._open_session()
            self._invite(session, now=True)

        self._threads.post(invite)

    def leave(self) -> None:
        """Leave the room, in every tab; cameras go off. `join` or showing the widget again comes back.

        What this widget holds and breaks ends; what it records goes on until that is stopped.
        """
        self._check_open()
        self._on_loop(lambda session: session.invite(None))
        self._command("leave")
        self._stop_teaching()

    def close(self) -> None:
        """Leave and end the widget for good: comm, sockets, threads. May be called twice."""
        if getattr(self, "_closed", True):
            super().close()
            return
        self._end_recordings()
        self._show_card()
        self._closed = True
        super().close()
        self._close_eyes()
        self._threads.spawn(self._panel.close())
        running = self._close_session()
        if running is not None:
            concurrent.futures.wait([running], timeout=2)
        self._threads.post(self._ended)
        threads.release()

    def _ended(self) -> None:
        # What it held and broke has ended with its connection.
        self._has_wished = False
        self._mirror.clear()
        self._publish()
        if self.state not in ("left", "failed"):
            assign(self, state="left")
        self._waiters.wake(RtcWidgetError("closed", "The widget was closed while something waited for it."))

    def _begin_waiting(self, what: Condition) -> concurrent.futures.Future[None]:
        future = super()._begin_waiting(what)
        if self.me is None and self.state in ("idle", "connecting"):
            self._invite(executing_session(), now=True)
        return future

    def _timed_out(self, what: object, timeout: float) -> WaitTimeoutError:
        error = super()._timed_out(what, timeout)
        if self.state != "idle":
            return error
        why = "No browser shows this widget: it joins from the tab in which the cell is run."
        return WaitTimeoutError("frontend_absent", f"{error.message} {why}")

    # -- what a recording tells the front ends

    def _show_progress(self, recording: LiveRecording | None) -> None:
        if recording is not None:
            news = {"on": True, "id": recording.id, "text": recording.progress, "full": recording.nearly_full}
        else:
            news = {"on": False}
        self._send_custom({"kind": "recording", "to": "*", **news})

    def _show_recorded(self, path: Path | None, error: RtcWidgetError | None) -> None:
        told = {"error": error.info()} if error is not None else {"file": str(path)}
        self._send_custom({"kind": "recording", "to": "*", "on": False, **told})

    def __repr__(self) -> str:
        return (
            f"RoomWidget({self.room!r}, name={self.name!r}, state={self.state!r}, "
            f"participants={len(self.participants)})"
        )
