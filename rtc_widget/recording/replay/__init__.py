"""The replay of a recording: a fragment of HTML that needs nothing else, a page of its own, and a still image."""

from .page import document_of, page_of
from .still import still_of

__all__ = ["document_of", "page_of", "still_of"]
