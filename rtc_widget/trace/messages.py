"""Signaling messages, put together from what the sender, the relay and the receiver report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .events import RELAY, Event
from .times import within

_FATES: Final = ("held", "delayed", "dropped", "duplicated", "corrupted")
_LOST: Final = ("dropped", "corrupted")
# What the relay calls corrupted, too, and what harms no call by itself.
_STRIPPED: Final = "candidates removed"


@dataclass(frozen=True, slots=True, repr=False)
class Message:
    """A signaling message, from one participant through the relay to another.

    Attributes
    ----------
    id : str
        The relay's id of the message.
    kind : str
        "offer", "answer", "ice_candidate" or "request_offer", whichever event carried it.
    sender, receiver : str
        Participant ids.
    sent, arrived, forwarded, received : float or None
        Seconds since the epoch on the relay's clock: sent and received as the participants report, if they do;
        arrived and forwarded as the relay recorded. A message that was dropped or is still held was never
        forwarded.
    content : dict or None
        The session description or candidate; None for the end of candidates.
    original : dict or None
        What its sender had sent, where a fault has changed it on its way.
    fate : tuple of str
        What a teacher's faults did to it: "held", "delayed", "dropped", "duplicated", "corrupted", "candidates removed".
    effects : tuple of Event
        What the receiver did with it, in order: "setRemoteDescription", "added", "queued", "ignored", …
    clock_error : float
        How far `seconds` may be off, seconds: the clocks of sender and receiver are compared with the relay's, and not
        the same. Infinite for one that has not been compared yet.
    unseen : bool
        Whether nobody saw it at the relay, as in a browser's dump: its times there are no more than a place in the order.
    """

    id: str
    kind: str
    sender: str
    receiver: str
    sent: float | None
    arrived: float
    forwarded: float | None
    received: float | None
    content: dict[str, Any] | None
    fate: tuple[str, ...]
    effects: tuple[Event, ...]
    original: dict[str, Any] | None = None
    clock_error: float = 0.0
    unseen: bool = False

    @property
    def departed(self) -> float:
        """When it left its sender, as far as is known, seconds since the epoch."""
        return self.arrived if self.sent is None else min(self.sent, self.arrived)

    @property
    def seconds(self) -> float | None:
        """How long it took to arrive; None while it is under way, when it never arrived, and when that is not known."""
        if self.unseen and None in (self.sent, self.received):
            return None
        end = self.received if self.received is not None else self.forwarded
        return None if end is None else max(0.0, end - self.departed)

    @property
    def waits(self) -> bool:
        """Whether a teacher is holding it."""
        return self.forwarded is None and "held" in self.fate and "dropped" not in self.fate

    @property
    def way(self) -> str:
        """What became of it at the relay, in words, such as "delayed, 300.2 ms"."""
        if self.waits:
            return "held"
        if self.unseen and self.seconds is None:
            return "not known"
        if self.seconds is None:
            return ", ".join(self.fate) or "under way"
        took = within(self.seconds, self.clock_error) or f"{self.seconds * 1000:.1f} ms"
        return ", ".join([*self.fate, took])

    def __repr__(self) -> str:
        # No ids, which tell nothing, and nothing of the content: notebooks save their output.
        return f"<{self.kind}: {self.way}>"

    @property
    def sdp(self) -> str | None:
        """The session description's text, None for other messages."""
        return (self.content or {}).get("sdp")


def messages_of(events: Iterable[Event]) -> tuple[Message, ...]:
    """Put the messages of a trace together.

    Parameters
    ----------
    events : iterable of Event
        The trace's events.

    Returns
    -------
    tuple of Message
        In the order in which they arrived at the relay.
    """
    by_message: dict[str, list[Event]] = {}
    for event in events:
        if event.message is not None:
            by_message.setdefault(event.message, []).append(event)
    made = [_message(key, events_of_message) for key, events_of_message in by_message.items()]
    return tuple(sorted((message for message in made if message is not None), key=lambda m: m.arrived))


def lost(messages: Iterable[Message]) -> str:
    """Say which messages a teacher's faults took or damaged.

    Parameters
    ----------
    messages : iterable of Message
        The messages.

    Returns
    -------
    str
        Such as "answer corrupted, candidate dropped, candidates removed from offer"; empty when there are none.
    """
    fates = {_lost(each.kind, fate) for each in messages for fate in each.fate}
    return ", ".join(sorted(filter(None, fates))).replace("ice_candidate", "candidate").replace("_", " ")


def _lost(kind: str, fate: str) -> str:
    if fate == _STRIPPED:
        return f"{fate} from {kind}"
    return f"{kind} {fate}" if fate in _LOST else ""


def _message(key: str, events_of_message: list[Event]) -> Message | None:
    arrived = next((event for event in events_of_message if event.type == "arrived"), None)
    if arrived is None or not {"event", "from", "to"} <= arrived.data.keys():
        return None  # the log no longer has its beginning
    sender, receiver = str(arrived.data["from"]), str(arrived.data["to"])
    # Anybody in the room may report anything: what counts is what the two say of their own parts.
    events_of_message = [
        event
        for event in events_of_message
        if event.participant in (RELAY, sender if event.type == "sent" else receiver)
    ]
    first = {event.type: event for event in reversed(events_of_message)}
    content = (first.get("corrupted") or arrived).data.get("content")
    fates = dict.fromkeys(event.type for event in events_of_message if event.type in _FATES)
    if "corrupted" in fates and _is_stripped(arrived.data.get("content"), content):
        fates = {_STRIPPED if fate == "corrupted" else fate: None for fate in fates}
    known = ("sent", "received", *_FATES, "arrived", "forwarded", "released")
    return Message(
        id=key,
        kind=kind_of(str(arrived.data["event"]), content),
        sender=sender,
        receiver=receiver,
        sent=first["sent"].time if "sent" in first else None,
        arrived=arrived.time,
        forwarded=first["forwarded"].time if "forwarded" in first else None,
        received=first["received"].time if "received" in first else None,
        content=content,
        original=arrived.data.get("content") if "corrupted" in first else None,
        fate=tuple(fates),
        clock_error=sum(first[kind].error for kind in ("sent", "received") if kind in first),
        effects=tuple(event for event in events_of_message if event.type not in known),
        unseen=arrived.data.get("unseen") is True,
    )


def _is_stripped(before: object, after: object) -> bool:
    """Tell whether a description has lost nothing but candidates, as by `fault.no_candidates`."""
    texts = [content.get("sdp") if isinstance(content, Mapping) else None for content in (before, after)]
    one, other = (_without_candidates(text) if isinstance(text, str) else None for text in texts)
    return one is not None and one == other


def _without_candidates(sdp: str) -> list[str]:
    return [line for line in sdp.splitlines() if not line.startswith("a=candidate:")]


def kind_of(event: str, content: dict[str, Any] | None) -> str:
    """Return the kind of a message, in whichever of the two dialects it was sent.

    Parameters
    ----------
    event : str
        The event that carried it.
    content : dict or None
        The session description or candidate.

    Returns
    -------
    str
        "offer" or "answer" for a "description", otherwise the event.
    """
    if event == "description":
        return "answer" if content is not None and content.get("type") != "offer" else "offer"
    return event
