"""How large and how long a recording may become."""

from __future__ import annotations

from ...errors import InvalidArgumentError
from ...runtime.validation import check_number
from ..arguments import MB


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
        megabytes, minutes = _positive("max_mb", max_mb), _positive("max_minutes", max_minutes)
        self.size, self.seconds = megabytes * MB, minutes * 60
        self._labels = f"{megabytes:g} MB", f"{minutes:g} minutes"

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


def _positive(what: str, value: object) -> float:
    found = check_number(what, value)
    if found <= 0:
        raise InvalidArgumentError("bad_argument", f"{what} must be greater than 0, not {value!r}.")
    return found
