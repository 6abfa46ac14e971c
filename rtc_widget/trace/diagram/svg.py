"""Draws connections as an SVG image: for paper, and for what shows no HTML. Without ids, scripts or anything from outside."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from html import escape
from typing import Final

from .bands import bands_of, per_second
from .drawing import Drawing
from .legal import legal
from .parts import Story
from .sheet import sheet

CLASS: Final = "rtcd-image"
"""The class of an image, and of what else is drawn in its style."""
WIDTH: Final = 860
_FONTS: Final = {"normal": 13.0, "slides": 17.0}


def draw(stories: Sequence[Story], *, label: str, to_scale: bool, size: str) -> str:
    """Draw connections, each below the last.

    Parameters
    ----------
    stories : sequence of Story
        The connections.
    label : str
        The image's accessible name.
    to_scale : bool
        Whether the distance of rows is the time between them.
    size : str
        "normal" or "slides".

    Returns
    -------
    str
        An SVG element.
    """
    drawn, height = _drawn(stories, to_scale=to_scale, size=size)
    return legal(
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{CLASS}" role="img" aria-label="{escape(label)}" '
        f'width="{WIDTH}" height="{height:.0f}" viewBox="0 0 {WIDTH} {height:.0f}"><style>{style(size)}</style>'
        f'<rect class="paper" x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1:.0f}" rx="8"/>{drawn}</svg>'
    )


def drawn_size(stories: Sequence[Story], *, to_scale: bool, size: str) -> tuple[float, float]:
    """Return how large an image is.

    Parameters
    ----------
    stories : sequence of Story
        The connections.
    to_scale : bool
        Whether the distance of rows is the time between them.
    size : str
        "normal" or "slides".

    Returns
    -------
    (float, float)
        Width and height, CSS pixels.
    """
    return WIDTH, _drawn(stories, to_scale=to_scale, size=size)[1]


@cache
def style(size: str = "normal") -> str:
    """Return the style sheet of an image.

    Parameters
    ----------
    size : str
        "normal" or "slides".

    Returns
    -------
    str
        CSS.
    """
    return sheet(f".{CLASS}", _FONTS[size])


def _drawn(stories: Sequence[Story], *, to_scale: bool, size: str) -> tuple[str, float]:
    font = _FONTS[size]
    out: list[str] = []
    y = 0.0
    for index, story in enumerate(stories):
        bands = bands_of(story, to_scale=to_scale)
        drawing = Drawing(story, WIDTH, font, y, scale=per_second(bands) if to_scale else None)
        if index:
            drawing.rule()
        for number, band in enumerate(bands, 1):
            drawing.band(number, band)
        drawing.end()
        out.append(drawing.svg)
        y = drawing.y
    return "".join(out), max(y, 40.0)
