"""The exercises of the lessons in ``notebooks/``: their requirements, each with a hint."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..trace.glare import crossings
from ..trace.messages import Message
from ..trace.trace import Trace

Given = Mapping[str, Any]


@dataclass(frozen=True)
class Requirement:
    """One requirement of an exercise.

    Attributes
    ----------
    says : str
        The requirement, as the student reads it.
    hint : str
        Where to look.
    holds : callable
        Takes the room and the student's arguments, and returns something true when it is met.
    """

    says: str
    hint: str
    holds: Callable[[Any, Given], Any]


def _messages(room: Any, kind: str, *, sender: str | None = None, to: str | None = None) -> Iterator[Message]:
    trace: Trace = room.trace
    for message in trace.messages():
        names = trace.name_of(message.sender), trace.name_of(message.receiver)
        if message.kind == kind and sender in (None, names[0]) and to in (None, names[1]):
            yield message


def _is_connected(room: Any, one: str, other: str) -> bool:
    states = room.trace.between(one, other).by(one).filter("state")
    seen = [event.data["value"] for event in states if event.data["name"] == "connection_state"]
    return bool(seen) and seen[-1] == "connected"


def _crossing(room: Any, one: str, other: str) -> list[tuple[Message, Message]]:
    """Return the pairs of offers of two participants that crossed."""
    trace: Trace = room.trace
    ends = {one, other}
    return [
        pair
        for pair in crossings(trace.messages())
        if {trace.name_of(message.sender) for message in pair} == ends
    ]


def _dtls_client(room: Any, one: str, other: str) -> str:
    """Return the name of whose description says that it begins the DTLS handshake (RFC 8842, section 5)."""
    answers = [
        message
        for message in room.trace.between(one, other).messages()
        if message.kind == "answer" and message.sdp is not None
    ]
    answer = answers[-1]
    trace: Trace = room.trace
    answerer, offerer = trace.name_of(answer.sender), trace.name_of(answer.receiver)
    return answerer if "a=setup:active" in str(answer.sdp) else offerer


def _gave_way(room: Any) -> set[str]:
    return {room.trace.name_of(event.participant) for event in room.trace.filter("rollback")}


def _number(given: Given, key: str) -> float:
    return float(given[key])


def _early_candidates(room: Any, who: str) -> Trace:
    """Return the candidates that came too early on somebody's connections."""
    ids = {key for key, name in room.trace.names.items() if name == who}
    queued: Trace = room.trace.filter("queued", where=lambda event: ids & {event.participant, event.peer})
    return queued


def _width(room: Any, sender: str) -> list[int]:
    ids = {key for key, name in room.trace.names.items() if name == sender}
    return [event.data["width"] for event in room.stats if event.peer in ids and event.data.get("width")]


_PAUSED: Final = Requirement(
    "the room's signaling is held",
    "A room can be paused, like a debugger: room.p…",
    lambda room, _: room.paused,
)

EXERCISES: Final[dict[str, tuple[Requirement, ...]]] = {
    "2.1": (
        _PAUSED,
        Requirement(
            "Carol is in the room",
            "A Peer named Carol, made while the room is paused.",
            lambda room, _: "Carol" in room.trace.names.values(),
        ),
        Requirement(
            "an offer has reached Carol, or come from her",
            "room.held shows what waits; one call lets the oldest go.",
            lambda room, _: any(
                message.received is not None
                for ends in ({"sender": "Carol"}, {"to": "Carol"})
                for message in _messages(room, "offer", **ends)
            ),
        ),
        Requirement(
            "the answer to it waits at the relay",
            "Step by step, and stop when room.held shows an answer.",
            lambda room, _: any(held.kind == "answer" for held in room.held),
        ),
    ),
    "2.2": (
        Requirement(
            "you gave a name",
            'check("2.2", room, answer="…") with the name of Ada or Bob.',
            lambda _, given: given["answer"] in ("Ada", "Bob"),
        ),
        Requirement(
            "it is the one that starts the DTLS handshake",
            "Explain both descriptions and look for a=setup: only one of the two says active.",
            lambda room, given: given["answer"] == _dtls_client(room, "Ada", "Bob"),
        ),
    ),
    "3.1": (
        Requirement(
            "Dan is in the room",
            'dan = RoomWidget("lesson 3", name="Dan", …), as the others joined.',
            lambda room, _: "Dan" in room.trace.names.values(),
        ),
        Requirement(
            "a candidate to or from him arrived before the offer that it belongs to",
            "Candidates overtake an offer that is late: room.fault has a way to delay one kind of message, "
            "before he comes.",
            lambda room, _: _early_candidates(room, "Dan"),
        ),
        Requirement(
            "it was added eventually",
            "A queue is emptied when the description is there: wait for it, and check again.",
            lambda room, _: (
                {event.message for event in _early_candidates(room, "Dan")}
                & {event.message for event in room.trace.filter("added")}
            ),
        ),
    ),
    "4.1": (
        Requirement(
            "Eve is in the room",
            'eve = RoomWidget("lesson 4", name="Eve", …), as the others joined.',
            lambda room, _: "Eve" in room.trace.names.values(),
        ),
        Requirement(
            "one of her offers has crossed one of Ada's",
            "Glare is a fault like any other: room.fault.g…, before she joins.",
            lambda room, _: _crossing(room, "Ada", "Eve"),
        ),
        Requirement(
            "both are connected nevertheless",
            "Perfect negotiation on both sides takes a moment: wait_for('connected').",
            lambda room, _: _is_connected(room, "Ada", "Eve") and _is_connected(room, "Eve", "Ada"),
        ),
    ),
    "4.2": (
        Requirement(
            "you gave a name",
            'check("4.2", room, answer="…") with the name of Ada or Bob.',
            lambda _, given: given["answer"] in ("Ada", "Bob"),
        ),
        Requirement(
            "it is the polite one",
            "The polite side rolls its own offer back: look for a rollback in the diagram.",
            lambda room, given: given["answer"] in _gave_way(room),
        ),
    ),
    "6.1": (
        Requirement(
            "Bob has received something",
            "Bob's on_message appends to `heard`; somebody has to send.",
            lambda _, given: given["heard"],
        ),
        Requirement(
            'the last thing he received is a dict with "question" in it',
            "What JSON holds can be sent as it is: peer.send(…, to=…).",
            lambda _, given: "question" in dict(given["heard"][-1]),
        ),
    ),
    "6.2": (
        Requirement(
            "Bob has received an array",
            "send takes numpy arrays, too.",
            lambda _, given: any(hasattr(each, "dtype") for each in given["heard"]),
        ),
        Requirement(
            "of float32, with two dimensions",
            "An array keeps its dtype and its shape on the way: make it right before.",
            lambda _, given: any(
                str(getattr(each, "dtype", "")) == "float32" and each.ndim == 2 for each in given["heard"]
            ),
        ),
    ),
    "7.1": (
        Requirement(
            "you gave a number",
            'check("7.1", room, answer=…) with the frames per second that arrive from Ada.',
            lambda _, given: _number(given, "answer") >= 0,
        ),
        Requirement(
            "it is what Bob measures, to within three",
            "room.stats.by('Bob') has an fps in every event; the last ones count.",
            lambda room, given: any(
                abs(event.data["fps"] - _number(given, "answer")) <= 3 for event in room.stats.by("Bob")[-5:]
            ),
        ),
    ),
    "7.2": (
        Requirement(
            "Ada's video has been wide",
            "Let Ada send her original source for a moment.",
            lambda room, _: max(_width(room, "Ada")) >= 320,
        ),
        Requirement(
            "and arrives less than 200 pixels wide now",
            "Ada's use takes another source: any array can be a frame, and arrays can be sliced.",
            lambda room, _: _width(room, "Ada")[-1] < 200,
        ),
    ),
    "8.1": (
        Requirement(
            "a participant that is neither a browser nor a Peer has joined",
            'Join with kind: "mine", so that everybody sees that it is your own client.',
            lambda room, _: _own(room),
        ),
        Requirement(
            "your participant has answered an offer",
            "Whoever was there before offers: set the remote description, then make and send an answer.",
            lambda room, _: any(
                message.kind == "answer" and message.sender in _own(room) for message in room.trace.messages()
            ),
        ),
        Requirement(
            "the connection is established",
            "Candidates go both ways; aiortc has its own in the SDP, and wants to be given the other side's.",
            lambda room, _: any(
                event.peer in _own(room) and event.data == {"name": "connection_state", "value": "connected"}
                for event in room.trace.filter("state")
            ),
        ),
    ),
    "9.1": (
        Requirement(
            "a fault is active",
            "room.fault lists active faults; it has drop, delay, corrupt and more.",
            lambda room, _: room.fault,
        ),
        Requirement(
            "Dora has joined, and waits",
            "Make a Peer named Dora after that.",
            lambda room, _: "Dora" in room.trace.names.values(),
        ),
        Requirement(
            "and is not connected to Ada",
            "Drop what the connection cannot do without: the diagram shows which messages there are.",
            lambda room, _: not _is_connected(room, "Dora", "Ada"),
        ),
    ),
    "9.2": (
        Requirement(
            "no fault is active any more",
            "Faults can be cleared.",
            lambda room, _: "Dora" in room.trace.names.values() and not room.fault,
        ),
        Requirement(
            "Dora and Ada are connected",
            "Lost messages are not resent: a participant who joins again starts over.",
            lambda room, _: _is_connected(room, "Dora", "Ada"),
        ),
    ),
}


def _own(room: Any) -> set[str]:
    """Return the ids of participants that a student wrote."""
    return {
        event.participant
        for event in room.trace.filter("join")
        if event.data["kind"] not in ("browser", "python")
    }
