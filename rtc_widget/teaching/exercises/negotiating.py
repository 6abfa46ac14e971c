"""The exercises of the second, third and fourth lesson: offer and answer, candidates, perfect negotiation."""

from __future__ import annotations

import re
from typing import Any, Final

from ...trace.events import STEPS
from ...trace.trace import Trace
from ..held_messages import KINDS
from .own_words import ROLLS_BACK, is_unsure, judge_words, without_spaces
from .requirement import Given, NotSo, Requirement
from .seen import (
    between,
    crossing,
    is_connected,
    is_given,
    is_here,
    judge_connected,
    judge_name,
    judge_presence,
    messages,
    name_given,
)
from .who_is_meant import bearers, name_in, newest, together

_STEPS: Final = {step.casefold() for step in (*STEPS, *KINDS)}
_BETWEEN_STEPS: Final = re.compile(r"[,;/\n]|\band\b")
# A part of the diagram has a number, as the steps in it have not.
_A_NUMBER: Final = re.compile(r"(?:section |part |step |phase )?\d+\.?")

# -- 2: offer and answer


def _only_adas_offer(room: Any, _given: Given) -> object:
    offers = [each for each in between(room, "offer", "Carol") if each.forwarded is not None]
    senders = {name_in(room.trace, each.sender) for each in offers}
    if senders - {"Ada"}:
        return NotSo(
            f"An offer of {' and '.join(sorted(senders - {'Ada'}))} went through: room.held says whose each message is, "
            "and release lets one of your choice go. room.resume(), carol.close(), and begin again."
        )
    return bool(senders)


def _answer_waits(room: Any, _given: Given) -> object:
    trace: Trace = room.trace
    ends = [trace.name_of(newest(trace, name)) for name in ("Carol", "Ada")]
    if any(held.kind == "answer" and [held.sender, held.to] == ends for held in room.held):
        return True
    answers = list(messages(room, "answer", sender="Carol", to="Ada"))
    if any(each.forwarded is not None for each in answers):
        return NotSo(
            "Carol's answer has gone on: one step too many. room.resume(), carol.close(), and begin again."
        )
    return any("dropped" in each.fate for each in answers) and NotSo(
        "Carol's answer was dropped, and no longer waits. room.resume(), carol.close(), and begin again."
    )


def _dtls_client(room: Any) -> str | None:
    """Return the name of who begins the DTLS handshake (RFC 8842, section 5); None before there is an answer."""
    trace: Trace = room.trace
    if not (bearers(trace, "Ada") and bearers(trace, "Bob")):
        return None
    answers = [each for each in together(room, "Ada", "Bob").messages() if each.kind == "answer" and each.sdp]
    if not answers:
        return None
    is_active = "a=setup:active" in str(answers[-1].sdp)
    return name_in(trace, answers[-1].sender if is_active else answers[-1].receiver)


def _setup_line(_room: Any, given: Given) -> object:
    # A line alone is found by trying.
    if not is_given(given, "line") or not is_given(given):
        return False
    line = without_spaces(str(given["line"]).casefold())
    if "\n" in line:
        return NotSo("That is more than one line: which of them is it?")
    if is_unsure(line):
        return NotSo("Write the line alone, as it stands in the description.")
    if "actpass" in line:
        return NotSo(
            "a=setup:actpass offers both roles, and leaves the choice to the other side: what does that one say?"
        )
    if "passive" in line:
        return NotSo("The passive side waits: the other side begins the handshake.")
    if line == "active":
        return NotSo("That is the role. Write the whole line, as it stands in the description.")
    return "setup:active" in line or NotSo("The role in DTLS is in a line that begins with a=setup:.")


def _starts_dtls(room: Any, given: Given) -> object:
    if _setup_line(room, given) is not True:
        return False
    name, client = name_given(room, given), _dtls_client(room)
    if client is None:
        return NotSo(
            "Ada and Bob have agreed on nothing in this room yet: run the cells in which they join and answer."
        )
    return name == client or NotSo(
        f"You answered {name}. {name}'s description has another a=setup: line: look again at whose description has yours."
    )


# -- 3: candidates

# What keeps an offer back, so that candidates overtake it.
_LATE: Final = {"delayed", "held"}


def _late_offer(room: Any, _given: Given) -> object:
    offers = between(room, "offer", "Dan")
    # One that was dropped is late when it is sent again, and its candidates are added then.
    if any(_LATE & set(each.fate) for each in offers) or _added_in_the_end(room):
        return True
    if any("dropped" in each.fate for each in offers):
        return NotSo("The offer was dropped, not delayed: candidates wait in vain for one that never comes.")
    connected = offers and any(is_connected(room, "Dan", other) for other in ("Ada", "Bob"))
    return connected and NotSo(
        "The offers to and from Dan came in time: the delay must be there before he joins, and be about the offers that "
        "are sent. The diagram shows whose those are."
    )


def _early_candidates(room: Any) -> Trace:
    """Return the candidates that overtook an offer of Dan's, or to him, and were queued: kept back or lost, it came after them."""
    late = [each for each in between(room, "offer", "Dan") if (_LATE | {"dropped"}) & set(each.fate)]
    overtaking = {
        each.id
        for each in room.trace.messages()
        for offer in late
        if each.kind == "ice_candidate"
        and (each.sender, each.receiver) == (offer.sender, offer.receiver)
        and each.arrived >= offer.arrived
        and each.forwarded is not None
        and (offer.forwarded is None or each.forwarded < offer.forwarded)
    }
    queued: Trace = room.trace.filter("queued", where=lambda event: event.message in overtaking)
    return queued


def _overtakes(room: Any, _given: Given) -> object:
    return _late_offer(room, {}) is True and bool(_early_candidates(room))


def _added_in_the_end(room: Any) -> bool:
    early = {event.message for event in _early_candidates(room)}
    return any(event.message in early for event in room.trace.filter("added"))


def _is_added(room: Any, _given: Given) -> object:
    return _overtakes(room, {}) and _added_in_the_end(room)


def _predicted_whose(room: Any, given: Given) -> object:
    if not is_given(given) or not _overtakes(room, {}):
        return False
    name = name_given(room, given)
    queued = {name_in(room.trace, event.participant) for event in _early_candidates(room)}
    return name in queued or NotSo(
        f"You answered {name}, and {' and '.join(sorted(queued))} had to queue: whoever gets a candidate before the "
        "description that it belongs to."
    )


# -- 4: perfect negotiation


def _have_crossed(room: Any, _given: Given) -> object:
    if crossing(room, "Ada", "Eve"):
        return True
    return is_connected(room, "Ada", "Eve") and NotSo(
        "Eve and Ada have connected without a crossing: the fault must be there before she joins, and name both. Let her "
        "leave (eve.leave()), set the fault, and run her cell again."
    )


def _rollback_step(_room: Any, given: Given) -> object:
    # A step alone is found by trying.
    if not is_given(given, "step") or not is_given(given):
        return False
    step = str(given["step"]).casefold()
    if _A_NUMBER.fullmatch(step.strip()):
        return NotSo("That is a part of the diagram: what is the step in it called?")
    listed = [part.strip(" '\"()[]{}") for part in _BETWEEN_STEPS.split(step)]
    if len(listed) > 1 and _STEPS.issuperset(listed):
        return NotSo("That is more than one answer: decide for one.")
    if "ignore" in step and not ROLLS_BACK.search(step):
        return NotSo("Ignoring an offer is what the impolite side does: its own offer stands.")
    return judge_words(
        step,
        ROLLS_BACK,
        "Giving way shows in what the polite side does with its own offer: what is that step called?",
    )


def _is_polite(room: Any, given: Given) -> object:
    if _rollback_step(room, given) is not True:
        return False
    name, trace = name_given(room, given), room.trace
    ends = {newest(trace, "Ada"), newest(trace, "Bob")}
    # Who comes back later is polite from then on.
    polite = [
        name_in(trace, event.participant)
        for event in trace.filter("rollback")
        if {event.participant, event.peer} == ends
    ][-1:]
    if not polite:
        return NotSo(
            "Between Ada and Bob, as they are here now, no offer has been rolled back yet: run the cells with the glare, or "
            "Bob's once more."
        )
    return name in polite or NotSo(
        f"You answered {name}. Look at which lifeline the rollback is on: is it {name}'s?"
    )


NEGOTIATING: Final[dict[str, tuple[Requirement, ...]]] = {
    "2.1": (
        Requirement(
            "The room's signaling is paused.",
            "A room can be paused, like a debugger: room.p…",
            lambda room, _: room.paused,
        ),
        Requirement(
            "Carol is in the room.",
            "A Peer named Carol, made while the room is paused.",
            lambda room, _: judge_presence(room, "Carol"),
        ),
        Requirement(
            "Ada's offer has reached Carol, and nobody else's.",
            "room.held lists what waits, and whose it is; release lets one of your choice go.",
            _only_adas_offer,
        ),
        Requirement(
            "Carol's answer to it waits at the signaling server.",
            "She needs a moment for it. Let nothing more go once room.held shows it.",
            _answer_waits,
        ),
    ),
    "2.2": (
        Requirement(
            "The answer names Ada or Bob.",
            'check("2.2", room, answer="…", line="…"): Ada or Bob?',
            lambda room, given: judge_name(room, given, "Ada", "Bob"),
            asks="answer",
        ),
        Requirement(
            "And the line that shows it.",
            "Explain both descriptions, and compare their a=setup: lines.",
            _setup_line,
            asks="line",
        ),
        Requirement(
            "That side starts the DTLS handshake.",
            "A name and a line: then both can be judged.",
            _starts_dtls,
        ),
    ),
    "3.1": (
        Requirement(
            "You have predicted who has to queue.",
            'check("3.1", ada, answer="…"): a name.',
            lambda room, given: judge_name(room, given, "Dan", "Ada", "Bob", "Carol"),
            asks="answer",
        ),
        Requirement(
            "Dan has joined.",
            'dan = RoomWidget("lesson 3", name="Dan", …), in a cell of his own that ends with dan.',
            lambda room, _: is_here(room, "Dan"),
        ),
        Requirement(
            "An offer from or to him was late.",
            "ada.fault can delay one kind of message, from before he joins. What is delayed takes its time: check again then.",
            _late_offer,
        ),
        Requirement(
            "A candidate overtook it, and was queued.",
            "Candidates are sent as they are found: a second is a long time for them.",
            _overtakes,
        ),
        Requirement(
            "It was added in the end.",
            "A queue is emptied when the description is there: wait for it, and check again.",
            _is_added,
        ),
        Requirement(
            "Whoever you predicted has queued it.",
            "Once one was queued, your prediction can be compared.",
            _predicted_whose,
        ),
    ),
    "4.1": (
        Requirement(
            "Eve has joined.",
            'eve = RoomWidget("lesson 4", name="Eve", …), in a cell of her own that ends with eve: a widget joins when it is shown.',
            lambda room, _: is_here(room, "Eve"),
        ),
        Requirement(
            "One of her offers has crossed one of Ada's.",
            "Glare is a fault like any other: ada.fault.g…, before she joins.",
            _have_crossed,
        ),
        Requirement(
            "Both are connected nevertheless.",
            "Perfect negotiation on both sides takes a moment: wait_for('connected').",
            lambda room, _: judge_connected(room, "Eve", "Ada"),
        ),
    ),
    "4.2": (
        Requirement(
            "The answer names Ada or Bob.",
            'check("4.2", ada, answer="…", step="…"): Ada or Bob?',
            lambda room, given: judge_name(room, given, "Ada", "Bob"),
            asks="answer",
        ),
        Requirement(
            "And the step of the diagram that shows it.",
            "One of the two takes something back. What is that step called?",
            _rollback_step,
            asks="step",
        ),
        Requirement(
            "It is the polite one.",
            "A name and a step: then both can be judged.",
            _is_polite,
        ),
    ),
}
"""Exercises 2.1 to 4.2."""
