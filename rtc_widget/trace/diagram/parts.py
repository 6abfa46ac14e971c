"""What a sequence diagram is made of, before anybody knows where on the page it goes."""

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
    """One state machine of one connection, along the lifeline of the side that it belongs to.

    `changes` are (time, value), the values being the W3C's strings.
    """

    peer: str
    machine: str
    changes: list[tuple[float, str]] = field(default_factory=list)


@dataclass(slots=True)
class Lane:
    """A lifeline. `begins` and `ends` are None when it was there before, or still is."""

    key: str
    name: str
    kind: str = ""
    begins: float | None = None
    ends: float | None = None
    away: list[tuple[float, float | None]] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)


@dataclass(slots=True)
class Arrow:
    """One message, or several candidates on the same way, from a lane through the relay to another.

    Attributes
    ----------
    label : str
        What it is: "offer", "4 candidates: 3 host, 1 srflx".
    marks : tuple of str
        What was done to it on its way, in words.
    outcome : str
        What came of it when that is not what it was sent for: "ignored by Bob", "rolled back by Bob".
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
        """The message that it begins with."""
        return self.messages[0]

    @property
    def weighty(self) -> bool:
        """Whether a long diagram keeps it whatever else it leaves out."""
        return bool(self.marks or self.outcome or self.glare or self.waits)


@dataclass(slots=True)
class Tick:
    """Something that happened to one participant: one line beside its lifeline. `more` is for who asks."""

    lane: str
    time: float
    text: str
    tone: str = PLAIN
    events: list[Event] = field(default_factory=list)
    more: str = ""

    @property
    def weighty(self) -> bool:
        """Whether a long diagram keeps it whatever else it leaves out."""
        return self.tone in (NOTICE, BAD) and self.events[0].type not in ("queued", "discarded")


@dataclass(slots=True)
class Note:
    """Something about several: glare, a pause, a fault. It stands at the relay; glare spans time, from `since` on."""

    time: float
    text: str
    tone: str = NOTICE
    since: float | None = None
    lanes: tuple[str, ...] = ()
    weighty: bool = True


@dataclass(slots=True)
class Fold:
    """A stretch that a long diagram leaves out, and what was in it. It never counts as an event of its own."""

    time: float
    until: float
    text: str
    weighty: bool = True


Part = Arrow | Tick | Note | Fold


@dataclass(slots=True)
class Story:
    """All of it. `parts` are in the order in which they begin; `caveats` say how exact the times are."""

    lanes: list[Lane]
    relay: Lane
    parts: list[Part]
    start: float
    end: float
    caveats: tuple[str, ...] = ()
