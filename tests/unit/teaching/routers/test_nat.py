"""A router in front of every socket: which address it has outside, and what comes through."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from rtc_widget.teaching.routers import nat as module
from rtc_widget.teaching.routers.nat import Mapping, Nat
from tests.support.fake_sockets import FakeSockets

ADA, BOB, STRANGER = ("10.0.0.1", 1), ("10.0.0.2", 2), ("10.0.0.3", 3)


class Home:
    """Routers of one mapping, and their sockets."""

    def __init__(self, mapping: Mapping = "endpoint-independent") -> None:
        self.sockets, self.counts = FakeSockets(), Counter[str]()
        self.nat = Nat("192.0.2.1", mapping, self.counts, self.sockets.open)


async def test_an_address_outside_stays_the_same_and_is_nobody_elses() -> None:
    home = Home()

    first, second, again = [await home.nat.outside(who) for who in (ADA, BOB, ADA)]

    assert first == again
    assert first != second
    assert len(home.sockets.opened) == 2


async def test_who_asks_twice_at_once_gets_one_address() -> None:
    home = Home()
    home.sockets.may_open.clear()
    asking = [asyncio.create_task(home.nat.outside(ADA)) for _ in range(2)]
    await asyncio.sleep(0)
    home.sockets.may_open.set()

    assert len(set(await asyncio.gather(*asking))) == 1
    assert home.sockets.asked == 1


async def test_what_comes_to_an_address_outside_arrives_as_if_from_its_senders_own() -> None:
    home = Home()
    for who in (ADA, BOB):
        await home.nat.outside(who)
    of_ada, of_bob = home.sockets.opened

    of_bob.receive(b"hello", ADA)

    assert of_ada.sent == [(b"hello", BOB)]
    assert of_bob.sent == []
    assert home.counts == {"passed": 1}


async def test_who_has_no_address_outside_does_not_get_in() -> None:
    home = Home()
    await home.nat.outside(ADA)

    home.sockets.opened[0].receive(b"hello", STRANGER)

    assert home.sockets.opened[0].sent == []
    assert home.counts == {"blocked": 1}


async def test_an_address_that_is_for_one_destination_lets_nobody_else_in() -> None:
    home = Home("address-and-port-dependent")
    for who in (ADA, BOB):
        await home.nat.outside(who)

    home.sockets.opened[1].receive(b"hello", ADA)

    assert [socket.sent for socket in home.sockets.opened] == [[], []]
    assert home.counts == {"blocked": 1}


async def test_too_many_sockets_get_none_and_those_that_have_one_keep_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_MOST", 2)
    home = Home()
    first = await home.nat.outside(ADA)
    await home.nat.outside(BOB)

    assert await home.nat.outside(STRANGER) is None
    assert await home.nat.outside(ADA) == first


async def test_a_socket_that_cannot_be_opened_now_may_be_later() -> None:
    home = Home()
    home.sockets.failure = OSError("Too many open files")
    with pytest.raises(OSError, match="Too many"):
        await home.nat.outside(ADA)

    home.sockets.failure = None
    assert await home.nat.outside(ADA) is not None


async def test_closing_closes_all_addresses() -> None:
    home = Home()
    for who in (ADA, BOB):
        await home.nat.outside(who)

    home.nat.close()
    home.sockets.opened[1].receive(b"late", ADA)

    assert [socket.is_closed for socket in home.sockets.opened] == [True, True]
    assert home.sockets.opened[0].sent == []
