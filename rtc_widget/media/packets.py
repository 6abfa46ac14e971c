"""Reading and decoding the packets of media files of unknown origin, at a cost that their length bounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import av

_PER_SECOND: Final = {"video": 250, "audio": 1_000}
"""How many packets a second of film may have: no camera or screen sends half as many, and Opus packets take 2.5 ms at least."""


def packets(container: Any, streams: Sequence[Any]) -> Iterator[Any]:
    """Yield the packets of some streams, as far as they can be read, and no more than a film of its length can have.

    Parameters
    ----------
    container : object
        An open `av` container.
    streams : sequence
        Streams of the container.

    Yields
    ------
    av.Packet
        Packets that have data and a time; at the end an empty one of each stream, for its decoder.
    """
    demuxed = container.demux(*streams)
    rates = {stream.index: _Rate(_PER_SECOND[stream.type]) for stream in streams}
    while True:
        try:
            packet = next(demuxed, None)
        except (av.FFmpegError, ValueError):
            return
        if packet is None:
            return
        if not packet.size or (packet.pts is not None and rates[packet.stream.index].admits(packet)):
            yield packet


def decode(packet: Any) -> list[Any]:
    """Decode a packet.

    Parameters
    ----------
    packet : object
        An `av.Packet`; an empty one ends the stream.

    Returns
    -------
    list
        Its frames; none of a damaged one, after which decoding recovers at the next key frame.
    """
    try:
        return list(packet.decode())
    except (av.FFmpegError, ValueError):
        return []


class _Rate:
    """Counts a stream's packets against its film's time, which may stand still or go back."""

    def __init__(self, per_second: int) -> None:
        self._per_second = per_second
        self._left = float(per_second)
        self._until: float | None = None

    def admits(self, packet: Any) -> bool:
        time = float(packet.pts * packet.time_base)
        gone = 0.0 if self._until is None else max(0.0, time - self._until)
        self._until = time if self._until is None else max(time, self._until)
        self._left = min(float(self._per_second), self._left + gone * self._per_second)
        if self._left < 1:
            return False
        self._left -= 1
        return True
