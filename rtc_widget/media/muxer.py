"""Encodes frames and audio into a file that players open, with the times at which they arrived."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final, cast

import av

from .encoders import VP8_THREADS
from .frame import RATE
from .resampler import Resampler

_CLOCK: Final = Fraction(1, 90_000)
# Smaller differences between times are network jitter; a larger one was silence.
_JITTER: Final = RATE // 5


class Muxer:
    """A media file that is being written. Used on one thread.

    Frames that differ in size from the first are scaled to it.

    Parameters
    ----------
    target : str or object with ``write``
        A path, or an object with ``write``, which gets the file as a stream, in clusters of half a second.
    webm : bool
        VP8 and Opus in WebM; otherwise H.264 and AAC in the format of the target's suffix.
    audio : bool
        Whether there will be audio.
    bitrate : int, optional
        Of the video, bit/s.

    Raises
    ------
    av.FFmpegError, OSError, ValueError
        When it cannot be written; so do the other methods.
    """

    def __init__(self, target: Any, *, webm: bool, audio: bool, bitrate: int | None = None) -> None:
        if isinstance(target, str):
            self._container = cast(Any, av.open(target, "w"))
        else:
            options = {"live": "1", "cluster_time_limit": "500", "flush_packets": "1"}
            self._container = cast(Any, av.open(target, "w", format="webm", container_options=options))
        self._codec = "libvpx" if webm else "libx264"
        self._bitrate = bitrate
        self._video: Any = None
        self._audio: Any = None
        if audio:
            self._audio = self._container.add_stream("libopus" if webm else "aac", rate=RATE)
            self._audio.layout = "stereo"
            self._resampler = Resampler(self._audio.format.name)
        self._audio_until = 0
        self._frame_at = -1

    @property
    def has_frames(self) -> bool:
        """Whether a frame has been written."""
        return self._video is not None

    def write_frame(self, frame: av.VideoFrame, at: float) -> None:
        """Write a frame.

        Parameters
        ----------
        frame : VideoFrame
            The frame.
        at : float
            When it arrived, seconds since the beginning.
        """
        if self._video is None:
            self._video = self._new_video(frame)
        scaled = frame.reformat(
            width=self._video.width, height=self._video.height, format="yuv420p", threads=1
        )
        if scaled is frame:
            # The frame is shared, so its time must not be changed.
            scaled = av.VideoFrame.from_ndarray(frame.to_ndarray(), format="yuv420p")
        self._frame_at = max(self._frame_at + 1, int(at / _CLOCK))
        scaled.pts, scaled.time_base = self._frame_at, _CLOCK
        self._container.mux(self._video.encode(scaled))

    def _new_video(self, frame: av.VideoFrame) -> Any:
        video = self._container.add_stream(self._codec, rate=30)
        video.width, video.height = frame.width - frame.width % 2, frame.height - frame.height % 2
        video.pix_fmt = "yuv420p"
        video.codec_context.time_base = _CLOCK
        video.gop_size = 60
        if self._bitrate is not None:
            video.bit_rate = self._bitrate
        if self._codec == "libvpx":
            video.options = {"deadline": "realtime", "cpu-used": "6"}
            video.codec_context.thread_count = VP8_THREADS
        else:
            video.options = {"preset": "veryfast", "tune": "zerolatency"}
        return video

    def write_audio(self, frame: av.AudioFrame, at: float) -> None:
        """Write a block of audio.

        Parameters
        ----------
        frame : AudioFrame
            The block.
        at : float
            When its end arrived, seconds since the beginning.
        """
        start = int(at * RATE) - frame.samples
        if abs(start - self._audio_until) > _JITTER:
            self._audio_until = max(start, self._audio_until)
        for block in self._resampler.resample(frame):
            block.pts, block.time_base = self._audio_until, Fraction(1, RATE)
            self._audio_until += block.samples
            self._container.mux(self._audio.encode(block))

    def close(self) -> None:
        """Finish the file."""
        try:
            for stream in (self._video, self._audio):
                if stream is not None:
                    self._container.mux(stream.encode(None))
        finally:
            self._container.close()
