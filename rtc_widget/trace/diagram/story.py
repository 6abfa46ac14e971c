"""Collects from the events of a connection what its diagram shows."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from ..events import RELAYED, STEPS, Event, word
from ..trace import Trace
from .arrows import arrows_of
from .beforehand import was_here, without_beforehand
from .chips import chips_of
from .control_notes import notes_of
from .parts import INITIAL, MACHINES, Arrow, Change, Chip, Fold, Lane, Note, Part, Presence, Story

# Longer diagrams leave out spans in which nothing unusual happens.
_LONG: Final = 400
_KEPT: Final = 60
_SIGNALING: Final = frozenset((*STEPS, *RELAYED, "state"))
_KINDS: Final = {"widget": "browser", "python": "Python"}
# At one time: a call comes before the state that it changes, and that before what is sent because of it.
_RANKS: Final = {Presence: 0, Note: 1, Fold: 2, Chip: 3, Change: 4, Arrow: 5}


def story_of(
    trace: Trace,
    pair: Sequence[str],
    redact: Callable[[str], str] = str,
    *,
    start: float,
    zero: float,
    before: Iterable[Event] = (),
) -> Story:
    """Return what the diagram of a connection shows.

    Parameters
    ----------
    trace : Trace
        The events of the connection.
    pair : sequence of str
        The ids of its one or two participants.
    redact : callable
        Applied to all texts that came from participants.
    start, zero : float
        When the whole trace begins, and the time from which times are counted.
    before : iterable of Event
        How things were then, as in `Trace.before`.

    Returns
    -------
    Story
        Lanes and parts.
    """
    trace = without_beforehand(trace)
    arrows, glares = arrows_of(trace)
    lanes = [Lane(key, redact(trace.name_of(key))) for key in pair]
    earlier = [
        event for event in (*before, *trace.before) if event.participant in pair and event.peer in pair
    ]
    chips = chips_of(trace, zero, earlier)
    parts: list[Part] = [
        *arrows,
        *glares,
        *chips,
        *notes_of(trace),
        *_changes(trace, earlier, start),
        *_presences(trace, lanes),
    ]
    parts = [part for part in parts if not isinstance(part, Chip | Change | Presence) or part.lane in pair]
    parts.sort(key=_order)
    for part in parts:
        _redact(part, redact)
    if len(parts) > _LONG:
        parts = _folded(parts)
    return Story(lanes, parts, start, zero, tuple(_caveats(trace, lanes)))


def _order(part: Part) -> tuple[float, int]:
    # A call changes a state, and what was so before anything happened comes first.
    first = isinstance(part, Change) and part.value == INITIAL[part.machine]
    return part.time, 0 if first else _RANKS[type(part)]


def zero_of(trace: Trace) -> float:
    """Return when the first signaling event of a trace happened.

    Parameters
    ----------
    trace : Trace
        The trace.

    Returns
    -------
    float
        Seconds since the epoch; where there is none, or all were there before, when the trace begins.
    """
    joins = [event for event in trace if event.type == "join"]
    if joins and all(was_here(event.data) for event in joins):
        return trace[0].time
    found = next((event.time for event in trace if event.type in _SIGNALING), None)
    return found if found is not None else trace[0].time if len(trace) else 0.0


def _redact(part: Part, redact: Callable[[str], str]) -> None:
    # Error messages of other programs may quote an address.
    match part:
        case Arrow():
            part.label, part.outcome, part.waits = map(redact, (part.label, part.outcome, part.waits))
        case Chip():
            part.text, part.detail = redact(part.text), redact(part.detail)
        case Note():
            part.text = redact(part.text)
        case Change():
            part.value = redact(part.value)


def _presences(trace: Trace, lanes: Sequence[Lane]) -> Iterator[Presence]:
    by_key = {lane.key: lane for lane in lanes}
    seen: set[str] = set()
    for event in trace:
        lane = by_key.get(event.participant)
        if lane is None:
            continue
        if event.type == "join":
            kind = word(event.data.get("kind", ""))
            lane.kind = _KINDS.get(kind, kind)
            # A recent part of a trace has the joins of those who have done things before it begins.
            lane.here = lane.here and (event.participant in seen or was_here(event.data))
        if event.type in ("join", "leave", "away", "back"):
            is_here = event.type == "join" and was_here(event.data)
            yield Presence(event.participant, event.time, "here" if is_here else event.type)
        seen.add(event.participant)


def _changes(trace: Trace, earlier: Sequence[Event], start: float) -> Iterator[Change]:
    values: dict[tuple[str, str], str] = {}
    described = {event.participant for event in earlier if event.type != "state"}
    for event in earlier:
        name, value = word(event.data.get("name")), word(event.data.get("value"))
        if event.type == "state" and name in MACHINES:
            values[event.participant, name] = value
            yield Change(event.participant, start, name, value)
    for event in trace:
        if event.type in ("setLocalDescription", "setRemoteDescription"):
            described.add(event.participant)
        name = word(event.data.get("name"))
        if event.type != "state" or name not in MACHINES:
            continue
        value = word(event.data.get("value"))
        key = (event.participant, name)
        first = name == "signaling_state" and key not in values
        if first and (value.startswith("have-") or event.participant not in described):
            # Not every client tells that it is stable before its first offer (W3C webrtc, 4.4.1).
            values[key] = INITIAL[name]
            yield Change(event.participant, zero_of(trace), name, INITIAL[name])
        if values.get(key) != value:
            values[key] = value
            yield Change(event.participant, event.time, name, value)


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
    counts = Counter(map(_plural, middle))
    listed = ", ".join(f"{count} {what}" for what, count in counts.most_common(4))
    changes = [part for part in middle if isinstance(part, Change | Presence)]
    fold = Fold(middle[0].time, middle[-1].time, f"left out: {listed}", changes)
    return [*stretch[:kept], fold, *stretch[-kept:]]


def _plural(part: Part) -> str:
    if isinstance(part, Arrow):
        return {"offer": "offers", "answer": "answers", "ice_candidate": "groups of candidates"}.get(
            part.first.kind, "messages"
        )
    return "steps" if isinstance(part, Chip) else "notes" if isinstance(part, Note) else "changes of state"


# -- exactness


def _caveats(trace: Trace, lanes: Sequence[Lane]) -> Iterator[str]:
    worst = {lane.key: 0.0 for lane in lanes}
    for event in trace:
        if event.error > worst.get(event.participant, math.inf):
            worst[event.participant] = event.error
    for lane in lanes:
        error = worst[lane.key]
        if math.isinf(error):
            yield f"{lane.name}: clock not yet compared with the signaling server's, times may be off"
        elif error:
            yield f"{lane.name}: times ±{error * 1000:.1f} ms"
