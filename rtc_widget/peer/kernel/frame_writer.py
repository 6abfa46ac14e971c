"""The kernel's side of sending: frames and audio into shared memory, one by one or from an iterable."""

from __future__ import annotations

import asyncio
import threading
import time
import traceback
from collections.abc import AsyncIterable, Callable, Iterable
from contextvars import copy_context
from typing import Any, Final

import av
import numpy as np
import numpy.typing as npt

from ...errors import RtcWidgetError
from ...media.frame import RATE
from ...protocol.media_process import FrameReady, UseAudioRing, UseFrameBuffer
from ...tracebacks import users_part
from ..ipc.shared_memory import AudioRing, RgbBuffer
from .media_process import PeerLink

_AHEAD_SECONDS: Final = 1.0
_JOIN_SECONDS: Final = 2.0


class FrameWriter:
    """Passes the kernel's frames and audio to the media process. Callable from any thread.

    Parameters
    ----------
    link : PeerLink
        To the peer in the media process.
    """

    def __init__(self, link: PeerLink) -> None:
        self._link = link
        self._buffer: RgbBuffer | None = None
        self._ring: AudioRing | None = None
        self._number = 0
        self._lock = threading.Lock()
        self._ring_lock = threading.Lock()
        self._played_until = 0.0
        self._resamplers: dict[int, Any] = {}

    def write_frame(self, rgb: npt.NDArray[np.uint8]) -> None:
        """Write a frame that `media.frame.check_frame` has checked.

        Parameters
        ----------
        rgb : numpy.ndarray
            Shape (height, width, 3), uint8, contiguous.
        """
        with self._lock:
            self._number += 1
            buffer = self._buffer
            fresh = buffer is None or not buffer.fits(rgb)
            if buffer is None or fresh:
                buffer = RgbBuffer(rgb.nbytes)
                try:
                    self._link.call(UseFrameBuffer(buffer.path, buffer.capacity))
                finally:
                    buffer.unlink()
                self._buffer = buffer
            if buffer.write(rgb, self._number, time.time()) or fresh:
                self._link.post(FrameReady())

    def write_audio(self, samples: npt.NDArray[np.int16], rate: int) -> None:
        """Write audio that `media.frame.check_audio` has checked; returns when at most a second remains to be played.

        Parameters
        ----------
        samples : numpy.ndarray
            Shape (samples, 1 or 2), int16.
        rate : int
            Samples per second.
        """
        with self._ring_lock:
            if self._ring is None:
                ring = AudioRing(RATE, 2)
                try:
                    self._link.call(UseAudioRing(ring.path))
                finally:
                    ring.unlink()
                self._ring = ring
            for start in range(0, len(samples), rate // 10):
                block = self._resampled(samples[start : start + rate // 10], rate)
                now = time.monotonic()
                self._played_until = max(self._played_until, now) + len(block) / RATE
                self._ring.write(block, time.time())
                # Audio is played in real time: a caller that writes more waits, on its own thread.
                time.sleep(max(0.0, self._played_until - now - _AHEAD_SECONDS))

    def _resampled(self, samples: npt.NDArray[np.int16], rate: int) -> npt.NDArray[np.int16]:
        if samples.shape[1] == 1:
            samples = np.repeat(samples, 2, axis=1)
        if rate == RATE:
            return samples
        resampler = self._resamplers.get(rate)
        if resampler is None:
            resampler = av.AudioResampler(format="s16", layout="stereo", rate=RATE)
            self._resamplers[rate] = resampler
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate = rate
        blocks = [block.to_ndarray().reshape(-1, 2) for block in resampler.resample(frame)]
        return np.concatenate(blocks) if blocks else np.empty((0, 2), np.int16)


class _RefusedItemError(Exception):
    """What a source gives cannot be sent, which is no exception of the source's."""

    def __init__(self, error: RtcWidgetError) -> None:
        super().__init__(error.message)
        self.error = error


class SourceFeeder:
    """Takes frames or audio from a user's iterable, on a thread, until it ends or raises.

    Parameters
    ----------
    source : iterable or async iterable
        Yields arrays; runs on this thread only, an asynchronous one in an event loop of its own.
    interval : float
        Minimum time from one item to the next, seconds.
    on_item : callable
        Takes each item.
    on_end : callable
        Takes None at the end, else a code and a text: why an item was refused, or what the user's code has raised.
    """

    def __init__(
        self,
        source: Iterable[Any] | AsyncIterable[Any],
        interval: float,
        on_item: Callable[[Any], None],
        on_end: Callable[[tuple[str, str] | None], None],
    ) -> None:
        self._source, self._interval, self._on_item, self._on_end = source, interval, on_item, on_end
        self._stopped = threading.Event()
        self._number = 0
        # In this cell's context: below it is what the iterable prints.
        run = copy_context().run
        self._thread = threading.Thread(target=run, args=(self._run,), name="rtc_widget-source", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop; an iterable that does not return is abandoned, as its thread is a daemon."""
        self._stopped.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        problem: tuple[str, str] | None = None
        try:
            if isinstance(self._source, AsyncIterable):
                asyncio.run(self._feed_async(self._source))
            else:
                self._feed(self._source)
        except _RefusedItemError as refused:
            problem = refused.error.code, f"{refused.error.message} (Number {self._number} of the source.)"
        # Also sys.exit(), which in a thread would end the source without a word.
        except BaseException as error:
            problem = "bad_source", f"The source raised at number {self._number}.\n{self._shown(error)}"
        if not self._stopped.is_set():
            self._on_end(problem)

    def _shown(self, error: BaseException) -> str:
        """Return the traceback of what the user's code has raised: its own lines, and not those that called it."""
        ours = {SourceFeeder._feed.__code__, SourceFeeder._feed_async.__code__}
        entry = error.__traceback__
        while entry is not None and entry.tb_frame.f_code not in ours:
            entry = entry.tb_next
        part = users_part(entry.tb_next) if entry is not None else error.__traceback__
        return "".join(traceback.format_exception(type(error), error, part))

    def _give(self, item: Any) -> None:
        self._number += 1
        try:
            self._on_item(item)
        except RtcWidgetError as error:
            raise _RefusedItemError(error) from None

    def _feed(self, items: Iterable[Any]) -> None:
        due = time.monotonic()
        for item in items:
            if self._stopped.wait(max(0.0, due - time.monotonic())):
                return
            self._give(item)
            due = max(due + self._interval, time.monotonic())

    async def _feed_async(self, items: AsyncIterable[Any]) -> None:
        due = time.monotonic()
        async for item in items:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if self._stopped.is_set():
                return
            self._give(item)
            due = max(due + self._interval, time.monotonic())
