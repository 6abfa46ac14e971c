"""The clients of a relay: what their tokens allow, and whom they act for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from .rate_limits import TokenBucket
from .roster import Member

JOINS: Final = (2.0, 10.0)
"""Joins a second of one connection, on average and at once."""


@dataclass(slots=True)
class Client:
    """One client's connection.

    Attributes
    ----------
    sid : str
        Socket.IO's id of the connection.
    claims : dict
        The claims of its token; see `tokens`.
    owner : str or None
        The public name of the widget that it belongs to.
    joins : TokenBucket
        Limits how often it may join.
    member : Member or None
        Its participant.
    watching : str or None
        The room that it observes.
    address : str or None
        Where its connection comes from: compared with others', and told nobody.
    """

    sid: str
    claims: dict[str, Any]
    owner: str | None
    joins: TokenBucket = field(default_factory=lambda: TokenBucket(*JOINS))
    member: Member | None = None
    watching: str | None = None
    address: str | None = field(default=None, repr=False)

    @property
    def token(self) -> tuple[str, float] | None:
        """The id and the expiry of its token."""
        token_id = self.claims.get("id")
        return None if token_id is None else (token_id, self.claims["exp"])
