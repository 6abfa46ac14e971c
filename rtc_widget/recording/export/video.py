"""A film of a recording: one participant, or everybody in a grid with all sound mixed."""

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
from ...media.frame import RATE
from ..arguments import reason_of
from ..contents import Medium
from ..progress import Patience
from ..read.playback import Sound
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
    """Write a film, as `Recording.export` describes it; the file is there when all of it is.

    Raises
    ------
    RtcWidgetError
        ``recording_failed``.
    """
    beside = path.with_name(f".{path.name}.new{path.suffix}")
    try:
        if only is not None and only.file.endswith(path.suffix):
            with recording._open_medium(only) as source, beside.open("wb") as target:
                shutil.copyfileobj(source, target)
        else:
            with Patience(f"Making {path.name}") as patience, ThreadPoolExecutor(1) as pool:
                film = partial(_film, recording, beside, only, fps, size, patience.went_on)
                patience.results(pool, [film], recording.seconds if only is None else only.seconds)
        return beside.replace(path)
    except (OSError, av.FFmpegError) as error:
        msg = f"{str(path)!r} cannot be written: {reason_of(error)}."
        raise RtcWidgetError("recording_failed", msg) from None
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def _film(
    recording: Recording,
    path: Path,
    only: Medium | None,
    fps: float,
    size: tuple[int, int],
    went_on: Callable[[float], None],
) -> None:
    media = recording.media if only is None else (only,)
    begins, end = (0.0, recording.seconds) if only is None else (only.begins, only.begins + only.seconds)
    with ExitStack() as stack:
        tiles = [stack.enter_context(contextlib.closing(tile)) for tile in _tiles(recording, media, only)]
        sounds = [
            stack.enter_context(
                contextlib.closing(Sound(recording._open_medium(medium), medium.begins - begins))
            )
            for medium in media
            if medium.audio
        ]
        out = stack.enter_context(_Output(path, fps, size, has_sound=bool(sounds)))
        canvas = Canvas(size, tiles)
        heard = 0
        for index in range(max(1, math.ceil((end - begins) * fps))):
            out.picture(canvas.at(begins + index / fps), index)
            until = round((index + 1) * RATE / fps)
            if sounds:
                out.sound(_mixed(sounds, until - heard), heard)
            heard = until
            went_on(1 / fps)


def _tiles(recording: Recording, media: Sequence[Medium], only: Medium | None) -> list[Tile]:
    """Return a place in the picture for everybody of whom there is something, and for each shared screen."""
    here = {person.id: person.here for person in recording.participants}
    tiles = []
    for medium in media:
        spans = here.get(medium.participant, ())
        if only is not None or medium.track == "screen":
            # A screen is there while it is shared.
            shown = medium.shown if medium.track == "screen" else ((0.0, medium.seconds),)
            spans = tuple((medium.begins + start, medium.begins + stop) for start, stop in shown)
        file = recording._open_medium(medium) if medium.video else None
        tiles.append(Tile(medium, spans, file))
    return tiles


def _mixed(sounds: Sequence[Sound], count: int) -> Any:
    return np.clip(sum(sound.take(count) for sound in sounds), -1.0, 1.0).astype(np.float32)


class _Output:
    """The film's file."""

    def __init__(self, path: Path, fps: float, size: tuple[int, int], *, has_sound: bool) -> None:
        options: dict[str, Any] = {"movflags": "+faststart"} if path.suffix == ".mp4" else {}
        self._container = cast("Any", av.open(str(path), "w", options=options))
        # Without it the file says what wrote it.
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
            self._video.bit_rate = int(size[0] * size[1] * fps * _BITS_PER_PIXEL)
        self._video.codec_context.flags |= CodecFlags.bitexact
        # x264 writes its settings among the pictures all the same, as SEI.
        self._plain = (
            BitStreamFilterContext("filter_units=remove_types=6", self._video)
            if path.suffix == ".mp4"
            else None
        )
        self._audio: Any = None
        if has_sound:
            self._audio = self._container.add_stream(audio, rate=RATE)
            self._audio.layout = "stereo"
            self._audio.codec_context.flags |= CodecFlags.bitexact
            form = self._audio.format.name
            self._resampler = av.AudioResampler(form, "stereo", RATE)

    def __enter__(self) -> _Output:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._mux_pictures(None)
            if self._audio:
                self._container.mux(self._audio.encode(None))
        finally:
            self._container.close()

    def picture(self, frame: Any, index: int) -> None:
        frame.pts, frame.time_base = index, self._video.codec_context.time_base
        self._mux_pictures(frame)

    def _mux_pictures(self, frame: Any) -> None:
        for packet in self._video.encode(frame):
            self._container.mux(packet if self._plain is None else self._plain.filter(packet))

    def sound(self, samples: Any, at: int) -> None:
        block: Any = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        block.sample_rate, block.pts, block.time_base = RATE, at, Fraction(1, RATE)
        for made in self._resampler.resample(block):
            self._container.mux(self._audio.encode(made))
