"""Times as Chromium once wrote them: as people do, in the language of the user."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

# Of what `toLocaleString` writes: "7/14/2025, 3:12:01 PM", "14.7.2025, 15:12:01", "2025/7/14 下午3:12:01".
_WRITTEN: Final = re.compile(
    r"(\d{1,4})([./-]) ?(\d{1,2})\2 ?(\d{1,4})\.?,? ?"
    r"([^\d\s]{0,8}) ?(\d{1,2})[:.](\d{2})[:.](\d{2}) ?([^\d\s]{0,4}(?: [^\d\s]{1,4})?)"
)
# Narrow and other spaces, and marks of the direction of writing.
_SPACES: Final = str.maketrans({"\u202f": " ", "\u00a0": " ", "\u200e": None, "\u200f": None})
_BEFORE_NOON: Final = frozenset({"am", "上午", "오전", "午前"})
_AFTER_NOON: Final = frozenset({"pm", "下午", "오후", "午後"})
# Words between date and time.
_AT: Final = frozenset({"", "klo", "kl.", "um", "à", "at"})
_DAYS_FIRST, _MONTHS_FIRST = "day", "month"


class WrittenTimes:
    """Understands the times of one file.

    Parameters
    ----------
    texts : iterable of str
        All of them: whether 03/07 is in March or in July is told by one like 14/07, and else taken as in en-US.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        orders = {order for text in texts if (order := _order_of(text))}
        self._day_is_first = orders == {_DAYS_FIRST}

    def seconds(self, text: str) -> float:
        """Return a time.

        Parameters
        ----------
        text : str
            As in the file; ms since the epoch and ISO 8601, too.

        Returns
        -------
        float
            Seconds since the epoch.

        Raises
        ------
        ValueError
            For what is not understood.
        """
        with contextlib.suppress(ValueError):
            return float(text) / 1000
        with contextlib.suppress(ValueError):
            return datetime.fromisoformat(text).timestamp()
        found = _match(text)
        if found is None:
            raise ValueError("no time")
        first, separator, second, third, before, hour, minute, second_of_minute, after = found.groups()
        order = _order_of(text) or (_DAYS_FIRST if self._day_is_first else _MONTHS_FIRST)
        if len(first) == 4:
            year, month, day = first, second, third
        elif separator != "/" or order == _DAYS_FIRST:
            year, month, day = third, second, first
        else:
            year, month, day = third, first, second
        clock = _hour(int(hour), before, after), int(minute), int(second_of_minute)
        # Of the user's zone nothing is known.
        return datetime(int(year), int(month), int(day), *clock, tzinfo=UTC).timestamp()


def _match(text: str) -> re.Match[str] | None:
    found = _WRITTEN.fullmatch(text.translate(_SPACES))
    return found if found is not None and 4 in (len(found[1]), len(found[4])) else None


def _order_of(text: str) -> str:
    """Return whether a date with slashes has the day or the month first; empty where only others can tell."""
    found = _match(text)
    if found is None or found[2] != "/" or len(found[1]) == 4:
        return ""
    if int(found[1]) > 12:
        return _DAYS_FIRST
    return _MONTHS_FIRST if int(found[3]) > 12 else ""


def _hour(hour: int, before: str, after: str) -> int:
    words = [word.lower().replace(".", "").replace(" ", "") for word in (before, after)]
    noon = [word for word in words if word in _BEFORE_NOON | _AFTER_NOON]
    # "12" is the hour before one; another word may be that of a language that is not known here.
    if noon and 1 <= hour <= 12:
        return hour % 12 + (12 if noon[0] in _AFTER_NOON else 0)
    if before.lower() not in _AT or after:
        raise ValueError("no time")
    return hour
