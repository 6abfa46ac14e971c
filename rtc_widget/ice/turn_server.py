"""`TurnServer`: a TURN server whose owner shares a secret with it, from which credentials are made that end by themselves."""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
import secrets
import time
from typing import Any, Final

from ..errors import InvalidArgumentError
from ..plain_numbers import number
from .urls import IceUrl

_LONGEST: Final = 30 * 24 * 3600.0


class TurnServer:
    """A TURN server, for ``turn=`` of `RoomWidget` and `Peer`: calls go through it where there is no way without.

    Whoever joins gets credentials that end after a while, and new ones before they do. The secret stays in the kernel,
    and is in nothing that is shown, saved or sent to a page.

    Parameters
    ----------
    *urls : str
        Its addresses: ``turn:host``, ``turn:host:port?transport=tcp``, ``turns:host``. One that names no transport stands
        for UDP and TCP. Peers in Python use the first that answers, UDP before TCP before TLS.
    secret : str
        What the server was started with: coturn's ``static-auth-secret``, together with its ``use-auth-secret``.
    lifetime : float
        Seconds for which credentials are good.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument``.

    Examples
    --------
    >>> TurnServer("turn:turn.example.org", secret="the secret of the server")
    TurnServer(2 addresses)
    """

    __slots__ = ("_lifetime", "_secret", "_urls")

    def __init__(self, *urls: str, secret: str, lifetime: float = 3600.0) -> None:
        self._urls = tuple(dict.fromkeys(each for url in urls for each in _meant(url)))
        if not self._urls:
            raise InvalidArgumentError("bad_argument", 'Name the server: TurnServer("turn:host", secret=…).')
        if not isinstance(secret, str) or not secret.strip():
            msg = (
                "secret must be the text that the TURN server was started with (coturn's static-auth-secret)."
            )
            raise InvalidArgumentError("bad_argument", msg)
        lasts = number(lifetime)
        if lasts is None or not 1 <= lasts <= _LONGEST:
            msg = f"lifetime must be 1 to {_LONGEST:.0f} seconds, not {lifetime!r}."
            raise InvalidArgumentError("bad_argument", msg)
        # What is read from a file ends with its line.
        self._secret, self._lifetime = secret.strip(), lasts

    @property
    def lifetime(self) -> float:
        """Seconds for which credentials are good."""
        return self._lifetime

    def ice_server(self) -> dict[str, Any]:
        """Make credentials.

        Returns
        -------
        dict
            An ``RTCIceServer`` dictionary; its ``username`` says until when it is good.
        """
        # The user's part tells one join from another in the server's log, and in its quotas.
        username = f"{math.ceil(time.time() + self._lifetime)}:{secrets.token_hex(6)}"
        digest = hmac.new(self._secret.encode(), username.encode(), hashlib.sha1).digest()
        return {
            "urls": list(self._urls),
            "username": username,
            "credential": base64.b64encode(digest).decode(),
        }

    def __repr__(self) -> str:
        # Addresses may be IP addresses, and what a cell shows is saved.
        count = len(self._urls)
        return f"TurnServer({count} address{'' if count == 1 else 'es'})"


def _meant(url: object) -> list[str]:
    read = IceUrl.parse(url) if isinstance(url, str) else None
    if read is None or read.service != "turn":
        msg = "A TURN server's address is turn:host, turn:host:port?transport=tcp or turns:host:port."
        raise InvalidArgumentError("bad_argument", msg)
    url = str(url)
    # Browsers take an address without a transport for UDP alone; the same port serves both.
    return (
        [url] if read.transport == "tls" or "?" in url else [f"{url}?transport=udp", f"{url}?transport=tcp"]
    )


def check_turn(turn: object) -> TurnServer | None:
    """Check what a user has passed as ``turn=``.

    Parameters
    ----------
    turn : object
        The argument.

    Returns
    -------
    TurnServer or None
        The server; None for none.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument``.
    """
    if turn is None or isinstance(turn, TurnServer):
        return turn
    # Not shown: it may be a secret.
    msg = f'turn must be TurnServer("turn:host", secret=…), not a {type(turn).__name__}; others go into ice_servers.'
    raise InvalidArgumentError("bad_argument", msg)
