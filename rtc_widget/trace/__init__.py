"""The negotiation of a call: traces, explanations and diagrams.

Every public name is imported on first use: a widget keeps a trace from its first moment, and draws and explains nothing
until somebody asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..runtime.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from .candidate_pairs import why
    from .diagram import Diagram
    from .events import Event
    from .messages import Message
    from .redaction import redacted
    from .sdp.diff import Difference, Differences, diff
    from .sdp.explain import Explained, Explanation, explain
    from .stats import Stats
    from .trace import Trace

__all__ = [
    "Diagram",
    "Difference",
    "Differences",
    "Event",
    "Explained",
    "Explanation",
    "Message",
    "Stats",
    "Trace",
    "diff",
    "explain",
    "redacted",
    "why",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "Diagram": "diagram",
        "Difference": "sdp.diff",
        "Differences": "sdp.diff",
        "Event": "events",
        "Explained": "sdp.explain",
        "Explanation": "sdp.explain",
        "Message": "messages",
        "Stats": "stats",
        "Trace": "trace",
        "diff": "sdp.diff",
        "explain": "sdp.explain",
        "redacted": "redaction",
        "why": "candidate_pairs",
    },
)
