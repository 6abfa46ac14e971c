"""Rate limits, so that no client can monopolize the relay."""

from __future__ import annotations

import time


class TokenBucket:
    """Allows ``rate`` events per second on average and ``burst`` at once.

    Parameters
    ----------
    rate : float
        Per second.
    burst : float
        At once.
    """

    __slots__ = ("_burst", "_level", "_rate", "_updated")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._level = burst
        self._updated = time.monotonic()

    def take(self, cost: float = 1.0) -> bool:
        """Use some of the allowance.

        Parameters
        ----------
        cost : float
            How much.

        Returns
        -------
        bool
            False when there was not enough, in which case nothing is used.
        """
        now = time.monotonic()
        self._level = min(self._burst, self._level + (now - self._updated) * self._rate)
        self._updated = now
        if self._level < cost:
            return False
        self._level -= cost
        return True
