"""Whether a connection on which nothing comes is dead: aioice takes half a minute to say so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

MEASUREMENTS: Final = 3
"""In how many measurements, one a second, nothing at all may come before the other side is asked for a sign of life."""


class Liveness:
    """Follows one connection's measurements. Used on the loop.

    Parameters
    ----------
    ask : callable
        Coroutine function that returns whether the other side answers. A plain client with nothing to send is silent,
        and does.
    on_silent : callable
        Called before it is asked.
    on_dead : callable
        Called when it has not answered, and nothing has come meanwhile.
    """

    def __init__(
        self,
        ask: Callable[[], Awaitable[bool]],
        *,
        on_silent: Callable[[], None],
        on_dead: Callable[[], None],
    ) -> None:
        self._ask, self._on_silent, self._on_dead = ask, on_silent, on_dead
        self._count = 0

    async def measured(self, bitrate: float) -> None:
        """Take a measurement; returns when the other side has been asked, if that was due.

        Parameters
        ----------
        bitrate : float
            Of all that has come since the one before.
        """
        self._count = 0 if bitrate else self._count + 1
        if self._count != MEASUREMENTS:
            return
        self._on_silent()
        answered = await self._ask()
        if not answered and self._count >= MEASUREMENTS:
            self._on_dead()
        self._count = 0
