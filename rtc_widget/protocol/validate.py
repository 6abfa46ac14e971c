"""Validates what clients send to the relay: each event's payload against its shape, field by field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from ..errors import ProtocolError
from .limits import LIMITS
from .readable_names import flaw
from .signaling import SHAPES

_CITED: Final = 20
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def _fail(code: str, message: str) -> ProtocolError:
    return ProtocolError(code, message)


def _text(value: object, what: str, limit: int, code: str) -> str:
    if not isinstance(value, str):
        raise _fail(code, f"{what} must be a string, not {type(value).__name__}.")
    if not value:
        raise _fail(code, f"{what} must be 1 to {limit} characters that can be seen, and this one is empty.")
    cited = repr(value) if len(value) <= limit else f"{value[:_CITED]!r}…"
    if len(value) > limit:
        raise _fail(code, f"{what} must be 1 to {limit} characters, and {cited} has {len(value)}.")
    if why := flaw(value):
        raise _fail(code, f"{cited} cannot be {what[0].lower()}{what[1:]}: {why}.")
    return value


def check_room(value: object) -> str:
    """Check the name of a room.

    Parameters
    ----------
    value : object
        The name.

    Returns
    -------
    str
        The name, 1 to 128 characters, in which `flaw` finds nothing.

    Raises
    ------
    ProtocolError
        ``bad_room``.
    """
    return _text(value, "A room's name", LIMITS["room_length"], "bad_room")


def check_name(value: object) -> str:
    """Check the name of a participant.

    Parameters
    ----------
    value : object
        The name.

    Returns
    -------
    str
        The name, 1 to 64 characters, in which `flaw` finds nothing.

    Raises
    ------
    ProtocolError
        ``bad_name``.
    """
    return _text(value, "A participant's name", LIMITS["name_length"], "bad_name")


def _check_id(value: object) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise _fail("bad_request", "A participant's id is 1 to 64 letters, digits, '-' or '_'.")
    return value


def _check_kind(value: object) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise _fail("bad_request", "kind must be a short word such as 'browser' or 'python'.")
    return value


def _check_token(value: object) -> str:
    if not isinstance(value, str) or len(value) > 2_048:
        raise _fail("bad_request", "A resume token is a string of at most 2048 characters.")
    return value


def _check_flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _fail("bad_request", "A flag such as audio, video or screen is true or false.")
    return value


def _check_media(value: object) -> dict[str, bool]:
    if not isinstance(value, dict) or not set(value) <= {"audio", "video", "screen"}:
        raise _fail("bad_request", "media is an object with audio, video and screen.")
    return {key: _check_flag(flag) for key, flag in value.items()}


def _check_caps(value: object) -> dict[str, bool]:
    if not isinstance(value, dict) or len(value) > 16:
        raise _fail("bad_request", "caps is an object of at most 16 flags.")
    return {_check_kind(key): _check_flag(flag) for key, flag in value.items()}


def _check_description(value: object) -> dict[str, str]:
    """Check a session description's form; whether the SDP makes sense is for the receiver's browser to say."""
    if not isinstance(value, dict) or value.get("type") not in ("offer", "answer", "pranswer"):
        raise _fail("bad_description", "A description is {type: 'offer' or 'answer', sdp: '…'}.")
    sdp = value.get("sdp")
    if not isinstance(sdp, str) or not sdp.startswith("v=0") or len(sdp) > LIMITS["description_length"]:
        raise _fail(
            "bad_description", "The SDP must start with 'v=0' (RFC 8866) and have at most 131072 characters."
        )
    return {"type": value["type"], "sdp": sdp}


def _check_candidate(value: object) -> dict[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("candidate"), str):
        raise _fail(
            "bad_candidate", "A candidate is {candidate, sdpMid, sdpMLineIndex}, or null for the end."
        )
    kept: dict[str, Any] = {"candidate": value["candidate"]}
    for key, kind in (("sdpMid", str), ("sdpMLineIndex", int), ("usernameFragment", str)):
        field = value.get(key)
        if field is not None and (not isinstance(field, kind) or isinstance(field, bool)):
            raise _fail("bad_candidate", f"The candidate's {key} has the wrong type.")
        kept[key] = field
    if sum(len(part) for part in kept.values() if isinstance(part, str)) > LIMITS["candidate_length"]:
        raise _fail("bad_candidate", "The candidate is longer than 4096 characters.")
    return kept


def _check_options(value: object) -> dict[str, Any]:
    """Check the form of a teacher's request; what it may ask for is decided by `relay.intercept`."""
    if not isinstance(value, dict) or len(value) > 16:
        raise _fail("bad_request", "options is an object of at most 16 values.")
    for key, option in value.items():
        if not isinstance(option, str | bool | int | float) or (
            isinstance(option, str) and len(option) > 256
        ):
            raise _fail(
                "bad_request", f"The option {str(key)[:32]!r} is neither a short text, a number nor a flag."
            )
    return value


def _check_entries(value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not 1 <= len(value) <= LIMITS["report_entries"]:
        raise _fail("bad_request", f"entries is a list of 1 to {LIMITS['report_entries']} objects.")
    for entry in value:
        if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
            raise _fail("bad_request", "Every entry is an object with a type.")
    return value


def _check_count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise _fail("bad_request", "number and offset are whole numbers from 0 on.")
    return value


def _check_track(value: object) -> str:
    if value not in ("camera", "screen"):
        raise _fail("bad_request", "A recorded track is 'camera' or 'screen'.")
    return str(value)


def _check_piece(value: object) -> dict[str, Any]:
    """Check a piece of what a participant records of itself, or its word that it declines, or that it is done.

    A piece is ``{track, number, offset, data}``: base64 from that offset on of the track's segment of that number;
    ``last`` marks a segment's end. The piece at offset 0 says what the segment is: ``at`` (ms, the sender's clock), ``mime``,
    ``video``, ``audio``.
    """
    if not isinstance(value, dict):
        raise _fail("bad_request", "A piece is an object.")
    for word in ("declined", "done"):
        if value.get(word) is True:
            return {word: True}
    data = value.get("data")
    if not isinstance(data, str) or len(data) > LIMITS["piece_bytes"] * 4 // 3 + 4:
        raise _fail("bad_request", f"A piece's data is base64 of at most {LIMITS['piece_bytes']} bytes.")
    piece: dict[str, Any] = {
        "track": _check_track(value.get("track")),
        "number": _check_count(value.get("number")),
        "offset": _check_count(value.get("offset")),
        "data": data,
        "last": value.get("last") is True,
    }
    if piece["offset"] == 0:
        at, mime = value.get("at"), value.get("mime")
        if isinstance(at, bool) or not isinstance(at, int | float) or not 0 <= at < 2**53:
            raise _fail("bad_request", "A segment's at is its beginning in ms since the epoch.")
        if not isinstance(mime, str) or len(mime) > 128:
            raise _fail("bad_request", "A segment's mime is a media type.")
        piece |= {"at": at, "mime": mime, "video": _check_flag(value.get("video"))}
        piece["audio"] = _check_flag(value.get("audio"))
    return piece


def _check_pieces(value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not 1 <= len(value) <= LIMITS["report_entries"]:
        raise _fail("bad_request", f"pieces is a list of 1 to {LIMITS['report_entries']} objects.")
    checked = []
    for piece in value:
        if not isinstance(piece, dict):
            raise _fail("bad_request", "Each of the pieces is an object.")
        kept: dict[str, Any] = {"track": _check_track(piece.get("track"))}
        checked.append(kept | {key: _check_count(piece.get(key)) for key in ("number", "offset")})
    return checked


KINDS: Final[Mapping[str, Callable[[object], Any]]] = {
    "room": check_room,
    "name": check_name,
    "id": _check_id,
    "kind": _check_kind,
    "media": _check_media,
    "caps": _check_caps,
    "token": _check_token,
    "flag": _check_flag,
    "description": _check_description,
    "candidate": _check_candidate,
    "entries": _check_entries,
    "options": _check_options,
    "piece": _check_piece,
    "pieces": _check_pieces,
}


def check(event: str, payload: object) -> dict[str, Any]:
    """Validate the payload of a client's event.

    Parameters
    ----------
    event : str
        The event's name on the wire.
    payload : object
        What the client sent.

    Returns
    -------
    dict
        The known fields, validated.

    Raises
    ------
    ProtocolError
        ``unknown_event``, ``bad_request``, or the field's own code.
    """
    shape = SHAPES.get(event)
    if shape is None:
        raise _fail("unknown_event", f"The relay knows no event {event[:64]!r}.")
    if not isinstance(payload, dict):
        raise _fail("bad_request", f"{event} takes one object.")
    checked: dict[str, Any] = {}
    for field, kind in shape.items():
        name = field.removesuffix("?")
        if name in payload and not (payload[name] is None and field.endswith("?")):
            checked[name] = KINDS[kind](payload[name])
        elif not field.endswith("?"):
            raise _fail("bad_room" if name == "roomId" else "bad_request", f"{event} needs {name}.")
    return checked
