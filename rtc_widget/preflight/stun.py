"""Ask a STUN server over UDP from this process: a binding request of RFC 8489, without any library."""

from __future__ import annotations

import asyncio
import re
import secrets
import struct
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from .finding import Finding

_COOKIE: Final = 0x2112A442
_REQUEST, _SUCCESS, _ERROR = 0x0001, 0x0101, 0x0111
# Once more each time that this long nothing came (RFC 8489, section 6.2.1, begins with 0.5 s).
_PAUSES: Final = (0.25, 0.5, 1.0, 1.25)
_URL = re.compile(r"(stuns?|turns?):(\[[0-9a-fA-F:]+\]|[\w.-]+)(?::(\d{1,5}))?(\?transport=\w+)?")


def urls_of(ice_servers: Iterable[Any]) -> list[str]:
    """Return every address of ``RTCIceServer`` dictionaries, in order, each once; an empty one for what is none."""
    return list(dict.fromkeys(url for server in ice_servers for url in _urls(server)))


def usable(ice_servers: Iterable[Any]) -> list[dict[str, Any]]:
    """Return those that a browser can be given."""
    return [dict(server) for server in ice_servers if all(_urls(server))]


def _urls(server: Any) -> Sequence[str]:
    urls = server.get("urls") if isinstance(server, Mapping) else None
    if isinstance(urls, list | tuple) and urls and all(isinstance(url, str) for url in urls):
        return urls
    return [urls if isinstance(urls, str) else ""]


async def check(url: str) -> Finding:
    """Say whether a STUN server answers this process, and how fast."""
    match = _URL.fullmatch(url)
    if match is None:
        return Finding(
            "ICE server",
            "problem",
            "An address in ice_servers= is none of a STUN or TURN server.",
            "Write it as stun:host:port or turn:host:port, credentials in fields of their own.",
        )
    if match[1] != "stun":
        return Finding(
            url, "not checked", "From the kernel only stun: servers are asked; the browser tries this one."
        )
    began = time.perf_counter()
    try:
        answered = await _ask(match[2].strip("[]"), int(match[3] or 3478))
    except OSError:
        answered = False
    if answered:
        taken = (time.perf_counter() - began) * 1000
        return Finding(url, "good", f"Answered the kernel in {taken:.0f} ms.")
    return Finding(
        url,
        "warning",
        "Did not answer the kernel; a browser may still reach it.",
        "Check the address, and whether the network lets UDP through; a TURN server over TCP is the way around.",
    )


class _Answer(asyncio.DatagramProtocol):
    def __init__(self, transaction: bytes) -> None:
        self._transaction = transaction
        self.came = asyncio.Event()
        self.is_good = False

    def datagram_received(self, data: bytes, _address: object) -> None:
        if len(data) < 20:
            return
        kind, _, cookie, transaction = struct.unpack("!HHI12s", data[:20])
        if cookie == _COOKIE and transaction == self._transaction and kind in (_SUCCESS, _ERROR):
            # A refusal is an answer too: the server is there.
            self.is_good = True
            self.came.set()

    def error_received(self, _error: Exception) -> None:
        self.came.set()  # nothing listens there, and the system said so


async def _ask(host: str, port: int) -> bool:
    transaction = secrets.token_bytes(12)
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(sum(_PAUSES)) as limit:
        transport, answer = await loop.create_datagram_endpoint(
            lambda: _Answer(transaction), remote_addr=(host, port)
        )
        limit.reschedule(None)
    try:
        for pause in _PAUSES:
            transport.sendto(struct.pack("!HHI12s", _REQUEST, 0, _COOKIE, transaction))
            try:
                async with asyncio.timeout(pause):
                    await answer.came.wait()
                    break
            except TimeoutError:
                continue
        return answer.is_good
    finally:
        transport.close()
