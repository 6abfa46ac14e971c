"""Routers for a lesson: what their STUN and TURN server answers, what they count, and how they end."""

from __future__ import annotations

import asyncio
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from rtc_widget.errors import InvalidArgumentError, RtcWidgetError
from rtc_widget.ice.stun_message import (
    ALLOCATE,
    BINDING,
    ERROR,
    MAPPED_ADDRESS,
    SUCCESS,
    StunMessage,
    xor_address,
)
from rtc_widget.runtime import threads
from rtc_widget.teaching.routers import home_routers
from rtc_widget.teaching.routers.home_routers import HomeRouters
from rtc_widget.teaching.routers.lesson_turn_server import LessonTurnServer
from rtc_widget.teaching.routers.nat import Nat
from tests.support.fake_sockets import FakeSocket, FakeSockets
from tests.support.fakes import InlineThreads

HOST = "192.0.2.1"
ADA, BOB = ("192.0.2.7", 5), ("192.0.2.7", 6)
ASKED = StunMessage(BINDING, b"asked by Ada")


class Home:
    """Routers on sockets that send nothing."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sockets, self.released = FakeSockets(), 0
        monkeypatch.setattr(threads, "acquire", InlineThreads)
        monkeypatch.setattr(threads, "release", self.release)
        monkeypatch.setattr(home_routers, "own_address", lambda: HOST)
        monkeypatch.setattr(home_routers, "Datagrams", SimpleNamespace(open=self.sockets.open))
        monkeypatch.setattr(home_routers, "Nat", partial(Nat, open_socket=self.sockets.open))
        monkeypatch.setattr(
            home_routers, "LessonTurnServer", partial(LessonTurnServer, open_socket=self.sockets.open)
        )

    def release(self) -> None:
        self.released += 1

    @property
    def server(self) -> FakeSocket:
        """The socket of the STUN and TURN server."""
        return self.sockets.opened[0]

    async def answers(self, message: StunMessage, sender: Any = ADA) -> list[tuple[StunMessage, Any]]:
        """Return what the server answers somebody."""
        before = len(self.server.sent)
        self.server.receive(message.pack(), sender)
        for _ in range(5):
            await asyncio.sleep(0)
        sent = [(StunMessage.parse(data), to) for data, to in self.server.sent[before:]]
        return [(answer, to) for answer, to in sent if answer is not None]


@pytest.fixture
async def home(monkeypatch: pytest.MonkeyPatch) -> Home:
    return Home(monkeypatch)


async def test_its_servers_are_at_one_address_of_this_machine_with_credentials_for_turn_alone(
    home: Home,
) -> None:
    routers = HomeRouters()

    [stun], [turn] = routers.stun, routers.turn
    assert stun == {"urls": f"stun:{HOST}:40000"}
    assert turn["urls"] == f"turn:{HOST}:40000?transport=udp"
    assert len(turn["username"]) >= 8
    assert len(turn["credential"]) >= 16
    assert turn["credential"] not in repr(routers)


async def test_who_asks_hears_the_address_that_its_router_has_given_it(home: Home) -> None:
    routers = HomeRouters()

    [(answer, to)] = await home.answers(ASKED)

    _, outside = home.sockets.opened
    assert to == ADA
    assert (answer.kind, answer.transaction) == (BINDING | SUCCESS, ASKED.transaction)
    assert list(answer.attributes) == [(MAPPED_ADDRESS, xor_address(outside.address))]
    assert routers.counts == {"asked": 1, "passed": 0, "blocked": 0, "relayed": 0}


async def test_each_has_a_router_of_its_own_and_what_comes_through_is_counted(home: Home) -> None:
    routers = HomeRouters()
    for who in (ADA, BOB):
        await home.answers(ASKED, who)
    _, of_ada, of_bob = home.sockets.opened

    of_bob.receive(b"hello", ADA)

    assert of_ada.sent == [(b"hello", BOB)]
    assert repr(routers) == "HomeRouters('endpoint-independent', asked=2, passed=1, blocked=0, relayed=0)"


async def test_symmetric_routers_let_nobody_in_by_an_address_that_a_server_saw(home: Home) -> None:
    routers = HomeRouters("address-and-port-dependent")
    for who in (ADA, BOB):
        await home.answers(ASKED, who)
    _, of_ada, of_bob = home.sockets.opened

    of_bob.receive(b"hello", ADA)

    assert of_ada.sent == []
    assert routers.counts["blocked"] == 1


async def test_turn_wants_credentials(home: Home) -> None:
    HomeRouters()

    [(answer, to)] = await home.answers(StunMessage(ALLOCATE, b"asked by Ada"))

    assert to == ADA
    assert answer.kind == ALLOCATE | ERROR


async def test_what_is_no_message_is_answered_by_nobody(home: Home) -> None:
    routers = HomeRouters()

    home.server.receive(b"no STUN message at all", ADA)
    await asyncio.sleep(0)

    assert home.server.sent == []
    assert routers.counts["asked"] == 0


async def test_they_end_with_all_of_their_sockets_and_once(home: Home) -> None:
    with HomeRouters() as routers:
        await home.answers(ASKED)
        assert home.released == 0
    routers.close()

    assert [socket.is_closed for socket in home.sockets.opened] == [True, True]
    assert home.released == 1


async def test_what_is_closed_says_so_and_is_given_to_nobody(home: Home) -> None:
    routers = HomeRouters()
    routers.close()

    assert repr(routers) == "HomeRouters('endpoint-independent', closed)"
    for servers in ("stun", "turn"):
        with pytest.raises(RtcWidgetError, match="make new ones") as refused:
            getattr(routers, servers)
        assert refused.value.code == "closed"


async def test_where_no_socket_can_be_opened_nothing_is_left(home: Home) -> None:
    home.sockets.failure = OSError("no more sockets")

    with pytest.raises(OSError, match="no more sockets"):
        HomeRouters()

    assert home.released == 1


async def test_another_mapping_is_refused(home: Home) -> None:
    with pytest.raises(InvalidArgumentError, match="mapping"):
        HomeRouters("port-restricted")  # type: ignore[arg-type]

    assert home.sockets.asked == 0
