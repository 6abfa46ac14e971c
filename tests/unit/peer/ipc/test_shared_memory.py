"""Frames and audio in shared memory: one writer, one reader, newest first."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from rtc_widget.media.i420 import plane_bytes
from rtc_widget.peer.ipc import shared_memory
from rtc_widget.peer.ipc.shared_memory import AudioRing, I420Buffer, RgbBuffer


def rgb(value: int, height: int = 4, width: int = 6) -> Any:
    return np.full((height, width, 3), value, np.uint8)


def pair(height: int = 4, width: int = 6) -> tuple[RgbBuffer, RgbBuffer]:
    """Return both sides of one memory."""
    writer = RgbBuffer(3 * height * width)
    return writer, RgbBuffer(writer.capacity, writer.path)


def test_the_reader_sees_the_newest_frame_only() -> None:
    writer, reader = pair()
    assert reader.look() is None
    assert reader.newest_number() == 0

    for number in (1, 2, 5):
        writer.write(rgb(number), number, 10.0 + number)

    frame = reader.look()
    assert frame is not None
    assert (frame.number, frame.time, frame.width, frame.height) == (5, 15.0, 6, 4)
    assert np.array_equal(frame.pixels, rgb(5))
    assert reader.newest_number() == 5
    assert reader.intact(frame)


def test_a_frame_that_was_overwritten_while_it_was_read_is_noticed() -> None:
    writer, reader = pair()
    writer.write(rgb(1), 1, 0.0)
    frame = reader.look()
    assert frame is not None

    intact = []
    for number in (2, 3, 4):
        writer.write(rgb(number), number, 0.0)
        intact.append(reader.intact(frame))

    assert intact == [True, True, False]


def test_a_frame_may_be_of_another_size_while_it_fits() -> None:
    writer, reader = pair()
    assert writer.fits(rgb(1, 2, 2))
    assert not writer.fits(rgb(1, 5, 6))

    writer.write(rgb(7, 2, 3), 1, 0.0)

    frame = reader.look()
    assert frame is not None
    assert np.array_equal(frame.pixels, rgb(7, 2, 3))


def test_who_wants_to_be_told_is_told_once() -> None:
    writer, reader = pair()
    assert not writer.write(rgb(1), 1, 0.0)

    reader.want()

    assert [writer.write(rgb(number), number, 0.0) for number in (2, 3)] == [True, False]


def test_a_memorys_name_is_gone_once_both_have_it() -> None:
    writer = RgbBuffer(48)
    assert Path(writer.path).stat().st_mode & 0o777 == 0o600

    reader = RgbBuffer(48, writer.path)

    assert not Path(writer.path).exists()
    writer.unlink()
    writer.write(rgb(3, 4, 4), 1, 0.0)
    assert reader.newest_number() == 1


def test_a_memory_that_is_gone_cannot_be_opened() -> None:
    with pytest.raises(FileNotFoundError):
        RgbBuffer(48, "/nowhere/rtc_widget-memory")


def test_where_shared_memory_is_full_the_temporary_folder_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reserve, attempts = shared_memory.os.posix_fallocate, []

    def fail_once(*given: Any) -> None:
        attempts.append(given)
        if len(attempts) == 1:
            raise OSError(28, "No space left on device")
        reserve(*given)

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(shared_memory.os, "access", lambda *_given: True)
    monkeypatch.setattr(shared_memory.os, "posix_fallocate", fail_once)

    buffer = RgbBuffer(48)

    assert Path(buffer.path).parent == tmp_path
    buffer.unlink()


@pytest.mark.parametrize(("width", "height"), [(16, 16), (18, 10), (17, 9)])
def test_a_decoded_frame_is_read_as_it_was_written(width: int, height: int) -> None:
    frame = av.VideoFrame(width, height, "yuv420p")
    for index, plane in enumerate(frame.planes):
        plane.update(bytes((index * 60 + n) % 251 for n in range(plane.buffer_size)))
    writer = I420Buffer(plane_bytes(width, height))
    reader = I420Buffer(writer.capacity, writer.path)
    assert writer.fits(width, height)
    assert not writer.fits(width * 2, height * 2)

    writer.write(frame, 1, 0.0)

    seen = reader.look()
    assert seen is not None
    luma = np.frombuffer(frame.planes[0], np.uint8).reshape(-1, frame.planes[0].line_size)[:height, :width]
    assert np.array_equal(seen.pixels[:height, :width], luma)


def samples(start: int, count: int) -> Any:
    return np.repeat(np.arange(start, start + count, dtype=np.int16)[:, None], 2, axis=1)


def ring_pair(rate: int = 100, seconds: float = 0.5) -> tuple[AudioRing, AudioRing]:
    writer = AudioRing(rate, 2, seconds=seconds)
    return writer, AudioRing(rate, 2, writer.path, seconds)


def test_audio_is_read_from_any_position_that_is_kept() -> None:
    writer, reader = ring_pair()
    writer.write(samples(0, 30), 1.5)

    assert (reader.written, reader.time) == (30, 1.5)
    assert np.array_equal(reader.read(0, 30), samples(0, 30))
    assert np.array_equal(reader.read(10, 20), samples(10, 10))
    assert len(reader.read(30, 30)) == 0


def test_audio_goes_round_and_the_oldest_is_lost() -> None:
    writer, reader = ring_pair()
    for start in range(0, 120, 30):
        writer.write(samples(start, 30), 0.0)

    assert np.array_equal(reader.read(100, 120), samples(100, 20))
    # 50 samples are kept; of what is older there is nothing.
    assert np.array_equal(reader.read(0, 120), samples(70, 50))


def test_of_more_audio_than_is_kept_the_newest_stays() -> None:
    writer, reader = ring_pair()
    writer.write(samples(0, 80), 0.0)

    assert np.array_equal(reader.read(0, reader.written), samples(30, 50))


def test_a_reader_of_audio_is_told_once_too() -> None:
    writer, reader = ring_pair()
    reader.want()

    assert [writer.write(samples(0, 1), 0.0) for _ in range(2)] == [True, False]
