"""The kernel's view of what one participant sends."""

from __future__ import annotations

import threading
from typing import Any

import av
import numpy as np

from rtc_widget.media.frame import RATE
from rtc_widget.media.i420 import plane_bytes
from rtc_widget.peer.ipc.shared_memory import AudioRing, I420Buffer
from rtc_widget.peer.kernel.readers import AudioReader, VideoReader


def video() -> tuple[VideoReader, I420Buffer]:
    """Return a reader, and the memory that it reads."""
    memory = I420Buffer(plane_bytes(16, 16))
    reader = VideoReader(lambda: "Ada")
    reader.open(memory.path, memory.capacity)
    return reader, memory


def audio() -> tuple[AudioReader, AudioRing]:
    ring = AudioRing(RATE, 2)
    reader = AudioReader(lambda: "Ada")
    reader.open(ring.path, 0)
    return reader, ring


def picture(number: int) -> Any:
    frame = av.VideoFrame(16, 16, "yuv420p")
    for plane in frame.planes:
        plane.update(bytes([100 + number]) * plane.buffer_size)
    return frame


def test_the_newest_frame_is_the_callers_own_and_says_whose_it_is() -> None:
    reader, memory = video()
    assert reader.newest() is None
    memory.write(picture(1), 1, 12.5)

    first, second = reader.newest(), reader.newest()

    assert first is not None
    assert second is not None
    assert (first.sender, first.number, first.time, first.shape) == ("Ada", 1, 12.5, (16, 16, 3))
    assert not np.shares_memory(first, second)


def test_a_frame_that_was_seen_is_none_that_is_new() -> None:
    reader, memory = video()
    memory.write(picture(1), 4, 0.0)

    assert reader.newest(4) is None
    assert reader.wait(4, 0.0) is None
    frame = reader.newest(3)
    assert frame is not None
    assert frame.number == 4


def test_reading_asks_to_be_told_of_the_next_one() -> None:
    reader, memory = video()
    assert memory.write(picture(1), 1, 0.0)
    assert not memory.write(picture(2), 2, 0.0)

    reader.newest()

    assert memory.write(picture(3), 3, 0.0)


def test_who_waits_is_woken_by_a_notification() -> None:
    reader, memory = video()
    came: list[Any] = []
    thread = threading.Thread(target=lambda: came.append(reader.wait(0, 10)))
    thread.start()

    memory.write(picture(1), 1, 0.0)
    reader.notify()
    thread.join(10)

    assert came[0].number == 1


def test_who_waits_is_woken_when_nothing_will_come() -> None:
    reader = VideoReader(lambda: "Ada")
    came: list[Any] = []
    thread = threading.Thread(target=lambda: came.append(reader.wait(0, 1_000)))
    thread.start()

    reader.end()
    thread.join(10)

    assert came == [None]
    assert reader.ended


def test_memory_that_takes_anothers_place_is_read_from_then_on() -> None:
    reader, memory = video()
    memory.write(picture(1), 1, 0.0)
    larger = I420Buffer(plane_bytes(32, 32))
    larger.write(av.VideoFrame(32, 32, "yuv420p"), 2, 0.0)

    reader.open(larger.path, larger.capacity)

    frame = reader.newest()
    assert frame is not None
    assert (frame.number, frame.shape) == (2, (32, 32, 3))


def test_listeners_are_called_until_they_end_that() -> None:
    reader, heard = VideoReader(lambda: ""), []
    end = reader.listen(lambda: heard.append(1))
    reader.notify()
    end()
    reader.notify()

    assert heard == [1]


def test_audio_is_read_from_where_one_was() -> None:
    reader, ring = audio()
    assert reader.since(0) is None
    ring.write(np.full((100, 2), 16_384, np.int16), 3.0)

    first = reader.since(0)

    assert first is not None
    assert (first.number, first.sender, first.rate, first.time) == (0, "Ada", RATE, 3.0)
    assert first.samples.shape == (100, 2)
    assert np.all(first.samples == 0.5)
    assert reader.since(100) is None
    assert reader.written == 100


def test_the_newest_audio_is_as_long_as_was_asked_for_or_as_there_is() -> None:
    reader, ring = audio()
    ring.write(np.zeros((1_000, 2), np.int16), 0.0)

    assert len(reader.newest(100 / RATE).samples) == 100
    assert len(reader.newest(1.0).samples) == 1_000
    assert reader.newest(100 / RATE).number == 900


def test_waiting_for_audio_ends_when_there_is_enough() -> None:
    reader, ring = audio()
    ring.write(np.zeros((100, 2), np.int16), 0.0)

    assert reader.wait(0, 100, 0.0)
    assert not reader.wait(0, 101, 0.0)
    reader.end()
    assert not reader.wait(0, 101, 1_000)
