"""What a peer can send without a kernel, and what all of it has in common.

Each source runs on a thread of its own and hands what it makes to the event loop. Errors of a source end the source; the
peer stays in the room.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any, Final

import av
import numpy as np
import numpy.typing as npt

from ...media.frame import RATE

BLOCK: Final = RATE // 50
"""Samples in one block of audio: 20 ms."""

_JOIN_SECONDS: Final = 5.0

OnVideo = Callable[[av.VideoFrame], None]
OnAudio = Callable[[av.AudioFrame], None]


class ThreadSource:
    """A source that makes things on a thread until it is stopped.

    Parameters
    ----------
    name : str
        Of the thread.
    """

    has_audio = False

    def __init__(self, name: str) -> None:
        self._stopped = threading.Event()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name=f"rtc_widget-{name}", daemon=True)

    def start(self) -> None:
        """Begin to make things."""
        self._thread.start()

    async def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join, _JOIN_SECONDS)

    def _run(self) -> None:
        raise NotImplementedError

    def _hand(self, give: Callable[[Any], None], thing: Any) -> None:
        """Pass something to the loop, unless this source has been replaced meanwhile."""

        def deliver() -> None:
            if not self._stopped.is_set():
                give(thing)

        try:
            self._loop.call_soon_threadsafe(deliver)
        except RuntimeError:
            self._stopped.set()  # the loop has ended


def audio_block(samples: npt.NDArray[np.int16]) -> av.AudioFrame:
    """Make a frame of samples.

    Parameters
    ----------
    samples : numpy.ndarray
        Shape (samples, 2).

    Returns
    -------
    AudioFrame
        The frame.
    """
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="stereo")
    frame.sample_rate = RATE
    return frame


class KernelSource:
    """Frames or audio that the kernel writes into shared memory."""

    has_audio = False

    def start(self) -> None:
        """Do nothing: the kernel writes whenever it has something."""

    async def stop(self) -> None:
        """Do nothing."""
