"""Traces from elsewhere: Chromium's webrtc-internals and rtcstats."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InvalidArgumentError

if TYPE_CHECKING:
    from .trace import Trace


def load(path: Path) -> Trace:
    """Read another program's file as a trace."""
    msg = f"{path} is neither a trace of rtc_widget nor a dump of webrtc-internals or rtcstats."
    raise InvalidArgumentError("bad_trace", msg)
