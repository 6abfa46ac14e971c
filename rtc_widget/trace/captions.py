"""Captions: what a trace tells, a sentence for each message and for what became of it, as WebVTT."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from ..runtime.text import listed
from .diagram.arrows import arrows_of
from .diagram.beforehand import without_beforehand
from .diagram.control_notes import notes_of
from .diagram.legal import legal
from .diagram.pairs import pairs_of
from .diagram.parts import Arrow
from .events import RELAYED
from .messages import Message
from .redaction import Redactor
from .trace import Trace

# As long as it takes to read one, and no longer than anybody would take it for news.
_LEAST: Final = 2.0
_MOST: Final = 6.0
_PRESENCE: Final = {
    "join": "joins.",
    "leave": "leaves.",
    "away": "loses the signaling server.",
    "back": "is back at the signaling server.",
}
_KINDS: Final = {"offer": "an offer", "answer": "an answer"}
_BROKEN: Final = ("disconnected", "failed", "closed")
_LONG: Final = 200


@dataclass(frozen=True, slots=True)
class Caption:
    """A sentence, and from when to when it is shown: seconds since the beginning. It is free of addresses and secrets."""

    begins: float
    ends: float
    text: str


def captions_of(trace: Trace, began: float, seconds: float) -> tuple[Caption, ...]:
    """Tell a trace in sentences.

    Nothing that participants wrote is quoted but their names; addresses are replaced even there.

    Parameters
    ----------
    trace : Trace
        The trace.
    began : float
        When time 0 is, seconds since the epoch.
    seconds : float
        When the captions end, counted from there.

    Returns
    -------
    tuple of Caption
        In the order in which they begin. Several may be shown at a time: what follows at once leaves each its time.
    """
    redact = Redactor()
    told = sorted(
        # Never after what it tells: whoever goes to a message finds what is said of it.
        ((int(max(0.0, time - began) * 1000) / 1000, text) for time, text in _sentences(trace, began)),
        key=lambda each: each[0],
    )
    told = [(time, text) for time, text in told if time < seconds]
    found = []
    for index, (time, text) in enumerate(told):
        following = told[index + 1][0] if index + 1 < len(told) else seconds
        ends = min(seconds, max(time + _LEAST, min(following, time + _MOST)))
        words = legal(" ".join(redact(" ".join(text.split())).split()))
        found.append(Caption(time, ends, words if len(words) <= _LONG else f"{words[: _LONG - 1]}…"))
    return tuple(found)


def webvtt(captions: Iterable[Caption]) -> str:
    """Write captions as a WebVTT file (W3C WebVTT, 4).

    Parameters
    ----------
    captions : iterable of Caption
        The captions.

    Returns
    -------
    str
        The file's text.
    """
    cues = (f"{_stamp(each.begins)} --> {_stamp(each.ends)}\n{_escaped(each.text)}\n" for each in captions)
    return "\n".join(["WEBVTT\n", *cues])


def _stamp(seconds: float) -> str:
    # The end of a recording may be a fraction of a millisecond after a caption's beginning.
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}.{thousandths:03}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# -- what is told


def _sentences(trace: Trace, began: float) -> Iterator[tuple[float, str]]:
    # Who was there already has joined by then.
    here = [event for event in trace if event.type == "join" and event.time <= began]
    if here:
        names = [trace.name_of(event.participant) for event in here]
        yield here[0].time, f"{listed(names)} {'are' if len(names) > 1 else 'is'} here."
    for event in trace:
        if event.type in _PRESENCE and event not in here:
            yield event.time, f"{trace.name_of(event.participant)} {_PRESENCE[event.type]}"
    for note in notes_of(trace):
        yield note.time, f"{note.text[:1].upper()}{note.text[1:]}."
    for part in pairs_of(trace).values():
        yield from _negotiation(part)
        yield from _connection(without_beforehand(part))


def _negotiation(trace: Trace) -> Iterator[tuple[float, str]]:
    arrows, glares = arrows_of(trace)
    for arrow in arrows:
        yield arrow.sent, _sent(trace, arrow)
        yield from _outcome(trace, arrow)
    for note in glares:
        yield note.time, f"{note.text}."
    for event in trace.filter("rollback"):
        who = trace.name_of(event.participant)
        yield event.time, f"{who} rolls back an offer: {who} is polite."


def _sent(trace: Trace, arrow: Arrow) -> str:
    message = arrow.first
    sender, receiver = trace.name_of(message.sender), trace.name_of(message.receiver)
    fates = " and ".join(fate for fate in message.fate if fate in RELAYED)
    at_server = f", {fates} at the signaling server" if fates else ""
    if message.kind == "request_offer":
        return f"{sender} asks {receiver} for an offer{at_server}."
    return f"{sender} sends {receiver} {_what(arrow)}{at_server}."


def _what(arrow: Arrow) -> str:
    if arrow.first.kind != "ice_candidate":
        what = _KINDS.get(arrow.first.kind, "a message")
        return f"{what} again" if arrow.again else what
    label = arrow.label.replace(" + end", " and the end of them")
    if label.startswith("end"):
        return f"the {label}"
    return f"a {label}" if label.startswith("candidate") else label


def _outcome(trace: Trace, arrow: Arrow) -> Iterator[tuple[float, str]]:
    message = arrow.first
    sender, receiver = trace.name_of(message.sender), trace.name_of(message.receiver)
    what = f"{sender}'s {_noun(message)}"
    if "held" in message.fate and message.forwarded is not None:
        yield message.forwarded, f"{what} goes on to {receiver}."
    for effect in message.effects:
        if effect.type == "ignored":
            why = f": {receiver} is impolite" if arrow.glare else ""
            yield effect.time, f"{receiver} ignores {what}{why}."
        elif effect.type in ("refused", "failed"):
            yield effect.time, f"{receiver} cannot use {what}."


def _noun(message: Message) -> str:
    names = {"ice_candidate": "candidate", "request_offer": "request"}
    return names.get(message.kind, message.kind if message.kind in _KINDS else "message")


def _connection(trace: Trace) -> Iterator[tuple[float, str]]:
    """Tell when both ends of a connection are connected, and when one is no more."""
    changes = [
        event for event in trace if event.type == "state" and event.data.get("name") == "connection_state"
    ]
    # Not every client tells of its states.
    ends = {event.participant for event in changes}
    connected: set[str] = set()
    for event in changes:
        value = event.data.get("value")
        who, peer = trace.name_of(event.participant), trace.name_of(event.peer or "")
        if value == "connected":
            if event.participant not in connected and connected | {event.participant} >= ends:
                yield event.time, f"{who} and {peer} are connected."
            connected.add(event.participant)
            continue
        connected.discard(event.participant)
        if value in _BROKEN:
            yield event.time, f"{who}'s connection to {peer} is {value}."
