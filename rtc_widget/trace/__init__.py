"""The negotiation as something to read."""

from .diff import Difference, Differences, diff
from .explain import Explained, Explanation, explain

__all__ = ["Difference", "Differences", "Explained", "Explanation", "diff", "explain"]
