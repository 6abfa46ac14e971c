"""Finds the relay of a room, and makes tokens for it."""

from __future__ import annotations

import asyncio
from typing import Final

from ..errors import InvalidArgumentError
from ..protocol.signaling import Role
from ..relay.address import Relay

TOKEN_SECONDS: Final = 600.0
"""How long a token is good for: one is made for every attempt to connect."""


class RelayResolver:
    """Finds a room's relay, starting the user's own where none was given, and makes tokens for it.

    Parameters
    ----------
    room : str
        The room that tokens are for.
    relay : Relay or None
        None for the user's own on this machine.
    token : str or None
        A token from the relay's owner, used as it is; required where the relay's secret is not known.
    role : {"student", "teacher", "observer"}
        The role of this process's own connection, for `resolve`.
    """

    def __init__(
        self, room: str, relay: Relay | None, token: str | None = None, *, role: Role = "student"
    ) -> None:
        self._room, self._given, self._token, self._role = room, relay, token, role
        self._found: Relay | None = None

    @property
    def is_local(self) -> bool:
        """Whether the relay is the user's own, on a loopback address."""
        return self._given is None or self._given.is_local

    @property
    def found(self) -> Relay | None:
        """The relay that was found last, None before."""
        return self._found

    async def find(self) -> Relay:
        """Find the relay, starting it if necessary.

        Returns
        -------
        Relay
            The relay.

        Raises
        ------
        RelayError
            ``relay_failed`` when the user's own does not start.
        """
        if self._given is not None and not self._given.is_local:
            relay = self._given
        else:
            relay = await asyncio.to_thread(self.locate)
        self._found = relay
        return relay

    def locate(self) -> Relay:
        """Find the relay as `find` does; blocks.

        Returns
        -------
        Relay
            The relay.

        Raises
        ------
        RelayError
            ``relay_failed`` when the user's own does not start.
        """
        return Relay.local() if self._given is None else self._given.found_again()

    async def resolve(self) -> tuple[str, str]:
        """Find the relay, and make a token to enter the room with.

        Returns
        -------
        (str, str)
            The relay's address and the token.

        Raises
        ------
        RelayError
            ``relay_failed``; ``bad_token`` without a token or a secret to make one.
        """
        relay = await self.find()
        return relay.url, self.token(relay, role=self._role)

    def token(
        self,
        relay: Relay,
        *,
        role: Role = "student",
        expires: float = TOKEN_SECONDS,
        max_uses: int | None = None,
    ) -> str:
        """Return the given token, or make one.

        Parameters
        ----------
        relay : Relay
            The relay whose secret signs it.
        role : {"student", "teacher", "observer"}
            What the bearer may do; front ends get a student's.
        expires : float
            Seconds until it expires.
        max_uses : int, optional
            How many participants it admits.

        Returns
        -------
        str
            The token.
        """
        return self._token or relay.token(self._room, role=role, expires=expires, max_uses=max_uses)


def check_relay(relay: Relay | str | None, token: str | None) -> Relay | None:
    """Check a user's relay and token.

    Parameters
    ----------
    relay : Relay or str or None
        As the user passed it.
    token : str or None
        A token from the relay's owner.

    Returns
    -------
    Relay or None
        The relay, None for the user's own.

    Raises
    ------
    InvalidArgumentError
        ``bad_token`` for a relay without secret and token; ``bad_argument`` for an invalid address, and for
        what is no token at all.
    """
    if relay is not None and not isinstance(relay, Relay):
        relay = Relay(relay)
    if not isinstance(token, str | None):
        raise InvalidArgumentError("bad_argument", f"token must be a str, not {type(token).__name__}.")
    if relay is not None and not relay.can_sign and token is None:
        msg = "Joining a relay without its secret requires a token from its owner for this room: token='…'."
        raise InvalidArgumentError("bad_token", msg)
    return relay
