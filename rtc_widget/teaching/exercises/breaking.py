"""The exercises of the eighth and ninth lesson: a client of one's own, and what is broken on purpose."""

from __future__ import annotations

import re
from typing import Any, Final

from ...trace.messages import Message
from ...trace.resent import resent
from ...trace.trace import Trace
from .own_words import judge_words
from .requirement import Given, NotSo, Requirement
from .seen import is_connected, is_given, is_here
from .who_is_meant import name_in, together

_FAULTS: Final = {"dropped", "delayed", "duplicated", "corrupted", "candidates removed"}
_AGAIN: Final = re.compile(r"\b(?:again|re-?sen[dt]\w*|retransmi\w*|repeat\w*|second time|same)\b")
_NEW: Final = re.compile(r"\b(?:new|renewed|fresh|another|different)\b")
_EITHER: Final = re.compile(f"{_AGAIN.pattern}|{_NEW.pattern}")


def _own(room: Any) -> set[str]:
    """Return the id of the newest participant that a student wrote: what was there before may still be connected."""
    joins = room.trace.filter("join")
    return set([event.participant for event in joins if event.data["kind"] not in ("browser", "python")][-1:])


def _is_here(room: Any, own: set[str]) -> bool:
    about = [
        event.type for event in room.trace.filter("join", "leave", "away", "back") if event.participant in own
    ]
    return about[-1:] not in ([], ["leave"], ["away"])


def _is_in_the_room(room: Any, _given: Given) -> object:
    own = _own(room)
    if not own or _is_here(room, own):
        return own
    joins = list(room.trace.filter("join"))
    last = next(place for place, event in enumerate(joins) if event.participant in own)
    since = [event for event in joins[last + 1 :] if event.data["name"] == joins[last].data["name"]]
    if since:
        return NotSo(
            f'{since[-1].data["name"]} has joined as "{since[-1].data["kind"]}", as others do: join with kind: "mine".'
        )
    return NotSo("It has left again, or lost the signaling server: run its cell once more.")


def _has_answered(room: Any, _given: Given) -> object:
    own = _own(room)
    return _is_here(room, own) and any(
        each.kind == "answer" and each.sender in own for each in room.trace.messages()
    )


def _own_is_connected(room: Any, _given: Given) -> object:
    own, here, has_joined = _own(room), dict[str, str](), False
    for event in room.trace.filter("join", "leave"):
        if event.type == "leave":
            here.pop(event.participant, None)
        elif event.participant in own:
            has_joined = True
        # Whoever comes later waits for an offer, which a client that only answers does not make.
        elif not has_joined and event.data["kind"] in ("browser", "python"):
            here[event.participant] = room.trace.name_of(event.participant)
    met = {
        event.participant
        for event in room.trace.filter("state")
        if event.peer in own and event.data == {"name": "connection_state", "value": "connected"}
    }
    missing = here.keys() - met
    answered = {
        each.receiver for each in room.trace.messages() if each.kind == "answer" and each.sender in own
    }
    if met and missing - answered:
        names = " and ".join(sorted(here[key] for key in missing - answered))
        return NotSo(f"{names} got no answer: each offer is answered to whom it came from, message['from'].")
    return _is_here(room, own) and bool(here) and not missing


def _has_hit_dora(room: Any, _given: Given) -> object:
    theirs = together(room, "Dora", "Ada").messages()
    if any(_FAULTS & set(each.fate) for each in theirs):
        return True
    return is_connected(room, "Dora", "Ada") and NotSo(
        "Dora and Ada have connected, and nothing of theirs was touched: the fault must be there before she joins, and be "
        "about a message that one of them sends the other."
    )


def _is_active(room: Any, _given: Given) -> object:
    if any(each.action == "relay_down" for each in room.fault):
        return NotSo("Nobody can join while the signaling server is down: break a message instead.")
    if room.fault and not any(_lasts(each) for each in room.fault):
        return NotSo(
            "This fault ends by itself, and then they connect: whatever is late arrives, and whatever is lost is sent or asked "
            "for again. Break it for good: no delay, and no count."
        )
    if room.fault:
        return True
    return _has_hit_dora(room, {}) is True and NotSo(
        "Your fault has hit, and is over: it was cleared, or used up, as with count=1. What it has hit is sent or asked for "
        "again after a while. Let Dora leave, and break it for longer."
    )


def _lasts(fault: Any) -> bool:
    return fault.action != "delay" and fault.count is None


def _stays_apart(room: Any, _given: Given) -> object:
    if not is_here(room, "Dora"):
        return False
    theirs = together(room, "Dora", "Ada")
    if any(
        event.data == {"name": "connection_state", "value": "connected"} for event in theirs.filter("state")
    ):
        return NotSo(
            "Dora and Ada have connected all the same: what was broken was not needed, or was sent a second time."
        )
    return not theirs.filter("leave") or NotSo(
        "Dora or Ada has left: what is asked for is that both are there, and not connected."
    )


def _was_broken(room: Any, _given: Given) -> object:
    trace: Trace = room.trace
    theirs = [
        each
        for each in trace.messages()
        if {name_in(trace, each.sender), name_in(trace, each.receiver)} == {"Dora", "Ada"}
    ]
    return any(_FAULTS & set(each.fate) for each in theirs)


def _is_mended(room: Any, _given: Given) -> object:
    return is_here(room, "Dora") and not room.fault


def _offer_that_was_used(messages: list[Message]) -> Message | None:
    """Return the offer to which the last answer that was set was the answer."""
    used = [each for each in messages if each.kind == "answer" and _when_set(each) is not None]
    if not used:
        return None
    answer = used[-1]
    offers = [
        each
        for each in messages
        if each.kind == "offer"
        and each.sender == answer.receiver
        and (at := _when_set(each)) is not None
        and at <= answer.departed
    ]
    return max(offers, key=lambda each: _when_set(each) or 0.0, default=None)


def _when_set(message: Message) -> float | None:
    return next((effect.time for effect in message.effects if effect.type == "setRemoteDescription"), None)


def _has_told_how(room: Any, given: Given) -> object:
    if not is_given(given) or room.fault or not is_connected(room, "Dora", "Ada"):
        return False
    messages = list(together(room, "Dora", "Ada").messages())
    offer = _offer_that_was_used(messages)
    if offer is None:
        return False
    answer = str(given["answer"])
    said = [judge_words(answer, one, "", other) for one, other in ((_AGAIN, _NEW), (_NEW, _AGAIN))]
    if True not in said:
        told = judge_words(answer, _EITHER, 'Answer "again" or "new".')
        return said[0] if told is True else told
    if offer.id in set(resent(messages)):
        return said[0] is True or NotSo("The offer that was answered says what an earlier one had said.")
    return said[1] is True or NotSo(
        "The offer that was answered differs from every earlier one, or is the first to this participant."
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
            "That takes a moment: check again. Whoever was there before offers: set the remote description, make an answer, and send "
            "it to whom the offer came from.",
            _has_answered,
        ),
        Requirement(
            "It is connected to everybody who was there.",
            "That takes a moment: check again. Set the answer as the local description before you send it: aiortc has its candidates in the SDP from then on. And give "
            "it the other side's.",
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
            "She is not connected to Ada.",
            "Drop what the connection cannot do without: the diagram shows which messages there are.",
            _stays_apart,
            lasts=True,
        ),
    ),
    "9.2": (
        Requirement(
            "A fault had hit a message between Dora and Ada.",
            "Exercise 9.1 comes first.",
            _was_broken,
        ),
        Requirement(
            "No fault is active any more.",
            "room.fault lists one still: room.fault.clear() ends it.",
            _is_mended,
        ),
        Requirement(
            "Dora and Ada are connected.",
            "WebRTC itself resends no signaling message. Either wait until this application tries again, or let her join again.",
            lambda room, _: is_connected(room, "Dora", "Ada"),
        ),
        Requirement(
            "You have told how.",
            'Find the offer in the diagram whose answer connected them. Is it marked "(again)"? Then answer "again", and else "new".',
            _has_told_how,
        ),
    ),
}
"""Exercises 8.1 to 9.2."""
