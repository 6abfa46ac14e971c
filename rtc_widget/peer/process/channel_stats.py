"""Statistics of a media channel, by the names of a connection's."""

from __future__ import annotations

import time
from typing import Any

from ...media.send_rate import SendRate
from .incoming import VideoIn


class ChannelStats:
    """Counts what a media channel carries.

    Parameters
    ----------
    video : VideoIn
        The frames that arrive over it.
    rate : SendRate
        Of what is sent.

    Attributes
    ----------
    received, sent : int
        Bytes so far.
    """

    def __init__(self, video: VideoIn, rate: SendRate) -> None:
        self._video, self._rate = video, rate
        self.received = self.sent = 0
        self._before = self._counts()

    def _counts(self) -> tuple[float, int, int, int]:
        return time.monotonic(), self.received, self.sent, self._video.number

    def measure(self) -> dict[str, Any]:
        """Measure the time since the previous call.

        Returns
        -------
        dict
            An entry of type "stats", without its type; nothing is lost on a path that delivers everything.
        """
        now, before = self._counts(), self._before
        self._before = now
        seconds, received, sent, frames = (new - old for new, old in zip(now, before, strict=True))
        round_trip = self._rate.round_trip
        return {
            "bitrate": round(received * 8 / seconds),
            "sent_bitrate": round(sent * 8 / seconds),
            "fps": round(frames / seconds, 1),
            "width": self._video.width,
            "height": self._video.height,
            "loss": 0,
            "rtt": None if round_trip is None else round(round_trip * 1000, 1),
            "jitter": None,
            "frames_dropped": None,
            "freeze_count": None,
        }
