"""The wire between participants, observers and the relay: names and shapes, protocol version 1.

``js/src/protocol/signaling.ts`` is this file's twin; a test holds the tables against each other. Nothing here does I/O.

The transport is Socket.IO, namespace ``/``. Every client event is acknowledged with ``{"ok": true, …}`` or
``{"ok": false, "error": {"code", "message"}}``. Before a page sends its token, it lets the relay prove in the namespace
``/proof`` that it is the one which the page's kernel named: the event ``prove``, with a challenge, is acknowledged with
``{"proof"}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, NotRequired, TypedDict

PROTOCOL_VERSION: Final = 1
PROOF_NAMESPACE: Final = "/proof"

SHAPES: Final[Mapping[str, Mapping[str, str]]] = {
    "join_room": {
        "roomId": "room",
        "name?": "name",
        "kind?": "kind",
        "media?": "media",
        "caps?": "caps",
        "resume?": "token",
        "session?": "id",
    },
    "leave_room": {"roomId": "room"},
    "offer": {"roomId": "room", "to": "id", "session?": "id", "offer": "description"},
    "answer": {"roomId": "room", "to": "id", "session?": "id", "answer": "description"},
    "description": {"roomId": "room", "to?": "id", "session?": "id", "description": "description"},
    "ice_candidate": {"roomId": "room", "to": "id", "session?": "id", "candidate": "candidate"},
    "request_offer": {"roomId": "room", "to": "id", "session?": "id"},
    "media_state": {"roomId": "room", "audio": "flag", "video": "flag", "screen": "flag"},
    "report": {"roomId": "room", "entries": "entries"},
    "watch_room": {"roomId": "room", "trace?": "flag"},
    "control_room": {"roomId": "room", "action": "kind", "options?": "options"},
    "remove_participant": {"roomId": "room", "participant": "id", "revoke?": "flag"},
    "knock": {"roomId": "room", "name?": "name", "kind?": "kind", "resume?": "token"},
    "withdraw_knock": {"roomId": "room"},
    "answer_knock": {"roomId": "room", "participant": "id", "admit": "flag", "revoke?": "flag"},
    "record_room": {"roomId": "room", "recording": "id", "on": "flag", "name?": "name", "by?": "id"},
    "recorded": {"roomId": "room", "recording": "id", "piece": "piece"},
    "received": {"roomId": "room", "recording": "id", "to": "id", "pieces": "pieces"},
    "clock": {},
}
"""What a client may send: each event's fields with their kind (`validate.KINDS`); ``?`` marks one that may be absent.

``session`` names one life of a client (one page load, one process): a participant that comes back with the same
one still holds its peer connections, with another it has lost them. Whoever signals may say in ``session`` for which life of
the receiver a message is, as the roster has it: one for a life that is over reaches nobody. ``clock`` is acknowledged with the relay's
``time``, from which a client works out how far its own is off. Whoever signals (`SIGNALS`) is told in the
acknowledgement which ``id`` the relay gave the message, and the receiver finds the same ``id`` in it.

``remove_participant`` puts somebody out, who cannot return under the same id; with ``revoke`` the token that they came in
with admits nobody any more. Who has a token with the claim ``wait`` sends ``knock`` in place of ``join_room``, and is told in
the acknowledgement whether they are ``waiting``, and with which ``resume`` they go on doing so after a reload; once they are
``admitted``, it brings them in. A teacher answers with ``answer_knock``. ``record_room`` begins and ends a recording, which everybody is told by ``recording``. Participants then send what they
record of themselves to who records, as ``recorded``, and who records says with ``received`` how far each part has come,
so that the rest can be sent again when a path or a relay was lost."""

SIGNALS: Final = ("offer", "answer", "description", "ice_candidate", "request_offer")
"""The client events that the relay hands on to whom they are for, and that a teacher may hold or damage."""

SERVER_EVENTS: Final = (
    "user_joined",
    "user_away",
    "user_back",
    "user_left",
    "offer",
    "answer",
    "description",
    "ice_candidate",
    "request_offer",
    "media_state",
    "report",
    "removed",
    "admitted",
    "waiting",
    "ice_servers",
    "paused",
    "signal",
    "control",
    "recording",
    "recorded",
    "received",
)
"""What the relay sends on its own account or hands on from another participant. ``signal`` tells a teacher who asked
for the trace what became of a signaling message, ``ice_servers`` tells a participant that the credentials of its
``iceServers`` are others from now on, ``paused`` tells participants whether messages are held (``on``), and so does the
acknowledgement of ``join_room``: meanwhile nothing of theirs times out; ``control`` tells observers what a teacher holds and breaks.
``signal`` comes in bursts: its ``entries`` are each about one message. ``recording`` tells who records, and when that
ends. ``admitted`` tells somebody who waits with which ``resume`` to join; who is declined, or answered by nobody, gets
``removed``. ``waiting`` tells observers who teach who waits now."""

ROLES: Final = ("student", "teacher", "observer")
Role = Literal["student", "teacher", "observer"]


class InRoom(TypedDict):
    """What every payload but a ``clock``'s has."""

    roomId: str


class JoinRoom(InRoom):
    """The payload of ``join_room``."""

    name: NotRequired[str]
    kind: NotRequired[str]
    media: NotRequired[dict[str, bool]]
    caps: NotRequired[dict[str, bool]]
    resume: NotRequired[str]
    session: NotRequired[str]


class Signal(InRoom):
    """The payload of what is in `SIGNALS`; the description or candidate is in a field that is named as the event."""

    to: NotRequired[str]
    session: NotRequired[str]


class MediaState(InRoom):
    """The payload of ``media_state``."""

    audio: bool
    video: bool
    screen: bool


class Report(InRoom):
    """The payload of ``report``; see `negotiation_events` for its entries."""

    entries: list[dict[str, Any]]


class WatchRoom(InRoom):
    """The payload of ``watch_room``."""

    trace: NotRequired[bool]


class ControlRoom(InRoom):
    """The payload of ``control_room``."""

    action: str
    options: NotRequired[dict[str, Any]]


class RemoveParticipant(InRoom):
    """The payload of ``remove_participant``."""

    participant: str
    revoke: NotRequired[bool]


class Knock(InRoom):
    """The payload of ``knock``."""

    name: NotRequired[str]
    kind: NotRequired[str]
    resume: NotRequired[str]


class AnswerKnock(InRoom):
    """The payload of ``answer_knock``."""

    participant: str
    admit: bool
    revoke: NotRequired[bool]


class RecordRoom(InRoom):
    """The payload of ``record_room``."""

    recording: str
    on: bool
    name: NotRequired[str]
    by: NotRequired[str]


class Recorded(InRoom):
    """The payload of ``recorded``: a piece of a segment, or that there is none."""

    recording: str
    piece: dict[str, Any]


class Received(InRoom):
    """The payload of ``received``: how far each of a participant's segments has come."""

    recording: str
    to: str
    pieces: list[dict[str, Any]]


class Clock(TypedDict):
    """The payload of ``clock``: nothing."""
