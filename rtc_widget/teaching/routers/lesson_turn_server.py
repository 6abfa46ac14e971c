"""A TURN server (RFC 8656) for UDP and IPv4 that relays only between sockets of this machine."""

from __future__ import annotations

import asyncio
import secrets
import struct
from collections import Counter
from collections.abc import Callable
from typing import Final

from ...ice.stun_message import (
    ALLOCATE,
    CHANNEL_BIND,
    CHANNEL_NUMBER,
    CREATE_PERMISSION,
    DATA,
    DATA_INDICATION,
    ERROR,
    ERROR_CODE,
    LIFETIME,
    MAPPED_ADDRESS,
    NONCE,
    PEER_ADDRESS,
    REALM,
    REFRESH,
    RELAYED_ADDRESS,
    REQUESTED_TRANSPORT,
    SEND,
    SUCCESS,
    USERNAME,
    Address,
    StunMessage,
    key_of,
    xor_address,
)
from .datagrams import Datagrams, OpenSocket, is_own

_REALM: Final = "rtc_widget"
_SECONDS: Final = 600
_MOST: Final = 64
_UDP: Final = 17
_ERRORS: Final = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    437: "Allocation Mismatch",
    442: "Unsupported Transport Protocol",
    486: "Allocation Quota Reached",
    508: "Insufficient Capacity",
}
Attributes = list[tuple[int, bytes]]


class _Allocation:
    """A client's address at the server, whom it has permitted, and its channels."""

    def __init__(self, client: Address) -> None:
        self.client = client
        self.socket: Datagrams | None = None
        self.created = b""
        self.permitted: set[str] = set()
        self.channels: dict[int, Address] = {}
        self.ending: asyncio.TimerHandle | None = None


class LessonTurnServer:
    """Answers the requests of clients, and relays for them.

    A permission and a channel last as long as their allocation, unlike RFC 8656 has it.

    Parameters
    ----------
    host : str
        An address of this machine, for relayed addresses.
    counts : Counter
        Counts "relayed".
    to_client : callable
        Sends a datagram to a client, from the socket that clients write to.
    open_socket : callable
        As `Datagrams.open`.
    """

    def __init__(
        self,
        host: str,
        counts: Counter[str],
        to_client: Callable[[bytes, Address], None],
        open_socket: OpenSocket = Datagrams.open,
    ) -> None:
        self._host, self._counts, self._to_client = host, counts, to_client
        self._open_socket = open_socket
        self.username, self.password = secrets.token_hex(4), secrets.token_urlsafe(16)
        self._key = key_of(self.username, _REALM, self.password)
        self._nonce = secrets.token_hex(8).encode()
        self._allocations: dict[Address, _Allocation] = {}

    async def respond(self, request: StunMessage, client: Address) -> bytes | None:
        """Answer a request.

        Parameters
        ----------
        request : StunMessage
            The request.
        client : (str, int)
            Who asks.

        Returns
        -------
        bytes or None
            The response; None for what is no request of TURN.
        """
        if request.kind not in (ALLOCATE, REFRESH, CREATE_PERMISSION, CHANNEL_BIND):
            return None
        if (
            not request.is_signed_with(self._key)
            or request.get(USERNAME) != self.username.encode()
            or request.get(NONCE) != self._nonce
        ):
            return _refusal(request, 401, [(REALM, _REALM.encode()), (NONCE, self._nonce)]).pack()
        outcome = await self._carry_out(request, client)
        if isinstance(outcome, int):
            return _refusal(request, outcome).pack(self._key)
        return StunMessage(request.kind | SUCCESS, request.transaction, outcome).pack(self._key)

    async def _carry_out(self, request: StunMessage, client: Address) -> Attributes | int:
        """Return the attributes of the response, or the number of an error."""
        if request.kind == ALLOCATE:
            return await self._allocate(request, client)
        allocation = self._allocations.get(client)
        if allocation is None:
            return 437
        if request.kind == REFRESH:
            lifetime = request.get(LIFETIME)
            if lifetime == bytes(4):
                self._end(client)
                return [(LIFETIME, bytes(4))]
            self._keep(allocation)
            return [(LIFETIME, struct.pack("!I", _SECONDS))]
        peers = request.addresses(PEER_ADDRESS)
        if not peers:
            return 400
        if not all(is_own(host) for host, _ in peers):
            return 403
        allocation.permitted.update(host for host, _ in peers)
        if request.kind == CHANNEL_BIND:
            number = int.from_bytes((request.get(CHANNEL_NUMBER) or b"")[:2], "big")
            if not 0x4000 <= number <= 0x4FFF:
                return 400
            allocation.channels[number] = peers[0]
        return []

    async def _allocate(self, request: StunMessage, client: Address) -> Attributes | int:
        if (request.get(REQUESTED_TRANSPORT) or b"\0")[0] != _UDP:
            return 442
        allocation = self._allocations.get(client)
        if allocation is None:
            if len(self._allocations) >= _MOST:
                return 486
            # Noted before the socket is there: a request that is repeated meanwhile is not another one.
            allocation = self._allocations[client] = _Allocation(client)
            allocation.created = request.transaction
            try:
                socket = await self._open_socket(
                    self._host, lambda data, sender: self._relay(allocation, data, sender)
                )
            except OSError:
                self._allocations.pop(client, None)
                return 508
            if self._allocations.get(client) is not allocation:
                socket.close()  # the client has ended it meanwhile
                return 437
            allocation.socket = socket
        elif allocation.created != request.transaction or allocation.socket is None:
            return 437
        self._keep(allocation)
        return [
            (RELAYED_ADDRESS, xor_address(allocation.socket.address)),
            (MAPPED_ADDRESS, xor_address(client)),
            (LIFETIME, struct.pack("!I", _SECONDS)),
        ]

    def _keep(self, allocation: _Allocation) -> None:
        if allocation.ending is not None:
            allocation.ending.cancel()
        loop = asyncio.get_running_loop()
        allocation.ending = loop.call_later(_SECONDS, self._end, allocation.client)

    def _end(self, client: Address) -> None:
        allocation = self._allocations.pop(client)
        if allocation.ending is not None:
            allocation.ending.cancel()
        if allocation.socket is not None:
            allocation.socket.close()

    # -- relaying

    def take(self, data: bytes, client: Address) -> bool:
        """Relay what a client sends.

        Parameters
        ----------
        data : bytes
            A datagram that the client has sent to the server.
        client : (str, int)
            Who has sent it.

        Returns
        -------
        bool
            False for what is not to be relayed.
        """
        allocation = self._allocations.get(client)
        # The first two bits of channel data are 01 (RFC 8656, section 12.4).
        if data[:1] and data[0] >> 6 == 1 and len(data) >= 4:
            number, length = struct.unpack_from("!HH", data)
            if allocation is not None and number in allocation.channels:
                self._send(allocation, data[4 : 4 + length], allocation.channels[number])
            return True
        message = StunMessage.parse(data)
        if message is None or message.kind != SEND:
            return False
        payload = message.get(DATA)
        for peer in message.addresses(PEER_ADDRESS)[:1]:
            if allocation is not None and payload is not None and peer[0] in allocation.permitted:
                self._send(allocation, payload, peer)
        return True

    def _send(self, allocation: _Allocation, data: bytes, peer: Address) -> None:
        if allocation.socket is not None:
            self._counts["relayed"] += 1
            allocation.socket.send(data, peer)

    def _relay(self, allocation: _Allocation, data: bytes, peer: Address) -> None:
        if peer[0] not in allocation.permitted:
            return
        self._counts["relayed"] += 1
        number = next((number for number, bound in allocation.channels.items() if bound == peer), None)
        if number is not None:
            self._to_client(struct.pack("!HH", number, len(data)) + data, allocation.client)
            return
        attributes = ((PEER_ADDRESS, xor_address(peer)), (DATA, data))
        self._to_client(
            StunMessage(DATA_INDICATION, secrets.token_bytes(12), attributes).pack(), allocation.client
        )

    def close(self) -> None:
        """End all allocations."""
        for client in list(self._allocations):
            self._end(client)


def _refusal(request: StunMessage, code: int, more: Attributes | None = None) -> StunMessage:
    reason = struct.pack("!HBB", 0, code // 100, code % 100) + _ERRORS[code].encode()
    return StunMessage(request.kind | ERROR, request.transaction, [(ERROR_CODE, reason), *(more or [])])
