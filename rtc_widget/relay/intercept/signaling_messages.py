"""A signaling message at the relay."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from ...errors import ProtocolError

_MEDIA: Final = {"audio": "audio", "video": "video", "application": "data"}
_MOST_MEDIA: Final = 6
_TYPES: Final = ("host", "srflx", "prflx", "relay")
_PROTOCOLS: Final = ("udp", "tcp")
KINDS: Final = ("offer", "answer", "ice_candidate", "request_offer")
"""The kinds of messages, in whichever of the two dialects they are sent."""


@dataclass(frozen=True, slots=True)
class Party:
    """A sender or receiver, whom a teacher may name by id or by name."""

    id: str
    name: str

    def is_called(self, wanted: str | None) -> bool:
        """Return whether a name means this participant.

        Parameters
        ----------
        wanted : str or None
            An id or a name; None means anybody.

        Returns
        -------
        bool
            Whether it does.
        """
        return wanted is None or wanted in (self.id, self.name)


@dataclass(frozen=True, slots=True)
class Message:
    """A message from one participant to another.

    Attributes
    ----------
    id : str
        The relay's id of the message.
    event : str
        The event that carried it: one of `rtc_widget.protocol.SIGNALS`.
    payload : dict
        As the receiver gets it.
    """

    id: str
    event: str
    payload: dict[str, Any]
    sender: Party
    receiver: Party

    @property
    def kind(self) -> str:
        """One of `KINDS`."""
        if self.event != "description":
            return self.event
        return "offer" if self.payload["description"]["type"] == "offer" else "answer"

    @property
    def content(self) -> Any:
        """The session description or candidate; None for the end of candidates and requests."""
        field = "candidate" if self.event == "ice_candidate" else self.event
        return self.payload.get(field)

    @property
    def size(self) -> int:
        """How many characters its description or candidate has."""
        content = self.content
        return sum(len(each) for each in content.values() if isinstance(each, str)) if content else 0

    def involves(self, participant: str) -> bool:
        """Whether a participant is its sender or its receiver.

        Parameters
        ----------
        participant : str
            The participant's id.

        Returns
        -------
        bool
            Whether it is.
        """
        return participant in (self.sender.id, self.receiver.id)

    @property
    def ends(self) -> frozenset[str]:
        """The ids of its sender and its receiver."""
        return frozenset((self.sender.id, self.receiver.id))

    def crosses(self, other: Message) -> bool:
        """Whether it goes the way that another one comes.

        Parameters
        ----------
        other : Message
            The other one.

        Returns
        -------
        bool
            Whether each is sent by the other's receiver.
        """
        return (self.sender.id, self.receiver.id) == (other.receiver.id, other.sender.id)

    @property
    def carries(self) -> str:
        """What it carries, in a few words that tell no address: "audio, video, data", "host udp"."""
        content = self.content
        match self.kind:
            case "offer" | "answer":
                lines = str(content.get("sdp", "")).splitlines()
                kinds = [line[2:].split(" ", 1)[0] for line in lines if line.startswith("m=")]
                known = [_MEDIA[kind] for kind in kinds[:_MOST_MEDIA] if kind in _MEDIA]
                return ", ".join(known)
            case "ice_candidate":
                words = str((content or {}).get("candidate", "")).split(" ", 8)
                if len(words) < 8:
                    return "end of candidates"
                kind, protocol = words[7], words[2].lower()
                return f"{kind} {protocol}" if kind in _TYPES and protocol in _PROTOCOLS else ""
        return ""

    def describe(self, since: float) -> dict[str, Any]:
        """Describe a held message for observers, without its content.

        Parameters
        ----------
        since : float
            Since when it is held, milliseconds since the epoch.

        Returns
        -------
        dict
            An entry of ``held`` in the control state.
        """
        ends = {"from": self.sender.id, "to": self.receiver.id}
        about = {"kind": self.kind, "event": self.event, "carries": self.carries}
        return {"id": self.id, **about, **ends, "at": since}

    def again(self, fault: str) -> Message:
        """Duplicate the message.

        Parameters
        ----------
        fault : str
            The id of the fault that duplicates it: two faults make two copies.

        Returns
        -------
        Message
            A copy with an id of its own.
        """
        key = f"{self.id}-{fault}"
        return replace(self, id=key, payload={**self.payload, "id": key})

    def with_sdp(self, sdp: str) -> Message:
        """Replace the session description.

        Parameters
        ----------
        sdp : str
            The new one.

        Returns
        -------
        Message
            A changed copy.
        """
        return replace(self, payload={**self.payload, self.event: {**self.content, "sdp": sdp}})

    def with_candidate(self, text: str) -> Message:
        """Replace the candidate.

        Parameters
        ----------
        text : str
            The new one.

        Returns
        -------
        Message
            A changed copy.
        """
        return replace(self, payload={**self.payload, "candidate": {**self.content, "candidate": text}})


@dataclass(frozen=True, slots=True)
class Choice:
    """Which messages a teacher means.

    Parameters
    ----------
    kind : str or None
        One of `KINDS`, None for all.
    sender, to : str or None
        Names or ids, None for anybody.
    """

    kind: str | None = None
    sender: str | None = None
    to: str | None = None

    @classmethod
    def of(cls, options: dict[str, Any]) -> Choice:
        """Read a choice from a teacher's options.

        Parameters
        ----------
        options : dict
            The options.

        Returns
        -------
        Choice
            The choice.

        Raises
        ------
        ProtocolError
            ``bad_request`` for an unknown kind of message.
        """
        kind = options.get("kind")
        if kind is not None and kind not in KINDS:
            raise ProtocolError(
                "bad_request", f"Unknown kind of message {kind!r}. The kinds are {', '.join(KINDS)}."
            )
        return cls(kind, _name(options, "sender"), _name(options, "to"))

    def fits(self, message: Message) -> bool:
        """Return whether a message matches.

        Parameters
        ----------
        message : Message
            The message.

        Returns
        -------
        bool
            Whether it does.
        """
        return (
            (self.kind is None or self.kind == message.kind)
            and message.sender.is_called(self.sender)
            and message.receiver.is_called(self.to)
        )

    def describe(self) -> dict[str, Any]:
        """Describe the choice for observers.

        Returns
        -------
        dict
            Its three fields.
        """
        return {"kind": self.kind, "sender": self.sender, "to": self.to}


@dataclass(slots=True)
class Break:
    """A breakpoint, and the connection of the teacher who set it."""

    id: str
    by: str
    choice: Choice


def _name(options: dict[str, Any], key: str) -> str | None:
    value = options.get(key)
    return None if value is None else str(value)
