"""`Peer`: the kernel itself as a participant. The media are in another process, see `host`."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Literal

from traitlets import Unicode

from ..errors import ProtocolError, RtcWidgetError
from ..protocol.owner_key import new_owner_key, owner_name
from ..recording.capture.recordable import Recordable
from ..relay.address import Relay
from ..room.data_messages import decode, encode
from ..room.participants import Participant, find
from ..room.room_state import assign
from ..runtime import cell_registry, threads
from ..runtime.validation import check_ice_servers, check_names, check_relay, check_size, refuse_keywords
from .ipc.transform_worker import Transform
from .kernel import media_process
from .kernel.arguments import check_rate, check_transform
from .kernel.sending import KEEP, Sending, Source

_SEND_SECONDS: Final = 10.0
_LEAVE_SECONDS: Final = 3.0
_KEYWORDS: Final = (
    *("name", "source", "audio", "transform", "of", "run", "resolution", "fps"),
    *("relay", "token", "ice_servers"),
)


class Peer(Sending, Recordable):
    """The kernel as a participant of a room: numpy pictures and sound in and out.

    Everybody in the room sees it as they see each other. It lives in a process of its own, which all peers of a
    kernel share, so a busy cell drops no frame; interrupting the kernel does not end it, ending the kernel does. A
    cell that is run again replaces the peers that it had made.

    Parameters
    ----------
    room : str
        1 to 128 printable characters. Who names the same room on the same relay meets.
    name : str
        Shown to the others.
    source : str, path, array, iterable or async iterable, optional
        What to send. "pattern" is a moving test picture; other strings are opened by PyAV: a file, an address,
        ``/dev/video0``, or ``format:name`` of an FFmpeg device. An array is a still picture. An iterable gives
        pictures, as many a second as ``fps`` says at most.
    audio : str, path, iterable or async iterable, optional
        What to send as sound: "tone", something that PyAV opens, or an iterable of arrays at 48 kHz. A ``source``
        that has sound sends it too.
    transform : callable, optional
        Takes a `Frame` and returns a picture, or changes it in place. Its results are what this peer sends. Its
        input is ``source``, or, when there is none, the first person in the room.
    of : str, optional
        Name or id of the participant whose pictures are transformed.
    run : {"kernel", "peer"}
        Where the transform runs. In the kernel it waits for a busy cell like any other thread; in the peer's
        process nothing delays it, but the function has to be in a module that can be imported.
    resolution : (int, int)
        Width and height of "pattern", px.
    fps : float
        Of "pattern" and of iterables, at most.
    relay : Relay or str, optional
        Somebody else's relay. By default this user's own on this machine, started when needed.
    token : str, optional
        What the relay's owner gave you for this room; needed where ``relay`` is an address.
    ice_servers : sequence of dict
        ``RTCIceServer`` dictionaries (STUN and TURN). None are used unless named.

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
    TypeError
        For an unknown keyword.

    Notes
    -----
    Callbacks of `observe` and `on_message` run on the observer thread, those of `on_frame`, `on_audio` and
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

    def __init__(
        self,
        room: str,
        *,
        name: str = "Python",
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
        **unknown: Any,
    ) -> None:
        refuse_keywords("Peer", unknown, _KEYWORDS)
        check_names(room, name)
        relay = check_relay(relay, token)
        width, height = check_size(resolution)
        size = width - width % 2, height - height % 2  # as 4:2:0 has it
        fps = check_rate(fps)
        check_transform(transform, run)
        servers = check_ice_servers(ice_servers)
        super().__init__()
        self.set_trait("room", room)
        self.set_trait("name", name)
        self._begin_watching()
        self._begin_sending(size, fps)
        key = new_owner_key()
        self._relay, self._token = relay, token
        self._be_present(owner_name(key))
        self._begin_recordings()
        try:
            self._process = media_process.acquire()
        except OSError as error:
            threads.release()
            raise RtcWidgetError("peer_failed", f"The media process does not start: {error}.") from error
        except BaseException:
            threads.release()
            raise
        self._key = self._process.add(self._receive)
        assign(self, state="connecting")
        options = {
            "room": room,
            "name": name,
            "key": key,
            "relay": (relay.url, relay._secret) if relay is not None else None,
            "token": token,
            "ice_servers": servers,
        }
        self._post("open", options)
        try:
            if transform is not None:
                self.transform(transform, of=of, run=run)
            if source is not None or audio is not None:
                self.use(source, audio=KEEP if audio is None else audio)
        except BaseException:
            self.close()
            raise
        cell_registry.replace_earlier(self)

    def _call(self, command: str, *arguments: Any, timeout: float = 20.0) -> Any:
        return self._process.call(self._key, command, *arguments, timeout=timeout)

    def _post(self, command: str, *arguments: Any) -> None:
        self._process.post(self._key, command, *arguments)

    # -- news from the media process

    def _receive(self, kind: str, values: tuple[Any, ...]) -> None:
        """Take a message; on the thread that reads the pipe."""
        if kind == "wake":
            self._reader(*values).wake()
        elif kind == "memory":
            participant, what, path, size = values
            # It may be gone: larger memory has taken its place and is announced next, or its sender has left.
            with contextlib.suppress(FileNotFoundError):
                self._reader(participant, what).open(path, size)
        elif kind == "transforms":
            self._feed_transform(values[0])
        else:
            if kind == "event" and values[0] == "user_left":
                # Here and not with the traits, so that what comes of a successor finds a reader of its own.
                self._forget(values[1]["socketId"])
            self._threads.post(lambda: getattr(self, f"_on_{kind}")(*values))

    def _on_traceback(self, text: str) -> None:
        self._show("bad_transform", text)

    def _on_snapshot(self, entries: list[dict[str, Any]]) -> None:
        self._mirror.snapshot(entries)
        assign(self, error=None)
        self._publish("joined")

    def _on_event(self, name: str, payload: dict[str, Any]) -> None:
        if name == "recording":
            self._on_recording(payload)
            return
        self._mirror.apply(name, payload)
        if name == "report":
            for entry in payload["entries"]:
                if entry["type"] == "error":
                    assign(self, error={"code": str(entry["code"]), "message": str(entry["message"])})
        self._publish()

    def _on_lost(self) -> None:
        if self.state == "joined":
            self._publish("reconnecting")

    def _on_ended(self, error: dict[str, str] | None) -> None:
        was_in = self.me is not None
        self._end(error, "left" if error is None or was_in else "failed")

    def _on_process_ended(self, failure: RtcWidgetError) -> None:
        if self.state not in ("left", "failed"):
            self._end({"code": failure.code, "message": failure.message}, "failed")

    def _end(self, error: dict[str, str] | None, state: str) -> None:
        self._mirror.clear()
        if error is not None:
            assign(self, error=error)
        self._publish(state)
        for reader in self._forget_all():
            reader.end()
        # Nothing will come any more, so nobody needs to wait until their time is over.
        message = error["message"] if error is not None else "This peer has left the room."
        self._waiters.wake(RtcWidgetError(error["code"] if error is not None else "closed", message))

    def _on_message(self, sender: str, data: str | bytes) -> None:
        self._hand_message(decode(data), sender)

    def _on_trouble(self, text: str) -> None:
        self._show("peer_failed", text)

    def _on_source_ended(self, problem: str | None) -> None:
        if problem is not None:
            assign(self, error={"code": "bad_source", "message": problem})
        self._publish()

    def _publish(self, state: str | None = None) -> None:
        me, others = self._mirror.me, self._mirror.others
        if me is not self.me:
            assign(self, me=me)
        if others != self.participants:
            assign(self, participants=others)
            self._watch_newcomers()
        if state is not None and state != self.state:
            assign(self, state=state)
        self._waiters.wake()

    # -- messages

    def send(self, data: Any, *, to: str | Participant | None = None, timeout: float = _SEND_SECONDS) -> None:
        """Send a message over the data channel to everybody, or to one.

        Returns when the channel has room for it: who sends more than a receiver takes is slowed down.

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
            ``not_joined``; ``timeout`` when a channel did not open or had no room in time.
        """
        self._check_open()
        self._check_thread()
        encoded = encode(data)
        if self.me is None:
            raise ProtocolError("not_joined", "This peer is not in the room yet: wait_for('joined').")
        target = None if to is None else find(self.participants, to).id
        self._call("send", encoded, target, timeout, timeout=timeout + 5)
        self._tapped(data, self.me.id, target)

    def _decline(self, recording: str) -> None:
        self._post("decline", recording)

    # -- the end

    def leave(self) -> None:
        """Leave the room for good, and wait until the others have been told."""
        self._check_open()
        self._leave()

    def _leave(self) -> None:
        self._end_sending()
        self._end_watching()
        # The process may have ended, and everything with it.
        with contextlib.suppress(RtcWidgetError):
            self._call("close", timeout=_LEAVE_SECONDS)

    def close(self) -> None:
        """Leave the room and end everything of this peer's. May be called twice."""
        if getattr(self, "_closed", True):
            return
        self._end_recordings()
        self._closed = True
        self._leave()
        self._process.remove(self._key)
        media_process.release(self._process)
        self._threads.post(self._ended)
        threads.release()

    def _ended(self) -> None:
        if self.state not in ("left", "failed"):
            self._end(None, "left")
        closed = RtcWidgetError("closed", "The peer was closed while something waited for it.")
        self._waiters.wake(closed)

    def __enter__(self) -> Peer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Peer({self.room!r}, name={self.name!r}, state={self.state!r}, participants={len(self.participants)})"
