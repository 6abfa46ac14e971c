"""What this peer sends: one hub per kind, and a track for each connection that takes the newest from it.

aiortc ends a sender for good when its track raises once, and a sender that ended cannot be revived. So these tracks
never raise: whatever goes wrong in a source happens before the hub.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from fractions import Fraction
from typing import Final

import av
from aiortc import MediaStreamTrack
from av.video.frame import PictureType

from ...media.frame import RATE

_CLOCK: Final = 90_000
_TIME_BASE: Final = Fraction(1, _CLOCK)
# A still frame is sent again, for participants who join later or request a key frame.
_STILL_SECONDS: Final = 1.0
_BLOCKS: Final = 10


class VideoHub:
    """The newest frame to be sent, and those that wait for it."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._newest: av.VideoFrame | None = None
        self._last_pts = 0
        self.number = 0
        self._changed = asyncio.Event()
        self._listeners: list[Callable[[av.VideoFrame], None]] = []

    @property
    def newest(self) -> av.VideoFrame | None:
        """The current frame."""
        return self._newest

    def listen(self, listener: Callable[[av.VideoFrame], None]) -> Callable[[], None]:
        """Call a function with the current frame and all further ones.

        Parameters
        ----------
        listener : callable
            Called as ``listener(frame)``.

        Returns
        -------
        callable
            Ends the calls.
        """
        self._listeners.append(listener)
        if self._newest is not None:
            listener(self._newest)
        return lambda: self._listeners.remove(listener)

    def publish(self, frame: av.VideoFrame) -> None:
        """Send a frame; one that has not been sent yet is replaced.

        Parameters
        ----------
        frame : VideoFrame
            In yuv420p.
        """
        self._last_pts = max(int((time.monotonic() - self._began) * _CLOCK), self._last_pts + 1)
        frame.pts, frame.time_base = self._last_pts, _TIME_BASE
        # A decoded frame remembers that it was a key frame, and would be encoded as one again.
        frame.pict_type = PictureType.NONE
        self._newest = frame
        self.number += 1
        for listener in self._listeners:
            listener(frame)
        self._changed.set()
        self._changed = asyncio.Event()

    def clear(self) -> None:
        """Stop sending, until there is a frame again."""
        self._newest = None

    async def after(self, number: int) -> av.VideoFrame:
        """Wait for a newer frame.

        Parameters
        ----------
        number : int
            Number of the frame that the caller has.

        Returns
        -------
        VideoFrame
            The newest frame; the current one again after a second.
        """
        while True:
            if self._newest is not None and self.number > number:
                return self._newest
            try:
                async with asyncio.timeout(_STILL_SECONDS):
                    await self._changed.wait()
            except TimeoutError:
                if self._newest is not None:
                    self.publish(_copy(self._newest))


def _copy(frame: av.VideoFrame) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(frame.to_ndarray(), format="yuv420p")


class VideoOut(MediaStreamTrack):
    """A track that takes frames from the hub: always the newest, none twice.

    Parameters
    ----------
    hub : VideoHub
        The hub.
    """

    kind = "video"

    def __init__(self, hub: VideoHub) -> None:
        super().__init__()
        self._hub = hub
        self._number = 0

    async def recv(self) -> av.VideoFrame:
        """Wait for the next frame.

        Returns
        -------
        VideoFrame
            The newest frame.
        """
        frame = await self._hub.after(self._number)
        self._number = self._hub.number
        return frame


class AudioHub:
    """Audio to be sent, in blocks of 20 ms, s16 with two channels at 48 kHz."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._pts = 0
        self._tracks: list[AudioOut] = []
        self._listeners: list[Callable[[av.AudioFrame], None]] = []

    def listen(self, listener: Callable[[av.AudioFrame], None]) -> Callable[[], None]:
        """Call a function with all further blocks.

        Parameters
        ----------
        listener : callable
            Called as ``listener(block)``.

        Returns
        -------
        callable
            Ends the calls.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def attach(self, track: AudioOut) -> None:
        """Send all further blocks to a track, too.

        Parameters
        ----------
        track : AudioOut
            The track.
        """
        self._tracks.append(track)

    def detach(self, track: AudioOut) -> None:
        """Undo `attach`.

        Parameters
        ----------
        track : AudioOut
            The track.
        """
        self._tracks.remove(track)

    def publish(self, block: av.AudioFrame) -> None:
        """Send a block. A consumer more than 0.2 s behind drops the oldest ones.

        Parameters
        ----------
        block : AudioFrame
            20 ms.
        """
        now = int((time.monotonic() - self._began) * RATE)
        # After silence the clock determines the time; within a stream the samples do.
        if now - self._pts > RATE // 4:
            self._pts = now
        block.pts, block.sample_rate, block.time_base = self._pts, RATE, Fraction(1, RATE)
        self._pts += block.samples
        for track in self._tracks:
            track.put(block)
        for listener in self._listeners:
            listener(block)


class AudioOut(MediaStreamTrack):
    """A track that takes audio from the hub.

    Parameters
    ----------
    hub : AudioHub
        The hub.
    """

    kind = "audio"

    def __init__(self, hub: AudioHub) -> None:
        super().__init__()
        self._hub = hub
        self._blocks: deque[av.AudioFrame] = deque(maxlen=_BLOCKS)
        self._come = asyncio.Event()
        hub.attach(self)

    def put(self, block: av.AudioFrame) -> None:
        """Queue a block for sending.

        Parameters
        ----------
        block : AudioFrame
            20 ms.
        """
        self._blocks.append(block)
        self._come.set()

    async def recv(self) -> av.AudioFrame:
        """Wait for the next block.

        Returns
        -------
        AudioFrame
            20 ms.
        """
        while not self._blocks:
            self._come.clear()
            await self._come.wait()
        return self._blocks.popleft()

    def close(self) -> None:
        """Stop taking audio."""
        self._hub.detach(self)
