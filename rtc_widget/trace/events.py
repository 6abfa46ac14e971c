"""One thing that happened in a room: what a trace is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..protocol import negotiation_events

RELAY: Final = "relay"
"""Who an event happened to when it was the relay."""

ROSTER: Final = ("join", "leave", "away", "back", "media")
RELAYED: Final = (
    "arrived",
    "held",
    "released",
    "delayed",
    "dropped",
    "duplicated",
    "corrupted",
    "forwarded",
)
"""What becomes of a signaling message at the relay."""
STEPS: Final = tuple(negotiation_events.STEPS)
"""What a participant reports of its negotiation, by the names that the W3C gives the operations."""
REPORTED: Final = (*STEPS, "state", "track", "channel", "pair", "stats", "error")
TYPES: Final = (*ROSTER, *RELAYED, "control", *REPORTED)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, on the relay's clock.

    Attributes
    ----------
    time : float
        Seconds since the epoch.
    participant : str
        Id of the participant that it happened to, or `RELAY`.
    type : str
        One of `TYPES`.
    peer : str or None
        Id of the participant at the other end of the connection that it is about.
    message : str or None
        The relay's id of the signaling message that it is about.
    data : dict
        What else there is to say, see ``docs/trace.md``.
    error : float
        Seconds by which ``time`` may be off: half the shortest round trip to the relay. Infinite where a participant's
        clock was never compared with the relay's.
    """

    time: float
    participant: str
    type: str
    peer: str | None = None
    message: str | None = None
    # Descriptions and addresses are among it, and what a notebook shows is saved.
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)
    error: float = 0.0

    def __str__(self) -> str:
        """Return the event in a few words, without what a session description or candidate says."""
        keys = ("event", "name", "description", "value")
        return " ".join([self.type, *(word(self.data[key]) for key in keys if key in self.data)])


def word(value: object) -> str:
    """Return what an event says in one word; "unknown" where a file or another client says no word but a structure."""
    return str(value) if isinstance(value, str | int | float) else "unknown"
