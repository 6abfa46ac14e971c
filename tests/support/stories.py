"""The stories, bands and rows of a trace, as its diagram has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtc_widget.trace.diagram.bands import Band, bands_of
from rtc_widget.trace.diagram.pairs import pairs_of
from rtc_widget.trace.diagram.parts import Arrow, Chip, Note, Story
from rtc_widget.trace.diagram.story import story_of, zero_of

if TYPE_CHECKING:
    from rtc_widget.trace import Trace


def stories(trace: Trace) -> list[Story]:
    """Return what is told of each connection."""
    zero = zero_of(trace)
    start = trace[0].time if len(trace) else 0.0
    return [
        story_of(part, pair, start=start, zero=zero, before=trace.before)
        for pair, part in pairs_of(trace).items()
    ]


def bands(trace: Trace, *, to_scale: bool = False) -> list[Band]:
    """Return the bands of the first connection."""
    return bands_of(stories(trace)[0], to_scale=to_scale)


def arrows(trace: Trace) -> list[Arrow]:
    """Return the arrows of all connections."""
    return [part for story in stories(trace) for part in story.parts if isinstance(part, Arrow)]


def chips(trace: Trace) -> list[str]:
    """Return the words on the lifelines of all connections."""
    return [part.text for story in stories(trace) for part in story.parts if isinstance(part, Chip)]


def notes(trace: Trace) -> list[str]:
    """Return what is said of both participants."""
    return [part.text for story in stories(trace) for part in story.parts if isinstance(part, Note)]
