"""`Peer`: the kernel itself as a participant. Its media are in another process, see `process`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from operator import attrgetter
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal

from traitlets import Unicode

from ..errors import ErrorInfo, ProtocolError, RtcWidgetError
from ..ice.turn_server import TurnServer, check_turn
from ..protocol import media_process as wire
from ..protocol.owner_key import new_owner_key, owner_name
from ..recording.capture.recorder import Recorder
from ..relay.address import Relay
from ..room import kernel_peers
from ..room.data_messages import decode, encode
from ..room.participants import Participant, find
from ..room.room_member import RoomMember
from ..room.room_state import assign
from ..runtime import cell_registry, threads
from ..runtime.delegation import delegate
from ..runtime.signatures import explained
from ..runtime.validation import check_ice_servers, check_names, check_size, check_timeout
from ..signaling.resolver import RelayResolver, check_relay
from .ipc.transform_worker import Transform
from .kernel import media_process
from .kernel.arguments import check_rate, check_transform
from .kernel.callback_sends import CallbackSends
from .kernel.frame_receiver import FrameReceiver
from .kernel.frame_sender import KEEP, FrameSender, Source
from .kernel.media_process import ProcessAnswers, ProcessEnded, ProcessEvent

if TYPE_CHECKING:
    from ..recording.capture.live_recording import LiveRecording
    from ..signaling.observer import Observer

_SEND_SECONDS: Final = 10.0
_LEAVE_SECONDS: Final = 7.0  # `recording_leave` in `limits`, and then a goodbye
_SILENT: Final = "The process of this kernel's peers hangs; closing them ends it."


class Peer(RoomMember):
    """The kernel as a participant of a room: numpy frames and audio in and out.

    Everybody in the room sees it as they see each other. It lives in a process of its own, which all peers of a
    kernel share, so a busy cell stops no picture; interrupting the kernel does not end it, ending the kernel does. A
    cell that is run again replaces the peers that it had made.

    Parameters
    ----------
    room : str
        1 to 128 printable characters, no blanks at the ends. Clients that use the same room name on the same relay
        join the same call.
    name : str, optional
        Shown to the others; a short "Guest …" when None.
    source : str, path, array, picture, iterable or async iterable, optional
        What to send. "pattern" is a moving test picture; other strings are opened by PyAV: a file, an address,
        ``/dev/video0``, or ``format:name`` of an FFmpeg device. What `send_frame` takes, and a photo, are still pictures.
        An iterable gives frames, as many a second as ``fps`` says at most.
    audio : str, path, iterable or async iterable, optional
        What to send as audio: "tone", something that PyAV opens, or an iterable of arrays at 48 kHz. A ``source``
        that has audio sends it too.
    transform : callable, optional
        Takes a `Frame` and returns a frame, or changes it in place. Its results are what this peer sends. Its
        input is ``source``, or, when there is none, the first person in the room.
    of : str, optional
        Name or id of the participant whose frames are transformed.
    run : {"kernel", "peer"}
        Where the transform runs. In the kernel it waits for a busy cell like any other thread; in the peer's
        process nothing delays it, but the function has to be in a module that can be imported, and runs as the
        module's file is when the function is handed over.
    resolution : (int, int)
        Width and height of "pattern", px.
    fps : float
        Of "pattern", of iterables, at most, and of films that do not say their own.
    relay : Relay or str, optional
        Somebody else's relay. By default this user's own on this machine, started when needed.
    token : str, optional
        What the relay's owner gave you for this room; needed where ``relay`` is an address.
    ice_servers : sequence of dict
        ``RTCIceServer`` dictionaries (STUN and TURN). None are used unless named.
    turn : TurnServer, optional
        A TURN server for which credentials are made and renewed.

    Attributes
    ----------
    state, participants, me, error
        As of `RoomWidget`.

    Raises
    ------
    InvalidArgumentError
        ``bad_room``, ``bad_name``, ``bad_argument``, ``bad_source``, ``bad_frame`` or ``bad_transform``.
    RtcWidgetError
        ``peer_missing`` without aiortc, av and numpy; ``peer_failed`` when the process does not start.
    InvalidCallError
        ``bad_argument``, a `TypeError`, for an unknown keyword.

    Notes
    -----
    Callbacks of `observe` and `on_message` run on the observer thread, those of `on_frame`, `on_sound` and
    ``transform`` each on a thread of its own, never on the kernel's main loop.

    Examples
    --------
    >>> with Peer("demo", name="bot", source="pattern") as bot:
    ...     bot.wait_for("joined")
    ...     bot
    Peer('demo', name='bot', state='joined', participants=0)
    """

    room = Unicode(read_only=True)
    name = Unicode(read_only=True)

    @explained
    def __init__(
        self,
        room: str,
        *,
        name: str | None = "Python",
        source: Source = None,
        audio: Source = None,
        transform: Transform | None = None,
        of: str | None = None,
        run: Literal["kernel", "peer"] = "kernel",
        resolution: tuple[int, int] = (640, 360),
        fps: float = 30.0,
        relay: Relay | str | None = None,
        token: str | None = None,
        ice_servers: Sequence[dict[str, Any]] = (),
        turn: TurnServer | None = None,
    ) -> None:
        room, name = check_names(room, name)
        relay = check_relay(relay, token)
        width, height = check_size("resolution", resolution)
        size = width - width % 2, height - height % 2  # as 4:2:0 requires
        fps = check_rate(fps)
        check_transform(transform, run)
        servers, turn = check_ice_servers(ice_servers), check_turn(turn)
        super().__init__()
        self.set_trait("room", room)
        self.set_trait("name", name)
        self._begin_membership(owner_name(key := new_owner_key()))
        try:
            self._process = media_process.acquire()
        except OSError as error:
            threads.release()
            raise RtcWidgetError("peer_failed", f"The media process did not start: {error}.") from error
        except BaseException:
            threads.release()
            raise
        self._is_silent = False
        self._link = self._process.add(self._on_process_event, self._threads.post)
        self._receiver = FrameReceiver(self, self._life, self._link, self._show_problem)
        self._sender = FrameSender(
            name,
            self._life,
            self._link,
            reader=lambda participant: self._receiver.reader(participant, "video"),
            size=size,
            fps=fps,
            on_problem=self._show_problem,
        )
        self._callback_sends = CallbackSends(self._link, self._show_problem)
        self._recorder = Recorder(
            self,
            self._life,
            observer=lambda: self._make_observer(relay, token),
            decline=lambda recording: self._link.post(wire.Decline(recording)),
            on_recorders=self._publish_recorders,
        )
        assign(self, state="connecting")
        at = (relay.url, relay._secret) if relay is not None else None
        try:
            self._link.post(wire.Open(room, name, key, at, token, servers, turn))
            if transform is not None:
                self.transform(transform, of=of, run=run)
            if source is not None or audio is not None:
                self.use(source, audio=KEEP if audio is None else audio)
        except BaseException:
            self.close()
            raise
        cell_registry.replace_earlier(self)

    # -- what a user may do: each is a part's own

    frame = delegate(attrgetter("_receiver"), FrameReceiver.frame)
    frames = delegate(attrgetter("_receiver"), FrameReceiver.frames)
    sound = delegate(attrgetter("_receiver"), FrameReceiver.sound)
    sounds = delegate(attrgetter("_receiver"), FrameReceiver.sounds)
    on_frame = delegate(attrgetter("_receiver"), FrameReceiver.on_frame)
    on_sound = delegate(attrgetter("_receiver"), FrameReceiver.on_sound)
    use = delegate(attrgetter("_sender"), FrameSender.use)
    send_frame = delegate(attrgetter("_sender"), FrameSender.send_frame)
    send_sound = delegate(attrgetter("_sender"), FrameSender.send_sound)
    mute = delegate(attrgetter("_sender"), FrameSender.mute)
    unmute = delegate(attrgetter("_sender"), FrameSender.unmute)
    transform = delegate(attrgetter("_sender"), FrameSender.transform)
    record = delegate(attrgetter("_recorder"), Recorder.record)
    decline_recording = delegate(attrgetter("_recorder"), Recorder.decline_recording)

    @property
    def stats(self) -> dict[str, Any]:
        """What was sent, and how the transform does; see `FrameSender.stats`."""
        return self._sender.stats

    @property
    def recordings(self) -> tuple[LiveRecording, ...]:
        """Those that this peer has made or is making."""
        return self._recorder.recordings

    def send(self, data: Any, *, to: str | Participant | None = None, timeout: float = _SEND_SECONDS) -> None:
        """Send a message over the data channel to everybody, or to one.

        Returns when the channel has room for it: who sends more than a connection takes is slowed down. In a callback
        of `on_message` or `observe` it returns at once; what cannot be sent in time is shown, once.

        Parameters
        ----------
        data : bytes, numpy.ndarray or anything that JSON holds
            At most 262144 bytes as sent. Arrays keep dtype and shape.
        to : str or Participant, optional
            A name, an id or a participant; everybody when left out.
        timeout : float
            Seconds.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` for what cannot be sent, ``message_too_large``, ``unknown_participant``.
        ProtocolError
            ``not_joined``; ``timeout`` when a channel did not open or had no room in time; in a callback
            ``rate_limited`` when 16 MiB wait already.
        """
        self._life.check_open()
        encoded = encode(data)
        if self.me is None:
            raise ProtocolError(
                "not_joined", "This peer is not in the room yet: call wait_for('joined') first."
            )
        target = None if to is None else find(self.participants, to).id
        message = wire.Send(encoded, target, check_timeout(timeout))
        if self._threads.on_observer_thread():
            self._callback_sends.send(message)
        else:
            self._link.call(message, message.timeout + 5)
        self._run_taps(data, self.me.id, target)

    def leave(self) -> None:
        """Leave the room for good, and wait until the others have been informed."""
        self._life.check_open()
        self._leave()

    def close(self) -> None:
        """Leave the room and end everything of this peer's. May be called twice."""
        life = getattr(self, "_life", None)
        if life is None or life.closed:
            return
        self._recorder.close()
        life.closed = True
        self._leave()
        self._process.remove(self._link.key)
        media_process.release(self._process)
        self._threads.post(self._end_closed)
        threads.release()

    def __enter__(self) -> Peer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Peer({self.room!r}, name={self.name!r}, state={self.state!r}, participants={len(self.participants)})"

    def _leave(self) -> None:
        self._sender.stop()
        self._receiver.stop()
        # The process may have ended, and everything with it; one that hangs does not answer.
        with contextlib.suppress(RtcWidgetError):
            self._link.call(wire.Close(), 0 if self._is_silent else _LEAVE_SECONDS)

    def _make_observer(self, relay: Relay | None, token: str | None) -> Observer:
        from ..signaling.observer import Observer

        # No participant has this owner key, so none is removed with it.
        resolver = RelayResolver(str(self.room), relay, token, role="teacher")
        return Observer(str(self.room), new_owner_key(), resolver.resolve)

    def _show_problem(self, code: str, text: str) -> None:
        """Show what went wrong in the user's own code, in the notebook. On any thread: the user's code runs on several."""
        print(text, file=sys.stderr, flush=True)
        error = {"code": code, "message": text.splitlines()[0]}
        self._threads.post(lambda: assign(self, error=error))

    # -- from the media process; on the thread that reads the pipe

    def _on_process_event(self, event: ProcessEvent) -> None:
        match event:
            case wire.DataReady(participant, track):
                self._receiver.notify(participant, track)
            case wire.MemoryReady(participant, track, path, capacity):
                self._receiver.open(participant, track, path, capacity)
            case wire.TransformInput(participant):
                self._sender.set_transform_input(participant)
            case wire.RoomEvent("user_left", payload):
                # Here rather than with the traits, so that frames of a successor get a reader of their own.
                self._receiver.forget(payload["socketId"])
                self._threads.post(self._apply, event)
            case _:
                self._threads.post(self._apply, event)

    # -- on the observer thread

    def _apply(self, event: ProcessEvent) -> None:
        match event:
            case wire.Entered(roster):
                self._room_state.snapshot(roster)
                assign(self, error=None)
                self._publish("joined")
            case wire.RoomEvent("recording", payload):
                self._recorder.on_recording(payload)
            case wire.RoomEvent(name, payload):
                self._room_state.apply(name, payload)
                if name == "report":
                    self._apply_errors(payload["entries"])
                self._publish()
            case wire.PathLost():
                self._is_silent = False
                if self.state == "joined":
                    self._publish("reconnecting")
            case ProcessAnswers(False) if self.state == "joined":
                self._is_silent = True
                assign(self, error={"code": "timeout", "message": _SILENT})
                self._publish("reconnecting")
            case ProcessAnswers(True) if self._is_silent:
                self._is_silent = False
                assign(self, error=None)
                self._publish("joined")
            case wire.Ended(error):
                was_in = self.me is not None
                self._end(error, "left" if error is None or was_in else "failed")
            case ProcessEnded(failure):
                if self.state not in ("left", "failed"):
                    self._end(failure.info(), "failed")
            case wire.MessageReceived(sender, data):
                self._receive_message(decode(data), sender)
            case wire.TransformFailed(text):
                self._show_problem("bad_transform", text)
            case wire.Problem(code, text):
                self._show_problem(code, text)
            case wire.SourceEnded(problem):
                if problem is not None:
                    assign(self, error={"code": "bad_source", "message": problem})
                self._publish()

    def _apply_errors(self, entries: list[dict[str, Any]]) -> None:
        for entry in entries:
            if entry["type"] == "error":
                assign(self, error={"code": str(entry["code"]), "message": str(entry["message"])})

    def _end(self, error: ErrorInfo | None, state: str) -> None:
        self._room_state.clear()
        if error is not None:
            assign(self, error=dict(error))
        self._publish(state)
        self._receiver.end()
        # Nothing more will arrive, so no waiter needs to time out.
        code, message = (
            (error["code"], error["message"])
            if error is not None
            else ("closed", "This peer has left the room.")
        )
        self._waiters.notify(RtcWidgetError(code, message))

    def _end_closed(self) -> None:
        if self.state not in ("left", "failed"):
            self._end(None, "left")
        self._waiters.notify(
            RtcWidgetError("closed", "The peer was closed while something was waiting for it.")
        )

    def _publish(self, state: str | None = None) -> None:
        me, others = self._room_state.me, self._room_state.others
        if is_another := me is not self.me:
            kernel_peers.put(self.room, me, self.me, self._link.request)
            assign(self, me=me)
        if is_another or others != self.participants:
            assign(self, participants=others)
            self._receiver.subscribe_newcomers()
        if state is not None:
            self._set_state(state)
        self._waiters.notify()
