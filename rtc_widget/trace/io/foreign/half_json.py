"""The values of a dump's entries: JSON, JSON in a string, and the half-JSON that Chromium writes for people."""

from __future__ import annotations

import contextlib
import re
from typing import Any, Final

from ..values import parse

_DESCRIPTION: Final = re.compile(r"type: (?P<type>\w+), sdp: (?P<sdp>v=0.*)", re.DOTALL)


def value_of(value: Any) -> Any:
    """Return a value; Chromium writes it as JSON in a string, or as ``type: offer, sdp: v=0…``.

    Parameters
    ----------
    value : object
        As it is in the dump.

    Returns
    -------
    object
        The JSON value, a description, a candidate; a text that is none of these as it is.
    """
    if not isinstance(value, str):
        return value
    with contextlib.suppress(ValueError):
        return parse(value)
    old = _DESCRIPTION.match(value)
    if old:
        return old.groupdict()
    # Not one pattern: over a text that repeats "sdpMid" it would cost the square of the length.
    mid, _, rest = value.partition("sdpMid: ")[2].partition(",")
    candidate = rest.partition("candidate: ")[2].partition(",")[0]
    return {"sdpMid": mid, "candidate": candidate} if candidate.startswith("candidate:") else value
