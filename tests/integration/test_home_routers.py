"""Through the routers of a lesson: two that know nothing of each other but what a STUN or TURN server said."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Iterator

import aioice
import pytest
from aioice import stun, turn

from rtc_widget import HomeRouters, InvalidArgumentError
from rtc_widget.teaching.routers import datagrams

PLACE = re.compile(r"(?:stun|turn):([\d.]+):(\d+)")


def place(servers: list[dict[str, str]]) -> tuple[str, int]:
    match = PLACE.match(servers[0]["urls"])
    assert match
    return match[1], int(match[2])


@pytest.fixture(params=["endpoint-independent", "address-and-port-dependent"])
def routers(request: pytest.FixtureRequest) -> Iterator[HomeRouters]:
    with HomeRouters(request.param) as routers:
        yield routers


@pytest.fixture
def easy() -> Iterator[HomeRouters]:
    with HomeRouters() as routers:
        yield routers


async def side(routers: HomeRouters, *, controlling: bool, relay: bool) -> aioice.Connection:
    server = routers.turn[0]
    more = {
        "turn_server": place(routers.turn),
        "turn_username": server["username"],
        "turn_password": server["credential"],
    }
    side = aioice.Connection(
        ice_controlling=controlling,
        stun_server=place(routers.stun),
        use_ipv6=False,
        **(more if relay else {}),
    )
    await side.gather_candidates()
    return side


async def connect(one: aioice.Connection, other: aioice.Connection, *types: str) -> None:
    """Tell each the other's candidates of some types, and let them connect."""
    for here, there in ((one, other), (other, one)):
        here.remote_username, here.remote_password = there.local_username, there.local_password
        for candidate in there.local_candidates:
            if candidate.type in types:
                await here.add_remote_candidate(candidate)
        await here.add_remote_candidate(None)
    await asyncio.wait_for(asyncio.gather(one.connect(), other.connect()), 30)


@pytest.fixture
async def closing() -> AsyncIterator[list[aioice.Connection]]:
    sides: list[aioice.Connection] = []
    yield sides
    await asyncio.gather(*(each.close() for each in sides))


async def test_what_the_stun_server_saw_leads_to_the_other_side(
    easy: HomeRouters, closing: list[aioice.Connection]
) -> None:
    one, other = [await side(easy, controlling=each, relay=False) for each in (True, False)]
    closing += [one, other]

    await connect(one, other, "srflx")

    await one.send(b"from home")
    assert await asyncio.wait_for(other.recv(), 30) == b"from home"
    assert easy.counts["passed"] > 0
    assert easy.counts["blocked"] == easy.counts["relayed"] == 0


async def test_a_router_with_another_address_for_everybody_blocks_it(
    closing: list[aioice.Connection],
) -> None:
    with HomeRouters("address-and-port-dependent") as routers:
        one, other = [await side(routers, controlling=each, relay=False) for each in (True, False)]
        closing += [one, other]

        connecting = asyncio.ensure_future(connect(one, other, "srflx"))
        while not routers.counts["blocked"]:
            await asyncio.sleep(0.01)

        assert routers.counts["passed"] == 0
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)


async def test_through_turn_they_meet_behind_any_router(
    routers: HomeRouters, closing: list[aioice.Connection]
) -> None:
    one, other = [await side(routers, controlling=each, relay=True) for each in (True, False)]
    closing += [one, other]

    await connect(one, other, "relay")

    await other.send(b"by way of a server")
    assert await asyncio.wait_for(one.recv(), 30) == b"by way of a server"
    assert routers.counts["relayed"] > 0


async def test_turn_relays_for_nobody_without_its_password(easy: HomeRouters) -> None:
    with pytest.raises(stun.TransactionFailed, match="401"):
        await turn.create_turn_endpoint(
            lambda: asyncio.DatagramProtocol(), place(easy.turn), username="ada", password="guessed"
        )


async def test_turn_relays_to_no_other_machine(easy: HomeRouters) -> None:
    server = easy.turn[0]
    transport, _ = await turn.create_turn_endpoint(
        lambda: asyncio.DatagramProtocol(),
        place(easy.turn),
        username=server["username"],
        password=server["credential"],
    )
    inner = transport._TurnTransport__inner_protocol
    with pytest.raises(stun.TransactionFailed, match="403"):
        await inner.channel_bind(0x4000, ("192.0.2.9", 9))
    transport.close()


def test_what_another_machine_sends_is_not_taken() -> None:
    taken: list[bytes] = []
    sock = datagrams.Datagrams(lambda data, _sender: taken.append(data))

    sock.datagram_received(b"from elsewhere", ("192.0.2.9", 9))
    sock.datagram_received(b"from here", ("127.0.0.1", 9))

    assert taken == [b"from here"]


def test_it_shows_counts_and_no_secret_and_closes_twice(easy: HomeRouters) -> None:
    host, port = place(easy.stun)
    shown = repr(easy)
    assert shown == "HomeRouters('endpoint-independent', asked=0, passed=0, blocked=0, relayed=0)"

    easy.close()
    easy.close()

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
        again.bind((host, port))


def test_strangers_datagrams_do_nothing(easy: HomeRouters) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.settimeout(5)
        for data in (b"", b"hello", bytes(64), b"\x40\x00\x00\x04abcd", b"\x00\x16" + bytes(18)):
            stranger.sendto(data, place(easy.stun))
        stranger.sendto(
            bytes(stun.Message(stun.Method.BINDING, stun.Class.REQUEST)),
            place(easy.stun),
        )

        answer = stun.parse_message(stranger.recv(1500))

    assert answer.message_class == stun.Class.RESPONSE
    assert easy.counts["asked"] == 1


def test_another_mapping_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="address-and-port-dependent"):
        HomeRouters("symmetric")
