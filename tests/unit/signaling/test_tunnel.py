"""The comm tunnel: browsers that speak to the relay through the kernel."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.errors import ProtocolError, RelayError
from rtc_widget.signaling.client import RelayClient
from rtc_widget.signaling.tunnel import Tunnels
from tests.support.fakes import FakeClient, FakeRelays
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

OPEN = {"op": "open", "auth": {"token": "token"}}


class Tunneled:
    """Tunnels over fake relays, and what they have sent to front ends."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *outcomes: FakeClient | Exception) -> None:
        self.relays = FakeRelays(*outcomes)
        monkeypatch.setattr(RelayClient, "connect", self.relays.connect)
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.tunnels = Tunnels("demo", self._url, self._send)

    async def _url(self) -> str:
        return "http://relay"

    def _send(self, client_id: str, message: Any) -> None:
        assert message["kind"] == "tunnel"
        self.sent.append((client_id, {key: value for key, value in message.items() if key != "kind"}))

    async def sends(self, client_id: str, op: str) -> dict[str, Any]:
        """Wait for a message to a front end."""
        found = await wait_for(
            lambda: [message for to, message in self.sent if (to, message["op"]) == (client_id, op)], 10
        )
        return found[-1]


@pytest.fixture
async def client() -> FakeClient:
    return FakeClient(
        {"join_room": {"ok": True, "socketId": "ada"}, "offer": ProtocolError("not_joined", "Join.")}
    )


@pytest.fixture
async def tunneled(monkeypatch: pytest.MonkeyPatch, client: FakeClient) -> AsyncIterator[Tunneled]:
    made = Tunneled(monkeypatch, client)
    yield made
    await made.tunnels.close()


async def test_a_tunnel_has_the_front_ends_own_token(tunneled: Tunneled) -> None:
    tunneled.tunnels.receive("tab", OPEN)

    await tunneled.sends("tab", "opened")

    assert tunneled.relays.attempts == [("http://relay", "demo", {"token": "token"})]


async def test_what_is_emitted_is_acknowledged_with_its_number(
    tunneled: Tunneled, client: FakeClient
) -> None:
    tunneled.tunnels.receive("tab", OPEN)
    tunneled.tunnels.receive(
        "tab", {"op": "emit", "id": 7, "event": "join_room", "payload": {"roomId": "demo"}}
    )

    assert await tunneled.sends("tab", "ack") == {
        "op": "ack",
        "id": 7,
        "answer": {"ok": True, "socketId": "ada"},
    }
    assert client.sent == [("join_room", {"roomId": "demo"})]


async def test_a_refusal_reaches_the_front_end_as_the_relay_says_it(tunneled: Tunneled) -> None:
    tunneled.tunnels.receive("tab", OPEN)
    tunneled.tunnels.receive("tab", {"op": "emit", "id": 1, "event": "offer", "payload": {}})

    answer = (await tunneled.sends("tab", "ack"))["answer"]

    assert answer == {"ok": False, "error": {"code": "not_joined", "message": "Join."}}


async def test_the_relays_events_come_back(tunneled: Tunneled) -> None:
    tunneled.tunnels.receive("tab", OPEN)
    await tunneled.sends("tab", "opened")

    tunneled.relays.on_event("user_joined", {"socketId": "bob"})

    assert (await tunneled.sends("tab", "event"))["payload"] == {"socketId": "bob"}


async def test_a_relay_that_refuses_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Tunneled(monkeypatch, RelayError("token_used", "This token has been used."))
    made.tunnels.receive("tab", OPEN)

    refused = await made.sends("tab", "refused")

    assert refused["error"] == {"code": "token_used", "message": "This token has been used."}
    await made.tunnels.close()


async def test_a_lost_connection_closes_the_tunnel(tunneled: Tunneled, client: FakeClient) -> None:
    tunneled.tunnels.receive("tab", OPEN)
    await tunneled.sends("tab", "opened")

    client.gone.set()

    await tunneled.sends("tab", "closed")
    await wait_for(lambda: client.is_closed, 10)


async def test_a_front_end_may_close_its_tunnel_and_open_another(
    tunneled: Tunneled, client: FakeClient
) -> None:
    tunneled.tunnels.receive("tab", OPEN)
    tunneled.tunnels.receive("tab", {"op": "close"})
    await wait_for(lambda: client.is_closed, 10)
    client.gone.clear()

    tunneled.tunnels.receive("tab", OPEN)

    await wait_for(lambda: len(tunneled.relays.attempts) == 2, 10)


async def test_who_leaves_and_closes_in_one_breath_has_left(tunneled: Tunneled, client: FakeClient) -> None:
    tunneled.tunnels.receive("tab", OPEN)
    await tunneled.sends("tab", "opened")

    tunneled.tunnels.receive("tab", {"op": "emit", "id": 0, "event": "leave_room", "payload": {}})
    tunneled.tunnels.receive("tab", {"op": "close"})

    await wait_for(lambda: client.is_closed, 10)
    assert client.sent == [("leave_room", {})]


async def test_the_next_tunnel_of_a_front_end_has_nothing_of_the_one_that_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Slow(FakeClient):
        async def forward(self, event: str, payload: Any) -> dict[str, Any]:
            await acknowledges.wait()
            return await super().forward(event, payload)

    acknowledges = asyncio.Event()
    first, second = Slow(), FakeClient()
    made = Tunneled(monkeypatch, first, second)
    made.tunnels.receive("tab", OPEN)
    await made.sends("tab", "opened")
    of_the_first = made.relays.on_event
    made.tunnels.receive("tab", {"op": "emit", "id": 1, "event": "leave_room", "payload": {}})
    made.tunnels.receive("tab", {"op": "close"})
    made.tunnels.receive("tab", OPEN)
    await wait_for(lambda: len(made.relays.attempts) == 2, 10)

    of_the_first("user_left", {"socketId": "bob"})
    acknowledges.set()

    await wait_for(lambda: first.is_closed, 10)
    assert [message["op"] for _to, message in made.sent] == ["opened", "opened"]
    assert not second.is_closed
    await made.tunnels.close()


async def test_what_comes_before_a_tunnel_is_open_is_told_that_there_is_none(tunneled: Tunneled) -> None:
    tunneled.tunnels.receive("tab", {"op": "emit", "id": 1, "event": "offer", "payload": {}})

    assert tunneled.sent == [("tab", {"op": "closed"})]
    assert tunneled.relays.attempts == []


async def test_closing_ends_all_tunnels(monkeypatch: pytest.MonkeyPatch) -> None:
    clients = [FakeClient(), FakeClient()]
    made = Tunneled(monkeypatch, *clients)
    made.tunnels.receive("one", OPEN)
    await made.sends("one", "opened")
    made.tunnels.receive("other", OPEN)
    await made.sends("other", "opened")

    await made.tunnels.close()

    assert [client.is_closed for client in clients] == [True, True]


async def test_a_front_end_that_floods_its_tunnel_loses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stuck(FakeRelays):
        async def connect(self, *_given: Any) -> FakeClient:
            await asyncio.Event().wait()
            raise AssertionError

    made = Tunneled(monkeypatch, FakeClient())
    monkeypatch.setattr(RelayClient, "connect", Stuck(FakeClient()).connect)
    for _message in range(1_500):
        made.tunnels.receive("tab", OPEN)

    await wait_for(lambda: not made.tunnels._tunnels, 10)
