"""The type of a candidate, out of its text."""

from __future__ import annotations

import re
from typing import Final

_TYPE: Final = re.compile(r"\btyp (\w+)")


def candidate_type(text: str) -> str:
    """Return the type of a candidate (RFC 8839, 5.1).

    Parameters
    ----------
    text : str
        The candidate, as a line of SDP or as ``RTCIceCandidate.candidate``.

    Returns
    -------
    str
        "host", "srflx", "prflx" or "relay"; empty where it names none.
    """
    found = _TYPE.search(text)
    return found[1] if found else ""
