"""Messages that wait for room in their channel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest
from aiortc import RTCPeerConnection

from rtc_widget.peer.process.data_channel import DataChannel

FULL, HALF = 2 << 20, 900_000


class Channel:
    """An open channel of a connection that sends nothing."""

    readyState = "open"  # noqa: N815
    connectionState = "connected"  # noqa: N815

    def __init__(self) -> None:
        self.bufferedAmount = 0
        self.sent: list[Any] = []
        self.send = self.sent.append
        self.tell: dict[str, Callable[[], None]] = {}

    def on(self, event: str, listener: Callable[[], None]) -> None:
        self.tell[event] = listener

    def createDataChannel(self, *_: object, **__: object) -> Channel:  # noqa: N802
        return self


async def test_who_waits_for_room_is_not_overtaken() -> None:
    inner = Channel()
    channel = DataChannel(cast("RTCPeerConnection", inner), on_message=lambda _: None, report=lambda _: None)
    channel.open()
    inner.bufferedAmount = FULL
    first = asyncio.create_task(channel.send("first"))
    await asyncio.sleep(0)
    inner.bufferedAmount = HALF  # there is room, of which nobody has been told yet

    second = asyncio.create_task(channel.send("second"))
    for _ in range(3):
        await asyncio.sleep(0)
    inner.tell["bufferedamountlow"]()

    assert await first
    assert await second
    assert inner.sent == ["first", "second"]


async def test_who_does_not_find_room_in_time_lets_the_next_one_try() -> None:
    inner = Channel()
    channel = DataChannel(cast("RTCPeerConnection", inner), on_message=lambda _: None, report=lambda _: None)
    channel.open()
    inner.bufferedAmount = FULL

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(channel.send("lost"), 0.01)
    inner.bufferedAmount = 0

    assert await asyncio.wait_for(channel.send("sent"), 5)
    assert inner.sent == ["sent"]


async def test_a_message_for_which_there_is_no_room_is_refused_and_those_before_it_stay_in_order() -> None:
    inner = Channel()
    inner.connectionState = "connecting"  # type: ignore[misc]
    channel = DataChannel(cast("RTCPeerConnection", inner), on_message=lambda _: None, report=lambda _: None)

    taken = [channel.send_later(str(number)) for number in range(66)]

    assert taken == [True] * 64 + [False] * 2
    assert channel.take_unsent() == [str(number) for number in range(64)]


async def test_a_message_is_left_to_another_connection_while_this_one_is_not_connected() -> None:
    inner = Channel()
    channel = DataChannel(cast("RTCPeerConnection", inner), on_message=lambda _: None, report=lambda _: None)
    channel.open()
    inner.connectionState = "failed"  # type: ignore[misc]

    assert not await channel.send("lost with its path")
    assert not channel.is_open
    assert inner.sent == []
