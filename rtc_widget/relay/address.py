"""A relay as users see it: its address, and the right to make tokens."""

from __future__ import annotations

import secrets
import warnings
from typing import Final
from urllib.parse import urlsplit

from ..errors import InvalidArgumentError, RelayError
from ..protocol.comm import Proof
from ..protocol.signaling import Role
from . import discovery
from .tokens import entry_token, proof

_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


class Relay:
    """The address of a relay, and the secret that signs its tokens.

    Parameters
    ----------
    url : str
        ``http://…`` or ``https://…``, where ``python -m rtc_widget.relay`` listens.
    secret : str, optional
        The contents of its ``--secret-file``; required to make tokens.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` for another kind of address.

    Examples
    --------
    >>> relay = Relay("https://relay.example.org", secret="0123456789abcdef")
    >>> relay
    Relay('https://relay.example.org')
    >>> token = relay.token("demo", role="teacher", expires=600)
    """

    def __init__(self, url: str, *, secret: str | None = None) -> None:
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            msg = f"A relay's address must start with http:// or https://, unlike {url!r}."
            raise InvalidArgumentError("bad_argument", msg)
        self.url = url.rstrip("/")
        if url.startswith("http://") and urlsplit(url).hostname not in _LOOPBACK:
            message = (
                f"{self.url} is not encrypted: whoever sees the network can read tokens and join. Put the relay "
                "behind https://, or reach it by a tunnel."
            )
            warnings.warn(message, stacklevel=2)
        self._secret = secret

    @classmethod
    def local(cls) -> Relay:
        """Return this user's relay on this machine, started if necessary.

        Blocks for milliseconds when it is running and for about a second when it is not; callable from any thread.
        It stops by itself half a minute after the last kernel and the last participant have left.

        Returns
        -------
        Relay
            The relay, with its secret.

        Raises
        ------
        RelayError
            ``relay_failed`` when it does not start.
        """
        found = discovery.find_or_start()
        return cls(found.url, secret=found.secret)

    @property
    def can_sign(self) -> bool:
        """Whether the secret is known, so that `token` works."""
        return self._secret is not None

    def token(
        self, room: str, *, role: Role = "student", expires: float = 3600.0, max_uses: int | None = None
    ) -> str:
        """Make a token for one room.

        Parameters
        ----------
        room : str
            The only room that it admits to.
        role : {"student", "teacher", "observer"}
            What the bearer may do.
        expires : float
            Seconds until it expires.
        max_uses : int, optional
            How many participants it admits; whoever returns, as after a reload, is counted once. Any number when left
            out.

        Returns
        -------
        str
            The token.

        Raises
        ------
        RelayError
            ``bad_token`` without the secret.
        InvalidArgumentError
            ``bad_argument`` for another role or number, ``bad_room``.
        """
        return entry_token(self._known_secret(), room, role=role, expires=expires, max_uses=max_uses)

    def challenge(self) -> Proof:
        """Return a new challenge, and what a relay that listens at this address answers; another program cannot.

        Returns
        -------
        Proof
            Challenge and answer, as the comm carries them.

        Raises
        ------
        RelayError
            ``bad_token`` without the secret.
        """
        address = urlsplit(self.url)
        challenge = secrets.token_urlsafe(16)
        port = address.port or (443 if address.scheme == "https" else 80)
        return {"challenge": challenge, "answer": proof(self._known_secret(), challenge, port)}

    def _known_secret(self) -> str:
        if self._secret is None:
            msg = "Creating tokens requires the relay's secret: Relay(url, secret=…)."
            raise RelayError("bad_token", msg)
        return self._secret

    def __repr__(self) -> str:
        return f"Relay({self.url!r})"
