"""Makes the lines beside a lifeline from a participant's own events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from ..candidate_pairs import why
from ..events import Event, word
from ..trace import Trace
from .parts import BAD, GOOD, NOTICE, PLAIN, Tick

_CANDIDATES: Final = ("gathered", "queued", "added", "discarded")
_SILENT: Final = ("sent", "received", "stats", "state", "join", "leave", "refused")
_PLAIN: Final = {
    "negotiationneeded": "negotiationneeded",
    "createOffer": "createOffer()",
    "createAnswer": "createAnswer()",
    "restartIce": "restartIce()",
}


def ticks_of(trace: Trace) -> list[Tick]:
    """Return what is drawn beside the lifelines; consecutive candidates of one kind become one line.

    Parameters
    ----------
    trace : Trace
        The trace.

    Returns
    -------
    list of Tick
        In the order of time.
    """
    several = _with_several_peers(trace)
    ticks: list[Tick] = []
    last: dict[str, Tick] = {}
    for event in trace:
        if event.type in _SILENT:
            continue
        if event.type in _CANDIDATES:
            before = last.get(event.participant)
            if before is not None and _alike(before.events[0], event):
                before.events.append(event)
                continue
        for tick in _tick(event):
            tick.events.append(event)
            ticks.append(tick)
            last[event.participant] = tick
    for tick in ticks:
        event = tick.events[0]
        if event.type == "pair":
            tick.more = why(event)
        if event.type in _CANDIDATES:
            tick.text = _candidates(tick.events)
        if event.peer is not None and event.participant in several:
            tick.text += f" ({trace.name_of(event.peer)})"
    return ticks


def _with_several_peers(trace: Trace) -> set[str]:
    pairs = {(event.participant, event.peer) for event in trace if event.peer is not None}
    counts = Counter(participant for participant, _ in pairs)
    return {participant for participant, count in counts.items() if count > 1}


def _alike(one: Event, other: Event) -> bool:
    return one.type == other.type and one.peer == other.peer


def _tick(event: Event) -> Iterator[Tick]:
    described = _text(event)
    if described is not None:
        text, tone = described
        yield Tick(event.participant, event.time, text, tone)


def _text(event: Event) -> tuple[str, str] | None:
    data = event.data
    match event.type:
        case "createOffer" | "createAnswer" | "negotiationneeded" | "restartIce":
            return _PLAIN[event.type], PLAIN
        case "setLocalDescription" | "setRemoteDescription":
            return f"{event.type}({data.get('description', '')})", PLAIN
        case "gathered" | "queued" | "added" | "discarded":
            return "", NOTICE if event.type in ("queued", "discarded") else PLAIN
        case "rollback":
            return "rollback of its own offer", NOTICE
        case "ignored":
            return f"ignored the {data.get('description', 'message')}", NOTICE
        case "failed":
            return f"{data.get('operation', 'operation')} failed: {data.get('error', 'error')}", BAD
        case "error":
            return f"error: {data.get('code', data.get('message', ''))}", BAD
        case "track":
            screen = ", a screen" if data.get("screen") else ""
            return f"track: {data.get('kind', '')}{screen}", GOOD
        case "channel":
            return f"data channel {data.get('value', '')}", GOOD if data.get("value") == "open" else PLAIN
        case "pair":
            local, remote, protocol = (word(data.get(key, "")) for key in ("local", "remote", "protocol"))
            return f"pair: {local} ↔ {remote} {protocol}".rstrip(), GOOD
        case "media":
            return _media(event), PLAIN
        case "away":
            return "away from the relay", NOTICE
        case "back":
            return "back", GOOD
    return None


def _media(event: Event) -> str:
    words = (
        f"{name} {'on' if event.data[name] else 'off'}"
        for name in ("audio", "video", "screen")
        if name in event.data
    )
    return ", ".join(words) or "media"


def _candidates(events: Iterable[Event]) -> str:
    events = list(events)
    number = len(events)
    noun = "candidate" if number == 1 else "candidates"
    match events[0].type:
        case "gathered":
            kinds = Counter(str(event.data["kind"]) for event in events if event.data.get("kind"))
            listed = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
            ended = any(event.data.get("kind") is None for event in events)
            return f"gathered {listed}{', end' if ended else ''}" if listed else "gathered all candidates"
        case "queued":
            return f"queued {number} {noun}"
        case "added":
            return f"added {number} {noun}"
        case _:
            return f"discarded {number} {noun}"
