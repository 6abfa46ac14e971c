"""Sound without gaps: where it was off, silence is put between a participant's packets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import av
import numpy as np

# How far sound may be from where it belongs: a segment's beginning, and within it, where clocks jitter.
_SLACK_FIRST: Final = 0.02
_SLACK: Final = 0.08
# TOC: CELT, fullband, 20 ms, mono, with a number of frames (RFC 6716, 3.1 and 3.2.5); a frame that is silent.
_OPUS_TOC: Final = 31 << 3 | 3
_OPUS_SILENT: Final = b"\xff\xfe"


@dataclass(frozen=True, slots=True)
class Silence:
    """Packets of silence in a codec: ``unit`` seconds each, or up to ``most`` units in one."""

    unit: float
    most: int
    packet: Callable[[int], bytes]

    def packets(self, seconds: float) -> Iterator[tuple[bytes, float]]:
        """Yield data and duration of packets that are no longer than that together."""
        # A little more, because times are rounded to milliseconds.
        units = int(seconds / self.unit + 0.05)
        while units > 0:
            count = min(units, self.most)
            yield self.packet(count), count * self.unit
            units -= count


OPUS: Final = Silence(0.02, 6, lambda count: bytes([_OPUS_TOC, count]) + _OPUS_SILENT * count)


def aac(rate: int, channels: int) -> Silence:
    """Return silence in AAC."""
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


class Continuous:
    """A stream of sound, of which each packet begins where the one before ends.

    Players that skip gaps count how much sound there was, not when. So a packet's time is the end of the one before,
    silence is put in where sound came late, and what came twice is left out.

    Parameters
    ----------
    put : callable
        Takes data and time; of a packet that exists, the packet.
    silence : Silence
        Of the same codec.
    """

    def __init__(self, put: Callable[[Any, float, float], None], silence: Silence) -> None:
        self._put = put
        self._silence = silence
        self.until = 0.0

    def fill(self, time: float) -> None:
        """Be silent until then."""
        for data, seconds in self._silence.packets(time - self.until):
            packet = av.Packet(data)
            packet.is_keyframe = True
            self._place(packet, seconds)

    def take(self, packet: Any, time: float, seconds: float, *, first: bool) -> bool:
        """Put a packet where it belongs; false when there was sound already.

        Parameters
        ----------
        packet : av.Packet
            The sound.
        time, seconds : float
            When it is heard, and how long it is.
        first : bool
            Whether it is the first of a segment.
        """
        slack = _SLACK_FIRST if first else _SLACK
        if time - self.until >= slack:
            self.fill(time)
        elif self.until - time > max(slack, seconds / 2):
            return False
        self._place(packet, seconds)
        return True

    def _place(self, packet: Any, seconds: float) -> None:
        self._put(packet, self.until, seconds)
        self.until += seconds
