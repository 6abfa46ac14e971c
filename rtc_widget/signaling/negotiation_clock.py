"""The time of a room's negotiations, which stands still while its signaling is paused.

The twin of ``js/src/signaling/negotiation-clock.ts``. As in a debugger, whoever reads and steps may take as long as they
like: nothing is sent again, asked for or given up meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class ClockTimer:
    """Something that will happen; see `NegotiationClock.later`.

    Parameters
    ----------
    clock : NegotiationClock
        In whose time.
    seconds : float
        How much of it is left.
    act : callable
        What happens.
    """

    def __init__(self, clock: NegotiationClock, seconds: float, act: Callable[[], object]) -> None:
        self._clock, self._left, self._act = clock, seconds, act
        self._handle: asyncio.TimerHandle | None = None

    def cancel(self) -> None:
        """Let it not happen. May be called twice."""
        self.stop()
        self._clock.forget(self)

    def run(self) -> None:
        """Let the time that is left go by."""
        self._handle = asyncio.get_running_loop().call_later(self._left, self._happen)

    def stop(self) -> None:
        """Keep the time that is left."""
        if self._handle is not None:
            self._left = max(0.0, self._handle.when() - asyncio.get_running_loop().time())
            self._handle.cancel()
            self._handle = None

    def _happen(self) -> None:
        self._clock.forget(self)
        self._act()


class NegotiationClock:
    """Timers that stand still while the room is paused. Used on one event loop."""

    def __init__(self) -> None:
        self._paused = False
        self._timers: set[ClockTimer] = set()

    def later(self, seconds: float, act: Callable[[], object]) -> ClockTimer:
        """Let something happen after a time that does not count pauses.

        Parameters
        ----------
        seconds : float
            The time.
        act : callable
            What happens.

        Returns
        -------
        ClockTimer
            To be cancelled when it is not to happen.
        """
        timer = ClockTimer(self, seconds, act)
        self._timers.add(timer)
        if not self._paused:
            timer.run()
        return timer

    def when_running(self, act: Callable[[], object]) -> ClockTimer | None:
        """Let something happen now, or when a pause ends.

        Parameters
        ----------
        act : callable
            What happens.

        Returns
        -------
        ClockTimer or None
            To be cancelled when it is not to happen; None when it has.
        """
        if self._paused:
            return self.later(0.0, act)
        act()
        return None

    def set_paused(self, paused: bool) -> None:
        """Stop, or go on.

        Parameters
        ----------
        paused : bool
            Whether the room's signaling is paused.
        """
        if paused is self._paused:
            return
        self._paused = paused
        for timer in list(self._timers):
            if paused:
                timer.stop()
            else:
                timer.run()

    def forget(self, timer: ClockTimer) -> None:
        """Let go of a timer that is over.

        Parameters
        ----------
        timer : ClockTimer
            The timer.
        """
        self._timers.discard(timer)
