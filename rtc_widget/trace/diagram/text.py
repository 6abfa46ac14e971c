"""The diagram as text: for a terminal, and for those who do not see the drawing."""

from __future__ import annotations

from collections.abc import Iterator

from .parts import MACHINES, Arrow, Change, Chip, Part, Presence, Story

_PRESENCE = {
    "join": "joined",
    "here": "was here",
    "leave": "left",
    "away": "lost the signaling server",
    "back": "is back at the signaling server",
}
_ON_ITS_WAY = " on its way"


def about(story: Story, arrow: Arrow) -> str:
    """Describe an arrow in a sentence.

    Parameters
    ----------
    story : Story
        Has the names.
    arrow : Arrow
        The arrow.

    Returns
    -------
    str
        A sentence without a full stop.
    """
    ends = _ends(story, arrow)
    words = [f"{arrow.label} {arrow.fate}", ends] if arrow.fate else [f"{arrow.label} {ends}"]
    return ", ".join([*words, *_fortunes(arrow)])


def name_of(story: Story, arrow: Arrow, seen: str) -> str:
    """Name an arrow for who listens, or speaks to a computer: by what is seen on it first (WCAG 2.2, 2.5.3).

    Parameters
    ----------
    story : Story
        Has the names.
    arrow : Arrow
        The arrow.
    seen : str
        What stands on it.

    Returns
    -------
    str
        What is seen, and everything else that `about` says.
    """
    rest = (words for words in _fortunes(arrow) if words.removesuffix(_ON_ITS_WAY) not in seen)
    return ", ".join([seen, _ends(story, arrow), *rest])


def _ends(story: Story, arrow: Arrow) -> str:
    return f"from {story.name(arrow.first.sender)} to {story.name(arrow.first.receiver)}"


def _fortunes(arrow: Arrow) -> Iterator[str]:
    if arrow.way:
        yield f"{arrow.way}{_ON_ITS_WAY}"
    elif arrow.forwarded is None and "dropped" not in arrow.first.fate:
        yield "still at the signaling server"
    yield from (words for words in (arrow.outcome, arrow.waits) if words)
    if arrow.glare:
        yield "glare: it crossed an offer of the other side"


def describe(story: Story, part: Part) -> str:
    """Describe a part of a diagram in words.

    Parameters
    ----------
    story : Story
        Has the names.
    part : Part
        The part.

    Returns
    -------
    str
        Words without a full stop.
    """
    match part:
        case Arrow():
            return about(story, part)
        case Chip():
            more = "".join(f". {text}" for text in (part.detail, part.more) if text)
            return f"{story.name(part.lane)}: {part.text}{more}"
        case Change():
            return f"{story.name(part.lane)}: {MACHINES[part.machine]} is {part.value}"
        case Presence():
            return f"{story.name(part.lane)} {_PRESENCE[part.event]}"
    return part.text


def story_text(story: Story) -> str:
    """Return the diagram of a connection as text, one line per event, in the order of time.

    Parameters
    ----------
    story : Story
        The story.

    Returns
    -------
    str
        Lines.
    """
    return "\n".join([*_lines(story), *story.caveats])


def _lines(story: Story) -> Iterator[str]:
    # In the drawing, offers that cross stand where both are under way.
    for part in sorted(story.parts, key=_told_at):
        yield f"{(_told_at(part) - story.zero) * 1000:8.1f} ms  {describe(story, part)}"


def _told_at(part: Part) -> float:
    return part.sent if isinstance(part, Arrow) else part.time
