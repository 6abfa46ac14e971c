"""Resampling of audio whose rate, layout and format are another one midway, as in a broadcast or after a renegotiation."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import av
import numpy as np

from .frame import RATE

_SPLIT: Final = ("u8", "s16", "s32", "flt", "dbl")
_TIME_BASE: Final = Fraction(1, RATE)


class Resampler:
    """Converts audio to one format at `media.frame.RATE`, whatever each frame has.

    Parameters
    ----------
    sample_format : str
        FFmpeg's name.
    layout : {"mono", "stereo"}
        The channels.
    block : int, optional
        Samples in each frame that is returned; as many as there are when left out.
    """

    def __init__(
        self, sample_format: str = "s16", layout: str = "stereo", *, block: int | None = None
    ) -> None:
        self._target = (sample_format, layout, RATE)
        self._block = block
        self._source: tuple[str, str, int] | None = None
        self._resampler: Any = None
        self._fifo = av.AudioFifo()
        self._until = 0

    def resample(self, frame: av.AudioFrame | None) -> list[av.AudioFrame]:
        """Convert a frame.

        Parameters
        ----------
        frame : AudioFrame or None
            The frame; None for the end, which returns what is left.

        Returns
        -------
        list of AudioFrame
        """
        made: list[av.AudioFrame] = []
        if frame is not None and self._target[1] == "stereo":
            frame = on_both_sides(frame)
        source = None if frame is None else (frame.format.name, frame.layout.name, frame.sample_rate)
        if source != self._source:
            if self._resampler is not None:
                made += self._resampler.resample(None)
            self._source = source
            self._resampler = None if source is None else av.AudioResampler(*self._target)
        if frame is not None:
            made += self._resampler.resample(frame)
        return made if self._block is None else self._blocks(made, self._block, ended=frame is None)

    def _blocks(self, made: list[av.AudioFrame], block: int, *, ended: bool) -> list[av.AudioFrame]:
        for each in made:
            if each.pts is not None and each.time_base is not None:
                self._until = round(each.pts * each.time_base * RATE)
            self._until += each.samples
            each.pts = None  # the queue of samples refuses a gap
            self._fifo.write(each)
        at = self._until - self._fifo.samples
        blocks: list[Any] = self._fifo.read_many(block)
        if ended and (rest := self._fifo.read(0, partial=True)) is not None:
            blocks.append(rest)
        for each in blocks:
            each.pts, each.time_base = at, _TIME_BASE
            at += each.samples
        return blocks


def on_both_sides(frame: av.AudioFrame) -> av.AudioFrame:
    """Return mono as stereo that is as loud on each side, as browsers play it (W3C Web Audio, "up-mixing").

    FFmpeg would give each side half of the power.

    Parameters
    ----------
    frame : AudioFrame
        Any frame.

    Returns
    -------
    AudioFrame
        The frame itself, where it is not mono.
    """
    kind = frame.format.name
    if frame.layout.nb_channels != 1 or kind.removesuffix("p") not in _SPLIT:
        return frame
    samples: Any = np.repeat(frame.to_ndarray(), 2, axis=0 if frame.format.is_planar else 1)
    made = av.AudioFrame.from_ndarray(samples, format=kind, layout="stereo")
    made.sample_rate, made.pts = frame.sample_rate, frame.pts
    if frame.time_base is not None:
        made.time_base = frame.time_base
    return made
