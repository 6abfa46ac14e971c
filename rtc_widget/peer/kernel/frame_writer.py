"""The kernel's side of what a peer sends: single pictures and sound, iterables, and the transform."""

from __future__ import annotations

import asyncio
import threading
import time
import traceback
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from typing import Any, Final

import av
import numpy as np
import numpy.typing as npt

from ...media.frame import RATE, Audio, check_sound
from ..ipc.shared_memory import Pixels, Sound

_AHEAD_SECONDS: Final = 1.0
_JOIN_SECONDS: Final = 2.0

Call = Callable[..., Any]


class Supply:
    """Puts the kernel's pictures and sound where the media process finds them. Any thread may call.

    Parameters
    ----------
    call, post : callable
        Give this peer's commands to the media process, with and without waiting.
    """

    def __init__(self, call: Call, post: Call) -> None:
        self._call, self._post = call, post
        self._pixels: Pixels | None = None
        self._sound: Sound | None = None
        self._number = 0
        self._lock = threading.Lock()
        self._sound_lock = threading.Lock()
        self._played_until = 0.0
        self._resamplers: dict[tuple[int, int], Any] = {}

    def picture(self, rgb: npt.NDArray[np.uint8]) -> None:
        """Give a checked picture."""
        with self._lock:
            self._number += 1
            memory = self._pixels
            fresh = memory is None or not memory.fits(rgb)
            if memory is None or fresh:
                memory = Pixels(rgb.nbytes)
                try:
                    self._call("pixels", memory.path, memory.capacity)
                finally:
                    memory.unlink()
                self._pixels = memory
            if memory.write(rgb, self._number, time.time()) or fresh:
                self._post("picture")

    def sound(self, samples: npt.NDArray[np.int16], rate: int) -> None:
        """Give sound; returns when no more than a second of it is still to be played."""
        with self._sound_lock:
            if self._sound is None:
                memory = Sound(RATE, 2)
                try:
                    self._call("sound", memory.path)
                finally:
                    memory.unlink()
                self._sound = memory
            for start in range(0, len(samples), rate // 10):
                block = self._resampled(samples[start : start + rate // 10], rate)
                now = time.monotonic()
                self._played_until = max(self._played_until, now) + len(block) / RATE
                self._sound.write(block, time.time())
                # Sound is played in real time: who gives more waits for it, on their own thread.
                time.sleep(max(0.0, self._played_until - now - _AHEAD_SECONDS))

    def _resampled(self, samples: npt.NDArray[np.int16], rate: int) -> npt.NDArray[np.int16]:
        channels = samples.shape[1]
        if rate == RATE:
            return samples if channels == 2 else np.repeat(samples, 2, axis=1)
        resampler = self._resamplers.get((rate, channels))
        if resampler is None:
            resampler = av.AudioResampler(format="s16", layout="stereo", rate=RATE)
            self._resamplers[rate, channels] = resampler
        layout = "stereo" if channels == 2 else "mono"
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout=layout)
        frame.sample_rate = rate
        blocks = [block.to_ndarray().reshape(-1, 2) for block in resampler.resample(frame)]
        return np.concatenate(blocks) if blocks else np.empty((0, 2), np.int16)


class Feeder:
    """Takes pictures or sound from an iterable of the user's, on a thread, until it ends or raises.

    Parameters
    ----------
    source : iterable or async iterable
        Gives arrays; runs on this thread alone, an asynchronous one in an event loop of its own.
    interval : float
        Seconds from one to the next, at least.
    give : callable
        Takes each.
    ended : callable
        Takes None at the end, the traceback of what was raised, with its number, or "" for a problem that is told
        elsewhere.
    """

    def __init__(
        self,
        source: Iterable[Any] | AsyncIterable[Any],
        interval: float,
        give: Callable[[Any], None],
        ended: Callable[[str | None], None],
    ) -> None:
        self._source, self._interval, self._give, self._ended = source, interval, give, ended
        self._stopped = threading.Event()
        self._number = 0
        self._thread = threading.Thread(target=self._run, name="rtc_widget-source", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more; an iterable that does not return is left behind (its thread is a daemon)."""
        self._stopped.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        problem: str | None = None
        try:
            if isinstance(self._source, AsyncIterable):
                asyncio.run(self._feed_async(aiter(self._source)))
            else:
                self._feed(iter(self._source))
        except Exception:
            problem = f"The source raised at number {self._number}.\n{traceback.format_exc()}"
        if not self._stopped.is_set():
            self._ended(problem)

    def _feed(self, items: Iterator[Any]) -> None:
        due = time.monotonic()
        for item in items:
            if self._stopped.wait(max(0.0, due - time.monotonic())):
                return
            self._number += 1
            self._give(item)
            due = max(due + self._interval, time.monotonic())

    async def _feed_async(self, items: AsyncIterator[Any]) -> None:
        due = time.monotonic()
        async for item in items:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if self._stopped.is_set():
                return
            self._number += 1
            self._give(item)
            due = max(due + self._interval, time.monotonic())


def give_sound(supply: Supply) -> Callable[[Any], None]:
    """Return what takes an iterable's sound: arrays at 48 kHz, or `Audio`."""

    def give(item: Any) -> None:
        if isinstance(item, Audio):
            supply.sound(check_sound(item.samples, item.rate), item.rate)
        else:
            supply.sound(check_sound(item, RATE), RATE)

    return give
