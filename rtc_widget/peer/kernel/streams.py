"""What a participant sends, by iterating or by callbacks on a thread."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextvars import copy_context
from typing import Any, Final, Generic, TypeVar

from ...errors import RtcWidgetError
from ...media.frame import RATE, Frame, Sound
from .readers import AudioReader, VideoReader

T = TypeVar("T", Frame, Sound)

# How often the thread of a waiting coroutine checks whether it is still needed.
_ASYNC_SLICE_SECONDS: Final = 0.5
_JOIN_SECONDS: Final = 5.0


class _Stream(Generic[T]):
    """Iterates over what is newest, in plain and in asynchronous loops."""

    def __init__(self, timeout: float, error: Callable[[], RtcWidgetError]) -> None:
        self._timeout, self._error = timeout, error

    def _next(self, timeout: float) -> T | None:
        raise NotImplementedError

    def _over(self) -> bool:
        raise NotImplementedError

    def _pause(self) -> float:
        """Seconds until the next one may be given."""
        return 0.0

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        pause = self._pause()
        if pause > 0:
            time.sleep(pause)  # keep to the requested rate
        item = self._next(self._timeout)
        if item is not None:
            return item
        if self._over():
            raise StopIteration
        raise self._error()

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        await asyncio.sleep(self._pause())
        deadline = time.monotonic() + self._timeout
        while (left := deadline - time.monotonic()) > 0 and not self._over():
            item = await asyncio.to_thread(self._next, min(left, _ASYNC_SLICE_SECONDS))
            if item is not None:
                return item
        if self._over():
            raise StopAsyncIteration
        raise self._error()


class FrameStream(_Stream[Frame]):
    """A participant's frames, always the newest; see `Peer.frames`.

    Parameters
    ----------
    reader : VideoReader
        The participant's video.
    fps : float or None
        At most this many per second; None for no limit.
    timeout : float
        Seconds that a step waits.
    error : callable
        Makes what a step raises after that.
    """

    def __init__(
        self, reader: VideoReader, fps: float | None, timeout: float, error: Callable[[], RtcWidgetError]
    ) -> None:
        super().__init__(timeout, error)
        self._reader = reader
        self._interval = 1 / fps if fps else 0.0
        self._due = 0.0
        self._last = 0

    def _pause(self) -> float:
        now = time.monotonic()
        self._due = max(now, self._due)
        return self._due - now

    def _next(self, timeout: float) -> Frame | None:
        frame = self._reader.wait(self._last, timeout)
        if frame is not None:
            self._last = frame.number
            self._due += self._interval
        return frame

    def _over(self) -> bool:
        return self._reader.ended


class SoundStream(_Stream[Sound]):
    """A participant's audio, without gaps while it is read in time; see `Peer.sounds`.

    Parameters
    ----------
    reader : AudioReader
        The participant's audio.
    timeout : float
        Seconds that a step waits.
    error : callable
        Makes what a step raises after that.
    """

    def __init__(self, reader: AudioReader, timeout: float, error: Callable[[], RtcWidgetError]) -> None:
        super().__init__(timeout, error)
        self._reader = reader
        self._position = reader.written

    def _next(self, timeout: float) -> Sound | None:
        if not self._reader.wait(self._position, RATE // 50, timeout):
            return None
        audio = self._reader.since(self._position)
        if audio is not None:
            self._position = audio.number + len(audio.samples)
        return audio

    def _over(self) -> bool:
        return self._reader.ended


class CallbackThread:
    """Calls a user's function with what is newest of several participants.

    Parameters
    ----------
    callback : callable
        The user's function.
    show : callable
        Takes the number of the item at which the function raised, once; called while the exception is handled.
    name : str
        The thread's name.
    """

    def __init__(self, callback: Callable[[Any], Any], show: Callable[[int], None], name: str) -> None:
        self._callback, self._show = callback, show
        self._positions: dict[VideoReader | AudioReader, int] = {}
        self._ends: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._notified = threading.Event()
        self._stopped = self._failed = False
        # In this cell's context: below it is what the function prints.
        self._thread = threading.Thread(target=copy_context().run, args=(self._run,), name=name, daemon=True)
        self._thread.start()

    def add(self, reader: VideoReader | AudioReader) -> None:
        """Add a participant.

        Parameters
        ----------
        reader : VideoReader or AudioReader
            The participant's video or audio.
        """
        with self._lock:
            if reader in self._positions:
                return
            self._positions[reader] = reader.written if isinstance(reader, AudioReader) else 0
            self._ends.append(reader.listen(self._notified.set))
        self._notified.set()

    def stop(self) -> None:
        """Stop calling; a callback that does not return is abandoned, as its thread is a daemon."""
        self._stopped = True
        self._notified.set()
        with self._lock:
            for end in self._ends:
                end()
            self._ends.clear()
        if self._thread is not threading.current_thread():
            self._thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        while True:
            self._notified.wait()
            self._notified.clear()
            if self._stopped:
                return
            with self._lock:
                self._positions = {r: at for r, at in self._positions.items() if not r.ended}
                positions = list(self._positions.items())
            for reader, position in positions:
                item = reader.take(position)
                if item is None or self._stopped:
                    continue
                end = item.number + (len(item.samples) if isinstance(item, Sound) else 0)
                with self._lock:
                    self._positions[reader] = end
                self._call(item)

    def _call(self, item: Frame | Sound) -> None:
        try:
            self._callback(item)
        except Exception:
            if not self._failed:
                self._failed = True
                self._show(item.number)
