"""Collects from a trace what its diagram shows."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from ..events import RELAY, word
from ..trace import Trace
from .arrows import arrows_of
from .control_notes import notes_of
from .parts import MACHINES, Arrow, Bar, Fold, Lane, Part, Story, Tick
from .ticks import ticks_of

# Longer diagrams leave out spans in which nothing unusual happens.
_LONG: Final = 400
_KEPT: Final = 60


def story_of(trace: Trace, redact: Callable[[str], str] = str) -> Story:
    """Return what a diagram of a trace shows.

    Parameters
    ----------
    trace : Trace
        The trace.
    redact : callable
        Applied to all texts that came from participants.

    Returns
    -------
    Story
        Lanes, messages, events and notes.
    """
    arrows, glares = arrows_of(trace)
    lanes = {key: Lane(key, trace.name_of(key)) for key in trace.participants}
    _live(trace, lanes)
    parts: list[Part] = [*arrows, *ticks_of(trace), *glares, *notes_of(trace)]
    parts.sort(key=_begin)
    for part in parts:
        _redact(part, redact)
    for bar in (bar for lane in lanes.values() for bar in lane.bars):
        bar.changes = [(time, redact(value)) for time, value in bar.changes]
    if len(parts) > _LONG:
        parts = _folded(parts)
        _fold_states(lanes.values(), [part for part in parts if isinstance(part, Fold)])
    return Story(
        lanes=list(lanes.values()),
        relay=Lane(RELAY, trace.names.get(RELAY, "relay")),
        parts=parts,
        start=trace[0].time if len(trace) else 0.0,
        end=trace[-1].time if len(trace) else 0.0,
        caveats=tuple(_caveats(trace)),
    )


def _begin(part: Part) -> float:
    return part.sent if isinstance(part, Arrow) else part.time


def _redact(part: Part, redact: Callable[[str], str]) -> None:
    # Error messages of other programs may quote an address.
    if isinstance(part, Arrow):
        part.label, part.outcome = redact(part.label), redact(part.outcome)
    else:
        part.text = redact(part.text)


def _live(trace: Trace, lanes: dict[str, Lane]) -> None:
    """Write into the lanes when they begin and end, and their state machines."""
    bars: dict[tuple[str, str, str], Bar] = {}
    for event in trace:
        lane = lanes.get(event.participant)
        if lane is None:
            continue
        match event.type:
            case "join":
                lane.kind = word(event.data.get("kind", ""))
                lane.begins, lane.ends = event.time if lane.begins is None else lane.begins, None
            case "leave":
                lane.ends = event.time
            case "away":
                lane.away.append((event.time, None))
            case "back" if lane.away:
                lane.away[-1] = (lane.away[-1][0], event.time)
            case "state" if (machine := word(event.data.get("name"))) in MACHINES:
                key = (event.participant, event.peer or "", machine)
                if key not in bars:
                    bars[key] = Bar(event.peer or "", machine)
                    lane.bars.append(bars[key])
                value = word(event.data.get("value"))
                changes = bars[key].changes
                if not changes or changes[-1][1] != value:
                    changes.append((event.time, value))
    order = {machine: index for index, machine in enumerate(MACHINES)}
    for lane in lanes.values():
        peers = list(dict.fromkeys(bar.peer for bar in lane.bars))
        lane.bars.sort(key=lambda bar: (peers.index(bar.peer), order[bar.machine]))


# -- long ones


def _folded(parts: Sequence[Part]) -> list[Part]:
    """Leave out the middle of every stretch in which nothing unusual happens."""
    stretches = [(weighty, list(group)) for weighty, group in groupby(parts, lambda part: part.weighty)]
    ordinary = sum(not weighty for weighty, _ in stretches)
    kept = min(_KEPT, max(2, _LONG // (2 * max(1, ordinary))))
    return [part for weighty, group in stretches for part in (group if weighty else _shortened(group, kept))]


def _shortened(stretch: list[Part], kept: int) -> list[Part]:
    middle = stretch[kept:-kept]
    if len(middle) <= kept:
        return stretch
    counts = Counter(_plural(part) for part in middle)
    listed = ", ".join(f"{count} {what}" for what, count in counts.most_common(4))
    fold = Fold(_begin(middle[0]), _begin(middle[-1]), f"left out: {listed}")
    return [*stretch[:kept], fold, *stretch[-kept:]]


def _fold_states(lanes: Iterable[Lane], folds: Sequence[Fold]) -> None:
    """Keep of the states within a fold the last, at its end: that is where the next one begins."""
    starts = [fold.time for fold in folds]
    for lane in lanes:
        for bar in lane.bars:
            kept: list[tuple[float, str]] = []
            for time, value in bar.changes:
                fold = folds[index] if (index := bisect_right(starts, time) - 1) >= 0 else None
                at = fold.until if fold is not None and time <= fold.until else time
                if kept and kept[-1][0] == at:
                    kept.pop()
                if not kept or kept[-1][1] != value:
                    kept.append((at, value))
            bar.changes = kept


def _plural(part: Part) -> str:
    if isinstance(part, Arrow):
        return {"offer": "offers", "answer": "answers", "ice_candidate": "groups of candidates"}.get(
            part.first.kind, "messages"
        )
    return "steps" if isinstance(part, Tick) else "notes"


# -- exactness


def _caveats(trace: Trace) -> Iterator[str]:
    worst: dict[str, float] = {}
    for event in trace:
        if event.error > worst.get(event.participant, 0.0):
            worst[event.participant] = event.error
    unknown = [trace.name_of(key) for key, error in worst.items() if math.isinf(error)]
    known = [
        f"{trace.name_of(key)} {error * 1000:.1f} ms" for key, error in worst.items() if math.isfinite(error)
    ]
    if known:
        yield f"Times are the relay's; how far they may be off: {', '.join(known)}."
    if unknown:
        yield f"Never compared with the relay's clock, so off by any amount: {', '.join(unknown)}."
