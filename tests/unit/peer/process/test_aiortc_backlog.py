"""What comes faster than it can be decoded."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest
from aiortc.jitterbuffer import JitterFrame

from rtc_widget.peer.process import aiortc_backlog
from rtc_widget.peer.process.aiortc_backlog import DecoderBacklog, is_key_frame

VP8 = SimpleNamespace(mimeType="video/VP8", name="VP8")
OPUS = SimpleNamespace(mimeType="audio/opus", name="opus")
KEY = bytes([0x10, 0, 0, 0x9D, 0x01, 0x2A, 64, 0, 48, 0])
DELTA = bytes([0x11]) + bytes(20)


class Slow:
    """A backlog whose decoder takes what it is asked to, by a clock of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        monkeypatch.setattr(aiortc_backlog.time, "monotonic", lambda: self.now)
        self.asked = threading.Event()
        self.backlog = DecoderBacklog(self.asked)

    def comes(self, data: bytes, codec: Any = VP8, after: float = 0.125) -> None:
        self.now += after
        self.backlog.put((codec, JitterFrame(data, 0)))

    def take_all(self) -> list[bytes]:
        return [self.backlog.get_nowait()[1].data for _ in range(self.backlog.qsize())]


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    return Slow(monkeypatch)


def test_what_is_decoded_in_time_is_passed_on(slow: Slow) -> None:
    for data in (KEY, DELTA, DELTA):
        slow.comes(data)

    assert slow.take_all() == [KEY, DELTA, DELTA]
    assert not slow.asked.is_set()


@pytest.mark.parametrize("codec", [VP8, OPUS])
def test_padding_does_not_end_the_decoder(slow: Slow, codec: Any) -> None:
    for data in (KEY, b"", DELTA):
        slow.comes(data, codec)

    assert slow.take_all() == [KEY, DELTA]


def test_frames_that_wait_for_longer_than_a_second_are_given_up_and_a_key_frame_is_asked_for(
    slow: Slow,
) -> None:
    slow.comes(KEY)
    for _ in range(8):
        slow.comes(DELTA)
    assert slow.backlog.qsize() == 9

    slow.comes(DELTA)
    slow.comes(DELTA)
    assert slow.take_all() == []
    assert slow.asked.is_set()

    slow.comes(KEY)
    slow.comes(DELTA)
    assert slow.take_all() == [KEY, DELTA]


def test_a_key_frame_is_asked_for_once_a_second_until_it_comes(slow: Slow) -> None:
    slow.comes(KEY)
    asked = []
    for _ in range(35):
        slow.comes(DELTA)
        asked.append(slow.asked.is_set())
        slow.asked.clear()

    assert [number for number, now in enumerate(asked) if now] == [8, 16, 24, 32]


def test_a_key_frame_that_comes_too_late_for_the_others_needs_no_asking(slow: Slow) -> None:
    slow.comes(KEY)
    slow.comes(KEY, after=1.5)

    assert slow.take_all() == [KEY]
    assert not slow.asked.is_set()


def test_of_audio_only_what_is_too_old_is_lost(slow: Slow) -> None:
    for number in range(20):
        slow.comes(bytes([number]), OPUS)

    assert slow.take_all() == [bytes([number]) for number in range(11, 20)]
    assert not slow.asked.is_set()


def test_the_end_of_a_track_waits_for_nothing(slow: Slow) -> None:
    slow.comes(KEY)
    slow.comes(DELTA)
    slow.backlog.put(None)

    assert slow.backlog.get_nowait() is None
    assert slow.backlog.empty()


@pytest.mark.parametrize(
    ("codec", "data", "expected"),
    [
        ("VP8", KEY, True),
        ("VP8", DELTA, False),
        ("VP8", b"", False),
        # Parameters, and a picture that refers to none (ITU-T H.264, 7.4.1).
        ("H264", b"\0\0\0\1\x67\x42\0\0\0\1\x68\0\0\0\1\x65\1", True),
        ("H264", b"\0\0\1\x65\1", True),
        ("H264", b"\0\0\0\1\x41\x65\1", False),
        ("H264", b"\0\0\1", False),
        ("opus", b"\1", True),
    ],
)
def test_what_can_be_decoded_without_those_before_it(codec: str, data: bytes, expected: bool) -> None:
    assert is_key_frame(codec, data) is expected
