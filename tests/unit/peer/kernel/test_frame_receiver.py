"""What a `Peer` receives of the others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import av
import numpy as np
import pytest

from rtc_widget.errors import InvalidArgumentError, RtcWidgetError, WaitTimeoutError
from rtc_widget.media.frame import RATE
from rtc_widget.media.i420 import plane_bytes
from rtc_widget.peer.ipc.shared_memory import AudioRing, I420Buffer
from rtc_widget.peer.kernel.frame_receiver import FrameReceiver
from rtc_widget.protocol.media_process import Subscribe
from rtc_widget.room.room_state import assign
from tests.support.cell_outputs import cell_outputs
from tests.support.fakes import FakeLink, fake_life, fake_member, participant
from tests.support.waiting import wait_until


class Received:
    """A receiver, and the memory of Ada."""

    def __init__(self) -> None:
        self.ada = participant("Ada", "id-1", video=True, audio=True)
        self.bob = participant("Bob", "id-2")
        self.link, self.life = FakeLink(), fake_life("Peer")
        self.problems: list[tuple[str, str]] = []
        self.receiver = FrameReceiver(
            fake_member(self.ada, self.bob, name="Me"),
            self.life,
            self.link.as_link,
            lambda *problem: self.problems.append(problem),
        )
        self.video = I420Buffer(plane_bytes(16, 16))
        self.audio = AudioRing(RATE, 2)

    def shows(self, number: int) -> None:
        """Let Ada send a frame."""
        self.video.write(av.VideoFrame(16, 16, "yuv420p"), number, float(number))
        self.receiver.notify("id-1", "video")

    def opened(self) -> None:
        """Let the media process say where Ada's frames are."""
        self.receiver.open("id-1", "video", self.video.path, self.video.capacity)


@pytest.fixture
def received(no_leaks: None) -> Iterator[Received]:
    received = Received()
    yield received
    received.video.unlink()
    received.audio.unlink()


def test_a_frame_is_subscribed_to_once_and_read_from_then_on(received: Received) -> None:
    received.opened()
    received.shows(1)

    first = received.receiver.frame("Ada")
    received.shows(2)
    second = received.receiver.frame(received.ada)

    assert (first.number, second.number) == (1, 2)
    assert first.sender == "Ada"
    assert received.link.commands == []  # its memory was known

    with pytest.raises(WaitTimeoutError):
        received.receiver.frame("Bob", timeout=0.0)
    with pytest.raises(WaitTimeoutError):
        received.receiver.frame("Bob", timeout=0.0)
    assert received.link.commands == [Subscribe("id-2", "video")]


def test_a_screen_and_audio_are_tracks_of_their_own(received: Received) -> None:
    with pytest.raises(WaitTimeoutError):
        received.receiver.frame("Ada", screen=True, timeout=0.0)
    with pytest.raises(WaitTimeoutError):
        received.receiver.sound("Ada", timeout=0.0)

    assert received.link.commands == [Subscribe("id-1", "screen"), Subscribe("id-1", "audio")]


def test_waiting_in_vain_says_why_nothing_may_have_come(received: Received) -> None:
    assign(received.bob, connection_state="connecting")

    with pytest.raises(
        WaitTimeoutError, match=r"from 'Bob' within 0 s\. Bob has it turned off.* 'connecting'"
    ):
        received.receiver.frame("Bob", timeout=0.0)
    with pytest.raises(WaitTimeoutError, match=r"within 0 s\. The connection is 'new'\. "):
        received.receiver.frame("Ada", timeout=0.0)

    measured = {"bitrate": 412_300, "fps": 0.0, "width": 0, "height": 0, "loss": 0.0, "rtt": None}
    assign(received.ada, connection_state="connected", stats=measured)
    with pytest.raises(WaitTimeoutError, match=r"is 'connected', and 412 kbit/s arrive\. "):
        received.receiver.frame("Ada", timeout=0.0)


def test_nothing_comes_from_who_is_not_here_and_to_who_is_closed(received: Received) -> None:
    with pytest.raises(InvalidArgumentError, match="unknown_participant"):
        received.receiver.frame("Eve")
    received.life.closed = True

    for ask in (
        received.receiver.frame,
        received.receiver.frames,
        received.receiver.sound,
        received.receiver.sounds,
    ):
        with pytest.raises(RtcWidgetError, match="closed"):
            ask("Ada")


def test_frames_are_iterated_over_until_their_sender_leaves(received: Received) -> None:
    received.opened()
    received.shows(1)
    numbers: list[int] = []

    for frame in received.receiver.frames("Ada", timeout=10):
        numbers.append(frame.number)
        if frame.number < 3:
            received.shows(frame.number + 1)
        else:
            received.receiver.forget("id-1")

    assert numbers == [1, 2, 3]


def test_a_frame_rate_is_checked(received: Received) -> None:
    with pytest.raises(InvalidArgumentError, match="fps"):
        received.receiver.frames("Ada", fps=0)


def test_audio_is_the_newest_of_so_many_seconds(received: Received) -> None:
    received.receiver.open("id-1", "audio", received.audio.path, 0)
    received.audio.write(np.zeros((RATE, 2), np.int16), 1.0)

    audio = received.receiver.sound("Ada", seconds=0.25)

    assert len(audio.samples) == RATE // 4


def test_memory_that_is_gone_before_it_is_opened_is_no_error(received: Received) -> None:
    received.receiver.open("id-1", "video", "/nowhere/at-all", 100)

    assert received.receiver.reader("id-1", "video").newest() is None


def test_a_callback_gets_everybodys_frames_on_a_thread_of_its_own(received: Received) -> None:
    received.opened()
    came: list[tuple[int, str]] = []
    end = received.receiver.on_frame(
        lambda frame: came.append((frame.number, threading.current_thread().name))
    )
    received.shows(1)

    wait_until(lambda: came, 10)
    end()
    received.shows(2)

    assert came == [(1, "rtc_widget-video")]
    assert received.link.commands == [Subscribe("id-1", "video"), Subscribe("id-2", "video")]


def test_a_callback_prints_below_its_cell(received: Received) -> None:
    received.opened()
    with cell_outputs() as cells:
        end = cells.run("first", lambda: received.receiver.on_frame(lambda frame: print(frame.number)))
        received.shows(1)
        wait_until(lambda: cells.texts, 10)
        end()

    assert cells.texts == {"first": "1\n"}


def test_a_callback_may_be_for_one(received: Received) -> None:
    end = received.receiver.on_sound(lambda _audio: None, "Bob")
    received.receiver.subscribe_newcomers()
    end()

    assert set(received.link.given(Subscribe)) == {Subscribe("id-2", "audio")}


@pytest.mark.parametrize("by_id", [True, False])
def test_a_callback_is_not_for_who_is_called_like_somebodys_id(received: Received, by_id: bool) -> None:
    assign(received.bob, name="id-1")
    received.receiver.on_frame(lambda _frame: None, "id-1" if by_id else received.ada)
    received.receiver.subscribe_newcomers()
    received.receiver.stop()

    assert set(received.link.given(Subscribe)) == {Subscribe("id-1", "video")}


def test_what_a_callback_raises_is_shown_once_and_it_goes_on(received: Received) -> None:
    received.opened()
    came: list[int] = []

    def fail(frame: Any) -> None:
        came.append(frame.number)
        raise ValueError("my own mistake")

    received.receiver.on_frame(fail, "Ada")
    for number in (1, 2):
        received.shows(number)
        wait_until(lambda number=number: came[-1:] == [number], 10)
    received.receiver.stop()

    ((code, text),) = received.problems
    assert code == "bad_callback"
    assert "at number 1" in text
    assert "my own mistake" in text


def test_at_the_end_whoever_iterates_ends_too(received: Received) -> None:
    stream = received.receiver.frames("Ada", timeout=1_000)

    received.receiver.end()

    assert list(stream) == []
