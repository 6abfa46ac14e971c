"""`Diagram`: a trace as a sequence diagram."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from ...errors import InvalidArgumentError
from ...runtime.files import SHARED_FILE, replacing
from ..redaction import Redactor
from .layout import Layout, layout_of
from .story import story_of
from .svg import draw
from .text import story_text

if TYPE_CHECKING:
    from ..trace import Trace

Scale = Literal["even", "time"]


class Diagram:
    """A trace as a sequence diagram: `Trace.diagram` makes it.

    In a notebook it displays itself, and every message can be opened with pointer and keyboard. ``str(diagram)`` is
    the same as text.

    Parameters
    ----------
    trace : Trace
        The trace.
    scale : Scale
        Evenly spaced rows, or time to scale.
    private : bool
        Whether private values are replaced by placeholders.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` for another scale.
    """

    def __init__(self, trace: Trace, *, scale: Scale = "even", private: bool = True) -> None:
        if scale not in get_args(Scale):
            msg = f"scale must be 'even' or 'time', not {scale!r}."
            raise InvalidArgumentError("bad_argument", msg)
        self._trace = trace
        self._scale: Scale = scale
        self.redact: Callable[[str], str] = Redactor() if private else str
        """Redacts a text that came from participants; for everything displayed beside the diagram, too."""

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
        """The drawing alone, without the contents of messages."""
        return draw(self._layout, label=self._label)

    @cached_property
    def text(self) -> str:
        """The diagram as text, one line per event."""
        return story_text(self._layout.story)

    @cached_property
    def html(self) -> str:
        """The drawing with its details: a fragment of HTML that needs nothing else."""
        from .page import page

        return page(self._layout, label=self._label, text=self.text, redact=self.redact)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Diagram of {self._trace!r}>"

    def _repr_html_(self) -> str:
        return self.html

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        # The image is for what cannot show HTML, such as nbconvert's PDF.
        return {"text/html": self.html, "image/svg+xml": self.svg, "text/plain": self.text}

    def save(self, path: str | Path) -> Path:
        """Write the diagram as an image or as a page.

        Parameters
        ----------
        path : str or Path
            Ends with ``.svg`` or ``.html``.

        Returns
        -------
        Path
            The path.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` for another suffix.
        """
        path = Path(path)
        match path.suffix.lower():
            case ".svg":
                content = self.svg
            case ".html":
                from .page import document

                content = document(self.html, self._label)
            case _:
                msg = f"A diagram can be saved as .svg or .html, not as {path.suffix or 'a file without a suffix'!r}."
                raise InvalidArgumentError("bad_argument", msg)
        # Made to be shown to others.
        with replacing(path, SHARED_FILE) as file:
            file.write(content.encode())
        return path
