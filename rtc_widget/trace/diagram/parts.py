"""The parts of a sequence diagram, before they have places."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from ..events import Event
from ..glare import end_of
from ..messages import Message
from ..times import transit

MACHINES: Final = {
    "signaling_state": "signaling",
    "ice_gathering_state": "ICE gathering",
    "ice_connection_state": "ICE connection",
    "connection_state": "connection",
}
"""The state machines of an RTCPeerConnection. The first is a lifeline's colour, the others are thin lines beside it."""

INITIAL: Final = {
    "signaling_state": "stable",
    "ice_gathering_state": "new",
    "ice_connection_state": "new",
    "connection_state": "new",
}
"""What each of them is before it changes (W3C webrtc, 4.4.1): no event tells."""

PLAIN, GOOD, NOTICE, BAD = "plain", "good", "notice", "bad"
"""How a thing is drawn: each has a shape of its own, so that no colour is needed to tell them apart."""

Family = Literal["call", "candidate", "state", "more", "other"]
"""What a filter hides together; "more" is what is only shown when it is asked for."""


@dataclass(slots=True)
class Lane:
    """A lifeline. `here` is False for a participant who has not joined when the diagram begins."""

    key: str
    name: str
    kind: str = ""
    here: bool = True


@dataclass(slots=True)
class Arrow:
    """One message, or several candidates with the same fate, from one lane through the signaling server to the other.

    Attributes
    ----------
    label : str
        Such as "offer" or "4 candidates (host) + end".
    fate : str
        What happened to it at the server, as text: "held 3.1 s", "dropped". Empty for nothing.
    broken : bool
        Whether it is drawn as two arrows, one to the server and one from it.
    outcome : str
        Its outcome, when it did not have the intended effect: "ignored by Bob", "rolled back by Bob".
    glare : bool
        Whether it is an offer that crossed another.
    waits : str
        While it is held: what each side is waiting for.
    again : bool
        Whether it is a description that its sender had sent before.
    at : float
        When it is drawn, which for an offer in glare is when both are under way.
    """

    messages: tuple[Message, ...]
    label: str
    sent: float
    arrived: float
    forwarded: float | None
    received: float | None
    fate: str = ""
    broken: bool = False
    outcome: str = ""
    glare: bool = False
    waits: str = ""
    again: bool = False
    at: float = 0.0

    @property
    def first(self) -> Message:
        """The first of its messages."""
        return self.messages[0]

    @property
    def way(self) -> str:
        """How long it was on its way, in words; empty while it is, and when that is not known."""
        if self.forwarded is None or self.first.seconds is None:
            return ""
        return transit(max(0.0, end_of(self.first) - self.sent), self.first.clock_error)

    @property
    def copied(self) -> bool:
        """Whether it is a copy that was made at the server: its sender has sent the first one only."""
        return "duplicated" in self.first.fate

    @property
    def time(self) -> float:
        """When it is drawn."""
        return self.at or self.sent

    @property
    def family(self) -> Family:
        """The filter that hides it."""
        return "candidate" if self.first.kind == "ice_candidate" else "other"

    @property
    def weighty(self) -> bool:
        """Whether it is kept in a shortened diagram."""
        return bool(self.fate or self.outcome or self.glare or self.waits)


@dataclass(slots=True)
class Chip:
    """A call or an event of one participant, on its lifeline. `more` is shown on demand; a call lasts `until` it resolved."""

    lane: str
    time: float
    text: str
    tone: str = PLAIN
    family: Family = "other"
    events: list[Event] = field(default_factory=list)
    more: str = ""
    detail: str = ""
    until: float | None = None

    @property
    def weighty(self) -> bool:
        """Whether it is kept in a shortened diagram."""
        return self.tone in (NOTICE, BAD) and self.family == "other"


@dataclass(slots=True)
class Change:
    """A state machine of one participant takes another value, a string of the W3C's."""

    lane: str
    time: float
    machine: str
    value: str
    weighty: bool = False

    @property
    def family(self) -> Family:
        """The filter that hides it."""
        return "state" if self.machine == "signaling_state" else "more"


@dataclass(slots=True)
class Presence:
    """A participant joins ("join"), is there as the trace begins ("here"), leaves ("leave"), or loses and finds the signaling
    server ("away", "back").
    """

    lane: str
    time: float
    event: str
    family: Family = "other"
    weighty: bool = False


@dataclass(slots=True)
class Note:
    """Something about several participants: glare, a pause, a fault."""

    time: float
    text: str
    tone: str = NOTICE
    family: Family = "other"
    weighty: bool = True


@dataclass(slots=True)
class Fold:
    """A span that a shortened diagram leaves out, with a summary, and what changed in it: its `changes` and `presences`."""

    time: float
    until: float
    text: str
    changes: list[Change | Presence] = field(default_factory=list)
    family: Family = "other"
    weighty: bool = True


Part = Arrow | Chip | Change | Presence | Note | Fold


@dataclass(slots=True)
class Story:
    """Everything that the diagram of a connection shows.

    `lanes` are one or two. `parts` are in the order in which they begin; `start` is the trace's first time, and `zero` the
    one from which times are counted. `caveats` say how exact the times are.
    """

    lanes: list[Lane]
    parts: list[Part]
    start: float
    zero: float
    caveats: tuple[str, ...] = ()

    def side(self, lane: str) -> int:
        """Return on which side a lane is.

        Parameters
        ----------
        lane : str
            The participant's id.

        Returns
        -------
        int
            0 for the left, 1 for the right.
        """
        return int(len(self.lanes) > 1 and self.lanes[1].key == lane)

    def name(self, lane: str) -> str:
        """Return a participant's name.

        Parameters
        ----------
        lane : str
            The participant's id.

        Returns
        -------
        str
            The name.
        """
        return next((each.name for each in self.lanes if each.key == lane), lane)
