"""The negotiation as something to read."""

from .explain import Explained, Explanation, explain

__all__ = ["Explained", "Explanation", "explain"]
