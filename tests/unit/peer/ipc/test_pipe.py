"""How messages travel between a kernel and its media process."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, BinaryIO

import pytest

from rtc_widget.peer.ipc import pipe
from rtc_widget.peer.ipc.pipe import Writer, receive
from rtc_widget.protocol.media_process import Close, Reply, Request, Send

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGE = Request(1, 2, Send(b"x" * 500_000, None, 1.0))
SMALL = Request(1, 3, Close())


@pytest.fixture
def ends() -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """The reading and the writing end."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as reader, os.fdopen(writing, "wb", buffering=0) as writer:
        yield reader, writer


def test_messages_come_whole_and_in_order_however_large_they_are(ends: tuple[BinaryIO, BinaryIO]) -> None:
    reader, writer = ends
    sending = Writer(writer)
    messages = [SMALL, LARGE, Reply(2, {"sent": 1}), SMALL]
    thread = threading.Thread(target=lambda: [sending.send(message) for message in messages])
    thread.start()

    came = [receive(reader) for _message in messages]
    thread.join(10)

    assert came == messages


def test_several_threads_do_not_garble_each_others_messages(ends: tuple[BinaryIO, BinaryIO]) -> None:
    reader, writer = ends
    sending = Writer(writer)
    threads = [
        threading.Thread(
            target=lambda n=n: sending.send(Request(n, n, Send(bytes([n]) * 100_000, None, 1.0)))
        )
        for n in range(4)
    ]
    for thread in threads:
        thread.start()

    came = [receive(reader) for _thread in threads]
    for thread in threads:
        thread.join(10)

    assert sorted(request.number for request in came if isinstance(request, Request)) == [0, 1, 2, 3]
    for request in came:
        assert isinstance(request, Request)
        assert isinstance(request.command, Send)
        assert request.command.data == bytes([request.number]) * 100_000


def test_the_end_of_the_pipe_is_none(ends: tuple[BinaryIO, BinaryIO]) -> None:
    reader, writer = ends
    sending = Writer(writer)
    sending.send(SMALL)

    sending.close()

    assert receive(reader) == SMALL
    assert receive(reader) is None


@pytest.mark.parametrize("length", [2, 4, 5, 40, -1])
def test_the_end_in_the_middle_of_a_message_is_none(ends: tuple[BinaryIO, BinaryIO], length: int) -> None:
    reader, writer = ends
    writer.write(pipe.pack(SMALL)[:length])
    writer.close()

    assert receive(reader) is None


@pytest.mark.parametrize("message", [SMALL, LARGE])
def test_a_reader_that_has_ended_is_an_error(ends: tuple[BinaryIO, BinaryIO], message: Request) -> None:
    reader, writer = ends
    sending = Writer(writer)
    reader.close()

    with pytest.raises(BrokenPipeError):
        sending.send(message)


@pytest.mark.parametrize("message", [SMALL, LARGE])
def test_after_its_end_nothing_is_written(ends: tuple[BinaryIO, BinaryIO], message: Request) -> None:
    sending = Writer(ends[1])
    sending.close()

    with pytest.raises((BrokenPipeError, ValueError)):
        sending.send(message)


def test_a_reader_that_does_not_read_is_an_error_and_not_a_hang(
    monkeypatch: pytest.MonkeyPatch, ends: tuple[BinaryIO, BinaryIO]
) -> None:
    monkeypatch.setattr(pipe, "_WRITE_SECONDS", 0.01)
    sending = Writer(ends[1])

    with pytest.raises(TimeoutError, match="does not read"):
        sending.send(LARGE)


def test_a_header_says_how_many_bytes_follow() -> None:
    packed = pipe.pack(SMALL)

    assert pipe.body_length(packed[: pipe.LENGTH_BYTES]) == len(packed) - pipe.LENGTH_BYTES
