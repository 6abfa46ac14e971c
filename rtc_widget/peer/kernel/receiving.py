"""What a `Peer` sees and hears of the others: arrays, iterators, callbacks."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any

from ...errors import RtcWidgetError, WaitTimeoutError
from ...media.frame import RATE, Audio, Frame
from ...room.participants import Participant, find
from ...room.room_member import Presence
from ...room.room_state import assign
from .arguments import check_rate
from .readers import SoundReader, VideoReader
from .streams import AudioStream, CallbackThread, FrameStream


class Watching(Presence):
    """The receiving half of a `Peer`."""

    _call: Callable[..., Any]
    _post: Callable[..., None]

    def _begin_watching(self) -> None:
        self._readers: dict[tuple[str, str], VideoReader | SoundReader] = {}
        self._readers_lock = threading.Lock()
        self._callbacks: list[tuple[CallbackThread, str, str | None]] = []

    def _end_watching(self) -> None:
        for thread, _what, _participant in self._callbacks:
            thread.stop()
        self._callbacks.clear()

    def _show(self, code: str, text: str) -> None:
        """Show what went wrong in the user's own code, in the notebook."""
        print(text, file=sys.stderr, flush=True)
        assign(self, error={"code": code, "message": text.splitlines()[0]})

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
        rate = None if fps is None else check_rate(fps)
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

    def _nothing_came(self, participant: Participant, what: str, timeout: float) -> RtcWidgetError:
        self._check_open()
        on = participant.video if what == "picture" else participant.audio
        why = "" if on else f" {participant.name} has it turned off."
        why += f" The connection is {participant.connection_state!r}."
        return WaitTimeoutError("timeout", f"No {what} of {participant.name!r} came in {timeout:g} s.{why}")

    def on_frame(
        self, callback: Callable[[Frame], Any], participant: str | Participant | None = None
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
        self, callback: Callable[[Audio], Any], participant: str | Participant | None = None
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
        self, what: str, callback: Callable[[Any], Any], who: str | Participant | None
    ) -> Callable[[], None]:
        self._check_open()
        participant = who.id if isinstance(who, Participant) else who

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
