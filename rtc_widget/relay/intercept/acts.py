"""What `InterceptRules` decide: the acts that `Interceptor` carries out."""

from __future__ import annotations

from dataclasses import dataclass

from .signaling_messages import Message, Party


@dataclass(frozen=True, slots=True)
class Tell:
    """Inform the room's tracers of a stage of a message."""

    stage: str
    message: Message
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Forward:
    """Deliver a message to its receiver."""

    message: Message


@dataclass(frozen=True, slots=True)
class Ask:
    """Request an offer from a participant, on behalf of another."""

    receiver: Party
    sender: Party


@dataclass(frozen=True, slots=True)
class Wake:
    """Call `InterceptRules.due` with the key after some seconds."""

    seconds: float
    key: int


@dataclass(frozen=True, slots=True)
class Changed:
    """Inform all observers of the new control state, and of the reason."""

    reason: str


Act = Tell | Forward | Ask | Wake | Changed
