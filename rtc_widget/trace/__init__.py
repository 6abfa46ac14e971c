"""The negotiation as something to read."""

from .diagram import Diagram
from .diff import Difference, Differences, diff
from .event import Event
from .explain import Explained, Explanation, explain
from .message import Message
from .pair import why
from .privacy import redacted
from .trace import Trace

__all__ = [
    "Diagram",
    "Difference",
    "Differences",
    "Event",
    "Explained",
    "Explanation",
    "Message",
    "Trace",
    "diff",
    "explain",
    "redacted",
    "why",
]
