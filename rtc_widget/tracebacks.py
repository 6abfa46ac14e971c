"""The part of a traceback that a user wrote: errors and warnings of ours name the line that caused them, not one inside of this package."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Final

_OURS: Final = f"{Path(__file__).parent}/"


def users_part(traceback: TracebackType | None) -> TracebackType | None:
    """Return a traceback up to the first frame of this package.

    Parameters
    ----------
    traceback : TracebackType or None
        An exception's.

    Returns
    -------
    TracebackType or None
        The same traceback, where it begins with a frame of ours.
    """
    entries = []
    entry = traceback
    while entry is not None and not entry.tb_frame.f_code.co_filename.startswith(_OURS):
        entries.append(entry)
        entry = entry.tb_next
    if not entries:
        return traceback
    part: TracebackType | None = None
    for each in reversed(entries):
        part = TracebackType(part, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return part


def warn(message: str) -> None:
    """Warn whoever called this package, at the line that did so.

    Parameters
    ----------
    message : str
        What is wrong, and what to do.
    """
    level = 2
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_OURS):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, stacklevel=level)


class EndsAtTheUsersLine(BaseException):
    """An exception that a notebook shows up to the user's own line; all of it after ``%xmode Verbose``."""

    def _render_traceback_(self) -> list[str]:
        """Return the lines that IPython shows in place of its own traceback."""
        # Who calls this has imported it.
        shows: Any = sys.modules["IPython"].get_ipython().InteractiveTB
        lines: list[str]
        if shows.mode == "Verbose":
            lines = shows.structured_traceback(type(self), self, self.__traceback__)
            return lines
        # What it was raised from happened inside of this package, too.
        cause, context, suppressed = self.__cause__, self.__context__, self.__suppress_context__
        self.__cause__ = self.__context__ = None
        try:
            lines = shows.structured_traceback(type(self), self, users_part(self.__traceback__))
        finally:
            self.__cause__, self.__context__, self.__suppress_context__ = cause, context, suppressed
        return lines
