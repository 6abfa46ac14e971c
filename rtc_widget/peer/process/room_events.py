"""What a peer's room reports to its peer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...errors import RtcWidgetError


@dataclass(frozen=True)
class RoomEvents:
    """What a room reports to its peer; all are called on the loop.

    Attributes
    ----------
    on_entered : callable
        Takes the roster, this peer included, after each time the room was entered.
    on_event : callable
        Takes an event's name and payload, as an observer of the room would see them.
    on_lost : callable
        The signaling path is lost, and will be reestablished.
    on_ended : callable
        This peer has left the room for good: takes the error, or None after `PeerRoom.leave`.
    on_message : callable
        Takes the sender's id and a data channel message.
    on_arrived : callable
        Takes the id of a participant whose `Incoming` is new.
    """

    on_entered: Callable[[list[dict[str, Any]]], None]
    on_event: Callable[[str, dict[str, Any]], None]
    on_lost: Callable[[], None]
    on_ended: Callable[[RtcWidgetError | None], None]
    on_message: Callable[[str, str | bytes], None]
    on_arrived: Callable[[str], None]
