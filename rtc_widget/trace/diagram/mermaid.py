"""Writes a diagram as Mermaid, which reports, wikis and GitHub draw."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from .parts import Arrow, Chip, Fold, Note, Part, Presence, Story
from .phases import phases_of
from .text import describe

# Mermaid ends a statement at a semicolon, and writes any character as its number between # and ;.
_SPECIAL: Final = re.compile(r"[^\w\s.,:()+\u2013·'/=?!-]")
_ARROWS: Final = {"offer": "->>", "answer": "->>", "ice_candidate": "-->>", "request_offer": "--)"}
_SHADES: Final = ("rgba(120, 150, 190, 0.10)", "rgba(120, 150, 190, 0.04)")


def mermaid_of(stories: Sequence[Story]) -> str:
    """Write connections as a Mermaid sequence diagram.

    Parameters
    ----------
    stories : sequence of Story
        The connections.

    Returns
    -------
    str
        The diagram's source.
    """
    return "\n".join(["sequenceDiagram", *(f"    {line}" for line in _lines(stories))]) + "\n"


def _lines(stories: Sequence[Story]) -> Iterator[str]:
    numbers: dict[str, str] = {}
    for story in stories:
        for lane in story.lanes:
            if lane.key not in numbers:
                numbers[lane.key] = f"P{len(numbers)}"
                yield f"participant {numbers[lane.key]} as {_text(lane.name)}"
    for story in stories:
        everybody = ",".join(numbers[lane.key] for lane in story.lanes)
        if not everybody:
            continue
        for index, phase in enumerate(phases_of(story)):
            yield f"rect {_SHADES[index % 2]}"
            yield f"Note over {everybody}: {index + 1} {_text(phase.title)}"
            for item in phase.items:
                if item.leg != "in":
                    yield from _statement(story, item.part, numbers, everybody)
            yield "end"


def _statement(story: Story, part: Part, numbers: dict[str, str], everybody: str) -> Iterator[str]:
    match part:
        case Arrow():
            ends = numbers[part.first.sender], numbers[part.first.receiver]
            # An arrow that ends in a cross has not arrived.
            arrow = "-x" if part.forwarded is None else _ARROWS.get(part.first.kind, "->>")
            words = ", ".join(word for word in (part.label, part.fate, part.outcome) if word)
            yield f"{ends[0]}{arrow}{ends[1]}: {_text(words)}"
        case Chip() if part.family != "more":
            yield f"Note over {numbers[part.lane]}: {_text(part.text)}"
        case Presence():
            yield f"Note over {numbers[part.lane]}: {_text(describe(story, part))}"
        case Note() | Fold():
            yield f"Note over {everybody}: {_text(part.text)}"


def _text(text: str) -> str:
    # "end" by itself would end a block.
    one_line = " ".join(text.split())
    escaped = _SPECIAL.sub(lambda found: f"#{ord(found[0])};", one_line)
    return re.sub(r"\bend\b", "e#110;d", escaped, flags=re.IGNORECASE) or "#32;"
