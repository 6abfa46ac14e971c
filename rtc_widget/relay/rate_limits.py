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

    @property
    def is_full(self) -> bool:
        """Whether nothing has been used lately."""
        return self._level + (time.monotonic() - self._updated) * self._rate >= self._burst


class TokenBuckets:
    """A token bucket for each key, kept for as long as it tells anything.

    Parameters
    ----------
    rate, burst : float
        As of `TokenBucket`.
    """

    def __init__(self, rate: float, burst: float) -> None:
        self._limits = rate, burst
        self._buckets: dict[str, TokenBucket] = {}
        self._sweep_at = 64

    def take(self, key: str) -> bool:
        """Use some of a key's allowance.

        Parameters
        ----------
        key : str
            Such as a room's name.

        Returns
        -------
        bool
            False when there was not enough, in which case nothing is used.
        """
        if len(self._buckets) >= self._sweep_at:
            self._buckets = {name: each for name, each in self._buckets.items() if not each.is_full}
            self._sweep_at = 64 + 2 * len(self._buckets)
        return self._buckets.setdefault(key, TokenBucket(*self._limits)).take()
