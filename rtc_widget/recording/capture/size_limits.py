"""How large and how long a recording may become."""

from __future__ import annotations

from ...errors import InvalidArgumentError
from ..arguments import MB, number


class Limits:
    """Where a recording stops by itself.

    Parameters
    ----------
    max_mb, max_minutes : float
        Above 0.
    """

    def __init__(self, max_mb: float, max_minutes: float) -> None:
        for what, value in (("max_mb", max_mb), ("max_minutes", max_minutes)):
            if number(what, value) <= 0:
                msg = f"{what} is a number above 0, not {value!r}."
                raise InvalidArgumentError("bad_argument", msg)
        self.size, self.seconds = max_mb * MB, max_minutes * 60
        self._text = f"{max_mb:g} MB", f"{max_minutes:g} minutes"

    def share(self, size: int, seconds: float) -> tuple[float, str]:
        """Return how much of the nearer limit is used up, and which that is."""
        return max((size / self.size, self._text[0]), (seconds / self.seconds, self._text[1]))
