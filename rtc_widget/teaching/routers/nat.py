"""A router in front of every socket, each with an address of its own to the outside (RFC 4787)."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Final, Literal

from ...ice.stun_message import Address
from .datagrams import Datagrams, OpenSocket

Mapping = Literal["endpoint-independent", "address-and-port-dependent"]

_MOST: Final = 256


class Nat:
    """Gives each socket that asks an address outside, and forwards what comes to it.

    What two sockets send to each other's outside addresses arrives as if it came from their own outside addresses, so
    neither learns where the other really is.

    Parameters
    ----------
    host : str
        An address of this machine, for the outside.
    mapping : {"endpoint-independent", "address-and-port-dependent"}
        Whether the address that the STUN server sees is good for others. If it is not, whatever they send there is
        blocked.
    counts : Counter
        Counts "passed" and "blocked".
    open_socket : callable
        As `Datagrams.open`.
    """

    def __init__(
        self,
        host: str,
        mapping: Mapping,
        counts: Counter[str],
        open_socket: OpenSocket = Datagrams.open,
    ) -> None:
        self._host, self._mapping, self._counts = host, mapping, counts
        self._open_socket = open_socket
        self._outside: dict[Address, Datagrams] = {}
        self._lock = asyncio.Lock()

    async def outside(self, inside: Address) -> Address | None:
        """Return the address that a socket has outside.

        Parameters
        ----------
        inside : (str, int)
            The socket's own address.

        Returns
        -------
        (str, int) or None
            Always the same; None when too many sockets have one.
        """
        async with self._lock:
            if inside not in self._outside:
                if len(self._outside) >= _MOST:
                    return None
                self._outside[inside] = await self._open_socket(
                    self._host, lambda data, sender: self._forward(data, sender, inside)
                )
        return self._outside[inside].address

    def _forward(self, data: bytes, sender: Address, inside: Address) -> None:
        source = self._outside.get(sender)
        # Who has no address outside is not behind a router, and no router lets in whom nobody inside has written to.
        if source is None or self._mapping != "endpoint-independent":
            self._counts["blocked"] += 1
            return
        self._counts["passed"] += 1
        source.send(data, inside)

    def close(self) -> None:
        """Close all addresses outside."""
        for each in self._outside.values():
            each.close()
        self._outside.clear()
