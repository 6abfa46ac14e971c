"""Values from files that anybody may have written: read completely, or refused with a `ValueError`."""

from __future__ import annotations

import json
from typing import Any, Final

from ...plain_numbers import number

# Displaying, copying and writing a value recurse, so its depth is limited.
_DEEPEST: Final = 50
_LONGEST_INTEGER: Final = 30
# Seconds, with room for times in milliseconds.
_LATEST: Final = 1e14


def parse(text: str | bytes) -> Any:
    """Parse JSON.

    Parameters
    ----------
    text : str or bytes
        The JSON.

    Returns
    -------
    object
        The value.

    Raises
    ------
    ValueError
        For invalid JSON, and for a value that is nested more than 50 levels deep.
    """
    try:
        value = json.loads(text, parse_int=_integer)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if _is_deeper(value, _DEEPEST):
        raise ValueError("nested too deeply")
    return value


def _integer(digits: str) -> int | float:
    # Python's integers have any length, but those of 400 digits do not convert to a float.
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)


def _is_deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inside = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in inside)


def moment(value: Any) -> float:
    """Check that a value is a time.

    Parameters
    ----------
    value : object
        The value.

    Returns
    -------
    float
        Seconds.

    Raises
    ------
    ValueError
        For what cannot be a time, such as infinity.
    """
    found = number(value) if isinstance(value, int | float) else None
    if found is None or abs(found) > _LATEST:
        raise ValueError("no time")
    return found
