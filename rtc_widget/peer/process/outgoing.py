"""What this peer sends: one hub per kind, and a track for each connection that takes the newest from it.

aiortc ends a sender for good when its track raises once, and a sender that ended cannot be revived. So these tracks
never raise: whatever goes wrong in a source happens before the hub.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

import aiortc.codecs.vpx
import av
from aiortc import MediaStreamTrack
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.opus import OpusEncoder
from aiortc.codecs.vpx import Vp8Encoder, number_of_threads
from av.video.frame import PictureType

from ...media.frame import RATE

_CLOCK: Final = 90_000
_TIME_BASE: Final = Fraction(1, _CLOCK)
# A picture that stands still is sent again, so that who joins later, or asks for a key frame, gets one.
_STILL_SECONDS: Final = 1.0
_BLOCKS: Final = 10

# aiortc's own limits make 720p soft, and its start is for thumbnails. What a browser reports (REMB) moves the
# bitrate between these (bit/s).
_START_BITRATE: Final = 1_500_000
_MAX_BITRATE: Final = 4_000_000
# An encoder takes another bitrate only by beginning anew, with a key frame: not for every small change.
_BITRATE_STEP: Final = 0.1
_KEY_FRAME_DISTANCE: Final = 3_000
_QUANTIZERS: Final = (2, 56)
# For a call: one picture in, one picture out, at a constant bitrate, in as little time as it takes.
_VP8_OPTIONS: Final = {
    "deadline": "realtime",
    "cpu-used": "-8",
    "lag-in-frames": "0",
    "noise-sensitivity": "0",
    "static-thresh": "1",
    "overshoot-pct": "15",
    "undershoot-pct": "100",
    "partitions": "0",
}


def tune_encoders() -> None:
    """Let this process' VP8 encoders use the bitrate that a 720p picture needs, and survive what they cannot encode."""
    aiortc.codecs.vpx.DEFAULT_BITRATE = _START_BITRATE
    aiortc.codecs.vpx.MAX_BITRATE = _MAX_BITRATE
    for encoder, prepare in ((Vp8Encoder, _prepare_vp8), (H264Encoder, None), (OpusEncoder, None)):
        _make_safe(encoder, prepare)


def _prepare_vp8(encoder: Any, frame: av.VideoFrame) -> None:
    """Give a VP8 encoder its codec, where aiortc would make one: first, and for another size or bitrate.

    aiortc's removes noise, which takes a third of the time and blurs what was drawn by a program.
    """
    codec, bitrate = encoder.codec, encoder.target_bitrate
    if (
        codec is not None
        and (codec.width, codec.height) == (frame.width, frame.height)
        and abs(bitrate - codec.bit_rate) <= codec.bit_rate * _BITRATE_STEP
    ):
        return
    codec = av.CodecContext.create("libvpx", "w")
    codec.width, codec.height, codec.pix_fmt = frame.width, frame.height, "yuv420p"
    codec.bit_rate, codec.gop_size = bitrate, _KEY_FRAME_DISTANCE
    codec.qmin, codec.qmax = _QUANTIZERS
    codec.options = {
        **_VP8_OPTIONS,
        # The rate control's buffer then holds one second.
        "bufsize": str(bitrate),
        "minrate": str(bitrate),
        "maxrate": str(bitrate),
    }
    codec.thread_count = number_of_threads(frame.width * frame.height, os.cpu_count() or 1)
    encoder.codec = codec


def _make_safe(encoder: Any, prepare: Callable[[Any, Any], None] | None) -> None:
    """Make an encoder drop what it refuses: aiortc would end the sender for good."""
    original = encoder.encode
    if getattr(original, "is_safe", False):
        return

    def encode(self: Any, frame: Any, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        try:
            if prepare is not None:
                prepare(self, frame)
            payloads: list[bytes]
            payloads, timestamp = original(self, frame, force_keyframe)
        except (av.FFmpegError, ValueError, AssertionError):
            return [], 0
        return payloads, timestamp

    encode.is_safe = True  # type: ignore[attr-defined]
    encoder.encode = encode


class VideoHub:
    """The newest picture to be sent, and who waits for it."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._newest: av.VideoFrame | None = None
        self._last_pts = 0
        self.number = 0
        self._changed = asyncio.Event()
        self._listeners: list[Callable[[av.VideoFrame], None]] = []

    def listen(self, listener: Callable[[av.VideoFrame], None]) -> Callable[[], None]:
        """Call ``listener(frame)`` with every picture to come, and with the present one; returns what ends it."""
        self._listeners.append(listener)
        if self._newest is not None:
            listener(self._newest)
        return lambda: self._listeners.remove(listener)

    def publish(self, frame: av.VideoFrame) -> None:
        """Send a picture in yuv420p; one that nobody has taken yet is replaced."""
        self._last_pts = max(int((time.monotonic() - self._began) * _CLOCK), self._last_pts + 1)
        frame.pts, frame.time_base = self._last_pts, _TIME_BASE
        # A decoded picture remembers that it was a key frame, and would be made one again.
        frame.pict_type = PictureType.NONE
        self._newest = frame
        self.number += 1
        for listener in self._listeners:
            listener(frame)
        self._changed.set()
        self._changed = asyncio.Event()

    def clear(self) -> None:
        """Send nothing, until there is a picture again."""
        self._newest = None

    async def after(self, number: int) -> av.VideoFrame:
        """Return the first picture that is newer than ``number``, or the present one again after a second."""
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
    """One connection's way to take pictures from the hub: always the newest, never one twice."""

    kind = "video"

    def __init__(self, hub: VideoHub) -> None:
        super().__init__()
        self._hub = hub
        self._number = 0

    async def recv(self) -> av.VideoFrame:
        """Return the next picture that is the newest."""
        frame = await self._hub.after(self._number)
        self._number = self._hub.number
        return frame


class AudioHub:
    """Sound to be sent, in blocks of 20 ms, s16 with two channels at 48 kHz."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._pts = 0
        self._tracks: list[AudioOut] = []
        self._listeners: list[Callable[[av.AudioFrame], None]] = []

    def listen(self, listener: Callable[[av.AudioFrame], None]) -> Callable[[], None]:
        """Call ``listener(block)`` with every block to come; returns what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def attach(self, track: AudioOut) -> None:
        """Give every block to this track too."""
        self._tracks.append(track)

    def detach(self, track: AudioOut) -> None:
        """End what `attach` began."""
        self._tracks.remove(track)

    def publish(self, block: av.AudioFrame) -> None:
        """Send a block; who is more than 0.2 s behind loses the oldest."""
        now = int((time.monotonic() - self._began) * RATE)
        # After silence the clock has gone on; within a stream the samples are what counts.
        if now - self._pts > RATE // 4:
            self._pts = now
        block.pts, block.sample_rate, block.time_base = self._pts, RATE, Fraction(1, RATE)
        self._pts += block.samples
        for track in self._tracks:
            track.put(block)
        for listener in self._listeners:
            listener(block)


class AudioOut(MediaStreamTrack):
    """One connection's way to take sound from the hub."""

    kind = "audio"

    def __init__(self, hub: AudioHub) -> None:
        super().__init__()
        self._hub = hub
        self._blocks: deque[av.AudioFrame] = deque(maxlen=_BLOCKS)
        self._come = asyncio.Event()
        hub.attach(self)

    def put(self, block: av.AudioFrame) -> None:
        """Queue a block for sending."""
        self._blocks.append(block)
        self._come.set()

    async def recv(self) -> av.AudioFrame:
        """Return the next block."""
        while not self._blocks:
            self._come.clear()
            await self._come.wait()
        return self._blocks.popleft()

    def close(self) -> None:
        """Take no more sound."""
        self._hub.detach(self)
