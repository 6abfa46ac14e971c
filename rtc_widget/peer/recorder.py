"""Writes one participant's picture and sound into a file that players open."""

from __future__ import annotations

import asyncio
import functools
import queue
import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, cast

import av

from ..errors import InvalidArgumentError
from .frame import RATE
from .incoming import Incoming

_CLOCK: Final = Fraction(1, 90_000)
# What a disk that is too slow may be behind; what comes then is left out.
_MAX_WAITING: Final = 300


class Recorder:
    """A file that grows with what comes, on a thread of its own, until `close`.

    Pictures of another size than the first are scaled to it. The file's kind follows from its name, as FFmpeg knows
    them; ``.mp4``, ``.mkv`` and ``.webm`` are fine.

    Attributes
    ----------
    seconds : float
        How much has been written.
    problem : str or None
        Why nothing more is written.

    Raises
    ------
    InvalidArgumentError
        ``bad_source``, when the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.seconds = 0.0
        self.problem: str | None = None
        webm = path.suffix == ".webm"
        self._codecs = ("libvpx", "libopus") if webm else ("libx264", "aac")
        try:
            self._container = cast(Any, av.open(str(path), "w"))
            self._audio = self._container.add_stream(self._codecs[1], rate=RATE)
        except (av.FFmpegError, OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise InvalidArgumentError("bad_source", f"{str(path)!r} cannot be written: {reason}.") from None
        self._video: Any = None
        self._audio.layout = "stereo"
        self._resampler = av.AudioResampler(format=self._audio.format, layout="stereo", rate=RATE)
        self._began: float | None = None
        self._sound_until = 0
        self._picture_at = -1
        self._waiting: queue.Queue[tuple[Any, float] | None] = queue.Queue(_MAX_WAITING)
        self._ends: list[Callable[[], None]] = []
        self._thread = threading.Thread(target=self._run, name="rtc_widget-recorder", daemon=True)
        self._thread.start()

    def follow(self, incoming: Incoming) -> None:
        """Write down what comes from here, in place of what was written before."""
        for end in self._ends:
            end()
        self._ends = [
            incoming.video.listen(lambda frame, _number, when: self._put(frame, when)),
            incoming.audio.listen(self._put),
        ]

    def _put(self, frame: Any, when: float) -> None:
        if not self._waiting.full():
            self._waiting.put_nowait((frame, when))

    async def close(self) -> None:
        """End the file."""
        for end in self._ends:
            end()
        await asyncio.to_thread(self._waiting.put, None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        while (item := self._waiting.get()) is not None:
            if self.problem is None:
                self._attempt(functools.partial(self._write, *item))
        self._attempt(self._finish)

    def _attempt(self, act: Callable[[], None]) -> None:
        try:
            act()
        except (av.FFmpegError, OSError, ValueError) as error:
            self.problem = self.problem or f"The recording broke off: {error}."

    def _write(self, frame: Any, when: float) -> None:
        self._began = when if self._began is None else self._began
        at = max(0.0, when - self._began)
        if isinstance(frame, av.VideoFrame):
            self._write_picture(frame, at)
        elif self._video is not None:
            self._write_sound(frame, at)
        self.seconds = max(self.seconds, at)

    def _finish(self) -> None:
        try:
            if self._video is not None:
                for stream in (self._video, self._audio):
                    self._container.mux(stream.encode(None))
        finally:
            self._container.close()

    def _write_picture(self, frame: av.VideoFrame, at: float) -> None:
        if self._video is None:
            self._video = self._container.add_stream(self._codecs[0], rate=30)
            self._video.width, self._video.height = (
                frame.width - frame.width % 2,
                frame.height - frame.height % 2,
            )
            self._video.pix_fmt = "yuv420p"
            self._video.codec_context.time_base = _CLOCK
            self._video.options = {"deadline": "realtime", "cpu-used": "6"}
            if self._codecs[0] == "libx264":
                self._video.options = {"preset": "veryfast", "tune": "zerolatency"}
        scaled = frame.reformat(width=self._video.width, height=self._video.height, format="yuv420p")
        if scaled is frame:
            # Others have the same frame, and its time is theirs.
            scaled = av.VideoFrame.from_ndarray(frame.to_ndarray(), format="yuv420p")
        self._picture_at = max(self._picture_at + 1, int(at / _CLOCK))
        scaled.pts, scaled.time_base = self._picture_at, _CLOCK
        self._container.mux(self._video.encode(scaled))

    def _write_sound(self, frame: av.AudioFrame, at: float) -> None:
        start = int(at * RATE) - frame.samples
        # Small differences are the network's; a larger one was silence.
        if abs(start - self._sound_until) > RATE // 5:
            self._sound_until = max(start, self._sound_until)
        for block in self._resampler.resample(frame):
            block.pts, block.time_base = self._sound_until, Fraction(1, RATE)
            self._sound_until += block.samples
            self._container.mux(self._audio.encode(block))
