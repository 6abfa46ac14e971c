"""`Diagram`: a trace as a sequence diagram."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from ...errors import InvalidArgumentError
from ...runtime.files import SHARED_FILE, replacing
from ...runtime.paths import check_target, refusing
from ..causality import in_causal_order
from ..naming import labels
from ..redaction import Redactor
from .mermaid import mermaid_of
from .pairs import most_spoken, pairs_of
from .parts import Story
from .story import story_of, zero_of
from .svg import draw, drawn_size
from .text import story_text

if TYPE_CHECKING:
    from ..overview import Overview
    from ..trace import Trace
    from .page import First

Scale = Literal["even", "time"]
Size = Literal["normal", "slides"]

# With more connections, as more than three people have, whoever looks chooses one first.
_FEW: Final = 3


def _called_apart(trace: Trace) -> Trace:
    names = labels(trace.names, trace)
    if names == trace.names:
        return trace
    made = type(trace)(trace, names=names, room=trace.room)
    made.before = trace.before
    return made


class Diagram:
    """A trace as a sequence diagram: `Trace.diagram` makes it.

    In a notebook it displays itself at the width that there is, one connection at a time, and every message can be
    opened with pointer and keyboard. ``str(diagram)`` is the same as text.

    Parameters
    ----------
    trace : Trace
        The trace.
    scale : Scale
        Evenly spaced rows, or time to scale.
    size : Size
        "slides" for larger type.
    private : bool
        Whether private values are replaced by placeholders.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` for another scale or size.
    """

    def __init__(
        self, trace: Trace, *, scale: Scale = "even", size: Size = "normal", private: bool = True
    ) -> None:
        for name, value, known in (("scale", scale, get_args(Scale)), ("size", size, get_args(Size))):
            if value not in known:
                msg = f"{name} must be {' or '.join(map(repr, known))}, not {value!r}."
                raise InvalidArgumentError("bad_argument", msg)
        self._trace = _called_apart(in_causal_order(trace))
        self._scale: Scale = scale
        self._size: Size = size
        self.redact: Callable[[str], str] = Redactor() if private else str
        """Redacts a text that came from participants; for everything displayed beside the diagram, too."""

    @cached_property
    def _stories(self) -> Sequence[Story]:
        trace = self._trace
        zero = zero_of(trace)
        start = trace[0].time if len(trace) else zero
        return [
            story_of(part, pair, self.redact, start=start, zero=zero, before=trace.before)
            for pair, part in self._pairs.items()
        ]

    @cached_property
    def _pairs(self) -> dict[tuple[str, ...], Trace]:
        return pairs_of(self._trace)

    @property
    def _label(self) -> str:
        names = dict.fromkeys(lane.name for story in self._stories for lane in story.lanes)
        return f"Sequence diagram of {', '.join(names) or 'nobody'}"

    @property
    def svg_size(self) -> tuple[float, float]:
        """Width and height of `svg`, CSS pixels."""
        return drawn_size(self._stories, to_scale=self._scale == "time", size=self._size)

    @cached_property
    def svg(self) -> str:
        """The drawing alone, without the contents of messages, as an image; every connection below the last."""
        return draw(self._stories, label=self._label, to_scale=self._scale == "time", size=self._size)

    @cached_property
    def text(self) -> str:
        """The diagram as text, one line per event."""
        several = len(self._stories) > 1
        parts = []
        for story in self._stories:
            names = "\N{EN DASH}".join(lane.name for lane in story.lanes)
            parts.append(f"{names}\n{story_text(story)}" if several else story_text(story))
        return "\n\n".join(parts)

    @cached_property
    def mermaid(self) -> str:
        """The diagram's source in Mermaid."""
        return mermaid_of(self._stories)

    @cached_property
    def html(self) -> str:
        """The drawing with its details: a fragment of HTML that needs nothing else."""
        return self.page()

    def page(self, *, contents: bool = True) -> str:
        """Return the diagram as a fragment of HTML that needs nothing else.

        Parameters
        ----------
        contents : bool
            False to leave out what messages say, for a smaller page.

        Returns
        -------
        str
            HTML.
        """
        everybody = None
        if len(self._stories) > 1:
            from ..overview import held_in, overview

            trace = self._trace
            everybody = overview(trace, trace.filter("stats"), held_in(trace), everybody=True)
        return self._page(everybody, self._first, contents=contents)

    def overview_page(self, everybody: Overview) -> str:
        """Return a page that begins with an overview, whose cells open the connections' diagrams.

        Parameters
        ----------
        everybody : Overview
            Of the diagram's trace.

        Returns
        -------
        str
            HTML.
        """
        return self._page(everybody, "everybody")

    def live_page(self, everybody: Overview, older: int = 0) -> str:
        """Return a page that has an overview as soon as there are two, and begins with it where there are many connections.

        Parameters
        ----------
        everybody : Overview
            Of the diagram's trace.
        older : int
            How many events were left out before the diagram's first, which the page then says.

        Returns
        -------
        str
            HTML.
        """
        is_alone = len(everybody.names) < 2 and len(self._stories) < 2
        return self._page(None if is_alone else everybody, self._first, older=older)

    def live_overview(self, everybody: Overview) -> str:
        """Return the overview of `live_page` alone.

        Parameters
        ----------
        everybody : Overview
            The newest.

        Returns
        -------
        str
            HTML.
        """
        from .page import overview_of

        return overview_of(everybody, self._stories, self.redact)

    @property
    def _first(self) -> First:
        return most_spoken(self._trace, self._pairs) if len(self._pairs) <= _FEW else "everybody"

    def _page(
        self, everybody: Overview | None, first: First, *, contents: bool = True, older: int = 0
    ) -> str:
        from .page import page

        return page(
            self._stories,
            everybody,
            first=first,
            label=self._label,
            text=self.text,
            mermaid=self.mermaid,
            redact=self.redact,
            to_scale=self._scale == "time",
            size=self._size,
            contents=contents,
            older=older,
        )

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Diagram of {self._trace!r}>"

    def _repr_html_(self) -> str:
        return self.html

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        # The image is for what cannot show HTML, such as nbconvert's PDF.
        return {"text/html": self.html, "image/svg+xml": self.svg, "text/plain": self.text}

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the diagram as an image or as a page.

        Parameters
        ----------
        path : str or path-like
            Ends with ``.svg`` or ``.html``.

        Returns
        -------
        Path
            The path.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` for another suffix, for a path at which there is a recording, and when it cannot be written.
        """
        path = check_target("A diagram", path)
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
        with refusing("bad_argument", f"Cannot write {str(path)!r}"), replacing(path, SHARED_FILE) as file:
            file.write(content.encode())
        return path
