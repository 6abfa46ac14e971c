"""Makes arrows of messages: candidates are grouped by their fate, offers that crossed are marked, and held messages say
what waits for them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ..glare import crossings, sentence
from ..messages import Message
from ..resent import resent
from ..sdp.candidate_type import candidate_type
from ..times import span
from ..trace import Trace
from .parts import NOTICE, Arrow, Note

KINDS: Final = {"offer": "offer", "answer": "answer", "request_offer": "asks for an offer"}
# Candidates further apart than this are separate groups, unless they are held: then somebody reads between them.
_BURST_SECONDS: Final = 2.0
# What keeps a message at the server, and what only changes it there.
_STOPS: Final = ("held", "delayed", "dropped")


def arrows_of(trace: Trace) -> tuple[list[Arrow], list[Note]]:
    """Return the arrows of a connection, and a note for each glare.

    Parameters
    ----------
    trace : Trace
        The connection's events.

    Returns
    -------
    (list of Arrow, list of Note)
        Arrows and notes.
    """
    messages = trace.messages()
    crossed = list(crossings(messages))
    rolled_back = set(_rolled_back(trace, messages))
    overtaken = set(_overtaken(messages))
    states = _signaling_states(trace)
    again = set(resent(messages))
    arrows: dict[str, Arrow] = {}
    for group in _groups(messages):
        arrow = _arrow(trace, group)
        if group[0].id in rolled_back:
            arrow.outcome = f"rolled back by {trace.name_of(group[0].sender)}"
        if group[0].waits:
            arrow.waits = "; ".join(_waiting(trace, group, states))
        arrow.broken = arrow.broken or group[0].id in overtaken
        if group[0].id in again:
            arrow.again, arrow.label = True, f"{arrow.label} (again)"
        arrows[group[0].id] = arrow
    notes = []
    for one, other in crossed:
        both = arrows[one.id], arrows[other.id]
        under_way = max(arrow.sent for arrow in both)
        for arrow in both:
            arrow.glare = True
            # Two whole arrows cross where both are under way.
            if not any(each.broken for each in both):
                arrow.at = under_way
        notes.append(Note(under_way, sentence(trace, one, other), NOTICE))
    return [*arrows.values()], notes


def _arrow(trace: Trace, group: Sequence[Message]) -> Arrow:
    first = group[0]
    # Clocks are compared, but not equal: keep a message from arriving before it was sent, and from being used before it arrived.
    sent = first.departed
    latest = math.inf if first.received is None else max(sent, first.received)
    arrived = min(max(sent, first.arrived), latest)
    forwarded = None if first.forwarded is None else min(max(arrived, first.forwarded), latest)
    received = forwarded if forwarded is None or first.received is None else latest
    broken = forwarded is None or any(fate in _STOPS for fate in first.fate)
    return Arrow(
        tuple(group),
        _label(group),
        sent,
        arrived,
        forwarded,
        received,
        ", ".join(_fates(group)),
        broken,
        _outcome(trace, first),
    )


def _overtaken(messages: Sequence[Message]) -> Iterator[str]:
    """Find the descriptions that came too late for the first candidate that was sent after them."""
    last: dict[tuple[str, str], Message] = {}
    for message in sorted(messages, key=lambda message: message.departed):
        way = message.sender, message.receiver
        if message.kind in ("offer", "answer"):
            last[way] = message
            continue
        description = last.pop(way, None)
        if description is None or description.forwarded is None or message.forwarded is None:
            continue
        if message.forwarded < description.forwarded and any(
            effect.type in ("queued", "refused") for effect in message.effects
        ):
            yield description.id


def _fates(group: Sequence[Message]) -> Iterator[str]:
    fates = group[0].fate
    stays = [each.forwarded - each.arrived for each in group if each.forwarded is not None]
    # One stay is told once, however many things prolonged it.
    last = next((fate for fate in reversed(fates) if fate in ("held", "delayed")), "") if stays else ""
    for fate in fates:
        yield f"{fate} {span(min(stays), max(stays))}" if fate == last else fate


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
    number = sum(counts.values())
    if not number:
        return "end of candidates"
    listed = (
        ", ".join(f"{count} {kind}" for kind, count in counts.items())
        if len(counts) > 1
        else next(iter(counts))
    )
    named = f"{number} candidates ({listed})" if number > 1 else f"candidate ({listed})"
    return f"{named} + end" if number < len(kinds) else named


def kind_of_candidate(message: Message) -> str:
    """Return the type of a message's candidate.

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
    return candidate_type(text) or ("unreadable" if text else "")


def _groups(messages: Sequence[Message]) -> list[list[Message]]:
    """Put candidates of the same way and fate together; all else stays alone."""
    groups: list[list[Message]] = []
    open_groups: dict[tuple[object, ...], list[Message]] = {}
    for message in sorted(messages, key=lambda message: message.departed):
        way = (message.sender, message.receiver)
        if message.kind != "ice_candidate":
            # Candidates belong to the description before them.
            for key in [key for key in open_groups if key[:2] == way]:
                del open_groups[key]
            groups.append([message])
            continue
        refused = any(effect.type in ("refused", "ignored") for effect in message.effects)
        key = (*way, message.fate, message.forwarded is None, refused)
        group = open_groups.get(key)
        if group is not None and (
            "held" in message.fate or message.departed - group[-1].departed < _BURST_SECONDS
        ):
            group.append(message)
        else:
            open_groups[key] = [message]
            groups.append(open_groups[key])
    return groups


# -- glare


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


def _signaling_states(trace: Trace) -> dict[tuple[str, str | None], str]:
    return {
        (event.participant, event.peer): str(event.data.get("value"))
        for event in trace
        if event.type == "state" and event.data.get("name") == "signaling_state"
    }


def _waiting(
    trace: Trace, group: Sequence[Message], states: Mapping[tuple[str, str | None], str]
) -> Iterator[str]:
    message = group[0]
    sender, receiver = trace.name_of(message.sender), trace.name_of(message.receiver)
    state = states.get((message.receiver, message.sender))
    if message.kind == "offer":
        yield f"{sender} waits for {receiver}'s answer"
        if state == "have-local-offer":
            yield f"{receiver} waits for an answer to its own offer"
        else:
            yield f"{receiver} knows of no offer yet"
    elif message.kind == "answer":
        yield f"{receiver} waits for {sender}'s answer"
        yield f"for {sender} the negotiation is complete"
    elif message.kind == "ice_candidate":
        addresses = "these addresses" if len(group) > 1 else "this address"
        yield f"{receiver} cannot try {addresses} of {sender}'s yet"
    else:
        yield f"{sender} waits for an offer from {receiver}"
