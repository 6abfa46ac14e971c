"""Watching one room for everybody in this kernel, over one connection."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.errors import ProtocolError, RelayError, RtcWidgetError
from rtc_widget.signaling.client import RelayClient
from rtc_widget.signaling.observer import Observer, ObserverListener
from tests.support.fakes import FakeClient, FakeRelays
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

WATCHED: dict[str, Any] = {"ok": True, "participants": [], "time": 100.0}


class Ear:
    """A listener, and what it has heard."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.listener = ObserverListener(
            on_snapshot=lambda watched: self.heard.append(("snapshot", watched["time"])),
            on_event=lambda event, payload: self.heard.append((event, payload.get("at"))),
            on_lost=lambda: self.heard.append("lost"),
            on_failed=lambda error: self.heard.append(error.code),
        )

    async def hears(self, *heard: Any) -> None:
        """Wait until exactly this has been heard."""
        await wait_for(lambda: self.heard == list(heard), 10, f"{heard}, heard {self.heard}")


class GatedClient(FakeClient):
    """Acknowledges ``watch_room`` when the test says so."""

    def __init__(self, answers: Any = None) -> None:
        super().__init__(answers or {"watch_room": WATCHED})
        self.gate = asyncio.Event()
        self.gate.set()

    async def request(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        answer = await super().request(event, payload)
        await self.gate.wait()
        return answer

    @property
    def watches(self) -> int:
        """How often a snapshot was asked for."""
        return sum(event == "watch_room" for event, _payload in self.sent)


class Observed:
    """An observer over fake relays."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *outcomes: FakeClient | Exception) -> None:
        self.relays = FakeRelays(*outcomes)
        monkeypatch.setattr(RelayClient, "connect", self.relays.connect)
        self.ears: list[Ear] = []
        self.observer = Observer("demo", "owner key", self._resolve)

    async def _resolve(self) -> tuple[str, str]:
        return "http://relay", "token"

    def listen(self) -> Ear:
        """Add a listener."""
        self.ears.append(Ear())
        self.observer.add(self.ears[-1].listener)
        return self.ears[-1]

    async def end(self) -> None:
        """Remove all listeners."""
        for ear in self.ears:
            await self.observer.remove(ear.listener)


@pytest.fixture
async def client() -> GatedClient:
    return GatedClient()


@pytest.fixture
async def watched(monkeypatch: pytest.MonkeyPatch, client: GatedClient) -> AsyncIterator[Observed]:
    made = Observed(monkeypatch, client, GatedClient())
    yield made
    await made.end()


async def test_a_listener_gets_a_snapshot_and_then_events(watched: Observed) -> None:
    ear = watched.listen()
    await ear.hears(("snapshot", 100.0))

    watched.relays.on_event("user_joined", {"at": 101.0})

    assert ear.heard == [("snapshot", 100.0), ("user_joined", 101.0)]
    assert watched.observer.connected


async def test_all_listeners_share_one_connection(watched: Observed) -> None:
    first, second = watched.listen(), watched.listen()

    await first.hears(("snapshot", 100.0))
    await second.hears(("snapshot", 100.0))

    assert len(watched.relays.attempts) == 1


async def test_a_late_listener_gets_a_snapshot_of_its_own_and_the_first_none(
    watched: Observed, client: GatedClient
) -> None:
    first = watched.listen()
    await first.hears(("snapshot", 100.0))
    client.answers["watch_room"] = {**WATCHED, "time": 200.0}

    late = watched.listen()
    await late.hears(("snapshot", 200.0))

    assert first.heard == [("snapshot", 100.0)]
    assert len(watched.relays.attempts) == 1


async def test_a_late_listener_that_goes_before_its_snapshot_leaves_nothing_running(
    watched: Observed, client: GatedClient
) -> None:
    before = asyncio.all_tasks()
    first = watched.listen()
    await first.hears(("snapshot", 100.0))
    client.gate.clear()
    late = watched.listen()
    await wait_for(lambda: client.watches == 2, 10)

    await watched.end()

    assert asyncio.all_tasks() == before
    assert late.heard == []


async def test_a_late_listener_hears_no_event_twice_and_none_that_its_snapshot_has(
    watched: Observed, client: GatedClient
) -> None:
    first = watched.listen()
    await first.hears(("snapshot", 100.0))
    client.answers["watch_room"] = {**WATCHED, "time": 200.0}
    client.gate.clear()
    late = watched.listen()
    await wait_for(lambda: client.watches == 2, 10)

    watched.relays.on_event("user_joined", {"at": 199.0})
    watched.relays.on_event("user_left", {"at": 201.0})
    watched.relays.on_event("report", {})
    client.gate.set()
    await late.hears(("snapshot", 200.0), ("user_left", 201.0), ("report", None))
    watched.relays.on_event("user_joined", {"at": 202.0})

    assert late.heard[-2:] == [("report", None), ("user_joined", 202.0)]
    assert [event for event, _at in first.heard] == [
        "snapshot",
        "user_joined",
        "user_left",
        "report",
        "user_joined",
    ]


async def test_a_late_listener_that_goes_before_its_snapshot_hears_nothing(
    watched: Observed, client: GatedClient
) -> None:
    first = watched.listen()
    await first.hears(("snapshot", 100.0))
    client.gate.clear()
    late = watched.listen()
    await wait_for(lambda: client.watches == 2, 10)

    await watched.observer.remove(late.listener)
    client.gate.set()
    watched.relays.on_event("user_left", {"at": 300.0})
    await first.hears(("snapshot", 100.0), ("user_left", 300.0))

    assert late.heard == []
    assert watched.observer.connected


async def test_a_late_listener_whose_connection_is_lost_gets_the_next_ones_snapshot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = GatedClient()
    made = Observed(monkeypatch, client, GatedClient())
    first = made.listen()
    await first.hears(("snapshot", 100.0))
    client.answers["watch_room"] = ProtocolError("timeout", "The relay did not acknowledge.")

    late = made.listen()
    await wait_for(lambda: client.watches == 2, 10)
    await wait_for(lambda: not made.observer._early, 10)
    client.gone.set()

    await late.hears("lost", ("snapshot", 100.0))
    await made.end()


async def test_the_connection_ends_with_the_last_listener_and_not_before(
    watched: Observed, client: GatedClient
) -> None:
    first, second = watched.listen(), watched.listen()
    await second.hears(("snapshot", 100.0))

    await watched.observer.remove(first.listener)
    assert watched.observer.connected
    await watched.observer.remove(second.listener)

    assert not watched.observer.connected
    assert client.is_closed


async def test_who_listens_after_the_end_gets_a_new_connection(watched: Observed) -> None:
    first = watched.listen()
    await first.hears(("snapshot", 100.0))
    await watched.observer.remove(first.listener)

    await watched.listen().hears(("snapshot", 100.0))

    assert len(watched.relays.attempts) == 2


async def test_a_lost_connection_is_told_and_the_next_ones_snapshot_is_for_all(
    watched: Observed, client: GatedClient
) -> None:
    ears = [watched.listen(), watched.listen()]
    for ear in ears:
        await ear.hears(("snapshot", 100.0))

    client.gone.set()

    for ear in ears:
        await ear.hears(("snapshot", 100.0), "lost", ("snapshot", 100.0))


async def test_a_relay_that_refuses_for_good_is_told_once_and_not_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = Observed(monkeypatch, RelayError("bad_token", "No."))
    ear = made.listen()

    await ear.hears("bad_token")

    assert len(made.relays.attempts) == 1
    await made.end()


async def test_who_listens_after_a_refusal_tries_anew_for_all_that_listen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = Observed(monkeypatch, RelayError("bad_token", "No."), GatedClient())
    first = made.listen()
    await first.hears("bad_token")

    second = made.listen()

    await second.hears(("snapshot", 100.0))
    await first.hears("bad_token", ("snapshot", 100.0))
    await made.end()


async def test_a_students_token_watches_without_what_others_say(monkeypatch: pytest.MonkeyPatch) -> None:
    class Strict(FakeClient):
        async def request(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
            self.sent.append((event, payload))
            if payload.get("trace"):
                raise ProtocolError("forbidden", "Only a teacher's token may see that.")
            return WATCHED

    client = Strict()
    made = Observed(monkeypatch, client)
    await made.listen().hears(("snapshot", 100.0))

    assert [payload for _event, payload in client.sent] == [
        {"roomId": "demo", "trace": True},
        {"roomId": "demo"},
    ]
    await made.end()


async def test_a_request_goes_over_the_same_connection(watched: Observed, client: GatedClient) -> None:
    watched.listen()

    await watched.observer.request("control_room", {"action": "pause"})

    assert client.sent[-1] == ("control_room", {"action": "pause"})
    assert len(watched.relays.attempts) == 1


async def test_without_a_listener_there_is_nobody_to_ask(watched: Observed) -> None:
    with pytest.raises(RtcWidgetError, match="not being observed"):
        await watched.observer.request("control_room", {"action": "pause"})
