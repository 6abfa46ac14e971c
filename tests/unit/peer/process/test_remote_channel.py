"""A media channel in the place of the connection to somebody else: what is reported, and where messages go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from rtc_widget.peer.process import remote_peer
from rtc_widget.peer.process.browser_channel import BrowserChannel
from rtc_widget.peer.process.outgoing import AudioHub, VideoHub
from rtc_widget.peer.process.remote_peer import NOTEBOOK_PAIR, RemoteContext, RemotePeer
from rtc_widget.protocol.channel_messages import ChannelMessage, unpack
from rtc_widget.runtime.tasks import TaskSet
from rtc_widget.signaling.negotiation_clock import NegotiationClock
from tests.support.fakes import entry
from tests.support.waiting import wait_for


class NoWay:
    """A connection for which ICE finds no way; it is its own data channel."""

    def __init__(self, *, events: Any, **_given: Any) -> None:
        self.events, self.channel = events, self
        self.unsent: list[Any] = []
        self.is_open = False

    def take_unsent(self) -> list[Any]:
        unsent, self.unsent = self.unsent, []
        return unsent

    async def send(self, _data: Any) -> bool:
        await asyncio.Event().wait()
        return False

    def report_all(self) -> None:
        self.events.report({"type": "state", "name": "connection_state", "value": "connecting"})

    async def measure(self) -> None:
        self.events.report({"type": "stats", "bitrate": 0})

    async def close(self) -> None:
        """Do nothing."""


class Room:
    """Somebody else, and what is reported of the connection to them."""

    def __init__(self) -> None:
        self.reported: list[dict[str, Any]] = []
        self.messages: list[Any] = []
        self.sent: list[ChannelMessage] = []
        self.closing = TaskSet()
        self.bob = RemotePeer(
            entry("bob", 2),
            RemoteContext(
                room="demo",
                order=lambda: 1,
                ice_servers=list,
                choose_servers=cast("Any", None),
                video=VideoHub(),
                audio=AudioHub(),
                post=lambda *_given: None,
                report=self.reported.append,
                flush_reports=lambda: None,
                on_message=lambda *given: self.messages.append(given),
                clock=NegotiationClock(),
                closing=self.closing,
            ),
        )

    @property
    def connection(self) -> NoWay:
        return cast("NoWay", self.bob.connection)

    def open(self) -> BrowserChannel:
        return self.bob.open_channel(self._send)

    async def _send(self, data: bytes) -> None:
        self.sent.append(unpack(data))

    def take_reports(self) -> list[Any]:
        reports = [each.get("value", each.get("protocol", each["type"])) for each in self.reported]
        self.reported.clear()
        return reports


@pytest.fixture
async def room(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Room]:
    monkeypatch.setattr(remote_peer, "Connection", NoWay)
    made = Room()
    yield made
    made.bob.close()
    await made.closing.wait()


async def test_who_is_reached_by_a_channel_is_connected_over_the_notebook_until_it_ends(room: Room) -> None:
    channel = room.open()
    assert room.reported[1] == {"type": "pair", "peer": "bob", **NOTEBOOK_PAIR}
    assert room.take_reports() == ["connected", "notebook"]
    room.connection.events.report({"type": "state", "name": "connection_state", "value": "failed"})
    room.connection.events.report({"type": "error", "code": "connection_failed", "message": "…"})
    assert room.take_reports() == []
    room.connection.events.report({"type": "state", "name": "ice_connection_state", "value": "failed"})
    assert room.take_reports() == ["failed"]

    await channel.close()
    assert room.take_reports() == ["connecting"]


async def test_an_observer_that_comes_late_hears_of_the_channel_as_well(room: Room) -> None:
    room.open()
    room.take_reports()
    room.bob.report_all()

    assert room.take_reports() == ["connected", "notebook"]


async def test_what_waits_for_the_connection_goes_over_the_channel(room: Room) -> None:
    room.connection.unsent = ["first"]
    sending = asyncio.create_task(room.bob.send("second", 5))
    await asyncio.sleep(0)
    assert not room.bob.takes_messages
    room.open()

    assert await sending
    await wait_for(lambda: len(room.sent) == 2, 5, "both")
    assert room.bob.takes_messages
    assert {message.payload for message in room.sent} == {b"first", b"second"}


async def test_what_comes_over_the_channel_is_from_the_participant_and_is_measured(room: Room) -> None:
    channel = room.open()
    room.take_reports()
    channel.receive(ChannelMessage("text", 1, b"hi").pack())
    await room.bob.measure()

    assert room.messages == [("bob", "hi")]
    assert room.reported[0]["bitrate"] > 0


async def test_of_two_channels_the_newer_one_counts(room: Room) -> None:
    before, now = room.open(), room.open()
    await room.closing.wait()

    assert before._closed
    assert not now._closed
    assert room.bob.takes_messages


async def test_a_channel_ends_with_the_participant(room: Room) -> None:
    channel = room.open()
    room.bob.close()
    await room.closing.wait()

    assert channel._closed
