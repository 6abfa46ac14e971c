"""A Python peer's room: who is there, through joins, losses and returns, and what is sent to whom."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING, Any, cast

import pytest

from rtc_widget.errors import ProtocolError, RelayError, RtcWidgetError
from rtc_widget.ice.ice_servers import IceServers
from rtc_widget.peer.process import room as room_module
from rtc_widget.peer.process.room import PeerRoom
from rtc_widget.peer.process.room_events import RoomEvents
from rtc_widget.protocol.limits import LIMITS
from rtc_widget.signaling.client import RelayClient
from tests.support.fake_rooms import FakeRemote, joined, sent
from tests.support.fakes import FakeClient, FakeRelays, entry
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class InRoom:
    """A peer's room over fake relays, and what it has told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *outcomes: FakeClient | Exception) -> None:
        self.relays = FakeRelays(*outcomes)
        monkeypatch.setattr(RelayClient, "connect", self.relays.connect)
        self.rosters: list[list[str]] = []
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.arrived: list[str] = []
        self.losses = 0
        self.endings: list[RtcWidgetError | None] = []
        self.room = PeerRoom(
            "demo",
            "Ada",
            "owner key",
            resolve=self._resolve,
            ice_servers=IceServers(),
            events=RoomEvents(
                on_entered=lambda roster: self.rosters.append([each["socketId"] for each in roster]),
                on_event=lambda event, payload: self.events.append((event, payload)),
                on_lost=self._lost,
                on_ended=self.endings.append,
                on_message=lambda _who, _data: None,
                on_arrived=self.arrived.append,
            ),
        )
        self.running = asyncio.create_task(self.room.run())

    async def _resolve(self) -> tuple[str, str]:
        return "http://relay", "token"

    def _lost(self) -> None:
        self.losses += 1

    def hears(self, event: str, payload: dict[str, Any]) -> None:
        """Let the relay say something."""
        self.relays.on_event(event, payload)

    def remote(self, key: str) -> FakeRemote:
        """Return another participant."""
        return cast("FakeRemote", self.room._remotes[key])

    def told(self, event: str) -> list[dict[str, Any]]:
        """Return what the kernel was told of one kind."""
        return [payload for name, payload in self.events if name == event]

    async def entered(self, times: int = 1) -> None:
        """Wait until the room has been entered so many times."""
        await wait_for(lambda: len(self.rosters) == times, 10, "the room")


@pytest.fixture
async def enter(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    monkeypatch.setattr(room_module, "RemotePeer", FakeRemote)
    # A lost path is tried again at once.
    monkeypatch.setattr("rtc_widget.signaling.reconnecting_connection.random.uniform", lambda *_: 0)
    made: list[InRoom] = []

    def enter(*outcomes: FakeClient | Exception) -> InRoom:
        made.append(InRoom(monkeypatch, *outcomes))
        return made[-1]

    yield enter
    for each in made:
        each.room.leave()
        await asyncio.gather(each.running, return_exceptions=True)


async def test_a_peer_enters_and_sees_who_is_there_in_the_order_in_which_they_came(enter):
    call = enter(joined(entry("eve", 4), entry("bob", 2)))
    await call.entered()

    assert call.room.id == "me"
    assert call.rosters == [["eve", "bob", "me"]]
    assert call.room.participants == ["bob", "eve"]
    assert call.arrived == ["eve", "bob"]


async def test_servers_that_the_relay_renews_are_used_from_then_on(enter):
    call = enter(joined(entry("bob", 1)))
    await call.entered()

    renewed = [{"urls": ["turns:t.example"], "username": "u", "credential": "new"}]
    call.hears("ice_servers", {"roomId": "demo", "iceServers": renewed})

    assert call.room._servers.of_relay == renewed


async def test_without_a_relay_it_ends_with_what_was_wrong(enter):
    call = enter(RelayError("relay_unreachable", "No relay answers."))
    await call.running

    (error,) = call.endings
    assert error is not None
    assert error.code == "relay_unreachable"


async def test_what_nobody_foresaw_is_an_end_with_an_error(enter, monkeypatch):
    call = enter(joined())
    monkeypatch.setattr(call.room._path, "run", lambda: {}["missing"])
    await call.running

    (error,) = call.endings
    assert error is not None
    assert error.code == "peer_failed"


async def test_whose_process_ends_has_not_left(enter):
    call = enter(joined())
    await call.entered()

    call.running.cancel()
    await asyncio.gather(call.running, return_exceptions=True)

    assert call.endings == []


async def test_who_joins_and_leaves_while_it_enters_is_not_missed(enter):
    client = joined(entry("bob", 1))
    answer = client.request

    async def request(event: str, payload: dict[str, Any]) -> dict[str, Any]:
        if event == "join_room":
            call.hears("user_joined", entry("eve", 6))
            call.hears("user_left", {"socketId": "bob", "reason": "left"})
        return await answer(event, payload)

    client.request = request
    call = enter(client)
    await call.entered()

    assert call.room.participants == ["eve"]
    assert [name for name, _ in call.events] == ["user_joined", "user_left"]


async def test_signals_go_to_whom_they_are_from_and_those_of_strangers_nowhere(enter):
    call = enter(joined(entry("bob", 1), entry("eve", 2)))
    await call.entered()

    call.hears("offer", {"from": "bob", "offer": {}})
    call.hears("offer", {"from": "stranger", "offer": {}})

    assert call.remote("bob").heard == ["offer"]
    assert call.remote("eve").heard == []


async def test_after_a_lost_path_it_resumes_and_keeps_what_it_has(enter):
    first, second = joined(entry("bob", 1)), joined(entry("bob", 1))
    call = enter(first, second)
    await call.entered()
    bob = call.remote("bob")

    first.gone.set()
    await call.entered(2)

    assert call.losses == 1
    assert sent(second, "join_room")[0]["resume"] == "ticket"
    assert call.remote("bob") is bob
    # Which sends anew what was lost with the path, once.
    assert bob.told == ["update"]


async def test_who_comes_back_in_another_page_is_somebody_new_with_a_past(enter):
    call = enter(joined(entry("bob", 1)))
    await call.entered()
    before = call.remote("bob")

    call.hears("user_joined", entry("bob", 1, session="another life"))

    assert before.told == ["close"]
    assert call.remote("bob").before is before
    assert call.arrived == ["bob", "bob"]


@pytest.mark.parametrize("returns", [True, False])
async def test_who_is_not_there_after_a_lost_path_has_time_to_return(enter, monkeypatch, returns):
    monkeypatch.setattr(room_module, "seconds", lambda name: 0.05 if name == "return" else 60.0)
    first = joined(entry("bob", 1))
    call = enter(first, joined())
    await call.entered()
    bob = call.remote("bob")

    first.gone.set()
    await call.entered(2)
    assert bob.away
    if returns:
        call.hears("user_joined", entry("bob", 1))
    else:
        await wait_for(lambda: call.told("user_left"), 5, "the end of waiting")

    assert call.room.participants == (["bob"] if returns else [])
    assert call.told("user_left") == (
        [] if returns else [{"roomId": "demo", "socketId": "bob", "reason": "lost"}]
    )


async def test_what_was_turned_on_on_the_way_is_said_afterwards(enter):
    client = joined()
    call = enter(client)
    await call.entered()

    call.room.set_media(video=True)
    call.room.set_media(video=True)
    # At once, and not when the relay has heard of it.
    assert [payload["video"] for payload in call.told("media_state")] == [True]
    await wait_for(lambda: sent(client, "media_state"), 5, "the news")

    assert [payload["video"] for payload in sent(client, "media_state")] == [True]
    # The relay tells everybody else, so that the kernel hears its own here.
    assert [(payload["from"], payload["video"]) for payload in call.told("media_state")] == [("me", True)]


async def test_media_are_those_of_the_time_after_a_path_was_lost(enter):
    first, second = joined(), joined()
    call = enter(first, second)
    await call.entered()
    call.room.set_media(audio=True)

    first.gone.set()
    await call.entered(2)

    assert sent(second, "join_room")[0]["media"] == {"audio": True, "video": False, "screen": False}


async def test_a_message_to_all_waits_where_a_channel_is_not_open_yet(enter):
    call = enter(joined(entry("bob", 1), entry("eve", 2)))
    await call.entered()
    call.remote("eve").takes_messages = False

    await call.room.send("hello", None, 1.0)

    assert call.remote("bob").told == ["hello"]
    assert call.remote("eve").later == ["hello"]


async def test_whoever_could_not_be_sent_a_message_is_named_and_the_others_have_it(enter):
    call = enter(joined(entry("bob", 1), entry("dan", 2), entry("eve", 3)))
    await call.entered()
    call.remote("dan").takes = False
    with pytest.raises(ProtocolError, match="Dan") as slow:
        await call.room.send("one", None, 0.5)

    call.remote("dan").takes = True
    call.remote("eve").takes_messages = call.remote("eve").has_room = False
    with pytest.raises(ProtocolError, match=f"Eve: {LIMITS['queued_messages']}") as full:
        await call.room.send("two", None, 0.5)

    assert (slow.value.code, full.value.code) == ("timeout", "message_dropped")
    assert call.remote("bob").told == ["one", "two"]


async def test_a_message_to_nobody_is_refused(enter):
    call = enter(joined())
    await call.entered()

    with pytest.raises(ProtocolError, match="no participant") as refused:
        await call.room.send("hello", "stranger", 1.0)

    assert refused.value.code == "unknown_participant"


async def test_pause_and_resume_stop_and_start_the_clock_of_all_negotiations(enter):
    call = enter(joined(entry("bob", 1), paused=True))
    await call.entered()
    rings = asyncio.Event()
    call.remote("bob").context.clock.later(0, rings.set)
    await asyncio.sleep(0.01)  # longer than the timer that must not run
    assert not rings.is_set()

    call.hears("paused", {"on": False})
    await asyncio.wait_for(rings.wait(), 5)


async def test_a_recorder_is_told_all_states_anew(enter):
    call = enter(joined(entry("bob", 1)))
    await call.entered()

    call.hears("recording", {"roomId": "demo", "recording": "r", "on": True, "by": "x", "name": "Eve"})

    told = call.remote("bob").told
    assert told.count("report_all") == 1
    # Whose end is no news of a connection.
    call.hears("recording", {"roomId": "demo", "recording": "r", "on": False, "by": "x", "name": "Eve"})
    assert told.count("report_all") == 1


async def test_a_kernel_that_has_missed_changes_is_told_who_is_here_and_every_state(enter):
    call = enter(joined(entry("bob", 1)))
    await call.entered()
    call.room.set_media(video=True)
    call.remote("bob").away = True

    told = []
    call.room._events = dataclasses.replace(call.room._events, on_entered=told.append)
    call.room.tell_again()

    ((bob, me),) = told
    assert (bob["socketId"], bob["away"]) == ("bob", True)
    assert (me["socketId"], me["media"]["video"]) == (call.room.id, True)
    assert "report_all" in call.remote("bob").told


async def test_who_is_removed_ends_with_the_reason_and_says_no_goodbye(enter):
    client = joined(entry("bob", 1))
    call = enter(client)
    await call.entered()
    bob = call.remote("bob")

    call.hears("removed", {"code": "removed", "message": "The teacher has removed you."})
    await call.running

    (error,) = call.endings
    assert error is not None
    assert error.code == "removed"
    assert sent(client, "leave_room") == []
    assert bob.told == ["close"]
    assert client.is_closed


async def test_leaving_is_said_and_closes_everything(enter):
    client = joined(entry("bob", 1))
    call = enter(client)
    await call.entered()
    bob = call.remote("bob")

    call.room.leave()
    await call.running

    assert sent(client, "leave_room") == [{"roomId": "demo"}]
    assert call.endings == [None]
    assert bob.told == ["close"]
    assert call.room.participants == []
