"""A signaling message at the relay."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from ...errors import ProtocolError

KINDS: Final = ("offer", "answer", "ice_candidate", "request_offer")
"""What a message can be, whichever of the two dialects it is said in."""


@dataclass(frozen=True, slots=True)
class Party:
    """A sender or receiver, which a teacher may name by id or by name."""

    id: str
    name: str

    def is_called(self, wanted: str | None) -> bool:
        """Tell whether this is who is meant; None means anybody."""
        return wanted is None or wanted in (self.id, self.name)


@dataclass(frozen=True, slots=True)
class Message:
    """What one participant says to another.

    Attributes
    ----------
    id : str
        The relay's own.
    event : str
        As it came: one of `rtc_widget.protocol.SIGNALS`.
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

    def again(self) -> Message:
        """Return the same message as one of its own."""
        key = f"{self.id}-again"
        return replace(self, id=key, payload={**self.payload, "id": key})

    def with_sdp(self, sdp: str) -> Message:
        """Return the same message with another session description."""
        return replace(self, payload={**self.payload, self.event: {**self.content, "sdp": sdp}})

    def with_candidate(self, text: str) -> Message:
        """Return the same message with another candidate."""
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
        """Take a choice out of a teacher's options.

        Raises
        ------
        ProtocolError
            ``bad_request`` for a kind of message that there is not.
        """
        kind = options.get("kind")
        if kind is not None and kind not in KINDS:
            raise ProtocolError(
                "bad_request", f"There are no messages of kind {kind!r}; there are {', '.join(KINDS)}."
            )
        return cls(kind, _name(options, "sender"), _name(options, "to"))

    def fits(self, message: Message) -> bool:
        """Tell whether a message is meant."""
        return (
            (self.kind is None or self.kind == message.kind)
            and message.sender.is_called(self.sender)
            and message.receiver.is_called(self.to)
        )

    def describe(self) -> dict[str, Any]:
        """Return the choice as it is told to observers."""
        return {"kind": self.kind, "sender": self.sender, "to": self.to}


def _name(options: dict[str, Any], key: str) -> str | None:
    value = options.get(key)
    return None if value is None else str(value)
