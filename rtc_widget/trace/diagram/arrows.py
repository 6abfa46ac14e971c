"""Makes arrows of messages: candidates are grouped, offers that crossed are marked, and held messages say what waits
for them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from ..glare import crossings, end_of, sentence
from ..messages import Message
from ..trace import Trace
from .parts import NOTICE, Arrow, Note

KINDS: Final = {"offer": "offer", "answer": "answer", "request_offer": "asks for an offer"}
# Candidates further apart than this are separate groups.
_BURST_SECONDS: Final = 2.0
_MARKS: Final = {
    "dropped": "dropped",
    "delayed": "delayed on purpose",
    "duplicated": "sent twice",
    "corrupted": "corrupted",
    "held": "held by the teacher",
}


def arrows_of(trace: Trace) -> tuple[list[Arrow], list[Note]]:
    """Return the arrows of a trace, and a note for each glare.

    Parameters
    ----------
    trace : Trace
        The trace.

    Returns
    -------
    (list of Arrow, list of Note)
        Arrows and notes.
    """
    messages = trace.messages()
    crossed = list(crossings(messages))
    in_glare = {message.id for pair in crossed for message in pair}
    rolled_back = set(_rolled_back(trace, messages))
    arrows = []
    for group in _groups(messages):
        arrow = _arrow(trace, group)
        if group[0].id in in_glare:
            arrow.glare = True
        if group[0].id in rolled_back:
            arrow.outcome = f"rolled back by {trace.name_of(group[0].sender)}"
        arrows.append(arrow)
    if any(message.waits for message in messages):
        _add_waiting(trace, arrows)
    return arrows, [_glare(trace, *pair) for pair in crossed]


def _arrow(trace: Trace, group: Sequence[Message]) -> Arrow:
    first = group[0]
    # Clocks are compared, but not equal: keep a message from arriving before it was sent.
    sent = first.departed
    arrived = max(sent, first.arrived)
    forwarded = None if first.forwarded is None else max(arrived, first.forwarded)
    received = None if forwarded is None else max(forwarded, first.received or forwarded)
    marks = tuple(_MARKS[fate] for fate in first.fate)
    outcome = _outcome(trace, first)
    return Arrow(tuple(group), _label(group), sent, arrived, forwarded, received, marks, outcome)


def _outcome(trace: Trace, message: Message) -> str:
    receiver = trace.name_of(message.receiver)
    for effect in message.effects:
        if effect.type == "ignored":
            return f"ignored by {receiver}"
        if effect.type in ("refused", "failed"):
            return f"{effect.type} at {receiver}: {effect.data.get('error', 'error')}"
    return ""


def _label(group: Sequence[Message]) -> str:
    first = group[0]
    if first.kind != "ice_candidate":
        return KINDS.get(first.kind, first.kind)
    kinds = [kind_of_candidate(message) for message in group]
    counts = Counter(kind for kind in kinds if kind)
    ends = len(kinds) - sum(counts.values())
    if not counts:
        return "end of candidates"
    number = sum(counts.values())
    listed = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    named = f"{number} candidates: {listed}" if number > 1 else f"candidate: {next(iter(counts))}"
    return f"{named}, end" if ends else named


def kind_of_candidate(message: Message) -> str:
    """Return the type of a candidate (RFC 8839, 5.1).

    Parameters
    ----------
    message : Message
        A message of kind "ice_candidate".

    Returns
    -------
    str
        "host", "srflx", "prflx" or "relay"; empty for the end of candidates, "unreadable" for an invalid candidate.
    """
    text = str((message.content or {}).get("candidate") or "")
    found = re.search(r"\btyp (\w+)", text)
    return found[1] if found else "unreadable" if text else ""


def _groups(messages: Sequence[Message]) -> list[list[Message]]:
    """Put candidates that follow each other on the same way together; all else stays alone."""
    groups: list[list[Message]] = []
    open_groups: dict[tuple[str, str], list[Message]] = {}
    for message in sorted(messages, key=lambda message: message.departed):
        way = (message.sender, message.receiver)
        group = open_groups.get(way)
        refused = any(effect.type in ("refused", "ignored") for effect in message.effects)
        if message.kind != "ice_candidate" or message.fate or refused:
            open_groups.pop(way, None)
            groups.append([message])
        elif group is not None and message.departed - group[-1].departed < _BURST_SECONDS:
            group.append(message)
        else:
            open_groups[way] = [message]
            groups.append(open_groups[way])
    return groups


# -- glare


def _glare(trace: Trace, one: Message, other: Message) -> Note:
    text = sentence(trace, one, other)
    ends = [
        end_of(message) if end_of(message) < float("inf") else message.arrived for message in (one, other)
    ]
    since = min(one.departed, other.departed)
    return Note(max(ends), text, NOTICE, since, (one.sender, other.sender))


def _rolled_back(trace: Trace, messages: Sequence[Message]) -> Iterator[str]:
    """Find for each rollback the offer that it took back: the last that went out before."""
    for event in trace.filter("rollback"):
        own = [
            message
            for message in messages
            if message.kind == "offer"
            and message.sender == event.participant
            and event.peer in (None, message.receiver)
            and message.departed <= event.time
        ]
        if own:
            yield max(own, key=lambda message: message.departed).id


# -- waiting


def _add_waiting(trace: Trace, arrows: Sequence[Arrow]) -> None:
    states = {
        (event.participant, event.peer): str(event.data.get("value"))
        for event in trace.filter("state", where=lambda event: event.data.get("name") == "signaling_state")
    }
    for arrow in arrows:
        message = arrow.first
        if message.waits:
            arrow.waits = "; ".join(_waiting(trace, message, states))


def _waiting(trace: Trace, message: Message, states: dict[tuple[str, str | None], str]) -> Iterator[str]:
    sender, receiver = trace.name_of(message.sender), trace.name_of(message.receiver)
    state = states.get((message.receiver, message.sender))
    if message.kind == "offer":
        yield f"{sender} waits for the answer of {receiver}"
        if state == "have-local-offer":
            yield f"{receiver} waits for an answer to an offer of its own"
        else:
            yield f"{receiver} knows of no offer yet"
    elif message.kind == "answer":
        yield f"{receiver} waits for the answer of {sender}"
        yield f"{sender} takes itself to be agreed"
    elif message.kind == "ice_candidate":
        yield f"{receiver} cannot try this address of {sender} yet"
    else:
        yield f"{sender} waits for an offer of {receiver}"
