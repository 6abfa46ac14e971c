"""What was recorded and has not been received yet."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from rtc_widget.peer.process import upload_queue
from rtc_widget.peer.process.upload_queue import UploadQueue
from rtc_widget.protocol.limits import LIMITS
from tests.support.waiting import wait_for

STEP = LIMITS["piece_bytes"]
HEAD = {"at": 1.0, "mime": "video/webm", "video": True, "audio": False}


class Uploads:
    """A queue, and the pieces that it has put on the wire."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.queue = UploadQueue(self.sent.append)

    def add(self, data: bytes, number: int = 0, offset: int = 0, *, last: bool = False) -> None:
        """Queue a piece of a segment."""
        self.queue.add(number, offset, data, HEAD, last=last)

    @property
    def offsets(self) -> list[tuple[int, int]]:
        """Number and offset of each piece that was sent."""
        return [(piece["number"], piece["offset"]) for piece in self.sent]


async def test_nothing_is_sent_until_somebody_takes_it() -> None:
    uploads = Uploads()
    uploads.add(b"abc")
    assert uploads.sent == []
    assert not uploads.queue.open

    uploads.queue.begin()

    (piece,) = uploads.sent
    assert base64.b64decode(piece["data"]) == b"abc"
    assert {key: piece[key] for key in HEAD} == HEAD
    assert (piece["track"], piece["last"]) == ("camera", False)
    uploads.queue.pause()


async def test_what_is_long_goes_in_pieces_of_which_the_first_says_what_it_is() -> None:
    uploads = Uploads()
    uploads.queue.begin()
    data = bytes(range(256)) * (STEP // 256) * 2 + b"end"

    uploads.add(data, last=True)

    assert uploads.offsets == [(0, 0), (0, STEP), (0, 2 * STEP)]
    assert b"".join(base64.b64decode(piece["data"]) for piece in uploads.sent) == data
    assert [piece["last"] for piece in uploads.sent] == [False, False, True]
    assert ["mime" in piece for piece in uploads.sent] == [True, False, False]
    uploads.queue.pause()


async def test_a_segment_may_end_with_nothing_more_to_say() -> None:
    uploads = Uploads()
    uploads.queue.begin()
    uploads.add(b"", offset=7, last=True)

    assert [(piece["data"], piece["last"]) for piece in uploads.sent] == [("", True)]
    uploads.queue.pause()


async def test_a_few_are_on_their_way_at_once_and_the_next_go_when_those_are_received() -> None:
    uploads = Uploads()
    uploads.queue.begin()
    for number in range(6):
        uploads.add(b"x", number)
    assert uploads.offsets == [(number, 0) for number in range(4)]

    uploads.queue.received(0, 1)

    assert uploads.offsets[4:] == [(4, 0)]
    uploads.queue.pause()


async def test_a_segment_has_been_received_with_its_end_which_counts_as_a_byte() -> None:
    uploads = Uploads()
    uploads.queue.begin()
    uploads.add(b"abc", last=True)

    uploads.queue.received(0, 3)
    assert not uploads.queue.empty
    uploads.queue.received(0, 4)

    assert uploads.queue.empty
    uploads.queue.pause()


async def test_what_was_not_received_is_sent_again_in_order_when_somebody_is_back() -> None:
    uploads = Uploads()
    uploads.queue.begin()
    for number in range(3):
        uploads.add(b"x", number)
    uploads.queue.received(0, 1)
    uploads.queue.pause()
    uploads.sent.clear()

    uploads.queue.begin()

    assert uploads.offsets == [(1, 0), (2, 0)]
    uploads.queue.pause()


async def test_pieces_that_nobody_acknowledges_are_sent_again_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(upload_queue, "seconds", lambda _name: 0.001)
    uploads = Uploads()
    uploads.queue.begin()
    uploads.add(b"x")

    await wait_for(lambda: len(uploads.sent) >= 3, 10)
    uploads.queue.received(0, 1)

    assert set(uploads.offsets) == {(0, 0)}
    assert uploads.queue.empty
    uploads.queue.pause()


async def test_it_is_full_at_the_limit_and_not_when_room_was_made() -> None:
    uploads = Uploads()
    uploads.add(bytes(LIMITS["upload_bytes"] - 1))
    assert not uploads.queue.full

    uploads.add(b"x", offset=LIMITS["upload_bytes"] - 1)
    assert uploads.queue.full
    uploads.queue.received(0, STEP)

    assert not uploads.queue.full


async def test_a_closed_queue_keeps_and_takes_nothing() -> None:
    uploads = Uploads()
    uploads.add(b"x")
    uploads.queue.close()
    uploads.add(b"y")
    uploads.queue.begin()

    assert uploads.queue.empty
    assert uploads.sent == []
