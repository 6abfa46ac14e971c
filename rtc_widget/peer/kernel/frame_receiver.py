"""What a `Peer` receives from the others: arrays, iterators, callbacks."""

from __future__ import annotations

import contextlib
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, Literal, overload

from ...errors import InvalidArgumentError, RtcWidgetError, WaitTimeoutError
from ...media.frame import RATE, Frame, Sound
from ...protocol.media_process import Subscribe, Track
from ...room.coming import find_coming
from ...room.participants import Participant, find, matching
from ...room.room_member import RoomMember
from ...runtime.lifetime import Lifetime
from ...runtime.validation import check_callable, check_number, check_timeout
from .arguments import check_rate
from .media_process import PeerLink
from .readers import AudioReader, VideoReader
from .streams import CallbackThread, FrameStream, SoundStream

Reader = VideoReader | AudioReader


class FrameReceiver:
    """The receiving half of a `Peer`.

    Parameters
    ----------
    member : RoomMember
        The peer's room membership.
    life : Lifetime
        The peer's lifetime.
    link : PeerLink
        To the peer in the media process.
    on_problem : callable
        Takes a code and a text to show in the notebook, when a user's callback has raised.
    """

    def __init__(
        self, member: RoomMember, life: Lifetime, link: PeerLink, on_problem: Callable[[str, str], None]
    ) -> None:
        self._member, self._life, self._link, self._on_problem = member, life, link, on_problem
        self._readers: dict[tuple[str, Track], Reader] = {}
        self._lock = threading.Lock()
        self._callbacks: list[tuple[CallbackThread, Track, str | Participant | None]] = []

    def frame(self, participant: str | Participant, *, screen: bool = False, timeout: float = 10.0) -> Frame:
        """Return a participant's newest frame.

        Parameters
        ----------
        participant : str or Participant
            Name, id or participant.
        screen : bool
            The shared screen instead of the camera.
        timeout : float
            Seconds to wait for the first frame; later ones are available at once.

        Returns
        -------
        Frame
            Shape (height, width, 3), uint8, RGB; the caller's own copy, with ``sender``, ``number`` and ``time``.

        Raises
        ------
        InvalidArgumentError
            ``unknown_participant``, when nobody of that name comes within 2 s, or within `timeout` into an empty room.
        WaitTimeoutError
            ``timeout``, when no frame arrived.
        """
        timeout = check_timeout(timeout)
        found = self._find(participant, timeout)
        reader = self._subscribe(found, "screen" if screen else "video")
        frame = reader.wait(0, timeout)
        if frame is None:
            raise self._nothing_came(found, "frame", timeout)
        return frame

    def frames(
        self,
        participant: str | Participant,
        *,
        fps: float | None = None,
        screen: bool = False,
        timeout: float = 30.0,
    ) -> FrameStream:
        """Return a participant's frames to iterate over, with ``for`` or ``async for``.

        Each step yields the newest frame and skips those that arrived in between. It ends when the participant or
        this peer leaves.

        Parameters
        ----------
        participant : str or Participant
            Name, id or participant.
        fps : float, optional
            At most this many per second.
        screen : bool
            The shared screen instead of the camera.
        timeout : float
            Seconds that a step waits for a frame before it raises ``timeout``.

        Returns
        -------
        FrameStream
            The iterator.

        Raises
        ------
        InvalidArgumentError
            ``unknown_participant``, when nobody of that name comes within 2 s, or within `timeout` into an empty room.
        """
        timeout = check_timeout(timeout)
        found = self._find(participant, timeout)
        reader = self._subscribe(found, "screen" if screen else "video")
        rate = None if fps is None else check_rate(fps)
        return FrameStream(reader, rate, timeout, lambda: self._nothing_came(found, "frame", timeout))

    def sound(self, participant: str | Participant, *, seconds: float = 1.0, timeout: float = 10.0) -> Sound:
        """Return a participant's newest sound.

        Parameters
        ----------
        participant : str or Participant
            Name, id or participant.
        seconds : float
            How much, at most 4; less when less has arrived.
        timeout : float
            Seconds to wait for the first sound.

        Returns
        -------
        Sound
            ``samples`` of shape (samples, channels), float32, with ``rate``, ``sender``, ``number`` and ``time``.

        Raises
        ------
        InvalidArgumentError
            ``unknown_participant``, when nobody of that name comes within 2 s, or within `timeout` into an empty room.
        WaitTimeoutError
            ``timeout``, when no sound arrived.
        """
        timeout, seconds = check_timeout(timeout), check_number("seconds", seconds)
        if seconds <= 0:
            raise InvalidArgumentError("bad_argument", f"seconds must be greater than 0, not {seconds:g}.")
        found = self._find(participant, timeout)
        reader = self._subscribe(found, "audio")
        if not reader.wait(0, int(min(seconds, 0.02) * RATE), timeout):
            raise self._nothing_came(found, "audio", timeout)
        return reader.newest(seconds)

    def sounds(self, participant: str | Participant, *, timeout: float = 30.0) -> SoundStream:
        """Return a participant's sound to iterate over: each step yields everything since the last one.

        Sound is kept for 4 s; ``number`` shows a gap.

        Parameters
        ----------
        participant : str or Participant
            Name, id or participant.
        timeout : float
            Seconds that a step waits for audio before it raises ``timeout``.

        Returns
        -------
        SoundStream
            The iterator.

        Raises
        ------
        InvalidArgumentError
            ``unknown_participant``, when nobody of that name comes within 2 s, or within `timeout` into an empty room.
        """
        timeout = check_timeout(timeout)
        found = self._find(participant, timeout)
        reader = self._subscribe(found, "audio")
        return SoundStream(reader, timeout, lambda: self._nothing_came(found, "audio", timeout))

    def _nothing_came(self, participant: Participant, what: str, timeout: float) -> RtcWidgetError:
        self._life.check_open()
        on = participant.video if what == "frame" else participant.audio
        why = "" if on else f" {participant.name} has it turned off."
        bitrate = participant.stats["bitrate"] if participant.stats is not None else None
        arrives = "" if bitrate is None else f", and {bitrate / 1_000:.0f} kbit/s arrive"
        why += f" The connection is {participant.connection_state!r}{arrives}."
        return WaitTimeoutError("timeout", f"No {what} from {participant.name!r} within {timeout:g} s.{why}")

    def on_frame(
        self, callback: Callable[[Frame], Any], participant: str | Participant | None = None
    ) -> Callable[[], None]:
        """Call a function with the newest frame of everybody, or of one participant.

        It runs on a thread of its own, one call after the other; frames that arrive during a call are skipped. An
        exception is shown once, and calls continue.

        Parameters
        ----------
        callback : callable
            Called as ``callback(frame)``.
        participant : str, Participant, optional
            Name, id or participant; everybody when left out.

        Returns
        -------
        callable
            Ends the calls.
        """
        return self._call_back("video", callback, participant)

    def on_sound(
        self, callback: Callable[[Sound], Any], participant: str | Participant | None = None
    ) -> Callable[[], None]:
        """Call a function with all sound of everybody, or of one participant, in order.

        It runs on a thread of its own, as with `on_frame`.

        Parameters
        ----------
        callback : callable
            Called as ``callback(sound)``.
        participant : str, Participant, optional
            Name, id or participant; everybody when left out.

        Returns
        -------
        callable
            Ends the calls.
        """
        return self._call_back("audio", callback, participant)

    def _call_back(
        self, track: Track, callback: Callable[[Any], Any], who: str | Participant | None
    ) -> Callable[[], None]:
        self._life.check_open()
        check_callable("callback", callback)

        def on_error(number: int) -> None:
            self._on_problem(
                "bad_callback", f"A callback raised at number {number}.\n{traceback.format_exc()}"
            )

        thread = CallbackThread(callback, on_error, f"rtc_widget-{track}")
        entry = (thread, track, who)
        self._callbacks.append(entry)
        self._life.threads.post(self.subscribe_newcomers)

        def end() -> None:
            if entry in self._callbacks:
                self._callbacks.remove(entry)
            thread.stop()

        return end

    # -- from the room

    def subscribe_newcomers(self) -> None:
        """Let callbacks receive from participants who have joined. On the observer thread, so it must not wait."""
        for thread, track, wanted in list(self._callbacks):
            for participant in matching(self._member.participants, wanted):
                self._link.post(Subscribe(participant.id, track))
                thread.add(self.reader(participant.id, track))

    def open(self, participant: str, track: Track, path: str, capacity: int) -> None:
        """Open new shared memory. On the thread that reads the pipe.

        Parameters
        ----------
        participant : str
            The participant's id.
        track : Track
            Which track.
        path : str
            The memory's file.
        capacity : int
            Bytes of the largest frame.
        """
        # It may be gone already: replaced by larger memory, which is announced next, or its sender has left.
        with contextlib.suppress(FileNotFoundError):
            self.reader(participant, track).open(path, capacity)

    def notify(self, participant: str, track: Track) -> None:
        """Note that there is something new. On the thread that reads the pipe.

        Parameters
        ----------
        participant : str
            The participant's id.
        track : Track
            Which track.
        """
        self.reader(participant, track).notify()

    def forget(self, participant: str) -> None:
        """End reading from a participant who has left. On the thread that reads the pipe.

        Parameters
        ----------
        participant : str
            The participant's id.
        """
        with self._lock:
            readers = [self._readers.pop(key) for key in list(self._readers) if key[0] == participant]
        for reader in readers:
            reader.end()

    def end(self) -> None:
        """End all reading: nothing more will arrive."""
        with self._lock:
            readers, self._readers = list(self._readers.values()), {}
        for reader in readers:
            reader.end()

    def stop(self) -> None:
        """End all callbacks."""
        for thread, _track, _participant in self._callbacks:
            thread.stop()
        self._callbacks.clear()

    @overload
    def reader(self, participant: str, track: Literal["video", "screen"]) -> VideoReader: ...
    @overload
    def reader(self, participant: str, track: Literal["audio"]) -> AudioReader: ...
    @overload
    def reader(self, participant: str, track: Track) -> Reader: ...
    def reader(self, participant: str, track: Track) -> Reader:
        """Return the reader of a participant's track.

        Parameters
        ----------
        participant : str
            The participant's id, "" for the peer's own source.
        track : {"audio", "video", "screen"}
            Which track.

        Returns
        -------
        Reader
            Made on first use.
        """

        def name() -> str:
            found = [each.name for each in self._member.participants if each.id == participant]
            return found[0] if found else "" if participant else str(self._member.name)

        with self._lock:
            reader = self._readers.get((participant, track))
            if reader is None:
                reader = AudioReader(name) if track == "audio" else VideoReader(name)
                self._readers[participant, track] = reader
            return reader

    @overload
    def _subscribe(self, participant: Participant, track: Literal["video", "screen"]) -> VideoReader: ...
    @overload
    def _subscribe(self, participant: Participant, track: Literal["audio"]) -> AudioReader: ...
    def _subscribe(self, participant: Participant, track: Track) -> Reader:
        with self._lock:
            known = self._readers.get((participant.id, track))
        if known is not None:
            return known
        self._link.call(Subscribe(participant.id, track))
        return self.reader(participant.id, track)

    def _find(self, participant: str | Participant, timeout: float) -> Participant:
        """Find a participant, after waiting for joins that are under way: one's own, and theirs."""
        self._life.check_open()
        member = self._member
        if self._life.threads.on_observer_thread():
            return find(member.participants, participant)
        connecting = ("idle", "connecting")
        latest = time.monotonic() + timeout
        if member.state in connecting:
            member.wait_for(lambda peer: peer.state not in connecting, timeout)
        left = max(0.0, latest - time.monotonic())
        return find_coming(member, lambda: member.participants, participant, left)
