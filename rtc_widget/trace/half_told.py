"""Connections that one end has said are connected, and the other end not yet: participants report each for itself."""

from __future__ import annotations

from typing import Final

# Longer than a report takes to be gathered and sent. Whoever never reports is waited for once.
_PATIENCE_SECONDS: Final = 1.0


class HalfTold:
    """Follows which ends of connections have said that they are connected, and when that was heard."""

    def __init__(self) -> None:
        self._heard: dict[tuple[str, str], float] = {}

    def apply(self, participant: str, peer: str, state: str, now: float) -> None:
        """Take note of a report.

        Parameters
        ----------
        participant : str
            Whose.
        peer : str
            Of the connection to whom.
        state : str
            Its ``connectionState``.
        now : float
            The time, seconds of a clock that only goes forward.
        """
        ends = participant, peer
        if state == "connected":
            self._heard.setdefault(ends, now)
        else:
            self._heard.pop(ends, None)

    def forget(self, participant: str) -> None:
        """Forget the connections of somebody who has left.

        Parameters
        ----------
        participant : str
            Who.
        """
        self._heard = {ends: at for ends, at in self._heard.items() if participant not in ends}

    def remaining(self, now: float) -> float:
        """Return how much longer to wait for other ends.

        Parameters
        ----------
        now : float
            As of `apply`.

        Returns
        -------
        float
            Seconds; 0 or less where nobody need be waited for.
        """
        halves = [at for (one, other), at in self._heard.items() if (other, one) not in self._heard]
        return max(halves) + _PATIENCE_SECONDS - now if halves else 0.0
