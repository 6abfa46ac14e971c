"""The addresses of STUN and TURN servers (RFC 7064, RFC 7065)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, Self

_URL: Final = re.compile(r"(stuns?|turns?):(\[[0-9a-fA-F:]+\]|[\w.-]+)(?::(\d{1,5}))?(?:\?transport=(\w+))?")
_PORT: Final = 3478
_TLS_PORT: Final = 5349


@dataclass(frozen=True, slots=True)
class IceUrl:
    """An address, read.

    Attributes
    ----------
    service : {"stun", "turn"}
        What is to be had there.
    host : str
        A name or an IP address.
    port : int
        The port, that of the standard where none was named.
    transport : {"udp", "tcp", "tls"}
        How it is reached.
    """

    service: Literal["stun", "turn"]
    host: str
    port: int
    transport: Literal["udp", "tcp", "tls"]

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read an address.

        Parameters
        ----------
        text : str
            Such as "turn:turn.example.org:3478?transport=tcp".

        Returns
        -------
        IceUrl or None
            None for what is none, or what no client can use.
        """
        match = _URL.fullmatch(text)
        if match is None:
            return None
        scheme, host, port, named = match.groups()
        is_secure = scheme.endswith("s")
        # RFC 7065, section 3.1: TURN over DTLS is for those who ask for it, whom no browser understands.
        transport = named or ("tcp" if is_secure else "udp")
        if transport not in ("udp", "tcp") or (is_secure and transport == "udp"):
            return None
        if scheme.startswith("stun") and named is not None:
            return None
        number = int(port) if port else _TLS_PORT if is_secure else _PORT
        if not 0 < number < 65536:
            return None
        return cls(
            "stun" if scheme.startswith("stun") else "turn",
            host.strip("[]"),
            number,
            "tls" if is_secure else "tcp" if transport == "tcp" else "udp",
        )
