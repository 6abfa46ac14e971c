"""A relay as its users hold it: an address, and the right to hand out tokens."""

from __future__ import annotations

from ..errors import InvalidArgumentError, RelayError
from ..protocol.signaling import Role
from . import discovery
from .tokens import entry_token


class Relay:
    """Where a relay is, and what signs its tokens.

    Parameters
    ----------
    url : str
        ``http://…`` or ``https://…``, where ``python -m rtc_widget.relay`` listens.
    secret : str, optional
        What is in its ``--secret-file``; only with it can this object make tokens.

    Examples
    --------
    >>> relay = Relay("https://relay.example.org", secret="0123456789abcdef")
    >>> relay
    Relay('https://relay.example.org')
    >>> token = relay.token("demo", role="teacher", expires=600)
    """

    def __init__(self, url: str, *, secret: str | None = None) -> None:
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            msg = f"A relay's address starts with http:// or https://, which {url!r} does not."
            raise InvalidArgumentError("bad_argument", msg)
        self.url = url.rstrip("/")
        self._secret = secret

    @classmethod
    def local(cls) -> Relay:
        """Return this user's relay on this machine, started if need be.

        Blocks for milliseconds when it runs and for about a second when it does not; any thread may call.
        It stops by itself half a minute after the last kernel and the last participant are gone.

        Raises
        ------
        RelayError
            ``relay_failed`` when it does not come up.
        """
        found = discovery.find_or_start()
        return cls(found.url, secret=found.secret)

    @property
    def can_sign(self) -> bool:
        """Whether `token` works: the secret is known."""
        return self._secret is not None

    def token(self, room: str, *, role: Role = "student", expires: float = 3600.0, once: bool = False) -> str:
        """Make a token for one room.

        Parameters
        ----------
        room : str
            The only room that it opens.
        role : {"student", "teacher", "observer"}
            What the bearer may do.
        expires : float
            Seconds until it is refused.
        once : bool
            Admit only the first participant that uses it.
        """
        if self._secret is None:
            msg = "Only who knows the relay's secret can make tokens: Relay(url, secret=…)."
            raise RelayError("bad_token", msg)
        return entry_token(self._secret, room, role=role, expires=expires, once=once)

    def __repr__(self) -> str:
        return f"Relay({self.url!r})"
