"""What counts as a number."""

from __future__ import annotations

import math


def number(value: object) -> float | None:
    """Return a number, whatever library it is from: numpy's, a fraction, a tensor of one element.

    Parameters
    ----------
    value : object
        What the user passed.

    Returns
    -------
    float or None
        None for what is no finite number, such as a text or a flag.
    """
    # A text converts too, and so does an array of one element, which is a mistake elsewhere.
    if isinstance(value, str | bytes | bytearray | bool) or not hasattr(value, "__float__"):
        return None
    if str(getattr(value, "dtype", "")) == "bool" or getattr(value, "ndim", 0) != 0:
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None
