"""UDP sockets of this machine that nobody else can reach."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any, Final, Self

from ...ice.stun_message import Address

_ANYWHERE: Final = ("192.0.2.1", 9)  # of a network that is only written about (RFC 5737)


def own_address() -> str:
    """Return the address under which this machine's own sockets reach each other.

    Returns
    -------
    str
        That of its way out, where it has one: a browser's sockets may be bound to it.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ANYWHERE)  # which sends nothing
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


@lru_cache(maxsize=256)
def is_own(host: str) -> bool:
    """Tell whether an address is one of this machine's.

    Parameters
    ----------
    host : str
        The address.

    Returns
    -------
    bool
        Whether a socket can be bound to it.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            return False
        return True


class Datagrams(asyncio.DatagramProtocol):
    """A socket. What does not come from this machine is not taken.

    Parameters
    ----------
    receive : callable
        Takes each datagram and its sender.
    """

    def __init__(self, receive: Callable[[bytes, Address], None]) -> None:
        self._receive = receive
        self._transport: Any = None
        self.address: Address = ("", 0)

    @classmethod
    async def open(cls, host: str, receive: Callable[[bytes, Address], None]) -> Self:
        """Open a socket at a free port.

        Parameters
        ----------
        host : str
            An address of this machine.
        receive : callable
            Takes each datagram and its sender.

        Returns
        -------
        Datagrams
            The socket.
        """
        self = cls(receive)
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(host, 0))
        self.address = self._transport.get_extra_info("sockname")[:2]
        return self

    def datagram_received(self, data: bytes, sender: Any) -> None:
        """Take a datagram.

        Parameters
        ----------
        data : bytes
            The datagram.
        sender : tuple
            Its sender's address.
        """
        if is_own(sender[0]):
            self._receive(data, sender[:2])

    def send(self, data: bytes, to: Address) -> None:
        """Send a datagram.

        Parameters
        ----------
        data : bytes
            The datagram.
        to : (str, int)
            Its receiver.
        """
        self._transport.sendto(data, to)

    def close(self) -> None:
        """Close the socket."""
        self._transport.close()


OpenSocket = Callable[[str, Callable[[bytes, Address], None]], Awaitable[Datagrams]]
"""As `Datagrams.open`."""
