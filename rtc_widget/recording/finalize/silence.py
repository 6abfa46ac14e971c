"""Audio without gaps: silence is inserted where a participant's packets leave some."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import av
import numpy as np

# Tolerated distance of a packet from its time: at a segment's beginning, and within it, where clocks jitter.
_SLACK_FIRST: Final = 0.02
_SLACK: Final = 0.08
# TOC: CELT, fullband, 20 ms, mono, with a number of frames (RFC 6716, 3.1 and 3.2.5); a frame that is silent.
_OPUS_TOC: Final = 31 << 3 | 3
_OPUS_SILENT: Final = b"\xff\xfe"


@dataclass(frozen=True, slots=True)
class Silence:
    """Packets of silence in one codec: ``unit`` seconds each, or up to ``most`` units in one."""

    unit: float
    most: int
    packet: Callable[[int], bytes]

    def packets(self, seconds: float) -> Iterator[tuple[bytes, float]]:
        """Yield silent packets that together are no longer than a time.

        Parameters
        ----------
        seconds : float
            The time to fill.

        Yields
        ------
        (bytes, float)
            Data and duration, seconds.
        """
        # Slightly more, because times are rounded to milliseconds.
        units = int(seconds / self.unit + 0.05)
        while units > 0:
            count = min(units, self.most)
            yield self.packet(count), count * self.unit
            units -= count


OPUS: Final = Silence(0.02, 6, lambda count: bytes([_OPUS_TOC, count]) + _OPUS_SILENT * count)


def aac(rate: int, channels: int) -> Silence:
    """Make silence in AAC.

    Parameters
    ----------
    rate : int
        Samples per second.
    channels : int
        1 or 2.

    Returns
    -------
    Silence
        Packets of 1024 samples.
    """
    layout = "mono" if channels == 1 else "stereo"
    encoder: Any = av.CodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format = rate, layout, "fltp"
    encoder.time_base = Fraction(1, rate)
    packets = []
    for index in range(5):
        frame: Any = av.AudioFrame.from_ndarray(np.zeros((channels, 1024), np.float32), "fltp", layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, index * 1024, Fraction(1, rate)
        packets += encoder.encode(frame)
    data = bytes(packets[-1])
    return Silence(1024 / rate, 1, lambda _: data)


class ContinuousAudio:
    """An audio stream in which each packet begins where the previous one ends.

    Players that skip gaps count how much audio there was, not when. So a packet's time is the end of the previous
    one, late audio is preceded by silence, and overlapping packets are left out.

    Parameters
    ----------
    write : callable
        Takes a packet, its time and its duration, seconds.
    silence : Silence
        Of the same codec.
    """

    def __init__(self, write: Callable[[Any, float, float], None], silence: Silence) -> None:
        self._write = write
        self._silence = silence
        self.until = 0.0

    def fill(self, time: float) -> None:
        """Add silence up to a time.

        Parameters
        ----------
        time : float
            Seconds.
        """
        for data, seconds in self._silence.packets(time - self.until):
            packet = av.Packet(data)
            packet.is_keyframe = True
            self._write_next(packet, seconds)

    def add(self, packet: Any, time: float, seconds: float, *, first: bool) -> bool:
        """Add a packet at its time.

        Parameters
        ----------
        packet : av.Packet
            The audio.
        time, seconds : float
            When it plays, and its duration.
        first : bool
            Whether it is the first of a segment.

        Returns
        -------
        bool
            False when there is audio at that time already.
        """
        slack = _SLACK_FIRST if first else _SLACK
        if time - self.until >= slack:
            self.fill(time)
        elif self.until - time > max(slack, seconds / 2):
            return False
        self._write_next(packet, seconds)
        return True

    def _write_next(self, packet: Any, seconds: float) -> None:
        self._write(packet, self.until, seconds)
        self.until += seconds
