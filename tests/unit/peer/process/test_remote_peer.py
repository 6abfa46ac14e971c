"""Somebody else in a Python peer's room, and the connections to them that follow one another."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from rtc_widget.peer.process import remote_peer
from rtc_widget.peer.process.queued_candidate import QueuedCandidate
from rtc_widget.peer.process.remote_peer import RemoteContext, RemotePeer
from rtc_widget.runtime.tasks import TaskSet
from rtc_widget.signaling.negotiation_clock import NegotiationClock
from tests.support.fake_connections import Connected
from tests.support.fakes import entry
from tests.support.waiting import wait_for

OFFER = {"type": "offer", "sdp": "v=0"}


class FakeChannel:
    """A channel that opens when it is told to."""

    def __init__(self) -> None:
        self.unsent: list[Any] = []
        self.ended = asyncio.Event()
        self.takes = False

    def take_unsent(self) -> list[Any]:
        unsent, self.unsent = self.unsent, []
        return unsent

    def send_later(self, data: Any) -> None:
        self.unsent.append(data)

    async def send(self, data: Any) -> bool:
        if not self.takes:
            await self.ended.wait()
            return False
        self.unsent.append(data)
        return True


class FakeConnection:
    """A connection that keeps what it is told."""

    def __init__(
        self,
        *,
        first: bool,
        polite: bool,
        gone: set[str],
        signaling: Any,
        events: Any,
        caps: dict[str, bool],
        **_media: Any,
    ) -> None:
        self.first, self.polite, self.gone = first, polite, gone
        self.remote_fingerprints: set[str] = set()
        self.signaling, self.events, self.caps = signaling, events, caps
        self.channel = FakeChannel()
        self.unanswered = False
        self.told: list[str] = []
        self.came: list[Any] = []
        signaling.on_description = lambda *given: self.came.append(given)
        signaling.on_candidate = lambda *given: self.came.append(given)

    def resume(self) -> None:
        self.told.append("resume")

    def renegotiate(self) -> None:
        self.told.append("renegotiate")

    async def close(self) -> None:
        self.told.append("close")


class Room:
    """One remote peer, and the room's part of it."""

    def __init__(self, *, order: int | None = 1, their_order: int = 2, **caps: bool) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.reported: list[dict[str, Any]] = []
        self.messages: list[Any] = []
        self.closing = TaskSet()
        self.looks = 0
        self.context = RemoteContext(
            room="demo",
            order=lambda: order,
            ice_servers=list,
            choose_servers=self._look,
            video=cast("Any", None),
            audio=cast("Any", None),
            post=lambda event, payload, _ack: self.sent.append((event, payload)),
            report=self.reported.append,
            flush_reports=lambda: None,
            on_message=lambda *given: self.messages.append(given),
            clock=NegotiationClock(),
            closing=self.closing,
        )
        self.bob = RemotePeer(entry("bob", their_order, caps=caps), self.context)

    async def _look(self) -> None:
        self.looks += 1

    @property
    def connection(self) -> FakeConnection:
        """The present connection."""
        return cast("FakeConnection", self.bob.connection)


@pytest.fixture(autouse=True)
def fake_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_peer, "Connection", FakeConnection)


@pytest.mark.parametrize(
    ("order", "their_order", "caps", "first"),
    [
        (1, 2, {}, True),
        (2, 1, {}, False),
        (None, 1, {}, False),
        # A browser of ours can take its own offer back, so that we may always offer.
        (2, 1, {"rollback": True}, True),
        (2, 1, {"rollback": False}, False),
    ],
)
async def test_who_was_there_before_offers_first(
    order: int | None, their_order: int, caps: dict[str, bool], first: bool
) -> None:
    assert Room(order=order, their_order=their_order, **caps).connection.first is first


async def test_an_offer_that_only_another_connection_can_answer_gets_one_with_its_candidates() -> None:
    room = Room()
    before = room.connection
    waiting = QueuedCandidate({"candidate": "c"}, "m0")

    before.events.on_superseded(OFFER, "m1", [waiting])
    await room.closing.wait()

    assert room.connection is not before
    assert room.connection.first is False
    assert room.connection.came == [(OFFER, "m1"), ({"candidate": "c"}, "m0")]
    assert before.told == ["close"]


async def test_what_a_peer_s_last_connection_still_says_is_nobodys_and_a_browser_s_goes_on() -> None:
    for caps, gone in (({"rollback": False}, {"A"}), ({"rollback": True}, set()), ({}, set())):
        room = Room(**caps)
        room.connection.remote_fingerprints = {"A"}
        room.connection.events.on_superseded(OFFER, "m1", [])
        assert room.connection.gone == gone

        # Replaced again, before anything has come from the next.
        room.connection.events.on_superseded(OFFER, "m2", [])
        assert room.connection.gone == gone


async def test_an_offer_to_a_connection_that_failed_is_answered_by_asking_for_that_of_another() -> None:
    room = Room(rollback=False)
    before = room.connection
    before.remote_fingerprints = {"sha-256 AA"}

    before.events.on_superseded({**OFFER, "sdp": "v=0\r\na=fingerprint:sha-256 AA\r\n"}, "m1", [])

    assert room.connection is not before
    assert room.connection.came == []
    assert [event for event, _payload in room.sent] == ["request_offer"]


async def test_the_last_words_of_a_connection_that_was_replaced_are_nobodys() -> None:
    room = Room()
    before = room.connection
    before.events.on_superseded(OFFER, "m1", [])
    present = room.connection

    before.events.report({"type": "state", "name": "connection_state", "value": "closed"})
    before.events.on_superseded(OFFER, "m2", [])
    before.events.on_broken()

    assert room.connection is present
    assert room.reported == []
    present.events.report({"type": "state", "value": "connected"})
    assert room.reported == [{"type": "state", "value": "connected", "peer": "bob"}]


@pytest.mark.parametrize(("order", "polite"), [(1, False), (3, True)])
async def test_the_later_one_gives_way_and_asks_for_an_offer_when_offers_crossed_in_a_call(
    order: int, polite: bool
) -> None:
    room = Room(order=order, rollback=False)
    before = room.connection
    assert before.polite is polite

    before.events.on_crossed()

    assert room.connection is not before
    assert room.connection.first is False
    assert [event for event, _payload in room.sent] == ["request_offer"]


async def test_messages_that_wait_go_over_the_connection_that_replaces_theirs() -> None:
    room = Room()
    before = room.connection
    before.channel.send_later("one")
    sending = asyncio.create_task(room.bob.send("two", 10))
    await asyncio.sleep(0)

    before.events.on_superseded(OFFER, "m", [])
    room.connection.channel.takes = True
    before.channel.ended.set()

    assert await sending
    assert room.connection.channel.unsent == ["one", "two"]


async def test_a_message_for_somebody_who_leaves_is_waited_for_no_longer() -> None:
    room = Room()
    sending = asyncio.create_task(room.bob.send("one", 60))
    await asyncio.sleep(0)

    room.bob.close()
    room.connection.channel.ended.set()

    assert not await asyncio.wait_for(sending, 10)


@pytest.mark.parametrize(("order", "sent"), [(1, []), (3, ["request_offer"])])
async def test_a_broken_connection_is_replaced_and_who_cannot_offer_asks_for_an_offer(
    monkeypatch: pytest.MonkeyPatch, order: int, sent: list[str]
) -> None:
    monkeypatch.setattr(remote_peer, "_REPAIR_SECONDS", (0.001,))
    room = Room(order=order)
    before = room.connection

    before.events.on_broken()
    await wait_for(lambda: room.connection is not before, 10)

    assert room.looks == 1
    assert room.connection.first is (order == 1)
    assert [event for event, _payload in room.sent] == sent


async def test_repairs_come_ever_later_until_one_has_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    room, pauses = Room(), []
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(loop, "call_later", lambda pause, act: (pauses.append(pause), act()))

    for _repair in range(5):
        room.connection.events.on_broken()
        await room.closing.wait()
    room.connection.events.report({"type": "state", "name": "connection_state", "value": "connected"})
    room.connection.events.on_broken()
    monkeypatch.undo()

    assert pauses == [
        *remote_peer._REPAIR_SECONDS,
        remote_peer._REPAIR_SECONDS[-1],
        remote_peer._REPAIR_SECONDS[0],
    ]


async def test_after_the_end_nothing_is_repaired(monkeypatch: pytest.MonkeyPatch) -> None:
    room, acts = Room(), []
    before = room.connection
    monkeypatch.setattr(asyncio.get_running_loop(), "call_later", lambda _pause, act: acts.append(act))
    before.events.on_broken()
    monkeypatch.undo()

    room.bob.close()
    acts[0]()
    before.events.on_superseded(OFFER, "m", [])
    await room.closing.wait()

    assert room.connection is before
    assert before.told == ["close"]


@pytest.mark.parametrize(
    ("unanswered", "caps", "told", "is_new"),
    [
        (True, {}, ["resume"], False),
        (False, {}, ["renegotiate"], False),
        (False, {"rollback": True}, ["close"], True),
        (False, {"rollback": False}, ["close"], True),
        (True, {"rollback": True}, ["resume"], False),
    ],
)
async def test_who_asks_for_an_offer_gets_one(
    unanswered: bool, caps: dict[str, bool], told: list[str], is_new: bool
) -> None:
    room = Room(**caps)
    before = room.connection
    before.unanswered = unanswered

    room.bob.signaling.receive("request_offer", {"from": "bob"}, 1.0)
    await room.closing.wait()

    assert before.told == told
    assert (room.connection is not before) is is_new


async def test_who_is_back_from_a_lost_path_is_sent_again_what_may_have_been_lost() -> None:
    room = Room()

    room.bob.set_away(True)
    assert (room.bob.away, room.connection.told) == (True, [])
    room.bob.set_away(False)
    room.bob.update(entry("bob", 2, name="Robert"))

    assert room.connection.told == ["resume", "resume"]
    assert (room.bob.away, room.bob.entry["name"]) == (False, "Robert")


async def test_another_page_of_the_same_participant_counts_its_frames_on() -> None:
    room = Room()
    room.bob.incoming.video.number = 7

    again = RemotePeer(entry("bob", 2), room.context, room.bob)

    assert again.incoming.video.number == 7
    assert again.connection is not room.bob.connection


async def test_messages_come_with_their_sender() -> None:
    room = Room()

    room.connection.events.on_message("hello")

    assert room.messages == [("bob", "hello")]


async def test_what_somebody_has_turned_off_is_shown_no_more() -> None:
    room = Room()
    forgotten: list[str] = []
    room.bob.incoming.video.forget = lambda: forgotten.append("video")  # type: ignore[method-assign]
    room.bob.incoming.screen.forget = lambda: forgotten.append("screen")  # type: ignore[method-assign]

    room.bob.set_media({"audio": True, "video": False, "screen": True})
    room.bob.set_media({"audio": True, "video": True, "screen": False})

    assert forgotten == ["video", "screen"]
    assert room.bob.entry["media"] == {"audio": True, "video": True, "screen": False}


# -- a path that is lost and comes back while the room is paused


async def test_nothing_is_sent_again_before_the_pause_ends() -> None:
    connected = Connected(first=True)
    await connected.sends(1)
    clock = connected.signaling.clock
    clock.set_paused(True)

    connected.connection.resume()
    connected.connection.resume()
    assert connected.events == ["offer"]

    clock.set_paused(False)
    await wait_for(lambda: len(connected.events) == 2, 10)
    assert connected.events == ["offer", "offer"]
    await connected.connection.close()


async def test_a_connection_that_was_closed_meanwhile_sends_nothing() -> None:
    connected = Connected(first=True)
    await connected.sends(1)
    connected.signaling.clock.set_paused(True)
    connected.connection.resume()

    await connected.connection.close()

    assert connected.signaling.clock._timers == set()
