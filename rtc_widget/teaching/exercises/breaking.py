"""The exercises of the eighth and ninth lesson: a client of one's own, and what is broken on purpose."""

from __future__ import annotations

import re
from typing import Any, Final

from ...trace.resent import resent
from .own_words import judge_words
from .requirement import Given, NotSo, Requirement
from .seen import is_connected, is_given, is_here

_AGAIN: Final = re.compile(r"\b(?:again|resen[dt]\w*|repeat\w*|second time|same)\b")
_NEW: Final = re.compile(r"\b(?:new|fresh|another|different)\b")


def _own(room: Any) -> set[str]:
    """Return the id of the newest participant that a student wrote: what was there before may still be connected."""
    joins = room.trace.filter("join")
    return set([event.participant for event in joins if event.data["kind"] not in ("browser", "python")][-1:])


def _is_in_the_room(room: Any, _given: Given) -> object:
    own = _own(room)
    about = [
        event.type for event in room.trace.filter("join", "leave", "away", "back") if event.participant in own
    ]
    if about[-1:] in (["leave"], ["away"]):
        return NotSo("It has left again, or lost the signaling server: run its cell once more.")
    return own


def _has_answered(room: Any, _given: Given) -> object:
    return any(each.kind == "answer" and each.sender in _own(room) for each in room.trace.messages())


def _own_is_connected(room: Any, _given: Given) -> object:
    return any(
        event.peer in _own(room) and event.data == {"name": "connection_state", "value": "connected"}
        for event in room.trace.filter("state")
    )


def _has_hit_dora(room: Any, _given: Given) -> object:
    theirs = room.trace.between("Dora", "Ada").messages()
    if any({"dropped", "delayed", "corrupted", "candidates removed"} & set(each.fate) for each in theirs):
        return True
    return is_connected(room, "Dora", "Ada") and NotSo(
        "Dora and Ada have connected, and nothing of theirs was touched: the fault must be there before she joins, and be "
        "about a message that one of them sends the other."
    )


def _is_active(room: Any, _given: Given) -> object:
    if room.fault:
        return True
    return _has_hit_dora(room, {}) is True and NotSo(
        "Your fault has hit, and is over: it was cleared, or used up, as with count=1. What it has hit is sent again after "
        "ten or fifteen seconds. Let Dora leave, and break it for longer."
    )


def _stays_apart(room: Any, _given: Given) -> object:
    if not is_here(room, "Dora"):
        return False
    return not is_connected(room, "Dora", "Ada") or NotSo(
        "Dora and Ada are connected all the same: what was broken was not needed, or was sent a second time."
    )


def _is_mended(room: Any, _given: Given) -> object:
    return is_here(room, "Dora") and not room.fault


def _has_told_how(room: Any, given: Given) -> object:
    offers = [each for each in room.trace.between("Dora", "Ada").messages() if each.kind == "offer"]
    if not is_given(given) or not offers or not is_connected(room, "Dora", "Ada"):
        return False
    answer = str(given["answer"])
    if offers[-1].id in set(resent(offers)):
        return judge_words(answer, _AGAIN, 'The diagram marks the last offer: "offer (again)".', _NEW)
    return judge_words(
        answer,
        _NEW,
        'The last offer is not marked "(again)": what it says, or whom it is for, is not what was sent before.',
        _AGAIN,
    )


BREAKING: Final[dict[str, tuple[Requirement, ...]]] = {
    "8.1": (
        Requirement(
            "A participant that is neither a browser nor a Peer has joined.",
            'Join with kind: "mine", so that everybody sees that it is your own client.',
            _is_in_the_room,
        ),
        Requirement(
            "Your participant has answered an offer.",
            "Whoever was there before offers: set the remote description, then make and send an answer.",
            _has_answered,
        ),
        Requirement(
            "The connection is established.",
            "Candidates go both ways; aiortc has its own in the SDP, and wants to be given the other side's.",
            _own_is_connected,
        ),
    ),
    "9.1": (
        Requirement(
            "A fault is active.",
            "room.fault lists active faults; it has drop, delay, corrupt and more.",
            _is_active,
        ),
        Requirement(
            "Dora has joined.",
            "Make a Peer named Dora after that.",
            lambda room, _: is_here(room, "Dora"),
        ),
        Requirement(
            "The fault has hit a message between her and Ada.",
            "The diagram shows what became of each message of theirs.",
            _has_hit_dora,
        ),
        Requirement(
            "She is not connected to Ada, and stays so for three seconds.",
            "Drop what the connection cannot do without: the diagram shows which messages there are.",
            _stays_apart,
            lasts=True,
        ),
    ),
    "9.2": (
        Requirement("No fault is active any more.", "Faults can be cleared.", _is_mended),
        Requirement(
            "Dora and Ada are connected.",
            "WebRTC itself resends no signaling message. Either wait until this application tries again, or let her join again.",
            lambda room, _: is_connected(room, "Dora", "Ada"),
        ),
        Requirement(
            "You have told how.",
            'Look at the last offer in the diagram, and answer "again" or "new".',
            _has_told_how,
        ),
    ),
}
"""Exercises 8.1 to 9.2."""
