"""One connection to a relay: how it is made, what becomes of acknowledgements, and that nothing of it is left open."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
import socketio
from socketio.exceptions import ConnectionError as ConnectFailed
from socketio.exceptions import TimeoutError as NoAcknowledgement

from rtc_widget.errors import ProtocolError, RelayError
from rtc_widget.protocol.limits import seconds
from rtc_widget.signaling import client as module
from rtc_widget.signaling.client import RelayClient

URL = "https://relay.example.org/folder"


class FakeSession:
    """An HTTP session."""

    def __init__(self) -> None:
        self.is_closed = False

    async def close(self) -> None:
        self.is_closed = True


class FakeSocketIo:
    """What `socketio.AsyncClient` is to a client: its handlers, and outcomes that the test gives."""

    def __init__(self, **options: Any) -> None:
        self.options = options
        self.handlers: dict[str, Callable[..., Awaitable[None]]] = {}
        self.connected: list[tuple[str, dict[str, Any]]] = []
        self.refusal: object = None
        self.failure: BaseException | None = None
        self.may_connect = asyncio.Event()
        self.may_connect.set()
        self.answer: dict[str, Any] | Exception = {"ok": True}
        self.called: list[tuple[str, Any]] = []
        self.disconnects = 0
        self.eio = self

    def on(self, event: str, handler: Callable[..., Awaitable[None]]) -> None:
        self.handlers[event] = handler

    async def connect(self, url: str, **options: Any) -> None:
        self.connected.append((url, options))
        await self.may_connect.wait()
        if self.refusal is not None:
            await self.handlers["connect_error"](self.refusal)
        if self.failure is not None:
            raise self.failure

    async def call(self, event: str, payload: Any, timeout: float) -> Any:
        self.called.append((event, payload))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def disconnect(self) -> None:
        self.disconnects += 1

    async def wait(self) -> None:
        """Wait until Engine.IO has ended."""


class World:
    """What a client is made of."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.socket, self.session = FakeSocketIo(), FakeSession()
        self.events: list[tuple[str, dict[str, Any]]] = []

        def make(**options: Any) -> FakeSocketIo:
            self.socket.options = options
            return self.socket

        monkeypatch.setattr(socketio, "AsyncClient", make)
        monkeypatch.setattr(aiohttp, "ClientSession", lambda: self.session)

    async def connect(self, url: str = URL) -> RelayClient:
        return await RelayClient.connect(
            url, "a room", {"token": "t"}, lambda event, payload: self.events.append((event, payload))
        )


@pytest.fixture
async def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


# -- the connection is made


async def test_it_connects_for_its_room_by_websocket_also_where_the_relay_is_in_a_folder(
    world: World,
) -> None:
    await world.connect()

    [(url, options)] = world.socket.connected
    assert url == f"{URL}/?room=a+room"
    assert options == {
        "auth": {"token": "t"},
        "transports": ["websocket"],
        "wait_timeout": seconds("connect"),
        "socketio_path": "/folder/socket.io",
    }
    # Another one tries again, with another token.
    assert world.socket.options["reconnection"] is False


async def test_a_refusal_has_the_relays_code_and_leaves_nothing_open(world: World) -> None:
    world.socket.refusal = {"data": {"code": "bad_token", "message": "It has expired."}}
    world.socket.failure = ConnectFailed("refused")

    with pytest.raises(RelayError, match="It has expired") as refused:
        await world.connect()

    assert refused.value.code == "bad_token"
    assert world.session.is_closed
    assert world.socket.disconnects == 1


@pytest.mark.parametrize("said", [None, "no", {"data": "no"}, {"data": {"code": "bad_token"}}])
async def test_what_says_no_code_is_a_relay_that_does_not_answer(world: World, said: object) -> None:
    world.socket.refusal, world.socket.failure = said, ConnectFailed("refused")

    with pytest.raises(RelayError, match=URL) as refused:
        await world.connect()

    assert refused.value.code == "relay_unreachable"


@pytest.mark.parametrize("failure", [OSError("no route"), aiohttp.ClientError("no page")])
async def test_a_relay_that_is_not_there_is_named_with_its_address(world: World, failure: Exception) -> None:
    world.socket.failure = failure

    with pytest.raises(RelayError, match=URL) as refused:
        await world.connect()

    assert refused.value.code == "relay_unreachable"
    assert refused.value.__cause__ is failure
    assert world.session.is_closed


async def test_a_relay_that_says_nothing_is_not_waited_for_for_ever(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CONNECT_SECONDS", 0.01)
    world.socket.may_connect.clear()

    with pytest.raises(RelayError) as refused:
        await world.connect()

    assert refused.value.code == "relay_unreachable"
    assert world.session.is_closed


async def test_who_stops_connecting_leaves_nothing_open(world: World) -> None:
    world.socket.may_connect.clear()
    connecting = asyncio.create_task(world.connect())
    while not world.socket.connected:
        await asyncio.sleep(0)
    connecting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await connecting

    assert world.session.is_closed


# -- events and acknowledgements


async def test_events_are_passed_on_but_for_those_that_carry_no_object(world: World) -> None:
    await world.connect()
    receive = world.socket.handlers["*"]

    for payload in ({"socketId": "bob"}, "bob", 3, [{}]):
        await receive("user_joined", payload)
    await receive("user_left")

    assert world.events == [("user_joined", {"socketId": "bob"})]


async def test_an_acknowledgement_is_returned(world: World) -> None:
    client = await world.connect()
    world.socket.answer = {"ok": True, "id": "m1"}

    assert await client.request("offer", {"to": "bob"}) == {"ok": True, "id": "m1"}

    assert world.socket.called == [("offer", {"to": "bob"})]


async def test_a_refused_request_raises_and_a_forwarded_one_says_it(world: World) -> None:
    client = await world.connect()
    world.socket.answer = {"ok": False, "error": {"code": "not_joined", "message": "Join first."}}

    with pytest.raises(ProtocolError, match="Join first") as refused:
        await client.request("offer", {})

    assert refused.value.code == "not_joined"
    assert (await client.forward("offer", {}))["error"]["code"] == "not_joined"


@pytest.mark.parametrize("failure", [NoAcknowledgement(), aiohttp.ClientError()])
async def test_a_request_without_an_acknowledgement_is_a_timeout(world: World, failure: Exception) -> None:
    client = await world.connect()
    world.socket.answer = failure

    with pytest.raises(ProtocolError, match="did not acknowledge offer") as refused:
        await client.request("offer", {})

    assert refused.value.code == "timeout"


# -- its end


async def test_a_lost_connection_is_gone_and_still_has_to_be_closed(world: World) -> None:
    client = await world.connect()
    assert not client.gone.is_set()

    await world.socket.handlers["disconnect"]("transport close")

    assert client.gone.is_set()
    assert not world.session.is_closed


async def test_it_may_be_closed_twice(world: World) -> None:
    client = await world.connect()

    await client.close()
    await client.close()

    assert client.gone.is_set()
    assert world.session.is_closed
