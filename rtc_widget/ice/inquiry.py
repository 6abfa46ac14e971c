"""Asks a STUN or TURN server whether it serves us: for a peer, which can use only one, and for `doctor()`."""

from __future__ import annotations

import asyncio
import secrets
import ssl
import struct
from collections.abc import Awaitable, Callable
from typing import Final, Literal

from .stun_message import (
    ALLOCATE,
    BINDING,
    ERROR,
    ERROR_CODE,
    LIFETIME,
    NONCE,
    REALM,
    REFRESH,
    REQUESTED_TRANSPORT,
    SUCCESS,
    USERNAME,
    StunMessage,
    key_of,
)
from .urls import IceUrl

Outcome = Literal["serves", "refuses", "full", "silent"]
"""A server serves; it refuses the credentials; it, or the user's share of it, is full; it does not answer, or not usefully."""

# Pauses between retransmissions over UDP, seconds (RFC 8489, section 6.2.1, begins with 0.5 s).
_PAUSES: Final = (0.25, 0.5, 1.0, 2.0, 4.0)
_LONGEST: Final = 2048
_UDP: Final = (REQUESTED_TRANSPORT, bytes((17, 0, 0, 0)))
_REFUSED: Final = (401, 403, 441)
_FULL: Final = (486, 508)

Exchange = Callable[[bytes], Awaitable[StunMessage | None]]


async def ask(url: IceUrl, username: str, credential: str, seconds: float) -> Outcome:
    """Ask a server for what a call would ask it for; what it gives is given back.

    Parameters
    ----------
    url : IceUrl
        Where it is.
    username, credential : str
        Long-term credentials; of no meaning for STUN.
    seconds : float
        How long it may take.

    Returns
    -------
    Outcome
        What came of it.
    """
    try:
        async with asyncio.timeout(seconds):
            if url.transport == "udp":
                return await _over_datagrams(url, username, credential)
            return await _over_stream(url, username, credential)
    # A name that is none of the DNS is a UnicodeError; a certificate that is not trusted is an OSError.
    except (TimeoutError, OSError, UnicodeError, EOFError):
        return "silent"


async def _converse(url: IceUrl, username: str, credential: str, exchange: Exchange) -> Outcome:
    if url.service == "stun":
        answer = await exchange(StunMessage(BINDING, secrets.token_bytes(12)).pack())
        # A refusal is an answer too: the server can be reached.
        return "silent" if answer is None else "serves"
    challenge = await exchange(StunMessage(ALLOCATE, secrets.token_bytes(12), [_UDP]).pack())
    if challenge is None:
        return "silent"
    realm, nonce = challenge.get(REALM), challenge.get(NONCE)
    if challenge.kind == ALLOCATE | ERROR and (realm is None or nonce is None):
        return _outcome(challenge)
    realm, nonce = realm or b"", nonce or b""
    key = key_of(username, realm.decode(errors="replace"), credential)
    signature = ((USERNAME, username.encode()), (REALM, realm), (NONCE, nonce))
    answer = await exchange(StunMessage(ALLOCATE, secrets.token_bytes(12), [_UDP, *signature]).pack(key))
    if answer is None:
        return "silent"
    if answer.kind == ALLOCATE | SUCCESS:
        await exchange(
            StunMessage(REFRESH, secrets.token_bytes(12), [(LIFETIME, bytes(4)), *signature]).pack(key)
        )
    return _outcome(answer)


def _outcome(answer: StunMessage) -> Outcome:
    if answer.kind == ALLOCATE | SUCCESS:
        return "serves"
    reason = answer.get(ERROR_CODE) or b""
    code = reason[2] * 100 + reason[3] if len(reason) >= 4 else 0
    return "refuses" if code in _REFUSED else "full" if code in _FULL else "silent"


class _Answers(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.expected = b""
        self.come: asyncio.Future[StunMessage | None] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, _address: object) -> None:
        message = StunMessage.parse(data)
        if message is None or message.transaction != self.expected or self.come.done():
            return
        if message.kind & SUCCESS:  # or an error, which has this bit too; not the request itself
            self.come.set_result(message)

    def error_received(self, _error: Exception) -> None:
        if not self.come.done():
            self.come.set_result(None)  # the system reports that nothing listens there


async def _over_datagrams(url: IceUrl, username: str, credential: str) -> Outcome:
    loop = asyncio.get_running_loop()
    transport, answers = await loop.create_datagram_endpoint(_Answers, remote_addr=(url.host, url.port))

    async def exchange(request: bytes) -> StunMessage | None:
        answers.expected, answers.come = request[8:20], loop.create_future()
        for pause in _PAUSES:
            transport.sendto(request)
            done, _ = await asyncio.wait([answers.come], timeout=pause)
            if done:
                return answers.come.result()
        return None

    try:
        return await _converse(url, username, credential, exchange)
    finally:
        transport.close()


async def _over_stream(url: IceUrl, username: str, credential: str) -> Outcome:
    # As aiortc does it: with the certificates that this machine trusts.
    context = ssl.create_default_context() if url.transport == "tls" else None
    reader, writer = await asyncio.open_connection(url.host, url.port, ssl=context)

    async def exchange(request: bytes) -> StunMessage | None:
        writer.write(request)
        header = await reader.readexactly(20)
        (length,) = struct.unpack_from("!H", header, 2)
        if length > _LONGEST:
            return None
        message = StunMessage.parse(header + await reader.readexactly(length))
        return message if message is not None and message.transaction == request[8:20] else None

    try:
        return await _converse(url, username, credential, exchange)
    finally:
        writer.close()
