"""Sockets of this machine: which addresses are its own, and that nobody else's datagrams are taken."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, Self

import pytest

from rtc_widget.teaching.routers import datagrams
from rtc_widget.teaching.routers.datagrams import Datagrams, is_own, own_address

OWN, STRANGER = "192.0.2.7", "198.51.100.9"


class FakeProbe:
    """A socket that is bound, or connected, to find something out."""

    has_route = True
    closed = 0

    def __init__(self, *_kind: object) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        type(self).closed += 1

    def connect(self, _to: object) -> None:
        if not self.has_route:
            raise OSError("no route")

    def getsockname(self) -> tuple[str, int]:
        return (OWN, 40_000)

    def bind(self, address: tuple[str, int]) -> None:
        if address[0] != OWN:
            raise OSError("no such address")


@pytest.fixture(autouse=True)
def probe(monkeypatch: pytest.MonkeyPatch) -> type[FakeProbe]:
    made = type("Probe", (FakeProbe,), {})
    monkeypatch.setattr(datagrams, "socket", SimpleNamespace(socket=made, AF_INET=2, SOCK_DGRAM=2))
    is_own.cache_clear()
    return made


def test_the_own_address_is_that_of_the_way_out(probe: type[FakeProbe]) -> None:
    assert own_address() == OWN
    assert probe.closed == 1


def test_a_machine_without_a_way_out_has_the_loopback(probe: type[FakeProbe]) -> None:
    probe.has_route = False

    assert own_address() == "127.0.0.1"
    assert probe.closed == 1


def test_an_address_is_own_where_a_socket_can_be_bound_to_it(probe: type[FakeProbe]) -> None:
    assert is_own(OWN)
    assert not is_own(STRANGER)
    # Which is found out once: it is asked for every datagram.
    assert is_own(OWN)
    assert probe.closed == 2


class Transport:
    """What a loop makes of a socket."""

    def __init__(self) -> None:
        self.sent: list[tuple[bytes, Any]] = []
        self.is_closed = False

    def get_extra_info(self, _name: str) -> tuple[str, int, int]:
        return (OWN, 40_001, 0)

    def sendto(self, data: bytes, to: Any) -> None:
        self.sent.append((data, to))

    def close(self) -> None:
        self.is_closed = True


async def opened(monkeypatch: pytest.MonkeyPatch, received: list[Any]) -> tuple[Datagrams, Transport]:
    transport = Transport()

    async def make(factory: Any, *, local_addr: tuple[str, int]) -> tuple[Transport, Any]:
        assert local_addr == (OWN, 0)
        return transport, factory()

    monkeypatch.setattr(asyncio.get_running_loop(), "create_datagram_endpoint", make)
    return await Datagrams.open(OWN, lambda data, sender: received.append((data, sender))), transport


async def test_a_socket_has_a_free_port_sends_and_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    socket, transport = await opened(monkeypatch, [])

    socket.send(b"hello", (OWN, 5))
    socket.close()

    assert socket.address == (OWN, 40_001)
    assert transport.sent == [(b"hello", (OWN, 5))]
    assert transport.is_closed


async def test_only_what_comes_from_this_machine_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    received: list[Any] = []
    socket, _ = await opened(monkeypatch, received)

    socket.datagram_received(b"from here", (OWN, 5, 0, 0))
    socket.datagram_received(b"from afar", (STRANGER, 5))

    assert received == [(b"from here", (OWN, 5))]
