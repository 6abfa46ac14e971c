"""How much of a track may be under way over a path that says when something has come, and how much that path carries.

The twin of ``js/src/media-channel/send-rate.ts``. It keeps no queue: what may not be sent now is not sent at all, and the
next frame is a newer one.
"""

from __future__ import annotations

from collections import deque
from typing import Final

_PATIENCE: Final = 0.25
"""How much longer than the fastest answers of late the oldest message may have been under way, s."""

_MOST_USUAL: Final = 0.4
_PERIOD: Final = 1.0
_FASTEST_PERIODS: Final = 30
_DOWN, _UP, _SHARE = 0.7, 1.2, 0.85
_CALM_PERIODS: Final = 3
_MOST_PENDING: Final = 64


class SendRate:
    """Decides what is sent; fed with what was, and with what has come. Times are seconds of one monotonic clock.

    Parameters
    ----------
    start, least, most : int
        Bits per second to begin with, and between which the rate stays.
    """

    def __init__(self, start: int, least: int, most: int) -> None:
        self.bitrate = start
        self._least, self._most = least, most
        # Number, time and size of what has not come yet.
        self._pending: deque[tuple[int, float, int]] = deque()
        self._fastest: deque[float] = deque(maxlen=_FASTEST_PERIODS)
        self._fastest_now: float | None = None
        self._began: float | None = None
        self._arrived = self._sent = self._skipped = self._calm = 0
        self.round_trip: float | None = None

    def may_send(self, now: float) -> bool:
        """Return whether there is room for one more message, and count that there was none.

        Parameters
        ----------
        now : float
            The time.

        Returns
        -------
        bool
            Whether the path keeps up.
        """
        self._turn(now)
        if not self._pending:
            return True
        waited = now - self._pending[0][1]
        if len(self._pending) < _MOST_PENDING and waited < self._usual() + _PATIENCE:
            return True
        self._skipped += 1
        return False

    def sent(self, number: int, size: int, now: float) -> None:
        """Note a message that goes out.

        Parameters
        ----------
        number : int
            Its number.
        size : int
            In bytes.
        now : float
            The time.
        """
        self._pending.append((number, now, size))
        self._sent += 1

    def acknowledged(self, number: int, now: float) -> None:
        """Note that a message has come, and with it all before it.

        Parameters
        ----------
        number : int
            Its number.
        now : float
            The time.
        """
        while self._pending and self._pending[0][0] <= number:
            _number, at, size = self._pending.popleft()
            self._arrived += size
            self.round_trip = now - at
        if self.round_trip is not None:
            self._fastest_now = min(self.round_trip, self._fastest_now or self.round_trip)
        self._turn(now)

    def _usual(self) -> float:
        known = [*self._fastest, *([self._fastest_now] if self._fastest_now is not None else [])]
        # Where a queue has grown the fastest answer is a late one, too.
        return min(*known, _MOST_USUAL) if known else _PATIENCE

    def _turn(self, now: float) -> None:
        """Once a second, set the rate by how the last one went."""
        if self._began is None:
            self._began = now
        elapsed = now - self._began
        if elapsed < _PERIOD:
            return
        carried = int(self._arrived * 8 / elapsed)
        if self._skipped * 10 > self._sent + self._skipped:
            self._calm = 0
            self.bitrate = max(self._least, min(int(self.bitrate * _DOWN), int(carried * _SHARE)))
        elif self._sent:
            self._calm += 1
            if self._calm >= _CALM_PERIODS:
                self._calm = 0
                self.bitrate = min(self._most, int(self.bitrate * _UP))
        if self._fastest_now is not None:
            self._fastest.append(self._fastest_now)
        self._fastest_now = None
        self._began, self._arrived, self._sent, self._skipped = now, 0, 0, 0


def scale_for(width: int, height: int, bitrate: int) -> float:
    """Return how much smaller pictures have to be for a rate.

    Parameters
    ----------
    width, height : int
        Of the pictures, px.
    bitrate : int
        Bits per second.

    Returns
    -------
    float
        1, 3/4, 1/2 or 1/3: below 0.03 bits for each pixel of 15 frames a second VP8 shows little but blocks.
    """
    for scale in (1.0, 0.75, 0.5):
        if bitrate >= 0.03 * 15 * width * height * scale * scale:
            return scale
    return 1 / 3
