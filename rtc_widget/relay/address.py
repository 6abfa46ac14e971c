"""A relay as users see it: its address, and the right to make tokens."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from os import PathLike
from typing import Final
from urllib.parse import urlsplit

from ..errors import InvalidArgumentError, RelayError
from ..protocol.heartbeat import Proof
from ..protocol.signaling import Role
from ..runtime.paths import check_path
from ..tracebacks import warn
from . import discovery
from .addresses import EVERYWHERE
from .link import LINK_SECONDS, LINK_USES, Link, make_link
from .sharing import Shared
from .tokens import entry_token, origin_token, proof

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
            warn(message)
        self._secret = secret
        self._shared: Shared | None = None
        self._find_again: Callable[[], Relay] | None = None

    @classmethod
    def local(
        cls,
        *,
        share: bool | str = False,
        certificate: str | PathLike[str] | None = None,
        key: str | PathLike[str] | None = None,
    ) -> Relay:
        """Return this user's relay on this machine, started if necessary.

        Blocks for milliseconds when it is running and for about a second when it is not; callable from any thread.
        It stops by itself half a minute after the last kernel and the last participant have left.

        Parameters
        ----------
        share : bool or str
            Whether it listens for other machines as well, by TLS, until it stops: at every address of this machine, or at the
            one that is named. One that is shared already stays so.
        certificate, key : str or path-like, optional
            Your own, in PEM format, the key without a password (in the same file when left out). Otherwise one is made, of
            which browsers warn: compare `fingerprint`.

        Returns
        -------
        Relay
            The relay, with its secret.

        Raises
        ------
        RelayError
            ``relay_failed`` when it does not start, cannot listen there, or has no certificate.
        InvalidArgumentError
            ``bad_argument`` for a certificate without `share`.
        """
        if share is False and not (certificate is None and key is None):
            msg = "A certificate is for a relay that others reach: Relay.local(share=True, certificate=…, key=…)."
            raise InvalidArgumentError("bad_argument", msg)
        if not isinstance(share, bool | str) or share == "":
            msg = f"share must be True, False or an address of this machine, not {share!r}."
            raise InvalidArgumentError("bad_argument", msg)
        if share is False:
            found = discovery.find_or_start()
        else:
            given = (("certificate", certificate), ("key", key))
            paths = [None if path is None else check_path(what, path) for what, path in given]
            found = discovery.find_and_share(EVERYWHERE if share is True else share, *paths)
        relay = cls(found.url, secret=found.secret)
        relay._shared = found.shared
        relay._find_again = lambda: cls.local(share=share, certificate=certificate, key=key)
        return relay

    @property
    def is_local(self) -> bool:
        """Whether it is this user's own, on this machine."""
        return self._find_again is not None

    @property
    def shared_url(self) -> str | None:
        """The address by which other machines reach this user's own relay, None unless it is shared."""
        return None if self._shared is None else self._shared.url

    @property
    def fingerprint(self) -> str | None:
        """SHA-256 of the certificate of this user's own relay, as browsers show it, None unless it is shared."""
        return None if self._shared is None else self._shared.fingerprint

    def found_again(self) -> Relay:
        """Return the relay as it is now: this user's own is started again where it has ended.

        Returns
        -------
        Relay
            The relay.

        Raises
        ------
        RelayError
            ``relay_failed``.
        """
        return self if self._find_again is None else self._find_again()

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

    def link(
        self,
        room: str,
        *,
        role: str = "student",
        expires: float = LINK_SECONDS,
        max_uses: int | None = LINK_USES,
        wait: bool = False,
    ) -> Link:
        """Make a link by which people join a room without Jupyter, in a browser or on a phone.

        Parameters
        ----------
        room : str
            The room.
        role : {"student"}
            What they may do: join and talk, and not watch, pause, break or record.
        expires : float
            Seconds until it admits nobody any more. Who has joined may stay, and return.
        max_uses : int or None
            How many people it admits; whoever returns is counted once. Any number when None.
        wait : bool
            Whether they wait until somebody who teaches lets them in, as `RoomWidget.admit` does.

        Returns
        -------
        Link
            Its ``url`` is what to open. `RoomWidget.link` shows it in the notebook, with its QR code.

        Raises
        ------
        RelayError
            ``bad_token`` without the secret.
        InvalidArgumentError
            ``bad_argument``, ``bad_room``.
        """
        return make_link(
            self.shared_url or self.url,
            self._known_secret(),
            room,
            role=role,
            expires=expires,
            max_uses=max_uses,
            wait=wait,
            fingerprint=self.fingerprint,
        )

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

    def origin_token(self, origin: str) -> str:
        """Return what pages of one origin show this relay, so that it does not take them for pages of a foreign site.

        Parameters
        ----------
        origin : str
            The origin, such as ``https://notebooks.example.org``.

        Returns
        -------
        str
            A token that is good for this origin, and for nothing but reaching the relay.

        Raises
        ------
        RelayError
            ``bad_token`` without the secret.
        """
        return origin_token(self._known_secret(), origin)

    def _known_secret(self) -> str:
        if self._secret is None:
            msg = "Creating tokens requires the relay's secret: Relay(url, secret=…)."
            raise RelayError("bad_token", msg)
        return self._secret

    def __repr__(self) -> str:
        return f"Relay({self.url!r})"
