"""A lesson's TURN server: whom it lets in, what it relays, and what it keeps for how long."""

from __future__ import annotations

import asyncio
import struct
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from rtc_widget.ice.stun_message import (
    ALLOCATE,
    BINDING,
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
    REFRESH,
    RELAYED_ADDRESS,
    REQUESTED_TRANSPORT,
    SEND,
    SUCCESS,
    USERNAME,
    StunMessage,
    key_of,
    xor_address,
)
from rtc_widget.teaching.routers import lesson_turn_server
from rtc_widget.teaching.routers.lesson_turn_server import LessonTurnServer
from tests.support.fake_sockets import FakeSockets
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from rtc_widget.ice.stun_message import Address

ADA, BOB, PEER, ELSEWHERE = ("10.0.0.1", 1), ("10.0.0.1", 2), ("10.0.0.9", 9), ("198.51.100.7", 7)
UDP, TCP = (REQUESTED_TRANSPORT, b"\x11\0\0\0"), (REQUESTED_TRANSPORT, b"\x06\0\0\0")
Attribute = tuple[int, bytes]


def to(peer: Address) -> Attribute:
    return PEER_ADDRESS, xor_address(peer)


def channel(number: int) -> Attribute:
    return CHANNEL_NUMBER, struct.pack("!HH", number, 0)


class Served:
    """A server, its sockets, and what it sends to clients."""

    def __init__(self) -> None:
        self.sockets, self.counts = FakeSockets(), Counter[str]()
        self.to_clients: list[tuple[bytes, Address]] = []
        self.server = LessonTurnServer(
            "192.0.2.1",
            self.counts,
            lambda data, client: self.to_clients.append((data, client)),
            self.sockets.open,
        )
        self.nonce = b""
        self._transaction = 0

    async def learn(self) -> None:
        """Ask without credentials, as clients do first."""
        refused = await self.server.respond(StunMessage(ALLOCATE, bytes(12), [UDP]), ADA)
        message = StunMessage.parse(refused or b"")
        assert message is not None
        self.nonce = message.get(NONCE) or b""

    async def ask(
        self,
        kind: int,
        *attributes: Attribute,
        client: Address = ADA,
        transaction: bytes | None = None,
        password: str | None = None,
        user: str | None = None,
        nonce: bytes | None = None,
    ) -> StunMessage:
        """Ask with credentials; return the response."""
        self._transaction += 1
        name = user or self.server.username
        key = key_of(self.server.username, "rtc_widget", password or self.server.password)
        credentials = ((USERNAME, name.encode()), (NONCE, self.nonce if nonce is None else nonce))
        number = transaction or self._transaction.to_bytes(12, "big")
        request = StunMessage.parse(StunMessage(kind, number, [*attributes, *credentials]).pack(key))
        assert request is not None
        response = StunMessage.parse(await self.server.respond(request, client) or b"")
        assert response is not None
        assert response.transaction == number
        return response

    async def code(self, kind: int, *attributes: Attribute, client: Address = ADA) -> int:
        """Ask; return the number of the refusal, 0 without one."""
        return code_of(await self.ask(kind, *attributes, client=client), kind)

    def sends(self, peer: Address, data: bytes, client: Address = ADA) -> bool:
        """Let a client send through the server."""
        message = StunMessage(SEND, bytes(12), [to(peer), (DATA, data)]).pack()
        return self.server.take(message, client)


def code_of(response: StunMessage, kind: int) -> int:
    if response.kind == kind | SUCCESS:
        return 0
    assert response.kind == kind | ERROR
    reason = response.get(ERROR_CODE) or b""
    return reason[2] * 100 + reason[3]


@pytest.fixture
async def served(monkeypatch: pytest.MonkeyPatch) -> Served:
    monkeypatch.setattr(lesson_turn_server, "is_own", lambda host: host.startswith("10."))
    made = Served()
    await made.learn()
    return made


# -- whom it lets in


async def test_who_has_no_credentials_learns_what_to_sign_with(served: Served) -> None:
    request = StunMessage(ALLOCATE, bytes(12), [UDP])

    response = StunMessage.parse(await served.server.respond(request, ADA) or b"")

    assert response is not None
    assert code_of(response, ALLOCATE) == 401
    assert response.get(NONCE) == served.nonce != b""
    assert served.sockets.asked == 0


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"user": "eve"}, {"nonce": b"old"}])
@pytest.mark.parametrize("kind", [ALLOCATE, REFRESH, CREATE_PERMISSION, CHANNEL_BIND])
async def test_wrong_credentials_do_nothing(served: Served, kind: int, wrong: dict[str, str]) -> None:
    assert await served.code(ALLOCATE, UDP, client=BOB) == 0

    response = await served.ask(kind, UDP, to(PEER), channel(0x4000), client=BOB, **wrong)  # type: ignore[arg-type]

    assert code_of(response, kind) == 401
    assert not served.counts


async def test_what_is_no_request_of_turn_is_not_answered(served: Served) -> None:
    assert await served.server.respond(StunMessage(BINDING, bytes(12)), ADA) is None


# -- allocations


async def test_an_allocation_has_an_address_and_says_how_it_sees_the_client(served: Served) -> None:
    response = await served.ask(ALLOCATE, UDP)

    assert response.kind == ALLOCATE | SUCCESS
    assert response.addresses(RELAYED_ADDRESS) == [served.sockets.opened[0].address]
    assert response.addresses(MAPPED_ADDRESS) == [ADA]
    assert response.get(LIFETIME) == struct.pack("!I", 600)
    assert response.is_signed_with(key_of(served.server.username, "rtc_widget", served.server.password))


async def test_a_request_that_is_repeated_is_answered_alike_and_another_is_refused(served: Served) -> None:
    first = await served.ask(ALLOCATE, UDP, transaction=b"twelve bytes")
    again = await served.ask(ALLOCATE, UDP, transaction=b"twelve bytes")

    assert again.addresses(RELAYED_ADDRESS) == first.addresses(RELAYED_ADDRESS)
    assert await served.code(ALLOCATE, UDP) == 437
    assert served.sockets.asked == 1


async def test_only_udp_is_relayed(served: Served) -> None:
    assert await served.code(ALLOCATE, TCP) == 442
    assert await served.code(ALLOCATE) == 442


async def test_there_are_only_so_many_and_one_that_ends_makes_room(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lesson_turn_server, "_MOST", 1)
    assert await served.code(ALLOCATE, UDP) == 0
    assert await served.code(ALLOCATE, UDP, client=BOB) == 486

    assert await served.code(REFRESH, (LIFETIME, bytes(4))) == 0

    assert await served.code(ALLOCATE, UDP, client=BOB) == 0
    assert [socket.is_closed for socket in served.sockets.opened] == [True, False]


async def test_a_socket_that_cannot_be_opened_is_said_and_may_be_asked_for_again(served: Served) -> None:
    served.sockets.failure = OSError("Too many open files")
    assert await served.code(ALLOCATE, UDP) == 508

    served.sockets.failure = None
    assert await served.code(ALLOCATE, UDP) == 0


async def test_who_ends_an_allocation_before_it_is_there_leaves_no_socket_open(served: Served) -> None:
    served.sockets.may_open.clear()
    asking = asyncio.create_task(served.code(ALLOCATE, UDP))
    await wait_for(lambda: served.sockets.asked, 10)
    assert await served.code(REFRESH, (LIFETIME, bytes(4))) == 0
    served.sockets.may_open.set()

    assert await asking == 437

    assert [socket.is_closed for socket in served.sockets.opened] == [True]
    assert await served.code(ALLOCATE, UDP) == 0


async def test_without_an_allocation_nothing_can_be_asked_for(served: Served) -> None:
    for kind in (REFRESH, CREATE_PERMISSION, CHANNEL_BIND):
        assert await served.code(kind, to(PEER), channel(0x4000)) == 437


async def test_an_allocation_ends_unless_it_is_refreshed(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    due: list[tuple[float, object]] = []
    loop = asyncio.get_running_loop()
    later = loop.call_later
    monkeypatch.setattr(loop, "call_later", lambda *given: due.append(given[:2]) or later(*given))

    assert await served.code(ALLOCATE, UDP) == 0
    assert await served.code(REFRESH) == 0
    assert [after for after, _act in due] == [600, 600]

    monkeypatch.setattr(lesson_turn_server, "_SECONDS", 0)
    assert await served.code(REFRESH) == 0
    await wait_for(lambda: served.sockets.opened[0].is_closed, 10)

    assert await served.code(REFRESH) == 437


async def test_closing_ends_all(served: Served) -> None:
    for client in (ADA, BOB):
        assert await served.code(ALLOCATE, UDP, client=client) == 0

    served.server.close()

    assert all(socket.is_closed for socket in served.sockets.opened)
    assert not served.server._allocations


# -- permissions and channels


async def test_permission_is_given_for_this_machine_only_and_for_all_or_none(served: Served) -> None:
    assert await served.code(ALLOCATE, UDP) == 0

    assert await served.code(CREATE_PERMISSION) == 400
    assert await served.code(CREATE_PERMISSION, to(PEER), to(ELSEWHERE)) == 403
    served.sends(PEER, b"not yet")
    assert await served.code(CREATE_PERMISSION, to(PEER)) == 0
    served.sends(PEER, b"now")
    served.sends(ELSEWHERE, b"never")

    assert served.sockets.opened[0].sent == [(b"now", PEER)]
    assert served.counts == {"relayed": 1}


@pytest.mark.parametrize(("number", "code"), [(0x3FFF, 400), (0x4000, 0), (0x4FFF, 0), (0x5000, 400)])
async def test_a_channel_has_a_number_of_its_range(served: Served, number: int, code: int) -> None:
    assert await served.code(ALLOCATE, UDP) == 0

    assert await served.code(CHANNEL_BIND, to(PEER), channel(number)) == code


async def test_a_channel_needs_a_number(served: Served) -> None:
    assert await served.code(ALLOCATE, UDP) == 0

    assert await served.code(CHANNEL_BIND, to(PEER)) == 400
    assert await served.code(CHANNEL_BIND, to(PEER), (CHANNEL_NUMBER, b"\x40")) == 400


async def test_data_of_a_channel_goes_to_its_peer_without_padding(served: Served) -> None:
    assert await served.code(ALLOCATE, UDP) == 0
    assert await served.code(CHANNEL_BIND, to(PEER), channel(0x4001)) == 0

    taken = [
        served.server.take(struct.pack("!HH", number, 5) + b"hello" + bytes(3), client)
        for number, client in ((0x4001, ADA), (0x4002, ADA), (0x4001, BOB))
    ]

    assert taken == [True] * 3
    assert served.sockets.opened[0].sent == [(b"hello", PEER)]


async def test_what_peers_send_comes_by_their_channel_or_with_their_address(served: Served) -> None:
    assert await served.code(ALLOCATE, UDP) == 0
    assert await served.code(CHANNEL_BIND, to(PEER), channel(0x4001)) == 0
    (socket,) = served.sockets.opened

    socket.receive(b"by channel", PEER)
    socket.receive(b"from another port", (PEER[0], 10))
    socket.receive(b"from a stranger", ("10.0.0.8", 9))

    (first, client), (second, _) = served.to_clients
    assert client == ADA
    assert first == struct.pack("!HH", 0x4001, 10) + b"by channel"
    indication = StunMessage.parse(second)
    assert indication is not None
    assert (indication.kind, indication.get(DATA)) == (DATA_INDICATION, b"from another port")
    assert indication.addresses(PEER_ADDRESS) == [(PEER[0], 10)]
    assert served.counts == {"relayed": 2}


@pytest.mark.parametrize(
    "data", [b"", b"\x40", b"\x80\x60 media", b"\xff text", StunMessage(BINDING, bytes(12)).pack()]
)
async def test_what_is_not_to_be_relayed_is_left_to_others(served: Served, data: bytes) -> None:
    assert not served.server.take(data, ADA)


@pytest.mark.parametrize(
    "attributes", [[], [to(PEER)], [(DATA, b"x")], [(PEER_ADDRESS, b"short"), (DATA, b"x")]]
)
async def test_a_half_sending_sends_nothing(served: Served, attributes: list[Attribute]) -> None:
    assert await served.code(ALLOCATE, UDP) == 0
    assert await served.code(CREATE_PERMISSION, to(PEER)) == 0

    assert served.server.take(StunMessage(SEND, bytes(12), attributes).pack(), ADA)

    assert served.sockets.opened[0].sent == []
