"""The events that a trace consists of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..errors import InvalidArgumentError
from ..protocol import negotiation_events

RELAY: Final = "relay"
"""The participant of events that happened at the relay."""

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
"""What happens to a signaling message at the relay."""
STEPS: Final = tuple(negotiation_events.STEPS)
"""The steps of a negotiation that participants report, named after the W3C's operations."""
REPORTED: Final = (*STEPS, "state", "track", "channel", "pair", "stats", "error")
# The last is that of no candidate: media take the notebook's own connection.
_CANDIDATE_TYPES: Final = ("host", "srflx", "prflx", "relay", "notebook")
TYPES: Final = (*ROSTER, *RELAYED, "control", *REPORTED)


@dataclass(frozen=True, slots=True, repr=False)
class Event:
    """One event, on the relay's clock.

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
        Further fields, see ``docs/trace.md``.
    error : float
        Seconds by which ``time`` may be off: half the shortest round trip to the relay. Infinite when the
        participant's clock was never compared with the relay's.
    """

    time: float
    participant: str
    type: str
    peer: str | None = None
    message: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    error: float = 0.0

    def __str__(self) -> str:
        """Summarize the event, without the contents of a session description or candidate.

        Returns
        -------
        str
            Such as "setLocalDescription offer".
        """
        keys = ("event", "name", "description", "value", "operation", "error")
        said = [word(self.data[key]) for key in keys if key in self.data]
        # Files may have addresses in the place of types.
        ends = [self.data.get(end) for end in ("local", "remote")]
        if self.type == "pair" and all(end in _CANDIDATE_TYPES for end in ends):
            said.append("notebook" if "notebook" in ends else " ↔ ".join(map(str, ends)))
        return " ".join([self.type, *said])

    def __repr__(self) -> str:
        # No ids, which tell nothing, and no data, which may contain addresses: notebooks save their output.
        return f"<{self}>"


def word(value: object) -> str:
    """Return a field of an event as one word.

    Parameters
    ----------
    value : object
        The field's value.

    Returns
    -------
    str
        "unknown" for a list, an object or null, which files and other clients may contain.
    """
    return str(value) if isinstance(value, str | int | float) else "unknown"


def time_of(event: Event) -> float:
    """Return when an event happened, by which traces are sorted.

    Parameters
    ----------
    event : Event
        What the user passed as one.

    Returns
    -------
    float
        Seconds since the epoch.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument``.
    """
    if not isinstance(event, Event):
        msg = f"A trace is made of Events, not of {type(event).__name__}: Trace.load(path) reads a file."
        raise InvalidArgumentError("bad_argument", msg)
    return event.time
