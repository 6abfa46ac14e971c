"""A relay on a real socket: clients of it that are nothing but Socket.IO, and peers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.peers import Peers, relay_with_media
from tests.support.relays import Client, RunningRelay

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from rtc_widget import Relay


@pytest.fixture
async def relay() -> AsyncIterator[RunningRelay]:
    """A relay that listens on a port of its own, in this process."""
    running = await RunningRelay.start()
    yield running
    await running.stop()


@pytest.fixture
async def connect(relay: RunningRelay) -> AsyncIterator[Callable[..., Awaitable[Client]]]:
    """Connect clients with a token for a room; they are disconnected after the test."""
    clients: list[Client] = []

    async def connect_client(room: str = "demo", *, token: str | None = None, **options: Any) -> Client:
        client = Client(room)
        clients.append(client)
        await client.connect(relay.url, relay.token(room) if token is None else token, **options)
        return client

    yield connect_client
    for client in clients:
        await client.disconnect()


@pytest.fixture
async def join(connect: Callable[..., Awaitable[Client]]) -> Callable[..., Awaitable[Client]]:
    """Connect clients and let them join; what they say is up to the test."""

    async def join_room(
        room: str = "demo", *, token: str | None = None, owner: str | None = None, **said: Any
    ) -> Client:
        client = await connect(room, token=token, owner=owner)
        await client.join(**said)
        return client

    return join_room


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    """A relay that runs as a service, with one media process for all tests of a module."""
    yield from relay_with_media(tmp_path_factory.mktemp("relay"))


@pytest.fixture
def peers(service: Relay) -> Iterator[Peers]:
    """Makes peers in one room; they are closed after the test."""
    made = Peers(service)
    yield made
    made.close()
