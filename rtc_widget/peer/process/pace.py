"""When each frame of a film is due.

A film says when, on a clock of its own. That clock may be missing (a raw stream), begin anywhere, and jump: where two
broadcasts were put together, or where a time is damaged. What is sent goes on evenly all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_BACK: Final = 1.0
# In a broadcast a pause is a jump of its clock. Elsewhere a picture may stand for as long as its author wants, and not every
# format says beforehand for how long.
_PAUSE: Final = {True: 1.0, False: 10.0}


@dataclass
class _Clock:
    """A stream's: when its last frame begins and ends, in its own time, and how far that is from ours."""

    began: float
    ends: float
    shift: float

    @property
    def until(self) -> float:
        """When its last frame ends, in our time."""
        return self.ends + self.shift


class Pace:
    """The clocks of a film's streams.

    Parameters
    ----------
    may_jump : bool
        Whether the film's format allows its clock to jump.

    Attributes
    ----------
    jumps : int
        How often a clock has jumped.
    """

    def __init__(self, *, may_jump: bool) -> None:
        self._pause = _PAUSE[may_jump]
        self._clocks: dict[int, _Clock] = {}
        self._begins: float | None = None
        self.jumps = 0

    def begin_anew(self) -> None:
        """Go on with a film from its beginning, after the last frame."""
        self._begins = max((clock.until for clock in self._clocks.values()), default=None)
        self._clocks.clear()

    def due(self, stream: int, time: float | None, duration: float, now: float) -> float:
        """Return when a frame is due.

        Parameters
        ----------
        stream : int
            The number of its stream.
        time : float or None
            In the film's time, seconds; None when it does not say.
        duration : float
            How long it lasts, seconds.
        now : float
            Our time, seconds.

        Returns
        -------
        float
            In our time.
        """
        clock = self._clocks.get(stream)
        others = [each for number, each in self._clocks.items() if number != stream]
        if clock is None:
            clock = self._first(time or 0.0, others, now)
            self._clocks[stream] = clock
        if time is None:
            time = clock.ends
        # A stream may pause while another goes on, so the furthest of them counts.
        furthest = max(each.until for each in (clock, *others))
        if time < clock.began - _BACK or time + clock.shift > furthest + self._pause:
            self.jumps += 1
            self._shift(clock, time, others)
        clock.began, clock.ends = time, time + duration
        return time + clock.shift

    def _first(self, time: float, others: list[_Clock], now: float) -> _Clock:
        if others:
            return _Clock(time, min(time, others[0].ends), others[0].shift)
        begins = now if self._begins is None else max(self._begins, now)
        return _Clock(time, time, begins - time)

    def _shift(self, clock: _Clock, time: float, others: list[_Clock]) -> None:
        """Let a stream go on where it was, in step with one that has jumped before."""
        going_on = clock.until - time
        clock.shift = min(
            (each.shift for each in others if abs(each.shift - going_on) < _BACK),
            key=lambda shift: abs(shift - going_on),
            default=going_on,
        )
