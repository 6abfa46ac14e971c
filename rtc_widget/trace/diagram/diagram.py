"""`Diagram`: a trace as a sequence diagram."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from ...errors import InvalidArgumentError
from ..redaction import Redactor
from .layout import Layout, layout_of
from .story import story_of
from .svg import draw
from .text import told

if TYPE_CHECKING:
    from ..trace import Trace

Scale = Literal["even", "time"]


class Diagram:
    """A trace as a sequence diagram: `Trace.diagram` makes it.

    In a notebook it shows itself, with every message open to pointer and keyboard. ``str(diagram)`` says the same in words.
    """

    def __init__(self, trace: Trace, *, scale: Scale = "even", private: bool = True) -> None:
        if scale not in get_args(Scale):
            msg = f"scale is 'even' or 'time', not {scale!r}."
            raise InvalidArgumentError("bad_argument", msg)
        self._trace = trace
        self._scale: Scale = scale
        self.redact: Callable[[str], str] = Redactor() if private else str
        """What becomes of words that came from outside; the same for whatever is shown beside the diagram."""

    @cached_property
    def _layout(self) -> Layout:
        return layout_of(story_of(self._trace, self.redact), self._scale)

    @property
    def _label(self) -> str:
        people = ", ".join(lane.name for lane in self._layout.story.lanes) or "nobody"
        return f"Sequence diagram of {people}"

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the drawing, CSS pixels."""
        return self._layout.width, self._layout.height

    @cached_property
    def svg(self) -> str:
        """The drawing alone, without what the messages say."""
        return draw(self._layout, label=self._label)

    @cached_property
    def text(self) -> str:
        """The diagram in words, a line to each thing that happened."""
        return told(self._layout.story)

    @cached_property
    def html(self) -> str:
        """The drawing with its details: one piece of HTML that needs nothing else."""
        from .page import page

        return page(self._layout, label=self._label, text=self.text, redact=self.redact)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Diagram of {self._trace!r}>"

    def _repr_html_(self) -> str:
        return self.html

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        # The picture alone is for what cannot show HTML, such as nbconvert's PDF.
        return {"text/html": self.html, "image/svg+xml": self.svg, "text/plain": self.text}

    def save(self, path: str | Path) -> Path:
        """Write the diagram as a picture or a page of its own.

        Parameters
        ----------
        path : str or Path
            Ends in ``.svg`` or ``.html``.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` for another ending.
        """
        path = Path(path)
        match path.suffix.lower():
            case ".svg":
                path.write_text(self.svg, encoding="utf-8")
            case ".html":
                from .page import document

                path.write_text(document(self.html, self._label), encoding="utf-8")
            case _:
                msg = f"A diagram is written as .svg or .html, not as {path.suffix or 'a file without an ending'!r}."
                raise InvalidArgumentError("bad_argument", msg)
        return path
