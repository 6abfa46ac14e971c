"""The media process' end of the pipe: what the kernel asks reaches the host in order, and ends with the kernel."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import Any

import pytest

from rtc_widget.peer.ipc.pipe import HEADER_BYTES, Unreadable, pack, receive
from rtc_widget.peer.process import kernel_pipe
from rtc_widget.protocol.media_process import Close, Ping, Reply, Request


class FakeWriter:
    """Standard output."""

    def __init__(self) -> None:
        self.written = io.BytesIO()
        self.closing = False

    def is_closing(self) -> bool:
        return self.closing

    def write(self, data: bytes) -> None:
        self.written.write(data)

    @property
    def messages(self) -> list[Any]:
        self.written.seek(0)
        return list(iter(lambda: receive(self.written), None))


class FakeHost:
    """Answers each request with its number, and remembers them."""

    def __init__(self, answer: Callable[[Any], None]) -> None:
        self.answer = answer
        self.received: list[Request] = []
        self.refused: list[Unreadable] = []
        self.is_closed = False

    def receive(self, request: Request) -> None:
        self.received.append(request)
        self.answer(Reply(request.number))

    def refuse(self, message: Unreadable) -> None:
        self.refused.append(message)

    async def close(self) -> None:
        self.is_closed = True


class Pipe:
    """A pipe with both of its ends."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reader, self.writer = asyncio.StreamReader(), FakeWriter()
        self.hosts: list[FakeHost] = []

        async def streams() -> tuple[asyncio.StreamReader, FakeWriter]:
            return self.reader, self.writer

        def make(answer: Callable[[Any], None]) -> FakeHost:
            self.hosts.append(FakeHost(answer))
            return self.hosts[-1]

        monkeypatch.setattr(kernel_pipe, "_standard_streams", streams)
        monkeypatch.setattr(kernel_pipe, "MediaHost", make)

    async def served(self, data: bytes) -> FakeHost:
        """Serve what is in the pipe until its end."""
        self.reader.feed_data(data)
        self.reader.feed_eof()
        await asyncio.wait_for(kernel_pipe.serve(), 30)
        return self.hosts[0]


@pytest.fixture
async def pipe(monkeypatch: pytest.MonkeyPatch) -> Pipe:
    return Pipe(monkeypatch)


ASKED = [Request(1, number, Ping()) for number in (1, 2, 3)]


async def test_requests_reach_the_host_in_their_order_and_answers_go_back(pipe: Pipe) -> None:
    host = await pipe.served(b"".join(map(pack, ASKED)))

    assert host.received == ASKED
    assert pipe.writer.messages == [Reply(1), Reply(2), Reply(3)]


async def test_a_request_that_comes_in_parts_is_one(pipe: Pipe) -> None:
    serving = asyncio.create_task(kernel_pipe.serve())
    for byte in pack(ASKED[0]):
        pipe.reader.feed_data(bytes([byte]))
        await asyncio.sleep(0)
    pipe.reader.feed_eof()
    await asyncio.wait_for(serving, 30)

    assert pipe.hosts[0].received == ASKED[:1]


@pytest.mark.parametrize("rest", [b"", b"\x01", pack(Request(1, 4, Close()))[:-1]])
async def test_the_end_of_the_kernel_ends_all_peers_also_in_the_middle_of_a_request(
    pipe: Pipe, rest: bytes
) -> None:
    host = await pipe.served(pack(ASKED[0]) + rest)

    assert host.received == ASKED[:1]
    assert host.is_closed


async def test_what_a_kernel_that_has_ended_does_not_read_is_dropped(pipe: Pipe) -> None:
    pipe.writer.closing = True

    host = await pipe.served(pack(ASKED[0]))

    assert host.received == ASKED[:1]
    assert pipe.writer.messages == []


async def test_a_request_that_cannot_be_read_costs_itself_only(pipe: Pipe) -> None:
    packed = [pack(each) for each in ASKED]
    packed[1] = packed[1][:HEADER_BYTES] + bytes(len(packed[1]) - HEADER_BYTES)

    host = await pipe.served(b"".join(packed))

    assert host.received == [ASKED[0], ASKED[2]]
    assert [(each.peer, each.number) for each in host.refused] == [(1, 2)]
