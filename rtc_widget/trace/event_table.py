"""The events of a trace as a table: when, to whom, what, and about whom."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from ..runtime.table import table
from .events import Event
from .redaction import redacted

if TYPE_CHECKING:
    from .trace import Trace

# Half from the beginning and half from the end.
_MAX_ROWS: Final = 20
_HEADS: Final = ("ms", "who", "what", "about")


def as_html(trace: Trace) -> str:
    """Return a table for a notebook.

    Parameters
    ----------
    trace : Trace
        The events.

    Returns
    -------
    str
        HTML, with all names escaped.
    """
    if len(trace) <= _MAX_ROWS:
        rows = [_row(trace, event) for event in trace]
    else:
        half, gap = _MAX_ROWS // 2, ("…", f"{len(trace) - _MAX_ROWS} more", "", "")
        first, last = ([_row(trace, trace[at]) for at in part] for part in (range(half), range(-half, 0)))
        rows = [*first, gap, *last]
    return f'<p dir="ltr">{escape(repr(trace)[1:-1])}</p>{table(_HEADS, rows)}'


def _row(trace: Trace, event: Event) -> tuple[str, ...]:
    ends = [str(event.data[end]) for end in ("from", "to") if end in event.data] or [event.peer or ""]
    about = " → ".join(map(trace.name_of, ends))
    who = trace.name_of(event.participant)
    return f"{(event.time - trace[0].time) * 1000:.1f}", who, redacted(str(event)), about
