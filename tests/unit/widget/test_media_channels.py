"""What a Peer's process says to a page goes over the comm without waiting, and not in more messages than the comm bears."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING

from rtc_widget.protocol.channel_messages import ChannelMessage, unpack
from rtc_widget.widget.media_channels import _Carrier

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


async def test_a_message_goes_at_once_after_a_rest_and_with_others_when_more_comes_soon_after() -> None:
    given: list[list[bytes]] = []
    is_given = asyncio.Event()

    def give(messages: list[bytes]) -> None:
        given.append(messages)
        is_given.set()

    async def socket() -> AsyncIterator[SimpleNamespace]:
        yield SimpleNamespace(data=b"1")
        await is_given.wait()
        for data in (b"2", b"3"):
            yield SimpleNamespace(data=data)
        is_given.clear()
        await is_given.wait()

    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.timeout(10):
        await _Carrier(1)._receive(socket(), give)

    assert given == [[b"1"], [b"2", b"3"]]
    assert loop.time() - began >= 0.03


async def test_an_acknowledgement_waits_for_a_frame_to_go_with_it() -> None:
    given: list[list[bytes]] = []
    is_given = asyncio.Event()

    def give(messages: list[bytes]) -> None:
        given.append(messages)
        is_given.set()

    async def socket() -> AsyncIterator[SimpleNamespace]:
        for message in (ChannelMessage("ack", 1, of="video"), ChannelMessage("video", 1, b"a frame")):
            yield SimpleNamespace(data=message.pack())
        await is_given.wait()
        is_given.clear()
        yield SimpleNamespace(data=ChannelMessage("ack", 2, of="video").pack())
        await is_given.wait()

    async with asyncio.timeout(10):
        await _Carrier(1)._receive(socket(), give)

    assert [[unpack(data).kind for data in messages] for messages in given] == [["ack", "video"], ["ack"]]
