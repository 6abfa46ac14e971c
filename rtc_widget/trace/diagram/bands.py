"""Sets phases in rows: what stands where, in the order of time, without a measure of anything.

A row has six cells: beside and on the inner side of either lifeline, and on either side of the server. What does not
need the same cell, and happens at the same time, shares a row.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import Final

from .chips import ENDS
from .parts import INITIAL, Arrow, Change, Chip, Fold, Part, Presence, Story
from .phases import Item, Phase, phases_of

_TOGETHER: Final = 0.03  # seconds within which things share a row
_PAUSE: Final = 1.0  # a time in which nothing happens that is worth a line of its own
# Items of a phase that is divided, and of each part: as much as is laid out within a frame.
_LONG: Final = 60
_PART: Final = 20
_EVERYTHING: Final = frozenset(range(6))


@dataclass(slots=True)
class Row:
    """Items side by side; or nothing, but for the time in which nothing happens."""

    time: float
    items: list[Item] = field(default_factory=list)
    pause: float = 0.0


@dataclass(slots=True)
class Span:
    """What a lifeline is from one row to another: a value of a machine, or "here", "away", or a call that is under way."""

    side: int
    machine: str
    value: str
    first: int
    last: int


@dataclass(slots=True)
class Band:
    """A phase in rows."""

    phase: Phase
    rows: list[Row] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    before: dict[tuple[int, str], str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The phase's sentence."""
        return self.phase.title


def bands_of(story: Story, *, to_scale: bool) -> list[Band]:
    """Set a story in rows.

    Parameters
    ----------
    story : Story
        The story.
    to_scale : bool
        Whether each arrival gets a row of its own, so that rows can be as high as the time between them.

    Returns
    -------
    list of Band
        Bands with rows, and what the lifelines are beside them.
    """
    return _bands(story, phases_of(story), to_scale=to_scale)


def bands_both_ways(story: Story) -> list[list[tuple[Band, Band]]]:
    """Set a story in rows, evenly and with time to scale.

    Parameters
    ----------
    story : Story
        The story.

    Returns
    -------
    list of list of (Band, Band)
        Each phase both ways, with the same items; a long one in parts, so that a browser need not lay out those that are
        out of sight.
    """
    divided = [_divided(phase) for phase in phases_of(story)]
    parts = [part for phase in divided for part in phase]
    even, scaled = (_bands(story, parts, to_scale=to_scale) for to_scale in (False, True))
    both = zip(even, scaled, strict=True)
    return [[*islice(both, len(phase))] for phase in divided]


def _divided(phase: Phase) -> list[Phase]:
    if len(phase.items) <= _LONG:
        return [phase]
    begins = range(0, len(phase.items), _PART)
    parts = [Phase(phase.items[begin : begin + _PART]) for begin in begins]
    parts[0].title, parts[0].since = phase.title, phase.since
    return parts


def _bands(story: Story, phases: Sequence[Phase], *, to_scale: bool) -> list[Band]:
    state: dict[tuple[int, str], str] = {}
    for side, lane in enumerate(story.lanes):
        state[side, "life"] = "here" if lane.here else ""
        for machine, value in INITIAL.items():
            state[side, machine] = value
    # How things were when a part of a trace begins, they were before its first row.
    for item in phases[0].items if phases else ():
        if isinstance(item.part, Change) and item.time <= story.start:
            state[story.side(item.part.lane), item.part.machine] = item.part.value
    bands = []
    last: float | None = None
    for phase in phases:
        band = Band(phase, before=dict(state))
        for row in _rows(story, phase, to_scale=to_scale):
            # What the phase's own line says need not be said below it.
            if last is not None and row.time - last > _PAUSE and (band.rows or phase.since is None):
                band.rows.append(Row(last, pause=row.time - last))
            band.rows.append(row)
            last = row.time
        band.spans = [*_spans(story, band.rows, state), *_calls(story, band.rows)]
        bands.append(band)
    return bands


def per_second(bands: Sequence[Band]) -> float:
    """Return a scale for time at which most of what happens stands apart.

    Parameters
    ----------
    bands : sequence of Band
        The bands.

    Returns
    -------
    float
        Lines of text to a second.
    """
    times = sorted({row.time for band in bands for row in band.rows})
    steps = [other - one for one, other in pairwise(times)]
    return min(max(0.35 / statistics.median(steps), 3.0), 1500.0) if steps else 3.0


def _rows(story: Story, phase: Phase, *, to_scale: bool) -> Iterator[Row]:
    rows: list[Row] = []
    row: Row | None = None
    taken: set[int] = set()
    ends = sorted(_arrivals(phase)) if to_scale else []
    for item in phase.items:
        while ends and ends[0] <= item.time:
            row = None
            rows.append(Row(ends.pop(0)))
        if item.part.family == "more" and not is_told(item.part):
            # It is seldom shown, and parts nothing that belongs together.
            rows.append(Row(item.time, [item]))
            continue
        cells = _cells(story, item)
        crosses = row is not None and _cross(row.items, item)
        if (
            row is None
            # Offers that cross have a row of their own, in which the second finds the first.
            or (isinstance(item.part, Arrow) and item.part.at > 0 and not crosses)
            or not (crosses or (not to_scale and not cells & taken))
            or item.time - row.time >= _TOGETHER
        ):
            row, taken = Row(item.time), set()
            rows.append(row)
        row.items.append(item)
        taken |= cells
    return iter([*rows, *map(Row, ends)])


def is_told(part: Part) -> bool:
    """Return whether a chip tells of a change, so that it needs no words of its own.

    Parameters
    ----------
    part : Part
        Anything.

    Returns
    -------
    bool
        Whether it is such a change.
    """
    return isinstance(part, Change) and part.machine == "connection_state" and part.value in ENDS


def _arrivals(phase: Phase) -> Iterator[float]:
    for item in phase.items:
        if isinstance(item.part, Arrow) and item.leg != "out" and item.part.received is not None:
            yield max(item.time, item.part.received)


def _cross(items: Sequence[Item], item: Item) -> bool:
    """Tell whether an offer crosses the one that is in the row already."""
    return (
        isinstance(item.part, Arrow)
        and item.part.at > 0
        and any(isinstance(each.part, Arrow) and each.part.at == item.part.at for each in items)
        and len(items) == 1
    )


def _cells(story: Story, item: Item) -> set[int]:
    part = item.part
    match part:
        case Change() if is_told(part):
            return set()
        case Change() if part.machine == "signaling_state":
            return {5 if story.side(part.lane) else 0}
        case Presence():
            return {4, 5} if story.side(part.lane) else {0, 1}
        case Chip():
            return {4, 5} if story.side(part.lane) else {0, 1}
        case Arrow():
            return {1, 2, 3, 4}
    return set(_EVERYTHING)


# -- lifelines


def _spans(story: Story, rows: Sequence[Row], state: dict[tuple[int, str], str]) -> Iterator[Span]:
    """Follow the lifelines through the rows of a band, and leave in `state` what they are at its end."""
    begun = dict.fromkeys(state, 0)
    for index, (side, machine, value) in _in_turn(story, rows):
        key = (side, machine)
        if state[key] == value:
            continue
        if index > begun[key] and state[key]:
            yield Span(side, machine, state[key], begun[key], index)
        state[key], begun[key] = value, index
    for (side, machine), value in state.items():
        if value:
            yield Span(side, machine, value, begun[side, machine], len(rows))


def _in_turn(story: Story, rows: Sequence[Row]) -> list[tuple[int, tuple[int, str, str]]]:
    """Return what is set, with its row, in the order of time: what is seldom shown may stand below what came of it."""
    found = [
        (item.time, index, each)
        for index, row in enumerate(rows)
        for item in row.items
        for each in _set(story, item)
    ]
    found.sort(key=lambda each: each[0])
    latest: dict[tuple[int, str], int] = {}
    turns = []
    for _time, index, each in reversed(found):
        latest[each[:2]] = min(index, latest.get(each[:2], index))
        turns.append((latest[each[:2]], each))
    return turns[::-1]


def _set(story: Story, item: Item) -> Iterator[tuple[int, str, str]]:
    part = item.part
    match part:
        case Change():
            yield story.side(part.lane), part.machine, part.value
        case Presence():
            if part.event == "leave":
                for machine in INITIAL:
                    yield story.side(part.lane), machine, ""
            yield story.side(part.lane), "life", {"leave": "", "away": "away"}.get(part.event, "here")
        case Fold():
            for change in part.changes:
                yield from _set(story, Item(change, change.time))


def _calls(story: Story, rows: Sequence[Row]) -> Iterator[Span]:
    """Draw calls as long as they last, where something has happened before they were done."""
    for index, row in enumerate(rows):
        for item in row.items:
            part = item.part
            if not isinstance(part, Chip) or part.until is None:
                continue
            last = index
            for later in range(index + 1, len(rows)):
                if rows[later].time > part.until:
                    break
                if any(
                    isinstance(each.part, Change) and each.part.lane == part.lane
                    for each in rows[later].items
                ):
                    last = later
            if last > index:
                yield Span(story.side(part.lane), "call", part.text, index, last + 1)
