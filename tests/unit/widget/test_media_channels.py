"""What a Peer's process says to a page goes over the comm without waiting, and not in more messages than the comm bears."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING

from rtc_widget.protocol.channel_messages import ChannelMessage, unpack
from rtc_widget.widget.media_channels import _Carrier

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Given:
    """What goes over the comm, in the order in which it goes."""

    def __init__(self) -> None:
        self.messages: list[list[bytes]] = []
        self._came = asyncio.Event()

    def __call__(self, messages: list[bytes]) -> None:
        self.messages.append(messages)
        self._came.set()

    async def next(self) -> None:
        """Wait until something goes."""
        await self._came.wait()
        self._came.clear()


async def test_a_message_goes_at_once_after_a_rest_and_with_others_when_more_comes_soon_after() -> None:
    given = Given()

    async def socket() -> AsyncIterator[SimpleNamespace]:
        yield SimpleNamespace(data=b"1")
        await given.next()
        for data in (b"2", b"3"):
            yield SimpleNamespace(data=data)
        await given.next()

    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.timeout(10):
        await _Carrier(1)._receive(socket(), given)

    assert given.messages == [[b"1"], [b"2", b"3"]]
    assert loop.time() - began >= 0.03


async def test_an_acknowledgement_waits_for_a_frame_to_go_with_it() -> None:
    given = Given()

    async def socket() -> AsyncIterator[SimpleNamespace]:
        yield SimpleNamespace(data=ChannelMessage("ack", 1, of="video").pack())
        for _ in range(3):
            await asyncio.sleep(0)  # what is due goes in the loop's next turn
        yield SimpleNamespace(data=ChannelMessage("video", 1, b"a frame").pack())
        await given.next()
        yield SimpleNamespace(data=ChannelMessage("ack", 2, of="video").pack())
        await given.next()

    async with asyncio.timeout(10):
        await _Carrier(1)._receive(socket(), given)

    kinds = [[unpack(data).kind for data in messages] for messages in given.messages]
    assert kinds == [["ack", "video"], ["ack"]]
