"""What a kernel's peer receives: frames and audio, over a real relay and a real media process."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from rtc_widget.errors import InvalidArgumentError, WaitTimeoutError
from rtc_widget.peer.kernel import readers
from tests.support.peers import GREY, Peers, shows
from tests.support.waiting import wait_until

# -- pictures in


def test_a_frame_is_the_newest_picture_as_an_array(peers: Peers) -> None:
    _, bob = peers.pair(source="pattern", resolution=(320, 240))

    frame = bob.frame("Ada")

    assert (frame.shape, frame.dtype, frame.sender) == ((240, 320, 3), np.uint8, "Ada")
    assert 0 <= time.time() - frame.time < 30
    assert frame._repr_png_().startswith(b"\x89PNG")
    assert isinstance(frame.mean(), float)
    wait_until(lambda: bob.frame("Ada").number > frame.number + 20, 30, "newer pictures")
    # That somebody who asks late gets no older one is test_peer_traps.py's.
    assert bob.frame("Ada").time > frame.time


def test_frames_come_no_faster_than_asked_for_and_end_with_the_participant(peers: Peers) -> None:
    ada, bob = peers.pair(source="pattern")

    began, numbers, fifth = time.monotonic(), list[int](), 0.0
    for frame in bob.frames("Ada", fps=5):
        numbers.append(frame.number)
        if len(numbers) == 5:
            fifth = time.monotonic() - began
            ada.leave()

    assert fifth >= 0.8
    assert numbers == sorted(set(numbers))


async def test_frames_can_be_awaited(peers: Peers) -> None:
    ada, bob = await asyncio.to_thread(peers.pair, source="pattern")

    numbers = []
    async for frame in bob.frames("Ada"):
        numbers.append(frame.number)
        if len(numbers) == 10:
            await asyncio.to_thread(ada.leave)

    assert numbers == sorted(set(numbers))


def test_a_picture_may_change_its_size(peers: Peers) -> None:
    ada, bob = peers.pair(source="pattern", resolution=(160, 120))
    assert bob.frame("Ada").shape == (120, 160, 3)

    ada.send_frame(np.full((480, 640, 3), 90, np.uint8))
    wait_until(lambda: bob.frame("Ada").shape == (480, 640, 3), 30, "the larger picture")
    ada.send_frame(np.full((33, 65, 3), 90, np.uint8))

    # Codecs want even sizes: an odd one gains a row and a column.
    wait_until(lambda: bob.frame("Ada").shape == (34, 66, 3), 30, "the smaller picture")


def test_a_callback_gets_pictures_and_what_it_raises_is_shown_once(
    peers: Peers, capsys: pytest.CaptureFixture[str]
) -> None:
    _, bob = peers.pair(source="pattern")
    numbers: list[int] = []

    def look(frame: np.ndarray) -> None:
        numbers.append(frame.number)
        raise ZeroDivisionError("in the user's callback")

    end = bob.on_frame(look)
    wait_until(lambda: len(numbers) > 5, 30, "pictures after the exception")
    end()

    shown = capsys.readouterr().err
    assert shown.count("Traceback") == 1
    assert f"at number {numbers[0]}" in shown
    assert bob.error["code"] == "bad_callback"


def test_a_callback_may_be_for_one_participant(peers: Peers) -> None:
    _, bob = peers.pair(source="pattern")
    peers("Cleo", source="pattern")
    bob.wait_for(lambda peer: len(peer.participants) == 2)
    senders: set[str] = set()
    numbers: list[int] = []

    bob.on_frame(
        lambda frame: (senders.add(frame.sender), numbers.append(frame.number)), bob.participants["Ada"]
    )

    wait_until(lambda: len(numbers) > 20, 30, "pictures")
    assert senders == {"Ada"}


def test_memory_that_is_gone_before_it_was_opened_harms_nobody(
    peers: Peers, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = readers.VideoReader.open

    def too_late(self: readers.VideoReader, path: str, capacity: int) -> None:
        monkeypatch.setattr(readers.VideoReader, "open", opened)
        Path(path).unlink()
        opened(self, path, capacity)

    ada, bob = peers.pair()
    monkeypatch.setattr(readers.VideoReader, "open", too_late)
    ada.send_frame(GREY)
    with pytest.raises(WaitTimeoutError):
        bob.frame("Ada", timeout=0.5)

    ada.send_frame(np.full((480, 640, 3), 60, np.uint8))

    shows(bob, "Ada", 60)


def test_nothing_to_see_is_an_error_in_time(peers: Peers) -> None:
    _, bob = peers.pair()

    with pytest.raises(WaitTimeoutError, match="Ada has it turned off"):
        bob.frame("Ada", timeout=0.2)
    with pytest.raises(WaitTimeoutError, match="No audio"):
        bob.sound("Ada", timeout=0.2)


def test_who_is_not_there_cannot_be_seen_heard_or_written_to(peers: Peers) -> None:
    _, bob = peers.pair()

    for ask in (bob.frame, bob.frames, bob.sound, bob.sounds, lambda who: bob.send(1, to=who)):
        with pytest.raises(InvalidArgumentError, match="unknown_participant"):
            ask("Nobody")
    assert bob.state == "joined"


def test_the_memory_of_pictures_has_no_name_once_it_is_in_use(peers: Peers) -> None:
    def named() -> set[Path]:
        return set(Path("/dev/shm").glob("rtc_widget-*"))

    before = named()
    _, bob = peers.pair(source="pattern")
    bob.frame("Ada")

    # Another test's, beside this one, may have its name for a moment.
    wait_until(lambda: not named() - before, 30, "no memory with a name")


# -- sound


def test_sound_is_float_samples_with_rate_and_channels(peers: Peers) -> None:
    _, bob = peers.pair(audio="tone")

    audio = bob.sound("Ada", seconds=0.5)

    assert (audio.samples.dtype, audio.rate, audio.channels, audio.sender) == (np.float32, 48_000, 2, "Ada")
    wait_until(lambda: len(bob.sound("Ada", seconds=0.5).samples) == 24_000, 30, "half a second of sound")


def test_sound_is_read_without_gaps(peers: Peers) -> None:
    ada, bob = peers.pair(audio="tone")

    position = None
    for part, audio in enumerate(bob.sounds("Ada")):
        assert position in (None, audio.number)
        position = audio.number + len(audio.samples)
        if part == 20:
            ada.leave()


def test_what_is_played_is_heard(peers: Peers) -> None:
    ada, bob = peers.pair()
    seconds = np.arange(44_100 * 2) / 44_100
    playing = threading.Thread(
        target=ada.send_sound, args=(0.5 * np.sin(2 * np.pi * 1_000 * seconds), 44_100)
    )
    playing.start()

    wait_until(lambda: len(bob.sound("Ada", seconds=0.5).samples) == 24_000, 30, "half a second of sound")
    heard = bob.sound("Ada", seconds=0.5).samples[:, 0]
    playing.join()

    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    assert abs(np.argmax(spectrum) * 48_000 / len(heard) - 1_000) < 10
