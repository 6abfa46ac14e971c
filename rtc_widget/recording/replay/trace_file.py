"""The trace's file within a replay's page, for whoever downloads it there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...trace.io.jsonl import lines
from ...trace.redaction import PRIVATE_FIELDS, Redactor
from ...trace.trace import Trace


def trace_file_of(trace: Trace, *, private: bool) -> str:
    """Write a trace as text that may stand in a ``<script>``.

    Parameters
    ----------
    trace : Trace
        The trace.
    private : bool
        Whether addresses and the like are replaced by placeholders.

    Returns
    -------
    str
        JSON Lines, as `Trace.save` writes them.
    """
    if private:
        trace = _redacted(trace)
    return "\n".join(lines(trace)).replace("<", "\\u003c")


def _redacted(trace: Trace) -> Trace:
    redact = Redactor()
    return Trace(
        [replace(event, data=_value(redact, event.data)) for event in trace],
        names={key: redact(name) for key, name in trace.names.items()},
        room=redact(trace.room),
    )


def _value(redact: Redactor, value: Any, key: str = "") -> Any:
    if key.lower() in PRIVATE_FIELDS:
        return redact.field(key, value)
    if isinstance(value, Mapping):
        return {redact(name): _value(redact, each, name) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_value(redact, each, key) for each in value]
    if key == "sdp" and isinstance(value, str):
        # Its lines end as a description's do (RFC 8866, 5).
        return "".join(f"{line}\r\n" for line in redact(value).splitlines())
    return redact.field(key, value)
