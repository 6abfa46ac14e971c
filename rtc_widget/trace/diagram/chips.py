"""Makes the chips on a lifeline from a participant's own events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from ..candidate_pairs import why
from ..events import Event, word
from ..times import moment
from ..trace import Trace
from .parts import BAD, GOOD, NOTICE, PLAIN, Chip, Family

_CANDIDATES: Final = ("gathered", "queued", "added", "discarded")
_CALLS: Final = {
    "negotiationneeded": "negotiationneeded",
    "createOffer": "createOffer()",
    "createAnswer": "createAnswer()",
    "restartIce": "restartIce()",
}
_DESCRIBES: Final = ("setLocalDescription", "setRemoteDescription")
# What signalingState becomes by them.
_BECOMES: Final = {
    ("setLocalDescription", "offer"): "have-local-offer",
    ("setRemoteDescription", "offer"): "have-remote-offer",
    ("setLocalDescription", "pranswer"): "have-local-pranswer",
    ("setRemoteDescription", "pranswer"): "have-remote-pranswer",
}
_MEDIA: Final = ("audio", "video", "screen")
# No call lasts longer; a file may say anything.
_LONGEST_MS: Final = 3_600_000
# What says more about a connection is told with it when it comes no later than this.
_WITH_CONNECTION: Final = 3.0
ENDS: Final = {"connected": GOOD, "disconnected": NOTICE, "failed": BAD, "closed": PLAIN}
"""The states of a connection that have a chip of their own."""


def chips_of(trace: Trace, zero: float, earlier: Iterable[Event] = ()) -> list[Chip]:
    """Return what stands on the lifelines; consecutive candidates of one kind are one chip.

    Parameters
    ----------
    trace : Trace
        The events of one connection.
    zero : float
        The time from which times are counted.
    earlier : iterable of Event
        The states and descriptions from before the trace begins.

    Returns
    -------
    list of Chip
        In the order of time.
    """
    chips: list[Chip] = []
    last: dict[str, Chip] = {}
    changed: dict[str, Event] = {}
    called: dict[str, float] = {}
    connected = _connections(trace, zero)
    chips.extend(connected.values())
    for event in trace:
        if event.type == "state" and event.data.get("name") == "signaling_state":
            changed[event.participant] = event
        if event.type in _CANDIDATES:
            before = last.get(event.participant)
            if before is not None and before.events[0].type == event.type:
                before.events.append(event)
                continue
        if _is_told(event, connected):
            continue
        chip = _chip(event, zero)
        if chip is None:
            continue
        if event.type in _DESCRIBES:
            _date(chip, event, changed.get(event.participant), called.get(event.participant, 0.0))
            called[event.participant] = event.time
        chip.events.append(event)
        chips.append(chip)
        last[event.participant] = chip
    _count(chips, {event.participant for event in earlier if event.type == "setRemoteDescription"})
    return sorted(chips, key=lambda chip: chip.time)


def _date(chip: Chip, event: Event, change: Event | None, called: float) -> None:
    """Let a call begin when it was made, also where a trace has only when it was done."""
    duration = event.data.get("duration")
    if isinstance(duration, int | float) and 0 <= duration < _LONGEST_MS:
        chip.until = event.time + duration / 1000
        return
    expected = _BECOMES.get((event.type, word(event.data.get("description"))), "stable")
    if change is not None and called < change.time and change.data.get("value") == expected:
        chip.time, chip.until = change.time, event.time


def _chip(event: Event, zero: float) -> Chip | None:
    described = _described(event)
    if described is None:
        return _ended(event, zero)
    text, tone, family = described
    return Chip(
        event.participant, event.time, text, tone, family, more=why(event) if event.type == "pair" else ""
    )


def _described(event: Event) -> tuple[str, str, Family] | None:
    data = event.data
    match event.type:
        case "createOffer" | "createAnswer" | "negotiationneeded" | "restartIce":
            return _CALLS[event.type], PLAIN, "call"
        case "setLocalDescription" | "setRemoteDescription":
            return f"{event.type}({data.get('description', '')})", PLAIN, "call"
        case "gathered" | "added":
            return "", PLAIN, "more"
        case "queued" | "discarded":
            return "", NOTICE, "candidate"
        case "rollback":
            return "rolls back its own offer", NOTICE, "other"
        case "ignored":
            return f"ignores the {data.get('description', 'message')}", NOTICE, "other"
        case "failed":
            return f"{data.get('operation', 'operation')} failed: {data.get('error', 'error')}", BAD, "other"
        case "error":
            return f"error: {data.get('code', data.get('message', ''))}", BAD, "other"
        case "track":
            return f"track: {_fact(event)}", GOOD, "other"
        case "pair":
            return f"now {_fact(event)}", GOOD, "other"
        case "channel":
            value = data.get("value", "")
            return f"data channel {value}", GOOD if value == "open" else PLAIN, "other"
        case "media":
            words = (f"{name} {'on' if data[name] else 'off'}" for name in _MEDIA if name in data)
            return ", ".join(words) or "media", PLAIN, "other"
    return None


def _fact(event: Event) -> str:
    data = event.data
    match event.type:
        case "track":
            return "screen" if data.get("screen") else str(data.get("kind", ""))
        case "channel":
            return "data channel"
        case _:
            local, remote, protocol = (word(data.get(key, "")) for key in ("local", "remote", "protocol"))
            if protocol == "notebook":
                return "over the notebook"
            return f"{local} ↔ {remote} {protocol}".rstrip()


# -- connections


def _ended(event: Event, zero: float) -> Chip | None:
    """Make a chip of a state in which a connection begins or ends."""
    value = word(event.data.get("value"))
    if event.type != "state" or event.data.get("name") != "connection_state" or value not in ENDS:
        return None
    return Chip(event.participant, event.time, f"{value} · {moment(event.time - zero)}", ENDS[value])


def _connections(trace: Trace, zero: float) -> dict[str, Chip]:
    """Make a chip of each side's first connection, with everything that is told about it at that time."""
    found: dict[str, Chip] = {}
    for event in trace:
        if event.participant not in found and (chip := _ended(event, zero)) and chip.tone == GOOD:
            chip.events.append(event)
            found[event.participant] = chip
    for event in trace:
        if event.type in ("pair", "channel", "track") and _is_told(event, found):
            chip = found[event.participant]
            chip.events.append(event)
            if event.type == "pair":
                chip.more = why(event)
    for chip in found.values():
        facts = chip.events[1:]
        pairs = [_fact(event) for event in facts if event.type == "pair"]
        flows = dict.fromkeys(_fact(event) for event in facts if event.type != "pair")
        chip.detail = " · ".join(part for part in (*pairs, ", ".join(flows)) if part)
    return found


def _is_told(event: Event, connected: dict[str, Chip]) -> bool:
    chip = connected.get(event.participant)
    if chip is None:
        return False
    if event is chip.events[0]:
        return True
    # A second pair is news, as is a channel that closes.
    is_new = event.type == "pair" and any(each.type == "pair" and each is not event for each in chip.events)
    is_fact = event.type in ("track", "pair") or (
        event.type == "channel" and event.data.get("value") == "open"
    )
    return is_fact and not is_new and event.time <= chip.time + _WITH_CONNECTION


# -- candidates


def _count(chips: Sequence[Chip], described: set[str]) -> None:
    """Say of candidates how many they are, once it is known which of them had to wait, and who had a remote description."""
    waited: set[str | None] = set()
    for chip in chips:
        kind = chip.events[0].type
        if kind == "setRemoteDescription":
            described.add(chip.lane)
        if kind not in _CANDIDATES:
            continue
        number = len(chip.events)
        noun = "candidate" if number == 1 else "candidates"
        if kind == "gathered":
            chip.text = _gathered(chip.events)
        elif kind == "queued":
            owner = "its" if number == 1 else "their"
            later = f"{owner} description is still to come"
            reason = later if chip.lane in described else "no remote description yet"
            chip.text = f"queued {number}: {reason}"
            waited.update(event.message for event in chip.events)
        elif kind == "discarded":
            chip.text = f"discarded {number} {noun}"
        elif any(event.message in waited for event in chip.events):
            number = sum(event.message in waited for event in chip.events)
            queued = "the queued candidate" if number == 1 else f"{number} queued candidates"
            chip.text, chip.tone, chip.family = f"added {queued}", GOOD, "candidate"
        else:
            chip.text = f"added {number} {noun}"


def _gathered(events: Iterable[Event]) -> str:
    events = list(events)
    kinds = Counter(str(event.data["kind"]) for event in events if event.data.get("kind"))
    listed = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    ended = any(event.data.get("kind") is None for event in events)
    return f"gathered {listed}{' + end' if ended else ''}" if listed else "gathered all candidates"
