"""`Peer`: the kernel itself as a participant. The media are in another process, see `host`."""

from __future__ import annotations

import contextlib
import difflib
import os
import pickle
import sys
import threading
import traceback
from collections.abc import AsyncIterable, Callable, Iterable, Sequence
from types import TracebackType
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from traitlets import Unicode

from .. import _loop
from ..errors import InvalidArgumentError, ProtocolError, RtcWidgetError, WaitTimeoutError
from ..messages import decode, encode
from ..mirror import assign
from ..participants import Participant, find
from ..presence import Presence
from ..protocol import check_name, check_room, new_owner_key, owner_name
from ..relay.address import Relay
from . import cells, process
from .frame import MAX_SIDE, RATE, Audio, Frame, check_picture, check_sound, to_i420
from .readers import SoundReader, VideoReader
from .streams import AudioStream, CallbackThread, FrameStream
from .supply import Feeder, Supply, give_sound
from .transform import Transform, TransformWorker

Source = str | os.PathLike[str] | npt.NDArray[Any] | Iterable[Any] | AsyncIterable[Any] | None

_KEEP: Final[Any] = object()
_SEND_SECONDS: Final = 10.0
_LEAVE_SECONDS: Final = 3.0


class Peer(Presence):
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
        if unknown:
            _refuse_keyword(next(iter(unknown)))
        try:
            check_room(room)
            check_name(name)
        except ProtocolError as error:
            raise InvalidArgumentError(error.code, error.message) from None
        if isinstance(relay, str):
            relay = Relay(relay)
        if relay is not None and not relay.can_sign and token is None:
            msg = (
                "Joining somebody else's relay needs the token that its owner made for this room: token='…'."
            )
            raise InvalidArgumentError("bad_token", msg)
        self._size = _resolution(resolution)
        self._fps = _rate(fps)
        _check_transform(transform, run)
        super().__init__()
        self.set_trait("room", room)
        self.set_trait("name", name)
        self._readers: dict[tuple[str, str], VideoReader | SoundReader] = {}
        self._readers_lock = threading.Lock()
        self._callbacks: list[tuple[CallbackThread, str, str | None]] = []
        self._feeders: dict[str, Feeder] = {}
        self._from_kernel: set[str] = set()
        self._worker: TransformWorker | None = None
        self._worker_input: tuple[VideoReader, Callable[[], None]] | None = None
        self._transform, self._run_in, self._of = transform, run, of
        key = new_owner_key()
        self._be_present(owner_name(key))
        cells.replace_earlier(self)
        try:
            self._process = process.acquire()
        except OSError as error:
            _loop.release()
            raise RtcWidgetError("peer_failed", f"The media process does not start: {error}.") from error
        self._key = self._process.add(self._receive)
        self._supply = Supply(self._call, self._post)
        assign(self, state="connecting")
        options = {
            "room": room,
            "name": name,
            "key": key,
            "relay": (relay.url, relay._secret) if relay is not None else None,
            "token": token,
            "ice_servers": list(ice_servers),
        }
        self._post("open", options)
        try:
            if transform is not None:
                self.transform(transform, of=of, run=run)
            if source is not None or audio is not None:
                self.use(source, audio=_KEEP if audio is None else audio)
        except BaseException:
            self.close()
            raise

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
            self._reader(participant, what).open(path, size)
        elif kind == "transforms":
            self._feed_transform(values[0])
        else:
            self._threads.post(lambda: getattr(self, f"_on_{kind}")(*values))

    def _on_traceback(self, text: str) -> None:
        self._show("bad_transform", text)

    def _on_snapshot(self, entries: list[dict[str, Any]]) -> None:
        self._mirror.snapshot(entries)
        assign(self, error=None)
        self._publish("joined")

    def _on_event(self, name: str, payload: dict[str, Any]) -> None:
        self._mirror.apply(name, payload)
        if name == "report":
            for entry in payload["entries"]:
                if entry["type"] == "error":
                    assign(self, error={"code": str(entry["code"]), "message": str(entry["message"])})
        elif name == "user_left":
            self._forget(payload["socketId"])
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

    def _on_message(self, sender: str, data: str | bytes) -> None:
        self._hand_message(decode(data), sender)

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

    def _show(self, code: str, text: str) -> None:
        """Show what went wrong in the user's own code, in the notebook."""
        print(text, file=sys.stderr, flush=True)
        assign(self, error={"code": code, "message": text.splitlines()[0]})

    # -- pictures and sound that come

    def _reader(self, participant: str, what: str) -> Any:
        def name() -> str:
            found = self.participants.get(participant)
            return found.name if found is not None else self.name if not participant else ""

        with self._readers_lock:
            reader = self._readers.get((participant, what))
            if reader is None:
                reader = SoundReader(name) if what == "audio" else VideoReader(name)
                self._readers[participant, what] = reader
            return reader

    def _forget(self, participant: str) -> None:
        with self._readers_lock:
            keys = [key for key in self._readers if key[0] == participant]
            readers = [self._readers.pop(key) for key in keys]
        for reader in readers:
            reader.end()

    def _forget_all(self) -> list[VideoReader | SoundReader]:
        with self._readers_lock:
            readers, self._readers = list(self._readers.values()), {}
        return readers

    def _find(self, participant: str | Participant, timeout: float) -> Participant:
        """Return who is meant, after having joined if that is under way."""
        self._check_open()
        if self.state in ("idle", "connecting") and not self._threads.on_observer_thread():
            self.wait_for(lambda peer: peer.state not in ("idle", "connecting"), timeout)
        return find(self.participants, participant)

    def _watch(self, participant: Participant, what: str) -> Any:
        with self._readers_lock:
            known = self._readers.get((participant.id, what))
        if known is not None:
            return known
        self._call("watch", participant.id, what)
        return self._reader(participant.id, what)

    def frame(self, participant: str | Participant, *, screen: bool = False, timeout: float = 10.0) -> Frame:
        """Return somebody's newest picture.

        Parameters
        ----------
        participant : str or Participant
            A name, an id or a participant.
        screen : bool
            The shared screen instead of the camera.
        timeout : float
            Seconds to wait for the first picture; later ones are there at once.

        Returns
        -------
        Frame
            Shape (height, width, 3), uint8, RGB; the caller's own copy, with ``sender``, ``number`` and ``time``.

        Raises
        ------
        InvalidArgumentError
            ``unknown_participant``.
        WaitTimeoutError
            ``timeout``, when no picture came.
        """
        found = self._find(participant, timeout)
        reader: VideoReader = self._watch(found, "screen" if screen else "video")
        frame = reader.wait(0, timeout)
        if frame is None:
            raise self._nothing_came(found, "picture", timeout)
        return frame

    def frames(
        self,
        participant: str | Participant,
        *,
        fps: float | None = None,
        screen: bool = False,
        timeout: float = 30.0,
    ) -> FrameStream:
        """Return somebody's pictures to iterate over, with ``for`` or ``async for``.

        Each step gives the newest picture and skips those that came meanwhile. It ends when the participant leaves or
        this peer does.

        Parameters
        ----------
        participant : str or Participant
            A name, an id or a participant.
        fps : float, optional
            At most so many a second.
        screen : bool
            The shared screen instead of the camera.
        timeout : float
            Seconds that a step waits for a picture before it raises ``timeout``.

        Raises
        ------
        InvalidArgumentError
            ``unknown_participant``.
        """
        found = self._find(participant, timeout)
        reader = self._watch(found, "screen" if screen else "video")
        rate = None if fps is None else _rate(fps)
        return FrameStream(reader, rate, timeout, lambda: self._nothing_came(found, "picture", timeout))

    def audio(self, participant: str | Participant, *, seconds: float = 1.0, timeout: float = 10.0) -> Audio:
        """Return the newest sound of somebody.

        Parameters
        ----------
        participant : str or Participant
            A name, an id or a participant.
        seconds : float
            How much, at most 4; less when not so much has come yet.
        timeout : float
            Seconds to wait for the first sound.

        Returns
        -------
        Audio
            ``samples`` of shape (samples, channels), float32, with ``rate``, ``sender``, ``number`` and ``time``.

        Raises
        ------
        InvalidArgumentError
            ``unknown_participant``.
        WaitTimeoutError
            ``timeout``, when no sound came.
        """
        found = self._find(participant, timeout)
        reader: SoundReader = self._watch(found, "audio")
        if not reader.wait(0, int(min(seconds, 0.02) * RATE), timeout):
            raise self._nothing_came(found, "sound", timeout)
        return reader.newest(seconds)

    def audios(self, participant: str | Participant, *, timeout: float = 30.0) -> AudioStream:
        """Return somebody's sound to iterate over: each step gives all that has come since the last one.

        What is older than 4 s when it is asked for is gone; ``number`` shows the gap.

        Raises
        ------
        InvalidArgumentError
            ``unknown_participant``.
        """
        found = self._find(participant, timeout)
        reader = self._watch(found, "audio")
        return AudioStream(reader, timeout, lambda: self._nothing_came(found, "sound", timeout))

    def _nothing_came(self, participant: Participant, what: str, timeout: float) -> WaitTimeoutError:
        on = participant.video if what == "picture" else participant.audio
        why = "" if on else f" {participant.name} has it turned off."
        why += f" The connection is {participant.connection_state!r}."
        return WaitTimeoutError("timeout", f"No {what} of {participant.name!r} came in {timeout:g} s.{why}")

    def on_frame(
        self, callback: Callable[[Frame], Any], participant: str | None = None
    ) -> Callable[[], None]:
        """Call ``callback(frame)`` with everybody's pictures, or one participant's, the newest each time.

        It runs on a thread of its own, one call after the other; pictures that come meanwhile are skipped. What it
        raises is shown once, and it goes on.

        Returns
        -------
        callable
            Ends it.
        """
        return self._call_back("video", callback, participant)

    def on_audio(
        self, callback: Callable[[Audio], Any], participant: str | None = None
    ) -> Callable[[], None]:
        """Call ``callback(audio)`` with everybody's sound, or one participant's, all of it in order.

        It runs on a thread of its own, as that of `on_frame`.

        Returns
        -------
        callable
            Ends it.
        """
        return self._call_back("audio", callback, participant)

    def _call_back(
        self, what: str, callback: Callable[[Any], Any], participant: str | None
    ) -> Callable[[], None]:
        self._check_open()

        def show(number: int) -> None:
            self._show("bad_callback", f"A callback raised at number {number}.\n{traceback.format_exc()}")

        thread = CallbackThread(callback, show, f"rtc_widget-{what}")
        entry = (thread, what, participant)
        self._callbacks.append(entry)
        self._threads.post(self._watch_newcomers)

        def end() -> None:
            if entry in self._callbacks:
                self._callbacks.remove(entry)
            thread.stop()

        return end

    def _watch_newcomers(self) -> None:
        """Let the callbacks see those who have come; on the observer thread, so nothing here may wait."""
        for thread, what, wanted in list(self._callbacks):
            for participant in self.participants:
                if wanted in (None, participant.id, participant.name):
                    self._post("watch", participant.id, what)
                    thread.add(self._reader(participant.id, what))

    # -- what is sent

    def use(self, source: Source = _KEEP, *, audio: Source = _KEEP, fps: float | None = None) -> None:
        """Send from another source from now on; None ends sending. What is not named stays.

        Parameters
        ----------
        source, audio
            As for `Peer`.
        fps : float, optional
            Of "pattern" and of iterables, at most.

        Raises
        ------
        InvalidArgumentError
            ``bad_source`` or ``bad_frame``; what was sent before goes on then.
        """
        self._check_open()
        if fps is not None:
            self._fps = _rate(fps)
        if source is not _KEEP:
            self._use("video", source, both=audio is _KEEP)
        if audio is not _KEEP:
            self._use("audio", audio, both=False)

    def _use(self, kind: str, source: Any, *, both: bool) -> None:
        if isinstance(source, np.ndarray) and kind == "video":
            self.send_frame(source)
            return
        feeder: Feeder | None = None
        spec: dict[str, Any] | None
        if source is None:
            spec = None
        elif isinstance(source, str | os.PathLike):
            what = os.fspath(source)
            if (what == "tone") is (kind == "video") and what in ("tone", "pattern"):
                raise InvalidArgumentError("bad_source", f"{what!r} is no {kind}.")
            spec = {"what": what, "size": self._size, "fps": self._fps, "both": both}
        elif isinstance(source, Iterable | AsyncIterable):
            spec = {"what": "kernel"}
            feeder = self._feeder(kind, source)
        else:
            msg = f"A source is text, an array or something to iterate over, not {type(source).__name__}."
            raise InvalidArgumentError("bad_source", msg)
        self._call("use", kind, spec)
        self._stop_feeding(kind)
        self._from_kernel.discard(kind)
        if feeder is not None:
            self._from_kernel.add(kind)
            self._feeders[kind] = feeder
            feeder.start()

    def _feeder(self, kind: str, source: Any) -> Feeder:
        def ended(problem: str | None) -> None:
            # A peer that was closed in this moment has nothing left to end.
            if self._feeders.get(kind) is feeder:
                self._post("use", kind, None)
            if problem is not None:
                self._show("bad_source", problem)

        if kind == "audio":
            feeder = Feeder(source, 0.0, give_sound(self._supply), ended)
        else:
            feeder = Feeder(source, 1 / self._fps, self._give_transformed, ended)
        return feeder

    def _give_transformed(self, item: Any) -> None:
        worker = self._worker
        picture = check_picture(item)
        if worker is not None and self._of is None:
            picture = worker.apply(Frame(picture.copy(), self.name))
        self._supply.picture(to_i420(picture))

    def _stop_feeding(self, kind: str) -> None:
        feeder = self._feeders.pop(kind, None)
        if feeder is not None:
            feeder.stop()

    def send_frame(self, picture: npt.NDArray[Any]) -> None:
        """Send a picture, in place of any other source, as often as you like: the newest goes out.

        Parameters
        ----------
        picture : numpy.ndarray
            Shape (height, width, 3), uint8, RGB; grey (height, width) and RGBA too. At most 4096 px each way; an odd
            side gains a repeated row or column.

        Raises
        ------
        InvalidArgumentError
            ``bad_frame``, with what is wrong.
        """
        self._check_open()
        checked = check_picture(picture)
        self._take_over("video")
        self._supply.picture(to_i420(checked))

    def send_audio(self, samples: npt.NDArray[Any], rate: int = RATE) -> None:
        """Send sound, in place of any other source; returns when at most a second of it is still to be played.

        Parameters
        ----------
        samples : numpy.ndarray
            Shape (samples,) or (samples, 1 or 2); float from -1 to 1, or int16.
        rate : int
            Samples per second, 8000 to 192000.

        Raises
        ------
        InvalidArgumentError
            ``bad_frame``, with what is wrong.
        """
        self._check_open()
        checked = check_sound(samples, rate)
        self._take_over("audio")
        self._supply.sound(checked, rate)

    def _take_over(self, kind: str) -> None:
        """Make the kernel's own pictures or sound the source, if they are not."""
        self._stop_feeding(kind)
        if kind not in self._from_kernel:
            self._call("use", kind, {"what": "kernel"})
            self._from_kernel.add(kind)

    def mute(self, *, audio: bool | None = None, video: bool | None = None) -> None:
        """Stop sending sound, or exactly what is named; everybody sees it at once."""
        self._mute(True, audio, video)

    def unmute(self, *, audio: bool | None = None, video: bool | None = None) -> None:
        """Send sound again, or exactly what is named."""
        self._mute(False, audio, video)

    def _mute(self, muted: bool, audio: bool | None, video: bool | None) -> None:
        self._check_open()
        if audio is None and video is None:
            audio = True
        for kind, named in (("audio", audio), ("video", video)):
            if named:
                self._post("mute", kind, muted)

    # -- the transform

    def transform(
        self,
        function: Transform | None,
        *,
        of: str | None = None,
        run: Literal["kernel", "peer"] = "kernel",
    ) -> None:
        """Send what ``function`` makes of each picture from now on; None ends it. See `Peer`.

        Raises
        ------
        InvalidArgumentError
            ``bad_transform`` when it cannot be called, or not be handed to the peer's process.
        """
        self._check_open()
        _check_transform(function, run)
        self._stop_transform()
        self._of = of
        if function is None:
            self._call("transform", "", None, None)
        elif run == "peer":
            self._call("transform", "peer", of, _pickled(function))
        else:
            last = 0

            def take() -> Frame | None:
                nonlocal last
                fed = self._worker_input
                frame = fed[0].newest(last) if fed is not None else None
                last = frame.number if frame is not None else last
                return frame

            def show(text: str) -> None:
                self._threads.post(lambda: self._show("bad_transform", text))

            self._worker = TransformWorker(function, take, self._supply.picture, show)
            self._call("transform", "kernel", of, None)

    def _feed_transform(self, participant: str | None) -> None:
        """Give the transform another input; on the thread that reads the pipe, so nothing here may wait."""
        if self._worker_input is not None:
            self._worker_input[1]()
            self._worker_input = None
        worker = self._worker
        if participant is None or worker is None:
            return
        reader: VideoReader = self._reader(participant, "video")
        if participant:
            self._post("watch", participant, "video")
        self._worker_input = (reader, reader.listen(worker.wake))
        worker.wake()

    def _stop_transform(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.stop()

    @property
    def stats(self) -> dict[str, Any]:
        """Figures: ``sent`` pictures, and of the ``transform`` how many pictures it got and dropped, its errors and its
        mean time in milliseconds (None without one).
        """
        self._check_open()
        figures: dict[str, Any] = self._call("stats")
        if self._worker is not None:
            figures["transform"] = self._worker.stats
        return figures

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

    # -- the end

    def leave(self) -> None:
        """Leave the room for good, and wait until the others have been told."""
        self._check_open()
        self._leave()

    def _leave(self) -> None:
        for kind in ("video", "audio"):
            self._stop_feeding(kind)
        self._stop_transform()
        for thread, _what, _participant in self._callbacks:
            thread.stop()
        self._callbacks.clear()
        # The process may have ended, and everything with it.
        with contextlib.suppress(RtcWidgetError):
            self._call("close", timeout=_LEAVE_SECONDS)

    def close(self) -> None:
        """Leave the room and end everything of this peer's. May be called twice."""
        if getattr(self, "_closed", True):
            return
        self._closed = True
        self._leave()
        self._process.remove(self._key)
        process.release(self._process)
        self._threads.post(self._ended)
        _loop.release()

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


def _refuse_keyword(keyword: str) -> None:
    known = [
        *("name", "source", "audio", "transform", "of", "run", "resolution", "fps"),
        *("relay", "token", "ice_servers"),
    ]
    near = difflib.get_close_matches(keyword, known, 1)
    hint = f" Did you mean {near[0]!r}?" if near else f" Known: {', '.join(known)}."
    msg = f"Peer has no argument {keyword!r}.{hint}"
    raise TypeError(msg)


def _rate(fps: object) -> float:
    if not isinstance(fps, int | float) or isinstance(fps, bool) or not 0 < fps <= 1000:
        raise InvalidArgumentError("bad_argument", f"fps is a number above 0 and at most 1000, not {fps!r}.")
    return float(fps)


def _resolution(size: Any) -> tuple[int, int]:
    try:
        width, height = (int(side) for side in size)
    except (TypeError, ValueError):
        width = height = 0
    if not (16 <= width <= MAX_SIDE and 16 <= height <= MAX_SIDE):
        msg = f"resolution is (width, height), each 16 to {MAX_SIDE} px, not {size!r}."
        raise InvalidArgumentError("bad_argument", msg)
    return width - width % 2, height - height % 2


def _check_transform(function: object, run: object) -> None:
    if run not in ("kernel", "peer"):
        raise InvalidArgumentError("bad_argument", f"run is 'kernel' or 'peer', not {run!r}.")
    if function is not None and not callable(function):
        msg = f"transform is a function of a picture, not {type(function).__name__}."
        raise InvalidArgumentError("bad_transform", msg)


def _pickled(function: Transform) -> bytes:
    hint = 'put it into a module that can be imported, or leave run="peer" out'
    if getattr(function, "__module__", None) == "__main__":
        msg = f"A function of the notebook's own cannot be handed to the peer's process: {hint}."
        raise InvalidArgumentError("bad_transform", msg)
    try:
        return pickle.dumps(function)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise InvalidArgumentError(
            "bad_transform", f"The function cannot be pickled ({error}): {hint}."
        ) from None
