"""The kernel's view of what one participant sends: always the newest, for any number of threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np

from ...media.frame import RATE, Frame, Sound, to_rgb
from ..ipc.shared_memory import AudioRing, I420Buffer

# How often waiting checks by itself, in case a notification between the processes was missed.
_SLICE_SECONDS = 0.5


class _Reader:
    """A participant's shared memory, and those that wait for news in it.

    Parameters
    ----------
    name : callable
        Returns the sender's present name.
    """

    def __init__(self, name: Callable[[], str]) -> None:
        self._name = name
        self._changed = threading.Condition()
        self._listeners: list[Callable[[], None]] = []
        self.ended = False

    def notify(self) -> None:
        """Notify all that wait: there is something new."""
        with self._changed:
            self._changed.notify_all()
        for listener in list(self._listeners):
            listener()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener()`` after each `notify`, on the thread that reads the pipe; returns what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def end(self) -> None:
        """Note that nothing more will arrive, and notify all that wait."""
        self.ended = True
        self.notify()


class VideoReader(_Reader):
    """Reads a participant's frames."""

    _memory: I420Buffer | None = None

    def open(self, path: str, capacity: int) -> None:
        """Switch to new memory of the media process.

        Parameters
        ----------
        path : str
            The memory's file.
        capacity : int
            Bytes of the largest frame.
        """
        memory = I420Buffer(capacity, path)
        memory.want()
        self._memory = memory
        self.notify()

    def newest(self, after: int = 0) -> Frame | None:
        """Return the newest frame.

        Parameters
        ----------
        after : int
            Number of a frame that the caller has.

        Returns
        -------
        Frame or None
            A copy; None when there is no newer frame.
        """
        memory = self._memory
        if memory is None:
            return None
        memory.want()
        while (buffered := memory.look()) is not None:
            if buffered.number <= after:
                return None
            pixels = to_rgb(buffered.pixels, buffered.width, buffered.height)
            if memory.intact(buffered):
                return Frame(pixels, self._name(), buffered.number, buffered.time)
        return None

    take = newest

    def wait(self, after: int, timeout: float) -> Frame | None:
        """Wait for a newer frame.

        Parameters
        ----------
        after : int
            Number of a frame that the caller has.
        timeout : float
            Seconds.

        Returns
        -------
        Frame or None
            The newest frame; None when none arrived in time, or none will.
        """
        deadline = time.monotonic() + timeout
        while True:
            frame = self.newest(after)
            if frame is not None:
                return frame
            left = deadline - time.monotonic()
            if left <= 0 or self.ended:
                return None
            with self._changed:
                memory = self._memory
                if memory is None or memory.newest_number() <= after:
                    self._changed.wait(min(left, _SLICE_SECONDS))


class AudioReader(_Reader):
    """Reads a participant's audio."""

    _memory: AudioRing | None = None

    def open(self, path: str, _capacity: int) -> None:
        """Open the memory of the media process.

        Parameters
        ----------
        path : str
            The memory's file.
        _capacity : int
            Unused; for `VideoReader.open`.
        """
        memory = AudioRing(RATE, 2, path)
        memory.want()
        self._memory = memory
        self.notify()

    @property
    def written(self) -> int:
        """How many samples have arrived."""
        memory = self._memory
        return 0 if memory is None else memory.written

    def since(self, position: int) -> Sound | None:
        """Return the audio since a position, as far as it is kept.

        Parameters
        ----------
        position : int
            In samples.

        Returns
        -------
        Sound or None
            None when nothing new has arrived.
        """
        memory = self._memory
        if memory is None:
            return None
        memory.want()
        stop = memory.written
        if stop <= position:
            return None
        samples = memory.read(position, stop)
        floats = samples.astype(np.float32) / np.float32(32_768)
        return Sound(floats, RATE, self._name(), stop - len(samples), memory.time)

    take = since

    def newest(self, seconds: float) -> Sound:
        """Return the newest audio; some must have arrived.

        Parameters
        ----------
        seconds : float
            At most this much.

        Returns
        -------
        Sound
            The audio.
        """
        return self.since(max(0, self.written - max(1, int(seconds * RATE)))) or self.newest(seconds)

    def wait(self, position: int, samples: int, timeout: float) -> bool:
        """Wait until enough audio has arrived.

        Parameters
        ----------
        position : int
            In samples.
        samples : int
            How many after it.
        timeout : float
            Seconds.

        Returns
        -------
        bool
            Whether they arrived in time.
        """
        deadline = time.monotonic() + timeout
        while self.written < position + samples:
            left = deadline - time.monotonic()
            if left <= 0 or self.ended:
                return False
            with self._changed:
                if self._memory is not None:
                    self._memory.want()
                self._changed.wait(min(left, _SLICE_SECONDS))
        return True
