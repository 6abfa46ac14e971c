"""The negotiation of a call: traces, explanations and diagrams."""

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
