"""How messages travel between a kernel and its media process."""

from __future__ import annotations

import io
import os
import pickle
import sys
import threading
from enum import Enum, IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import pytest

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.peer.ipc import pipe
from rtc_widget.peer.ipc.pipe import Unreadable, Writer, receive
from rtc_widget.protocol.media_process import Close, MessageReceived, Notification, Open, Reply, Request, Send

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

    with pytest.raises(BrokenPipeError):
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

    assert pipe.body_length(packed[: pipe.HEADER_BYTES]) == len(packed) - pipe.HEADER_BYTES


# -- what only one of the two processes knows


class Name(StrEnum):
    BOT = "bot"


class Older(str, Enum):  # noqa: UP042
    BOT = "bot"


class Number(IntEnum):
    ONE = 1


class Size(NamedTuple):
    width: int


class Ratio(float):
    pass


class Bytes(bytes):
    pass


class Options(dict[str, Any]):
    pass


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        (Name.BOT, "bot"),
        (Older.BOT, "bot"),
        (Number.ONE, 1),
        (Ratio(0.5), 0.5),
        (Bytes(b"x"), b"x"),
        (Size(3), (3,)),
        (Options({Name.BOT: [Name.BOT]}), {"bot": ["bot"]}),
        ({"urls": [Older.BOT]}, {"urls": ["bot"]}),
    ],
    ids=repr,
)
def test_what_the_other_process_cannot_import_comes_as_the_builtin_that_it_is(
    monkeypatch: pytest.MonkeyPatch, given: object, plain: object
) -> None:
    packed = pipe.pack(Reply(1, given))
    monkeypatch.setitem(sys.modules, __name__, None)  # as in a process that has no such module

    [came] = [receive(io.BytesIO(packed))]

    assert came == Reply(1, plain)
    assert isinstance(came, Reply)
    assert type(came.value) is type(plain)


@pytest.mark.parametrize("given", [object(), test_the_end_of_the_pipe_is_none, Name, 1j])
def test_what_is_no_builtin_is_refused_where_it_is_sent(given: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="cannot be passed to the media process") as refused:
        pipe.pack(Request(1, 2, Send(given, None, 1.0)))

    assert refused.value.code == "bad_argument"


@pytest.mark.parametrize(
    ("message", "peer", "number"),
    [
        (Request(7, 8, Open("demo", "Ada", "key", None, None, [])), 7, 8),
        (Reply(8), 0, 8),
        (Notification(7, MessageReceived("bob", "hello")), 7, 0),
    ],
)
def test_a_message_that_cannot_be_read_says_whom_it_concerns_and_the_next_is_read(
    ends: tuple[BinaryIO, BinaryIO], message: pipe.Message, peer: int, number: int
) -> None:
    reader, writer = ends
    body = pickle.dumps(Name.BOT).replace(b"Name", b"Mane")
    header = pipe._HEADER.pack(len(body), *pipe._HEADER.unpack_from(pipe.pack(message))[1:])
    writer.write(header + body + pipe.pack(SMALL))

    first, second = receive(reader), receive(reader)

    assert isinstance(first, Unreadable)
    assert (first.peer, first.number) == (peer, number)
    assert first.info()["code"] == "peer_failed"
    assert "Mane" in first.info()["message"]
    assert second == SMALL
