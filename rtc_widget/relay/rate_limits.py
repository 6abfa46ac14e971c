"""How much one client may ask of the relay, so that no client can take it from the others."""

from __future__ import annotations

import time


class TokenBucket:
    """Allow ``rate`` events a second on average and ``burst`` at once."""

    __slots__ = ("_burst", "_level", "_rate", "_seen")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._level = burst
        self._seen = time.monotonic()

    def take(self, cost: float = 1.0) -> bool:
        """Use ``cost`` of the allowance and tell whether there was enough."""
        now = time.monotonic()
        self._level = min(self._burst, self._level + (now - self._seen) * self._rate)
        self._seen = now
        if self._level < cost:
            return False
        self._level -= cost
        return True
