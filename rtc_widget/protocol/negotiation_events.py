"""What participants report of their negotiation: the entries of a ``report``.

``js/src/protocol/negotiation-events.ts`` is this file's twin; a test holds the tables against each other. Entries are kept
and shown to others: never a description, a candidate or an address is in one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

STEPS: Final[Mapping[str, tuple[str, ...]]] = {
    "negotiationneeded": (),
    "createOffer": (),
    "createAnswer": (),
    "setLocalDescription": ("description", "duration"),
    "setRemoteDescription": ("description", "duration", "message"),
    "rollback": ("duration",),
    "ignored": ("description", "message"),
    "sent": ("event", "message"),
    "received": ("event", "message"),
    "gathered": ("kind", "protocol"),
    "queued": ("message",),
    "added": ("message",),
    "refused": ("error", "message"),
    "discarded": ("reason", "message"),
    "restartIce": (),
    "failed": ("operation", "error", "message"),
}
"""The steps of a negotiation, by the names that the W3C gives the operations, each with what else its entry says.

``message`` is the relay's id of the signaling message that it is about; absent where there is none.
``duration`` is how long it took from the call until it was done, in ms: the entry's time is that of the call."""

ENTRIES: Final = ("step", "state", "track", "channel", "pair", "stats", "error", "clock", "devices")
"""The types of entries. A "step" is one of `STEPS`; "state" is one of the four state machines of an RTCPeerConnection."""
