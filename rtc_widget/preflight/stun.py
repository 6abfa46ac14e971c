"""Asks a STUN server over UDP from this process: a binding request (RFC 8489), without a library."""

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
# Pauses between retransmissions, seconds (RFC 8489, section 6.2.1, begins with 0.5 s).
_PAUSES: Final = (0.25, 0.5, 1.0, 1.25)
_URL = re.compile(r"(stuns?|turns?):(\[[0-9a-fA-F:]+\]|[\w.-]+)(?::(\d{1,5}))?(\?transport=\w+)?")


def urls_of(ice_servers: Iterable[Any]) -> list[str]:
    """Return all URLs of ``RTCIceServer`` dictionaries.

    Parameters
    ----------
    ice_servers : iterable
        The dictionaries.

    Returns
    -------
    list of str
        In order, without duplicates; an empty text for an invalid entry.
    """
    return list(dict.fromkeys(url for server in ice_servers for url in _urls(server)))


def usable(ice_servers: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the dictionaries that can be passed to a browser.

    Parameters
    ----------
    ice_servers : iterable
        The dictionaries.

    Returns
    -------
    list of dict
        Those whose URLs are texts.
    """
    return [dict(server) for server in ice_servers if all(_urls(server))]


def _urls(server: Any) -> Sequence[str]:
    urls = server.get("urls") if isinstance(server, Mapping) else None
    if isinstance(urls, list | tuple) and urls and all(isinstance(url, str) for url in urls):
        return urls
    return [urls if isinstance(urls, str) else ""]


async def check(url: str) -> Finding:
    """Check whether a STUN server answers this process, and how fast.

    Parameters
    ----------
    url : str
        Such as "stun:stun.example.org:3478".

    Returns
    -------
    Finding
        The finding.
    """
    match = _URL.fullmatch(url)
    if match is None:
        return Finding(
            "ICE server",
            "problem",
            "An address in ice_servers= is not that of a STUN or TURN server.",
            "Write it as stun:host:port or turn:host:port, with credentials in separate fields.",
        )
    if match[1] != "stun":
        return Finding(
            url, "not checked", "The kernel only checks stun: servers; the browser checks this one."
        )
    began = time.perf_counter()
    try:
        answered = await _ask(match[2].strip("[]"), int(match[3] or 3478))
    except (OSError, UnicodeError):  # a name that is none of the DNS, such as "a..b"
        answered = False
    if answered:
        taken = (time.perf_counter() - began) * 1000
        return Finding(url, "good", f"Answered the kernel in {taken:.0f} ms.")
    return Finding(
        url,
        "warning",
        "Did not answer the kernel; a browser may still reach it.",
        "Check the address, and whether the network allows UDP; otherwise use a TURN server over TCP.",
    )


class _Answer(asyncio.DatagramProtocol):
    def __init__(self, transaction: bytes) -> None:
        self._transaction = transaction
        self.arrived = asyncio.Event()
        self.is_good = False

    def datagram_received(self, data: bytes, _address: object) -> None:
        if len(data) < 20:
            return
        kind, _, cookie, transaction = struct.unpack("!HHI12s", data[:20])
        if cookie == _COOKIE and transaction == self._transaction and kind in (_SUCCESS, _ERROR):
            # A refusal is an answer too: the server can be reached.
            self.is_good = True
            self.arrived.set()

    def error_received(self, _error: Exception) -> None:
        self.arrived.set()  # the system reports that nothing listens there


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
                    await answer.arrived.wait()
                    break
            except TimeoutError:
                continue
        return answer.is_good
    finally:
        transport.close()
