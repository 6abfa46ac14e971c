"""How large and how long a recording may become."""

from __future__ import annotations

from ...errors import InvalidArgumentError
from ..arguments import MB, check_number


class SizeLimits:
    """The limits at which a recording stops by itself.

    Parameters
    ----------
    max_mb, max_minutes : float
        Above 0.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument``.
    """

    def __init__(self, max_mb: float, max_minutes: float) -> None:
        for what, value in (("max_mb", max_mb), ("max_minutes", max_minutes)):
            if check_number(what, value) <= 0:
                msg = f"{what} must be greater than 0, not {value!r}."
                raise InvalidArgumentError("bad_argument", msg)
        self.size, self.seconds = max_mb * MB, max_minutes * 60
        self._labels = f"{max_mb:g} MB", f"{max_minutes:g} minutes"

    def usage(self, size: int, seconds: float) -> tuple[float, str]:
        """Return how much of the nearer limit is used up.

        Parameters
        ----------
        size : int
            Bytes so far.
        seconds : float
            Length so far.

        Returns
        -------
        (float, str)
            The fraction of the limit, and the limit as text, such as "180 minutes".
        """
        return max((size / self.size, self._labels[0]), (seconds / self.seconds, self._labels[1]))
