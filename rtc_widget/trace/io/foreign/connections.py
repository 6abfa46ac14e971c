"""Finds the connections of one dump that talked to each other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from .row import Row

_ORIGIN: Final = re.compile(r"^o=(\S+ \S+) (\S+)", re.MULTILINE)


def origin_of(value: Any) -> tuple[str, str] | None:
    """Return whose a description is (RFC 8866, 5.2).

    Parameters
    ----------
    value : object
        A description, or the value of any other entry.

    Returns
    -------
    (str, str) or None
        Its session, and the session's version. Not every sender changes them.
    """
    sdp = value.get("sdp") if isinstance(value, dict) else None
    found = _ORIGIN.search(sdp) if isinstance(sdp, str) else None
    return (found[1], found[2]) if found else None


def pairs_of(rows: Iterable[Row]) -> dict[str, str]:
    """Find out which connections talked to each other, by the sessions that their descriptions name.

    Parameters
    ----------
    rows : iterable of Row
        All rows.

    Returns
    -------
    dict
        The other end of each connection that has one in the dump.
    """
    own: dict[str, str] = {}
    theirs: dict[str, str] = {}
    for row in rows:
        origin = origin_of(row.value)
        if origin is not None and "Local" in row.what:
            own[row.connection] = origin[0]
        elif origin is not None and "Remote" in row.what:
            theirs[row.connection] = origin[0]
    owners: dict[str, list[str]] = {}
    for connection, session in own.items():
        owners.setdefault(session, []).append(connection)
    pairs: dict[str, str] = {}
    for connection, session in theirs.items():
        # A session that several have names nobody.
        [other, *more] = owners.get(session, [connection])
        answered = theirs.get(other)
        mutual = answered is None or answered == own.get(connection)
        if other != connection and not more and mutual and not {connection, other} & pairs.keys():
            pairs |= {connection: other, other: connection}
    return pairs
