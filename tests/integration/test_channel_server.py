"""Who is let into a media channel, and what the kernel carries in a page's place."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import aiohttp
import pytest

from rtc_widget.errors import ProtocolError
from rtc_widget.peer.process.channel_server import ChannelServer
from rtc_widget.protocol.channel_messages import ChannelMessage, unpack
from rtc_widget.protocol.media_process import OfferChannel
from rtc_widget.room import kernel_peers
from rtc_widget.widget.comm_channel import CommChannel
from rtc_widget.widget.media_channels import MediaChannels
from tests.support.waiting import wait_for


class Echo:
    """A participant whose channel sends back what comes."""

    def __init__(self) -> None:
        self.opened = self.closed = 0

    def open_channel(self, send: Any) -> Echo:
        self.opened += 1
        self._send = send
        return self

    def receive(self, data: bytes) -> None:
        unpack(data)
        self._sending = asyncio.ensure_future(self._send(data))

    async def close(self) -> None:
        self.closed += 1


@asynccontextmanager
async def server() -> AsyncIterator[tuple[ChannelServer, Echo]]:
    echo = Echo()

    def remote(participant: str) -> Echo:
        if participant != "ada":
            raise ProtocolError("unknown_participant", "Nobody.")
        return echo

    listening = ChannelServer(cast("Any", remote))
    try:
        yield listening, echo
    finally:
        await listening.close()


@asynccontextmanager
async def connected(port: int, token: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    async with aiohttp.ClientSession() as session, session.ws_connect(f"ws://127.0.0.1:{port}/") as socket:
        await socket.send_bytes(ChannelMessage("hello", payload=token.encode()).pack())
        yield socket


async def test_a_token_lets_in_once_and_nobody_comes_in_without_one() -> None:
    async with server() as (listening, echo):
        port, token = await listening.offer("ada")
        async with connected(port, "a guess") as socket:
            assert (await socket.receive(5)).type is aiohttp.WSMsgType.CLOSE
        async with connected(port, token) as socket:
            assert unpack(await socket.receive_bytes(timeout=30)).kind == "hello"
            async with connected(port, token) as second:
                assert (await second.receive(5)).type is aiohttp.WSMsgType.CLOSE
            text = ChannelMessage("text", 1, b"hi").pack()
            await socket.send_bytes(text)
            assert await socket.receive_bytes(timeout=30) == text

        await wait_for(lambda: echo.closed, 30, "the end of the channel")
        assert echo.opened == 1


async def test_what_is_no_message_ends_the_channel() -> None:
    async with server() as (listening, echo):
        async with connected(*await listening.offer("ada")) as socket:
            await socket.receive_bytes(timeout=30)
            await socket.send_bytes(b"\xff")
            assert (await socket.receive(5)).type is aiohttp.WSMsgType.CLOSE

        await wait_for(lambda: echo.closed, 30, "the end of the channel")


async def test_nobody_is_offered_a_channel_who_is_not_in_the_room() -> None:
    async with server() as (listening, _echo):
        with pytest.raises(ProtocolError) as caught:
            await listening.offer("eve")

    assert caught.value.code == "unknown_participant"


async def test_closing_ends_open_channels_and_the_port() -> None:
    async with server() as (listening, echo):
        port, token = await listening.offer("ada")
        async with connected(port, token) as socket:
            await socket.receive_bytes(timeout=30)
            await listening.close()
            await wait_for(lambda: echo.closed, 30, "the end of the channel")
        with pytest.raises(aiohttp.ClientError):
            async with connected(port, token):
                pass


class Page:
    """A front end, whose messages the kernel carries."""

    def __init__(self) -> None:
        self.came: list[tuple[dict[str, Any], list[bytes]]] = []
        self.threads = cast("Any", self)
        self.loop = asyncio.get_running_loop()
        channel = CommChannel(lambda content, buffers: self.came.append((content, buffers or [])))
        self.channels = MediaChannels(channel, self.threads)

    def send(self, op: str, *messages: bytes, peer: str = "bot", **more: Any) -> None:
        self.channels.receive("tab", {"kind": "media", "op": op, "peer": peer, **more}, [*messages])

    async def answer(self, op: str) -> tuple[dict[str, Any], list[bytes]]:
        await wait_for(lambda: any(content["op"] == op for content, _buffers in self.came), 30, op)
        found = next(each for each in self.came if each[0]["op"] == op)
        self.came.remove(found)
        return found


@asynccontextmanager
async def page(listening: ChannelServer) -> AsyncIterator[Page]:
    opened = Page()

    def offer(command: OfferChannel) -> concurrent.futures.Future[tuple[int, str]]:
        return asyncio.run_coroutine_threadsafe(listening.offer(command.participant), opened.loop)

    bot = cast("Any", type("Bot", (), {"id": "bot"}))
    kernel_peers.put("demo", bot, None, offer)
    try:
        yield opened
    finally:
        kernel_peers.put("demo", None, bot, offer)
        await opened.channels.close()


async def test_the_kernel_carries_what_finds_no_socket_both_ways_until_the_page_ends_it() -> None:
    async with server() as (listening, echo), page(listening) as tab:
        tab.send("request", participant="ada")
        offered, _ = await tab.answer("offered")
        tab.send("open")
        tab.send("data", ChannelMessage("hello", payload=offered["token"].encode()).pack())
        _, hello = await tab.answer("data")
        assert [unpack(message).kind for message in hello] == ["hello"]
        sent = [ChannelMessage("text", number, b"hi").pack() for number in (1, 2)]
        tab.send("data", *sent)
        await wait_for(lambda: sum(len(buffers) for _content, buffers in tab.came) == 2, 30, "both")
        assert [message for _content, buffers in tab.came for message in buffers] == sent
        tab.send("close")

        await tab.answer("closed")
        assert (echo.opened, echo.closed) == (1, 1)


async def test_a_page_is_told_that_there_is_no_such_participant_and_no_such_channel() -> None:
    async with server() as (listening, _echo), page(listening) as tab:
        tab.send("request", participant="eve")
        refused, _ = await tab.answer("refused")
        tab.send("request", peer="nobody", participant="ada")
        unknown, _ = await tab.answer("refused")
        tab.send("data", b"x")
        await tab.answer("closed")

    assert refused["error"]["code"] == unknown["error"]["code"] == "unknown_participant"


async def test_a_page_that_floods_a_channel_ends_it() -> None:
    async with server() as (listening, _echo), page(listening) as tab:
        tab.send("request", participant="ada")
        await tab.answer("offered")
        tab.send("open")
        tab.send("data", *[bytes(10)] * 300)

        await tab.answer("closed")
