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
    """Read a dump, compressed or not, of chrome://webrtc-internals or of rtcstats.

    Raises
    ------
    InvalidArgumentError
        ``bad_trace`` for what is neither, is of a newer version, or has no peer connection in it.
    """
    rows = rows_of(path)
    if not rows:
        msg = f"{path} holds no peer connection: there is nothing to show."
        raise InvalidArgumentError("bad_trace", msg)
    return Builder(path.stem).trace(rows)
