"""Traces from elsewhere: Chromium's webrtc-internals and rtcstats.

A dump knows one browser's side. Each of its peer connections becomes a participant, and so does the other side of each,
which is only known by what came from it; two connections of one dump that talked to each other are joined.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ....errors import InvalidArgumentError
from ....tracebacks import warn
from .build import Builder
from .row import Notes
from .rows import rows_of

if TYPE_CHECKING:
    from ...trace import Trace


def load(path: Path, data: bytes) -> Trace:
    """Read a dump of chrome://webrtc-internals or of rtcstats.

    Parameters
    ----------
    path : Path
        The file, for messages.
    data : bytes
        What is in it, as of `text.data_of`.

    Returns
    -------
    Trace
        The trace; a warning lists what of the file was not understood.

    Raises
    ------
    InvalidArgumentError
        ``bad_trace`` for another format, a newer version, or a dump without a peer connection.
    """
    notes = Notes()
    rows = rows_of(path, data, notes)
    if not rows:
        msg = f"{path} contains no peer connection."
        raise InvalidArgumentError("bad_trace", f"{msg} Not understood: {notes}." if notes else msg)
    trace = Builder(path.stem, notes).trace(rows)
    if notes:
        warn(f"{path} was not understood completely: {notes}.")
    return trace
