"""Which relay a room is on, and the tokens with which to enter it there."""

from __future__ import annotations

import asyncio
from typing import Final

from ..errors import InvalidArgumentError
from ..protocol.signaling import Role
from ..relay.address import Relay

TOKEN_SECONDS: Final = 600.0
"""How long a token is good for: one is made for every attempt to connect."""


class RelayResolver:
    """Finds a room's relay, starting the user's own where none was named, and makes tokens for it.

    Parameters
    ----------
    room : str
        What the tokens are for.
    relay : Relay or None
        None for the user's own on this machine.
    token : str or None
        What the relay's owner gave out, used as it is; needed where the relay's secret is not known.
    role : {"student", "teacher", "observer"}
        Of this process's own connection, as `resolve` makes its token.
    """

    def __init__(
        self, room: str, relay: Relay | None, token: str | None = None, *, role: Role = "student"
    ) -> None:
        self._room, self._named, self._token, self._role = room, relay, token, role
        self._found: Relay | None = None

    @property
    def is_local(self) -> bool:
        """Whether the relay is the user's own, at a loopback address of this machine."""
        return self._named is None

    @property
    def found(self) -> Relay | None:
        """The relay that was found last, None before."""
        return self._found

    async def find(self) -> Relay:
        """Return the relay, started if need be.

        Raises
        ------
        RelayError
            ``relay_failed`` when the user's own does not come up.
        """
        relay = self._named if self._named is not None else await asyncio.to_thread(Relay.local)
        self._found = relay
        return relay

    async def resolve(self) -> tuple[str, str]:
        """Return the relay's address and a token to enter the room with.

        Raises
        ------
        RelayError
            ``relay_failed``; ``bad_token`` where there is neither a token nor the secret to make one.
        """
        relay = await self.find()
        return relay.url, self.token(relay, role=self._role)

    def token(
        self, relay: Relay, *, role: Role = "student", expires: float = TOKEN_SECONDS, once: bool = False
    ) -> str:
        """Return the token that was given out, or make one.

        Parameters
        ----------
        relay : Relay
            Whose secret signs it.
        role : {"student", "teacher", "observer"}
            What the bearer may do: what is sent to a front end is a student's.
        expires : float
            Seconds until it is refused.
        once : bool
            Admit only the first participant that uses it.
        """
        return self._token or relay.token(self._room, role=role, expires=expires, once=once)


def check_relay(relay: Relay | str | None, token: str | None) -> Relay | None:
    """Return the relay to join over, None for the user's own.

    Parameters
    ----------
    relay : Relay or str or None
        As a user names it.
    token : str or None
        What its owner gave out.

    Raises
    ------
    InvalidArgumentError
        ``bad_token`` for somebody else's relay without a token; ``bad_argument`` for what is no address.
    """
    if isinstance(relay, str):
        relay = Relay(relay)
    if relay is not None and not relay.can_sign and token is None:
        msg = "Joining somebody else's relay needs the token that its owner made for this room: token='…'."
        raise InvalidArgumentError("bad_token", msg)
    return relay
