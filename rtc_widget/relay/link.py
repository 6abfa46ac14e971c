"""A link by which people without Jupyter join a room, and its QR code."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from ..errors import InvalidArgumentError
from ..plain_numbers import number
from ..protocol.signaling import Role
from .tokens import entry_token

LINK_SECONDS: Final = 3_600.0
"""How long a link admits people, unless that is said."""

LINK_USES: Final = 30
"""How many people a link admits, unless that is said."""

JOIN_PATH: Final = "join"
"""Where the page that a link leads to is, one folder below the relay's address: ``/join/<room>``."""


@dataclass(frozen=True)
class Link:
    """The address of a room's join page, with a token that admits people to the room.

    Attributes
    ----------
    url : str
        What to open. It holds the token: whoever has it may join.
    room : str
        The room.
    role : str
        What people may do who join by it.
    expires : float
        When it admits nobody any more, seconds since the epoch. Who has joined may stay, and return.
    max_uses : int or None
        How many people it admits; any number when None.
    fingerprint : str or None
        SHA-256 of the certificate that was made for the relay, to compare with what a browser shows.
    only_here : bool
        Whether it leads to this machine alone.
    wait : bool
        Whether who comes by it waits until somebody lets them in.
    """

    url: str = field(repr=False)
    room: str
    role: str
    expires: float
    max_uses: int | None
    fingerprint: str | None = None
    only_here: bool = False
    wait: bool = False

    @property
    def until(self) -> str:
        """When it expires, as a clock of this machine says it."""
        then = time.localtime(self.expires)
        day = "" if then[:3] == time.localtime()[:3] else time.strftime("%Y-%m-%d ", then)
        return day + time.strftime("%H:%M", then)

    def qr_code(self) -> str:
        """Draw the link as a QR code.

        Returns
        -------
        str
            A data URL of an SVG picture, dark on white.
        """
        import segno

        # Little of it is ever covered, and fewer modules are read from further away.
        code = segno.make(self.url, error="l", micro=False)
        return code.svg_data_uri(border=4, light="#fff", scale=1, omitsize=True, xmldecl=False)

    def __repr__(self) -> str:
        waits = ", wait=True" if self.wait else ""
        return (
            f"Link({self.room!r}, role={self.role!r}, until={self.until!r}, max_uses={self.max_uses}{waits})"
        )


def make_link(
    base: str,
    secret: str,
    room: str,
    *,
    role: str,
    expires: float,
    max_uses: int | None,
    wait: bool,
    fingerprint: str | None,
) -> Link:
    """Make a link.

    Parameters
    ----------
    base : str
        The relay's address, as those have it who join.
    secret : str
        Its secret.
    room : str
        The room.
    role : str
        "student".
    expires : float
        Seconds until it expires.
    max_uses : int or None
        How many people it admits; any number when None.
    wait : bool
        Whether they wait until somebody lets them in.
    fingerprint : str or None
        SHA-256 of a certificate that nobody has signed.

    Returns
    -------
    Link
        The link.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument``.
    ProtocolError
        ``bad_room``.
    """
    only: Role = "student"
    if role != only:
        msg = (
            f"role must be 'student', not {role!r}: the join page has no teacher's tools, and who observes has no part in it. "
            "Give a teacher relay.token(…, role='teacher') for a RoomWidget."
        )
        raise InvalidArgumentError("bad_argument", msg)
    lasts = number(expires)
    if lasts is None or lasts <= 0:
        raise InvalidArgumentError("bad_argument", f"expires must be a number of seconds, not {expires!r}.")
    # Whoever has the link may open it with any program: it lets nobody watch unseen.
    token = entry_token(
        secret, room, role=only, expires=lasts, max_uses=max_uses, watch=False, wait=bool(wait)
    )
    return Link(
        url=f"{base}/{JOIN_PATH}/{quote(room, safe='')}#{token}",
        room=room,
        role=role,
        expires=time.time() + lasts,
        max_uses=None if max_uses is None else int(max_uses),
        fingerprint=fingerprint,
        only_here=base.startswith("http://127.0.0.1:"),
        wait=bool(wait),
    )
