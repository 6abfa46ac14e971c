"""The parts of a sequence diagram, before they have positions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from ..events import Event
from ..messages import Message

MACHINES: Final = {
    "signaling_state": "signaling",
    "ice_gathering_state": "ICE gathering",
    "ice_connection_state": "ICE connection",
    "connection_state": "connection",
}
"""The state machines of an RTCPeerConnection, in the order of their bars."""

PLAIN, GOOD, NOTICE, BAD = "plain", "good", "notice", "bad"
"""How a thing is drawn: each has a shape of its own, so that no colour is needed to tell them apart."""


@dataclass(slots=True)
class Bar:
    """One state machine of one connection, beside the lifeline of its side.

    `changes` are (time, value), where values are the W3C's strings.
    """

    peer: str
    machine: str
    changes: list[tuple[float, str]] = field(default_factory=list)


@dataclass(slots=True)
class Lane:
    """A lifeline. `begins` and `ends` are None for a participant who was there before, or still is."""

    key: str
    name: str
    kind: str = ""
    begins: float | None = None
    ends: float | None = None
    away: list[tuple[float, float | None]] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)


@dataclass(slots=True)
class Arrow:
    """One message, or several candidates on the same way, from one lane through the relay to another.

    Attributes
    ----------
    label : str
        Such as "offer" or "4 candidates: 3 host, 1 srflx".
    marks : tuple of str
        What was done to it under way, as text.
    outcome : str
        Its outcome, when it did not have the intended effect: "ignored by Bob", "rolled back by Bob".
    glare : bool
        Whether it is an offer that crossed another.
    waits : str
        While a teacher holds it: what each side is waiting for.
    """

    messages: tuple[Message, ...]
    label: str
    sent: float
    arrived: float
    forwarded: float | None
    received: float | None
    marks: tuple[str, ...] = ()
    outcome: str = ""
    glare: bool = False
    waits: str = ""

    @property
    def first(self) -> Message:
        """The first of its messages."""
        return self.messages[0]

    @property
    def weighty(self) -> bool:
        """Whether it is kept in a shortened diagram."""
        return bool(self.marks or self.outcome or self.glare or self.waits)


@dataclass(slots=True)
class Tick:
    """An event of one participant: a line beside its lifeline. `more` is shown on demand."""

    lane: str
    time: float
    text: str
    tone: str = PLAIN
    events: list[Event] = field(default_factory=list)
    more: str = ""

    @property
    def weighty(self) -> bool:
        """Whether it is kept in a shortened diagram."""
        return self.tone in (NOTICE, BAD) and self.events[0].type not in ("queued", "discarded")


@dataclass(slots=True)
class Note:
    """Something about several participants: glare, a pause, a fault. It is written at the relay; glare extends over time, from `since` on."""

    time: float
    text: str
    tone: str = NOTICE
    since: float | None = None
    lanes: tuple[str, ...] = ()
    weighty: bool = True


@dataclass(slots=True)
class Fold:
    """A span that a shortened diagram leaves out, with a summary. It never counts as an event itself."""

    time: float
    until: float
    text: str
    weighty: bool = True


Part = Arrow | Tick | Note | Fold


@dataclass(slots=True)
class Story:
    """Everything that a diagram shows. `parts` are in the order in which they begin; `caveats` say how exact the times are."""

    lanes: list[Lane]
    relay: Lane
    parts: list[Part]
    start: float
    end: float
    caveats: tuple[str, ...] = ()
