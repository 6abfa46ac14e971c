"""Makes notes of a teacher's controls: what was paused or broken, and how that ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..events import word
from ..trace import Trace
from .parts import BAD, NOTICE, Note

_WHY: Final = {
    "lease": "the teacher has gone",
    "left": "somebody left",
}
_KINDS: Final = {
    "ice_candidate": "candidates",
    "request_offer": "requests for an offer",
    "offer": "offers",
    "answer": "answers",
}
_FAULTS: Final = {"no_candidates": "no candidates"}


def notes_of(trace: Trace) -> Iterator[Note]:
    """Yield a note for each change that a teacher, or the end of the teacher's connection, made.

    Parameters
    ----------
    trace : Trace
        The trace.

    Yields
    ------
    Note
        In the order of time.
    """
    before: Mapping[str, Any] = {}
    for event in trace.filter("control"):
        for text, tone in _changes(before, event.data):
            yield Note(event.time, text, tone)
        before = event.data


def _changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    reason = str(now.get("reason") or "")
    why = f": {_WHY[reason]}" if reason in _WHY else ""
    if reason == "relay_down":
        yield "the signaling server is down for a while", BAD
    if bool(now.get("paused")) != bool(before.get("paused")):
        stopped = "stopped at a breakpoint" if reason == "break" else "paused"
        yield (
            (f"{stopped}: messages wait at the signaling server" if now.get("paused") else f"resumed{why}"),
            NOTICE,
        )
    old, new = _rules(before, "faults"), _rules(now, "faults")
    # The reason above already covers a relay that is down.
    for key in new.keys() - old.keys() - {"down"}:
        yield f"fault: {_fault(new[key])}", BAD
    for key in old.keys() - new.keys() - {"down"}:
        yield f"fault over: {_fault(old[key])}{why}", NOTICE
    old, new = _rules(before, "breaks"), _rules(now, "breaks")
    for key in new.keys() - old.keys():
        yield f"breakpoint: {_choice(new[key])}", NOTICE


def _rules(state: Mapping[str, Any], key: str) -> dict[str, Mapping[str, Any]]:
    # A fault's counters change all the time, its identity does not.
    rules = state.get(key)
    listed = rules if isinstance(rules, list | tuple) else ()
    return {word(rule.get("id")): rule for rule in listed if isinstance(rule, Mapping)}


def _fault(rule: Mapping[str, Any]) -> str:
    name = str(rule.get("fault", "fault"))
    words = [_FAULTS.get(name, name)]
    if name == "glare":
        return f"glare between {rule.get('sender')} and {rule.get('to')}"
    words.append(f"of type {rule['types']}" if rule.get("types") else _choice(rule))
    seconds, probability = rule.get("seconds"), rule.get("probability", 1)
    if seconds and isinstance(seconds, int | float):
        words.append(f"by {seconds:g} s")
    if probability != 1 and isinstance(probability, int | float):
        words.append(f"with probability {probability:g}")
    return " ".join(words)


def _choice(rule: Mapping[str, Any]) -> str:
    kind = str(rule.get("kind") or "")
    words = [_KINDS.get(kind, kind) or "every message"]
    words.extend(f"{word} {rule[key]}" for word, key in (("from", "sender"), ("to", "to")) if rule.get(key))
    return " ".join(words)
