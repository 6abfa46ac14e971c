"""The sequence diagram of a trace."""

from .diagram import Diagram

__all__ = ["Diagram"]
