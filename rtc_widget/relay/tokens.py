"""Signed tokens: who may enter which room, in which role, until when.

A token is ``base64url(JSON claims) "." base64url(HMAC-SHA256)``. The relay only needs the secret to check one, so
tokens survive a restart of the relay, and resume tokens bring a participant back under the same id.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from typing import Any, Literal

from ..errors import InvalidArgumentError, ProtocolError
from ..plain_numbers import number
from ..protocol.signaling import ROLES, Role
from ..protocol.validate import check_room
from ..runtime.validation import check_number

Use = Literal["enter", "resume", "share", "origin"]

RESUME_SECONDS = 24 * 3600
"""How long a participant may return with its resume token."""

_SHARE_SECONDS = 10.0
_ORIGIN_SECONDS = 600.0


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _signature(secret: str, body: str) -> str:
    return _b64(hmac.digest(secret.encode(), body.encode(), hashlib.sha256))


def _sign(secret: str, claims: dict[str, Any]) -> str:
    body = _b64(json.dumps(claims, separators=(",", ":")).encode())
    return f"{body}.{_signature(secret, body)}"


def entry_token(
    secret: str,
    room: str,
    *,
    role: Role = "student",
    expires: float = 3600.0,
    max_uses: int | None = None,
    watch: bool = True,
    wait: bool = False,
) -> str:
    """Make a token that admits its bearer to one room.

    Parameters
    ----------
    secret : str
        The relay's secret.
    room : str
        The only room that it admits to.
    role : {"student", "teacher", "observer"}
        What the bearer may do; an observer cannot join.
    expires : float
        Seconds from now until it expires.
    max_uses : int, optional
        How many participants it admits; whoever returns, as after a reload, is counted once. Any number when left out.
    watch : bool
        Whether it also lets its bearer observe the room, as the kernel of a widget does.
    wait : bool
        Whether its bearer waits until somebody who teaches lets them in.

    Returns
    -------
    str
        The token.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` for an unknown role, for an `expires` that is no number, and for a `max_uses` that is no positive
        integer.
    ProtocolError
        ``bad_room``.
    """
    if role not in ROLES:
        msg = f"role must be one of {', '.join(ROLES)}, not {role!r}."
        raise InvalidArgumentError("bad_argument", msg)
    uses = None if max_uses is None else number(max_uses)
    if max_uses is not None and (uses is None or uses < 1 or uses % 1):
        raise InvalidArgumentError("bad_argument", f"max_uses must be a positive integer, not {max_uses!r}.")
    claims: dict[str, Any] = {
        "use": "enter",
        "id": secrets.token_urlsafe(12),
        "room": check_room(room),
        "role": role,
        "exp": time.time() + check_number("expires", expires),
    }
    if uses is not None:
        claims["uses"] = int(uses)
    if not watch:
        claims["watch"] = False
    if wait:
        claims["wait"] = True
    return _sign(secret, claims)


def resume_token(
    secret: str,
    room: str,
    participant_id: str,
    order: int,
    *,
    admitted_by: str | None = None,
    waits: bool = False,
    max_uses: int | None = None,
) -> str:
    """Make the token with which a participant returns under its id and order.

    Parameters
    ----------
    secret : str
        The relay's secret.
    room : str
        The room.
    participant_id : str
        The participant's id.
    order : int
        Its place in the order.
    admitted_by : str, optional
        The id of the link's token that it came in with. Then this one alone opens a connection for its return, also when the
        link has expired, unless the link was revoked.
    waits : bool
        Whether it brings its bearer back to where they wait to be let in, and not into the room.
    max_uses : int, optional
        How many the link of somebody who waits admits.

    Returns
    -------
    str
        The token, valid for a day.
    """
    claims: dict[str, Any] = {
        "use": "resume",
        "room": room,
        "id": participant_id,
        "order": order,
        "exp": time.time() + RESUME_SECONDS,
    }
    if admitted_by is not None:
        claims["by"] = admitted_by
    if waits:
        claims["wait"] = True
    if max_uses is not None:
        claims["uses"] = max_uses
    return _sign(secret, claims)


def share_token(secret: str) -> str:
    """Make the token with which the relay's owner has it listen on the network.

    Parameters
    ----------
    secret : str
        The relay's secret.

    Returns
    -------
    str
        The token, valid for a few seconds.
    """
    return _sign(secret, {"use": "share", "exp": time.time() + _SHARE_SECONDS})


def origin_token(secret: str, origin: str) -> str:
    """Make the token with which pages of one origin reach the relay; it lets them do nothing there.

    Parameters
    ----------
    secret : str
        The relay's secret.
    origin : str
        The origin, as browsers name it.

    Returns
    -------
    str
        The token, valid for some minutes.
    """
    return _sign(secret, {"use": "origin", "origin": origin, "exp": time.time() + _ORIGIN_SECONDS})


def read_admission(secret: str, token: object) -> dict[str, Any]:
    """Return what the token of a connection allows.

    Parameters
    ----------
    secret : str
        The relay's secret.
    token : object
        An entry token; or the resume token of a participant that came by a link, which may have expired meanwhile. With that
        it may do nothing but join, or go on waiting, as the same: ``participant`` says who that is.

    Returns
    -------
    dict
        Claims as an entry token has them.

    Raises
    ------
    ProtocolError
        ``bad_token`` or ``token_expired``.
    """
    try:
        return read_token(secret, token, "enter")
    except ProtocolError as refusal:
        if refusal.code != "bad_token":
            raise
        resume = read_token(secret, token, "resume")
        if "by" not in resume:
            raise
    own = {"room": resume["room"], "participant": resume["id"], "id": resume["by"], "exp": resume["exp"]}
    kept = {key: value for key, value in resume.items() if key in ("wait", "uses")}
    return {**own, **kept, "role": "student", "watch": False}


def read_token(secret: str, token: object, use: Use) -> dict[str, Any]:
    """Return the claims of a genuine, current token.

    Parameters
    ----------
    secret : str
        The relay's secret.
    token : object
        What a client sent.
    use : Use
        What it must have been made for.

    Returns
    -------
    dict
        The claims.

    Raises
    ------
    ProtocolError
        ``bad_token`` or ``token_expired``.
    """
    bad = ProtocolError(
        "bad_token", "The token is missing or not from this relay: ask the relay's owner for a new one."
    )
    if not isinstance(token, str) or len(token) > 2_048 or not token.isascii():
        raise bad
    body, _, signature = token.partition(".")
    if not hmac.compare_digest(signature, _signature(secret, body)):
        raise bad
    try:
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (ValueError, binascii.Error):
        raise bad from None
    if claims.get("use") != use:
        raise bad
    if claims["exp"] < time.time():
        raise ProtocolError("token_expired", "The token has expired: ask the relay's owner for a new one.")
    return claims


def proof(secret: str, challenge: str, port: int) -> str:
    """Answer a challenge, which only a relay that knows the secret and listens on this port can do.

    Another program that has taken a relay's port, and passes a challenge on to wherever that relay is now, gets an
    answer that is good for the other port only.

    Parameters
    ----------
    secret : str
        The relay's secret.
    challenge : str
        Any text.
    port : int
        The port that the relay listens on.

    Returns
    -------
    str
        The answer.
    """
    # A key of its own: whoever lets a relay prove itself learns nothing of the key that signs tokens.
    return _signature(_signature(secret, "proof"), f"{port}:{challenge}")
