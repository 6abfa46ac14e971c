"""A video of a recording: one participant, or everybody in a grid with all audio mixed."""

from __future__ import annotations

import contextlib
import math
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import av
import numpy as np
from av.bitstream import BitStreamFilterContext
from av.codec.context import Flags as CodecFlags
from av.container import Flags

from ...errors import RtcWidgetError
from ...media.encoders import VP8_THREADS
from ...media.frame import RATE
from ...runtime.files import SHARED_FILE, replacing
from ...runtime.paths import reason_of
from ..contents import Medium
from ..progress import ProgressDisplay
from ..read.playback import AudioPlayback
from .grid import Canvas, Tile

if TYPE_CHECKING:
    from ..recording import Recording

_CODECS: Final = {".webm": ("libvpx", "libopus"), ".mp4": ("libx264", "aac")}
_OPTIONS: Final = {
    ".webm": {"deadline": "realtime", "cpu-used": "6"},
    ".mp4": {"preset": "veryfast", "crf": "23"},
}
_BITS_PER_PIXEL: Final = 0.1


def export(recording: Recording, path: Path, only: Medium | None, fps: float, size: tuple[int, int]) -> Path:
    """Write a video, as `Recording.export` describes it; the file only appears once it is complete.

    Parameters
    ----------
    recording : Recording
        The recording.
    path : Path
        The video, ``.webm`` or ``.mp4``.
    only : Medium or None
        The only media file to include; None for all, in a grid.
    fps : float
        Frames per second.
    size : (int, int)
        Width and height, px, even.

    Returns
    -------
    Path
        The video's path.

    Raises
    ------
    RtcWidgetError
        ``recording_failed``.
    """
    ending = path.suffix.lower()
    try:
        # Unlike the recording, it is exported to be passed on.
        with replacing(path, SHARED_FILE) as target:
            if only is not None and only.file.endswith(ending):
                with recording._open_medium(only) as source:
                    shutil.copyfileobj(source, target)
            else:
                with ProgressDisplay(f"Making {path.name}") as progress, ThreadPoolExecutor(1) as pool:
                    # An MP4 file's beginning is moved, for which FFmpeg opens it by name.
                    made = Path(target.name)
                    video_task = partial(_write_video, recording, made, only, fps, size, progress.advance)
                    progress.results(pool, [video_task], recording.seconds if only is None else only.seconds)
        return path
    except (OSError, av.FFmpegError) as error:
        msg = f"Cannot write {str(path)!r}: {reason_of(error)}."
        raise RtcWidgetError("recording_failed", msg) from None


def _write_video(
    recording: Recording,
    path: Path,
    only: Medium | None,
    fps: float,
    size: tuple[int, int],
    advance: Callable[[float], None],
) -> None:
    media = recording.media if only is None else (only,)
    begins, end = (0.0, recording.seconds) if only is None else (only.begins, only.begins + only.seconds)
    with ExitStack() as stack:
        tiles = [stack.enter_context(contextlib.closing(tile)) for tile in _tiles(recording, media, only)]
        playbacks = [
            stack.enter_context(
                contextlib.closing(AudioPlayback(recording._open_medium(medium), medium.begins - begins))
            )
            for medium in media
            if medium.audio
        ]
        out = stack.enter_context(_VideoFile(path, fps, size, has_audio=bool(playbacks)))
        canvas = Canvas(size, tiles)
        samples = 0
        for index in range(max(1, math.ceil((end - begins) * fps))):
            out.write_frame(canvas.at(begins + index / fps), index)
            until = round((index + 1) * RATE / fps)
            if playbacks:
                out.write_audio(_mixed(playbacks, until - samples), samples)
            samples = until
            advance(1 / fps)


def _tiles(recording: Recording, media: Sequence[Medium], only: Medium | None) -> list[Tile]:
    """Return a place in the picture for everybody of whom there is something, and for each shared screen."""
    here = {person.id: person.here for person in recording.participants}
    tiles = []
    for medium in media:
        spans = here.get(medium.participant, ())
        if only is not None or medium.track == "screen":
            # A screen is visible while it is shared.
            shown = medium.shown if medium.track == "screen" else ((0.0, medium.seconds),)
            spans = tuple((medium.begins + start, medium.begins + stop) for start, stop in shown)
        file = recording._open_medium(medium) if medium.video else None
        tiles.append(Tile(medium, spans, file))
    return tiles


def _mixed(playbacks: Sequence[AudioPlayback], count: int) -> Any:
    return np.clip(sum(playback.read(count) for playback in playbacks), -1.0, 1.0).astype(np.float32)


class _VideoFile:
    """The film's file."""

    def __init__(self, path: Path, fps: float, size: tuple[int, int], *, has_audio: bool) -> None:
        options: dict[str, Any] = {"movflags": "+faststart"} if path.suffix == ".mp4" else {}
        self._container = cast("Any", av.open(str(path), "w", options=options))
        # Otherwise the file names the program that wrote it.
        self._container.flags |= cast("Any", Flags.bitexact).value
        rate = Fraction(fps).limit_denominator(1001)
        video, audio = _CODECS[path.suffix]
        self._video = self._container.add_stream(video, rate=rate)
        self._video.width, self._video.height = size
        self._video.pix_fmt = "yuv420p"
        self._video.options = _OPTIONS[path.suffix]
        self._video.codec_context.time_base = 1 / rate
        self._video.codec_context.gop_size = max(1, round(2 * fps))
        if path.suffix == ".webm":
            self._video.codec_context.thread_count = VP8_THREADS
            self._video.bit_rate = int(size[0] * size[1] * fps * _BITS_PER_PIXEL)
        self._video.codec_context.flags |= CodecFlags.bitexact
        # x264 still writes its settings into the stream, as SEI messages.
        self._sei_filter = (
            BitStreamFilterContext("filter_units=remove_types=6", self._video)
            if path.suffix == ".mp4"
            else None
        )
        self._audio: Any = None
        if has_audio:
            self._audio = self._container.add_stream(audio, rate=RATE)
            self._audio.layout = "stereo"
            self._audio.codec_context.flags |= CodecFlags.bitexact
            sample_format = self._audio.format.name
            self._resampler = av.AudioResampler(sample_format, "stereo", RATE)

    def __enter__(self) -> _VideoFile:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._mux_video(None)
            if self._audio:
                self._container.mux(self._audio.encode(None))
        finally:
            self._container.close()

    def write_frame(self, frame: Any, index: int) -> None:
        frame.pts, frame.time_base = index, self._video.codec_context.time_base
        self._mux_video(frame)

    def _mux_video(self, frame: Any) -> None:
        for packet in self._video.encode(frame):
            self._container.mux(packet if self._sei_filter is None else self._sei_filter.filter(packet))

    def write_audio(self, samples: Any, at: int) -> None:
        block: Any = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        block.sample_rate, block.pts, block.time_base = RATE, at, Fraction(1, RATE)
        for made in self._resampler.resample(block):
            self._container.mux(self._audio.encode(made))
