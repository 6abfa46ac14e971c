"""Where everything goes: pure geometry, in CSS pixels, without a word of SVG."""

from __future__ import annotations

import itertools
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from .parts import BAD, NOTICE, Arrow, Fold, Lane, Note, Part, Story, Tick

GUTTER: Final = 62
"""For the times, at the left."""
BAR: Final = 13
_HEAD: Final = 104.0
_TALL_HEAD: Final = 136.0  # where the bars' titles say whose connection it is
ROW: Final = 15
_LABELS: Final = (110.0, 275.0)
_ZONE: Final = 205
_BAR_GAP: Final = 2
_LETTER: Final = 5.0  # of the bars' upright words
_PAUSE_SECONDS: Final = 1.0  # a gap that is worth a line of its own when rows are evenly spaced
_FOLDED_GAP: Final = 90.0  # the tallest gap when time is to scale; longer ones are cut short


@dataclass(slots=True)
class Column:
    """A lifeline's position. Messages meet it at `line`; its labels are written outwards from `label`."""

    lane: Lane
    line: float
    label: float
    side: int  # -1: words to the left, 1: words to the right
    top: float = 0.0
    bottom: float = 0.0

    def bar(self, index: int) -> float:
        """Return the left edge of a bar.

        Parameters
        ----------
        index : int
            The bar's number, counted from the lifeline.

        Returns
        -------
        float
            CSS pixels.
        """
        offset = _BAR_GAP + index * (BAR + _BAR_GAP)
        return self.line + offset if self.side > 0 else self.line - offset - BAR


@dataclass(slots=True)
class PlacedArrow:
    """An arrow with the heights of its four ends, None for ends that it never reached."""

    arrow: Arrow
    sent: float
    arrived: float
    forwarded: float | None = None
    received: float | None = None


@dataclass(slots=True)
class PlacedText:
    """A tick, note or fold: the height at which it happened, and that of its label."""

    part: Tick | Note | Fold
    y: float
    label: float
    since: float = 0.0


@dataclass(slots=True)
class PlacedBar:
    """A span of one state."""

    x: float
    top: float
    bottom: float
    machine: str
    value: str
    peer: str
    ended: bool


@dataclass(slots=True)
class Layout:
    """A story with all positions. `rows` map times to heights: (seconds since the start, height)."""

    story: Story
    width: float
    height: float
    head: float
    columns: dict[str, Column]
    relay: Column
    arrows: list[PlacedArrow] = field(default_factory=list)
    texts: list[PlacedText] = field(default_factory=list)
    bars: list[PlacedBar] = field(default_factory=list)
    times: list[tuple[float, float]] = field(default_factory=list)
    rows: list[tuple[float, float]] = field(default_factory=list)
    gaps: list[tuple[float, float]] = field(default_factory=list)
    away: list[tuple[float, float, float]] = field(default_factory=list)


@dataclass(slots=True)
class _Point:
    """A moment that needs a height. `lane` and `room` say whose words it may not stand on."""

    time: float
    what: str
    part: Part | None
    lane: str
    step: float
    room: float = 0.0
    length: float = 0.0
    y: float = 0.0


def layout_of(story: Story, scale: str) -> Layout:
    """Place a story.

    Parameters
    ----------
    story : Story
        The story.
    scale : str
        "even" or "time".

    Returns
    -------
    Layout
        All positions.
    """
    columns, relay, width = _columns(story)
    points = sorted(_points(story), key=lambda point: point.time)
    head = _TALL_HEAD if any(has_several_peers(lane) for lane in story.lanes) else _HEAD
    layout = Layout(story, width, 0.0, head, columns, relay)
    (_evenly if scale == "even" else _to_scale)(points, layout)
    _place(points, layout)
    return layout


def _columns(story: Story) -> tuple[dict[str, Column], Column, float]:
    """Set the relay between the participants, words always on the side away from it."""
    half = (len(story.lanes) + 1) // 2
    labels = _labels(story)
    columns: dict[str, Column] = {}
    x = float(GUTTER)
    for lane in story.lanes[:half]:
        label = x + labels[lane.key]
        line = label + _width(lane)
        columns[lane.key] = Column(lane, line, label, -1)
        x = line + 30
    x += _ZONE - 30
    relay = Column(story.relay, x, x, 1)
    x += _ZONE
    for lane in story.lanes[half:]:
        columns[lane.key] = Column(lane, x, x + _width(lane), 1)
        x += _width(lane) + labels[lane.key] + 30
    return columns, relay, max(x - (30 if len(story.lanes) > 1 else 0), GUTTER + 2 * _ZONE)


def _labels(story: Story) -> dict[str, float]:
    """Return the room that each lane's words need."""
    least, most = _LABELS
    room = {lane.key: least for lane in story.lanes}
    for part in story.parts:
        if isinstance(part, Tick):
            letter = 6.9 if part.tone in (NOTICE, BAD) else 6.3
            room[part.lane] = min(most, max(room[part.lane], len(part.text) * letter + 26))
    return room


def has_several_peers(lane: Lane) -> bool:
    """Return whether a lane's bars need labels that name the peer.

    Parameters
    ----------
    lane : Lane
        The lane.

    Returns
    -------
    bool
        Whether they belong to several connections.
    """
    return len({bar.peer for bar in lane.bars}) > 1


def _width(lane: Lane) -> float:
    return len(lane.bars) * (BAR + _BAR_GAP) + 2 * _BAR_GAP


def _points(story: Story) -> Iterator[_Point]:
    for lane in story.lanes:
        for time in (lane.begins, lane.ends):
            if time is not None:
                yield _Point(time, "edge", None, lane.key, 8, ROW)
        for left, back in lane.away:
            yield _Point(left, "edge", None, lane.key, 2)
            if back is not None:
                yield _Point(back, "edge", None, lane.key, 2)
        for index, bar in enumerate(lane.bars):
            for time, value in bar.changes:
                length = len(value) * _LETTER + 10
                yield _Point(time, "state", None, f"{lane.key} bar {index}", 2, length, length)
    for part in story.parts:
        if isinstance(part, Arrow):
            yield from _ends(part)
        elif isinstance(part, Tick):
            yield _Point(part.time, "tick", part, part.lane, 5, ROW)
        elif isinstance(part, Fold):
            yield _Point(part.time, "fold", part, "", 20, 26)
        else:
            yield _Point(part.time, "note", part, "", 24, 24)


def _ends(arrow: Arrow) -> Iterator[_Point]:
    sender, receiver = arrow.first.sender, arrow.first.receiver
    yield _Point(arrow.sent, "sent", arrow, f"{sender} arrow", 12, 17)
    # What befalls a message at the relay is written there, below it.
    room = 14.0 * len(befallen(arrow))
    yield _Point(arrow.arrived, "arrived", arrow, "relay", 11 + (4 if room else 0), room)
    if arrow.forwarded is not None:
        stopped = "held" in arrow.first.fate or "delayed" in arrow.first.fate
        yield _Point(arrow.forwarded, "forwarded", arrow, f"{receiver} arrow", 16 if stopped else 4, 17)
    if arrow.received is not None:
        yield _Point(arrow.received, "received", arrow, "", 11)


def befallen(arrow: Arrow) -> list[str]:
    """Return the lines that are written beside a message at the relay.

    Parameters
    ----------
    arrow : Arrow
        The message.

    Returns
    -------
    list of str
        What was done to it, and what waits for it.
    """
    return [
        *([", ".join(arrow.marks)] if arrow.marks else []),
        *(arrow.waits.split("; ") if arrow.waits else []),
    ]


def _evenly(points: Iterable[_Point], layout: Layout) -> None:
    """Give each moment the room it needs: the order is that of time, the distances are those of the words."""
    free: dict[str, float] = defaultdict(float)
    y, before = layout.head + 4.0, layout.story.start
    for point in points:
        if point.time - before > _PAUSE_SECONDS:
            layout.gaps.append((y + 14, point.time - before))
            y += 28
        y = max(y + point.step, free[point.lane] if point.lane else 0.0)
        free[point.lane] = y + point.room
        point.y, before = y, point.time
        if point.what in ("note", "fold"):
            y += 14


def _to_scale(points: list[_Point], layout: Layout) -> None:
    """Make height proportional to time; gaps in which nothing happens are cut short and say so."""
    steps = [b.time - a.time for a, b in itertools.pairwise(points) if b.time > a.time]
    per_second = min(max(9.0 / statistics.median(steps), 40.0), 20_000.0) if steps else 1.0
    y, before = layout.head + 16.0, layout.story.start
    for point in points:
        height = (point.time - before) * per_second
        if height > _FOLDED_GAP:
            layout.gaps.append((y + 22, point.time - before))
            height = 44.0
        y += max(height, 0.0)
        point.y, before = y, point.time


def _place(points: list[_Point], layout: Layout) -> None:
    start = layout.story.start
    arrows: dict[int, PlacedArrow] = {}
    heights: dict[tuple[str, float], float] = {}
    begun: dict[float, float] = {}
    free: dict[str, float] = defaultdict(float)
    last_time = 0.0
    for point in points:
        heights[point.lane, point.time] = point.y
        if point.what == "sent":
            begun[point.time] = point.y
        if isinstance(point.part, Tick | Note | Fold):
            label = max(point.y, free[point.lane])
            free[point.lane] = label + point.room
            since = begun.get(point.part.since or 0.0, label) if isinstance(point.part, Note) else label
            layout.texts.append(PlacedText(point.part, point.y, label, since))
        elif isinstance(point.part, Arrow):
            if point.what == "sent":
                arrows[id(point.part)] = PlacedArrow(point.part, point.y, point.y)
                layout.arrows.append(arrows[id(point.part)])
            else:
                setattr(arrows[id(point.part)], point.what, point.y)
        if point.what != "state" and point.y - last_time >= ROW:
            layout.times.append((point.y, point.time - start))
            last_time = point.y
    layout.rows = list({round(point.time - start, 4): point.y for point in points}.items())
    end = max((point.y + max(point.length, 24) for point in points), default=layout.head + 24.0)
    end = max([end, *(label + 8 for label in free.values())])
    for placed in layout.arrows:
        end = max(end, placed.arrived + 14 * len(befallen(placed.arrow)) + 12)
    layout.height = end + 14 * len(layout.story.caveats) + 12
    for column in layout.columns.values():
        _place_lane(column, heights, end, layout)
    layout.relay.top, layout.relay.bottom = layout.head, end


def _place_lane(column: Column, heights: dict[tuple[str, float], float], end: float, layout: Layout) -> None:
    lane = column.lane
    column.top = heights[lane.key, lane.begins] if lane.begins is not None else layout.head
    column.bottom = heights[lane.key, lane.ends] if lane.ends is not None else end
    for left, back in lane.away:
        layout.away.append(
            (column.line, heights[lane.key, left], column.bottom if back is None else heights[lane.key, back])
        )
    for index, bar in enumerate(lane.bars):
        tops = [heights[f"{lane.key} bar {index}", time] for time, _ in bar.changes]
        for (_, value), top, bottom in zip(bar.changes, tops, [*tops[1:], column.bottom], strict=True):
            ended = bottom != column.bottom
            layout.bars.append(
                PlacedBar(column.bar(index), top, max(bottom, top + 2), bar.machine, value, bar.peer, ended)
            )
