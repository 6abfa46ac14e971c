"""Traces from elsewhere: Chromium's webrtc-internals and rtcstats.

A dump knows one browser's side. Each of its peer connections becomes a participant, and so does the other side of each,
which is only known by what came from it; two connections of one dump that talked to each other are joined.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ....errors import InvalidArgumentError
from .build import Builder
from .rows import rows_of

if TYPE_CHECKING:
    from ...trace import Trace


def load(path: Path) -> Trace:
    """Read a dump of chrome://webrtc-internals or of rtcstats, compressed or not.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Trace
        The trace.

    Raises
    ------
    InvalidArgumentError
        ``bad_trace`` for another format, a newer version, or a dump without a peer connection.
    """
    rows = rows_of(path)
    if not rows:
        msg = f"{path} contains no peer connection."
        raise InvalidArgumentError("bad_trace", msg)
    return Builder(path.stem).trace(rows)
