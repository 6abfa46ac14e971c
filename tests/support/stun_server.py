"""A STUN server in a few lines: it answers binding requests (RFC 8489) with an address of its choice."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any, Self

COOKIE = 0x2112A442


class StunServer(asyncio.DatagramProtocol):
    """Serves on a free port while it is entered; ``url`` is its address.

    Parameters
    ----------
    address : str, optional
        What clients hear they look like, as behind a NAT; their own by default.
    silent : bool
        Take requests and answer none.
    host : str
        The address to listen at.
    loses : int
        It answers all but one in so many requests; 0 for all.
    line : float
        Bits per second that come in to it; 0 for as many as are sent.
    """

    def __init__(
        self,
        address: str | None = None,
        *,
        silent: bool = False,
        host: str = "127.0.0.1",
        loses: int = 0,
        line: float = 0,
    ) -> None:
        self._address, self._silent, self._host = address, silent, host
        self._loses, self._asked = loses, 0
        self._line, self._idle_at = line, 0.0
        self._transport: Any = None
        self.url = ""

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(self._host, 0))
        self.url = f"stun:{self._host}:{self._transport.get_extra_info('sockname')[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._transport.close()

    def datagram_received(self, data: bytes, sender: tuple[str, int]) -> None:
        """Answer a binding request with XOR-MAPPED-ADDRESS."""
        if self._silent or data[:2] != b"\x00\x01":
            return
        self._asked += 1
        if self._loses and self._asked % self._loses == 0:
            return
        host, port = self._address or sender[0], sender[1]
        number = struct.unpack("!I", socket.inet_aton(host))[0] ^ COOKIE
        attribute = struct.pack("!HHxBHI", 0x0020, 8, 1, port ^ (COOKIE >> 16), number)
        answer = struct.pack("!HHI", 0x0101, len(attribute), COOKIE) + data[8:20] + attribute
        if not self._line:
            self._transport.sendto(answer, sender)
            return
        loop = asyncio.get_running_loop()
        self._idle_at = max(self._idle_at, loop.time()) + len(data) * 8 / self._line
        loop.call_at(self._idle_at, self._transport.sendto, answer, sender)
