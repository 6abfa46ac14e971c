"""Values from files that anybody may have written: read whole, or refused with a `ValueError`."""

from __future__ import annotations

import json
import math
from typing import Any, Final

# What is shown, copied and written again on the way takes some of the stack at each level.
_DEEPEST: Final = 50
_LONGEST_INTEGER: Final = 30
# In seconds; milliseconds since the epoch are no more either.
_LATEST: Final = 1e14


def parse(text: str | bytes) -> Any:
    """Read JSON.

    Raises
    ------
    ValueError
        For what is no JSON, or is nested deeper than anything that a trace has.
    """
    try:
        value = json.loads(text, parse_int=_integer)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if _is_deeper(value, _DEEPEST):
        raise ValueError("nested too deeply")
    return value


def _integer(digits: str) -> int | float:
    # Python computes with integers of any length, and fails where one of 400 digits meets a float.
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)


def _is_deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inside = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in inside)


def moment(value: Any) -> float:
    """Return a time; raise a `ValueError` for what can be none, such as infinity."""
    if not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > _LATEST:
        raise ValueError("no time")
    return float(value)
