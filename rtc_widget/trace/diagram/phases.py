"""Divides what a diagram shows into phases, and says of each in a sentence what happens in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from ..events import word
from ..times import duration
from .parts import Arrow, Change, Chip, Fold, Note, Part, Presence, Story
from .text import describe

Leg = Literal["whole", "out", "in"]

_OFFERS: Final = ("negotiationneeded", "createOffer", "restartIce")
_LOST: Final = ("failed", "disconnected")
_MOST: Final = 3  # clauses of a sentence
_FATES: Final = {"held": "is held", "delayed": "is delayed", "dropped": "is dropped"}


@dataclass(slots=True)
class Item:
    """A part at its place in the diagram: a broken arrow has two, where it goes out to the server and where it comes in."""

    part: Part
    time: float
    leg: Leg = "whole"


@dataclass(slots=True)
class Phase:
    """Items that belong together. `since` is how long after the previous phase it begins; None for the first."""

    items: list[Item] = field(default_factory=list)
    title: str = ""
    since: float | None = None

    @property
    def time(self) -> float:
        """When it begins: with the first thing that is said or done, if there is one."""
        done = (item.time for item in self.items if isinstance(item.part, Arrow | Chip))
        return next(done, self.items[0].time)


def phases_of(story: Story) -> list[Phase]:
    """Divide a story into phases.

    Parameters
    ----------
    story : Story
        The story.

    Returns
    -------
    list of Phase
        In the order of time, each with a sentence.
    """
    phases: list[Phase] = []
    before = ""
    for item in _items(story):
        turn = _turn(item)
        if not phases or (turn and turn != before and not _goes_on(before, turn, phases[-1])):
            phases.append(Phase())
        if turn:
            before = turn
        phases[-1].items.append(item)
    phases = _joined(phases)
    offers: set[str] = set()
    for index, phase in enumerate(phases):
        phase.title = _title(story, phase, offers)
        offers |= {
            part.first.sender
            for part in _parts(phase)
            if isinstance(part, Arrow) and part.first.kind == "offer"
        }
        if index:
            phase.since = phase.time - phases[index - 1].time
    return phases


def _items(story: Story) -> Iterator[Item]:
    items: list[Item] = []
    for part in story.parts:
        if isinstance(part, Arrow) and part.broken:
            items.append(Item(part, part.time, "out"))
            if part.forwarded is not None:
                items.append(Item(part, part.forwarded, "in"))
        else:
            items.append(Item(part, part.time))
    items.sort(key=lambda item: item.time)
    index = 0
    while index < len(items):
        item = items[index]
        index += 1
        # Nothing has happened while it was kept: one arrow says it all.
        if item.leg == "out" and index < len(items) and items[index].part is item.part:
            item = Item(item.part, item.time)
            index += 1
        yield item


def _turn(item: Item) -> str:
    """Return what begins with an item, as a word that is the same for what belongs to the same turn; empty for nothing."""
    part = item.part
    match part:
        case Chip() if part.events[0].type in _OFFERS or part.text == "setLocalDescription(offer)":
            return f"offer {part.lane}"
        case Chip() if part.text == "setRemoteDescription(offer)":
            return f"takes {part.lane}"
        case Chip() if part.events[0].type == "createAnswer" or part.text == "setLocalDescription(answer)":
            return f"answers {part.lane}"
        case Chip() if part.text.startswith(_LOST) and part.events[0].type == "state":
            return "lost"
        case Arrow() if part.first.kind in ("offer", "answer") and part.broken:
            return f"{item.leg} {part.first.kind} {part.first.id}"
        case Arrow() if part.first.kind == "request_offer":
            return f"request {part.first.sender}"
        case Presence() if part.event == "leave":
            return "leave"
    return ""


def _goes_on(before: str, turn: str, phase: Phase) -> bool:
    """Tell whether a turn belongs to the phase before it."""
    if turn.startswith("takes"):
        return before.startswith("in offer")
    if turn.startswith("answers"):
        # What has arrived late, and is taken, is a phase by itself.
        return before.startswith("takes") and not any(item.leg == "in" for item in phase.items)
    if before.startswith("offer") and turn.startswith("offer"):
        # Both at once: nothing has reached the other yet.
        return not any(isinstance(part, Arrow) for part in _parts(phase))
    return not before and not any(
        isinstance(part, Arrow | Chip) and part.family != "other" for part in _parts(phase)
    )


def _joined(phases: list[Phase]) -> list[Phase]:
    """Put what is only a change, with nothing to see, to what follows it."""
    joined: list[Phase] = []
    for phase in phases:
        seen = any(not isinstance(item.part, Change) for item in joined[-1].items) if joined else True
        if joined and not seen:
            joined[-1].items.extend(phase.items)
        else:
            joined.append(phase)
    return joined


def _parts(phase: Phase) -> Iterator[Part]:
    return (item.part for item in phase.items)


# -- sentences


def _title(story: Story, phase: Phase, offered: set[str]) -> str:
    clauses = list(dict.fromkeys(_clauses(story, phase, offered)))[:_MOST] or [*_meanwhile(story, phase)][:1]
    sentence = ", ".join(clauses)
    # People are called as they call themselves.
    is_name = sentence.startswith(tuple(lane.name for lane in story.lanes))
    return sentence if is_name else sentence[:1].upper() + sentence[1:]


def _clauses(story: Story, phase: Phase, offered: set[str]) -> Iterator[str]:
    chips = [part for part in _parts(phase) if isinstance(part, Chip)]
    joined = [part.lane for part in _parts(phase) if isinstance(part, Presence) and part.event == "join"]
    here = [part.lane for part in _parts(phase) if isinstance(part, Presence) and part.event == "here"]
    # The connection begins with whoever comes second.
    if joined:
        yield f"{story.name(joined[-1])} joins"
    elif here:
        yield f"{' and '.join(map(story.name, here))} {'are' if len(here) > 1 else 'is'} here"
    yield from _offers(story, phase, offered)
    yield from _fates(story, phase)
    for chip in chips:
        if chip.events[0].type == "rollback":
            yield f"{story.name(chip.lane)} rolls back its own offer"
    late = any(item.leg == "in" for item in phase.items)
    answering = {chip.lane for chip in chips if chip.events[0].type == "createAnswer"}
    for chip in chips:
        if chip.lane in answering:
            yield f"{story.name(chip.lane)} answers"
        elif chip.text == "setRemoteDescription(offer)" and not late:
            yield f"{story.name(chip.lane)} takes the offer"
        elif chip.events[0].type == "failed":
            yield f"{word(chip.events[0].data.get('operation', 'an operation'))} fails"
    leaves = [part for part in _parts(phase) if isinstance(part, Presence) and part.event == "leave"]
    gone = [f"{story.name(part.lane)} leaves" for part in leaves]
    # That a connection is closed comes of leaving, or comes before it.
    is_first = any(part.time <= chip.time for part in leaves for chip in chips[-1:])
    yield from gone if is_first else ()
    yield from _endings(story, chips)
    yield from () if is_first else gone


def _meanwhile(story: Story, phase: Phase) -> Iterator[str]:
    """Describe a phase in which nothing is negotiated."""
    for part in _parts(phase):
        if isinstance(part, Presence) and part.event == "away":
            yield f"{story.name(part.lane)} loses the signaling server"
        elif isinstance(part, Note):
            yield part.text
        elif isinstance(part, Arrow) and part.first.kind == "ice_candidate":
            yield "candidates are exchanged"
    for part in _parts(phase):
        if isinstance(part, Arrow):
            yield f"{story.name(part.first.sender)} sends {part.label}"
        elif isinstance(part, Chip | Change | Fold):
            yield describe(story, part)


def _offers(story: Story, phase: Phase, offered: set[str]) -> Iterator[str]:
    makers = [
        chip.lane
        for chip in _parts(phase)
        if isinstance(chip, Chip)
        and (chip.events[0].type == "createOffer" or chip.text == "setLocalDescription(offer)")
    ]
    senders = [
        item.part.first.sender
        for item in phase.items
        if isinstance(item.part, Arrow) and item.part.first.kind == "offer" and not item.part.broken
    ]
    who = list(dict.fromkeys([*makers, *senders]))
    arrows = [part for part in _parts(phase) if isinstance(part, Arrow)]
    if len(who) > 1:
        crossed = ", and the two cross" if any(arrow.glare for arrow in arrows) else ""
        yield f"{story.name(who[0])} and {story.name(who[1])} both make an offer{crossed}"
    elif makers:
        another = "another" if makers[0] in offered else "an"
        yield f"{story.name(makers[0])} makes {another} offer"
    elif senders:
        again = all(arrow.again for arrow in arrows if arrow.first.kind == "offer")
        yield f"{story.name(senders[0])} sends {'the offer again' if again else 'an offer'}"
    for arrow in arrows:
        if arrow.first.kind == "request_offer":
            yield f"{story.name(arrow.first.sender)} asks {story.name(arrow.first.receiver)} for an offer"


def _fates(story: Story, phase: Phase) -> Iterator[str]:
    several = len({item.part.first.sender for item in phase.items if isinstance(item.part, Arrow)}) > 1
    for item in phase.items:
        part = item.part
        if not isinstance(part, Arrow) or not part.broken or part.first.kind not in ("offer", "answer"):
            continue
        name = f"{story.name(part.first.sender)}'s {part.label}" if several else f"the {part.label}"
        if item.leg == "in":
            yield f"{name} arrives"
            continue
        fates = [_FATES[fate] for fate in part.first.fate if fate in _FATES]
        stay = "" if part.forwarded is None else f" for {duration(part.forwarded - part.arrived)}"
        yield f"{name} {fates[-1]}{stay if item.leg == 'whole' else ''}" if fates else f"{name} is under way"
        if item.leg == "out" and _is_overtaken(part, phase):
            yield "its candidates overtake it"


def _is_overtaken(arrow: Arrow, phase: Phase) -> bool:
    return any(
        isinstance(part, Arrow)
        and part.first.kind == "ice_candidate"
        and part.first.sender == arrow.first.sender
        and part.forwarded is not None
        and (arrow.forwarded is None or part.forwarded < arrow.forwarded)
        for part in _parts(phase)
    )


def _endings(story: Story, chips: Sequence[Chip]) -> Iterator[str]:
    ends: dict[str, list[str]] = {}
    for chip in chips:
        if chip.events[0].type == "state":
            value = str(chip.events[0].data.get("value"))
            ends.setdefault(value, []).append(story.name(chip.lane))
    connected = list(dict.fromkeys(ends.get("connected", [])))
    if len(connected) > 1:
        yield "both connect"
    elif connected:
        yield f"{connected[0]} connects"
    if "failed" in ends:
        yield "the connection fails"
    elif "disconnected" in ends:
        yield "the connection is lost"
    elif "closed" in ends and not connected:
        yield f"{' and '.join(dict.fromkeys(ends['closed']))} {'close' if len(set(ends['closed'])) > 1 else 'closes'} the connection"
