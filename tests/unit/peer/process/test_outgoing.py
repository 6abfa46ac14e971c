"""What a peer sends: always the newest frame, none twice, and audio in its time."""

from __future__ import annotations

import asyncio
from fractions import Fraction
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from av.video.frame import PictureType

from rtc_widget.media.frame import RATE
from rtc_widget.peer.process import outgoing
from rtc_widget.peer.process.outgoing import AudioHub, AudioOut, VideoHub, VideoOut
from rtc_widget.peer.process.sources import BLOCK, audio_block

if TYPE_CHECKING:
    from collections.abc import Callable


def frame(shade: int = 0) -> av.VideoFrame:
    pixels = np.full((24, 16), shade, np.uint8)
    return av.VideoFrame.from_ndarray(pixels, format="yuv420p")


def shade(of: av.VideoFrame) -> int:
    return int(of.to_ndarray()[0, 0])


def block() -> av.AudioFrame:
    return audio_block(np.zeros((BLOCK, 2), np.int16))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    made = SimpleNamespace(now=100.0)
    monkeypatch.setattr(outgoing, "time", SimpleNamespace(monotonic=lambda: made.now))
    return made


# -- frames


async def test_a_track_that_is_slow_gets_the_newest_and_none_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "_STILL_SECONDS", 600.0)
    hub = VideoHub()
    track = VideoOut(hub)
    for number in range(3):
        hub.publish(frame(number))

    assert shade(await track.recv()) == 2
    waiting = asyncio.create_task(track.recv())
    await asyncio.sleep(0)
    assert not waiting.done()

    hub.publish(frame(7))
    assert shade(await asyncio.wait_for(waiting, 10)) == 7


async def test_all_tracks_get_a_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "_STILL_SECONDS", 600.0)
    hub = VideoHub()
    waiting = [asyncio.create_task(VideoOut(hub).recv()) for _ in range(3)]
    await asyncio.sleep(0)

    hub.publish(frame(5))

    assert [shade(each) for each in await asyncio.gather(*waiting)] == [5, 5, 5]


async def test_a_still_picture_is_sent_again_as_a_frame_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "_STILL_SECONDS", 0.01)
    hub = VideoHub()
    track = VideoOut(hub)
    hub.publish(frame(9))
    first = await track.recv()

    again = await asyncio.wait_for(track.recv(), 10)

    assert again is not first
    assert shade(again) == 9
    assert first.pts is not None
    assert again.pts is not None
    assert again.pts > first.pts


async def test_after_the_picture_was_cleared_nothing_is_sent_until_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outgoing, "_STILL_SECONDS", 0.005)
    cleared, control = VideoHub(), VideoHub()
    for hub in (cleared, control):
        hub.publish(frame(1))
    cleared.clear()
    waiting = asyncio.create_task(VideoOut(cleared).recv())
    still = VideoOut(control)
    for _ in range(3):
        await asyncio.wait_for(still.recv(), 10)
    assert not waiting.done()
    heard: list[Any] = []
    cleared.listen(heard.append)
    assert heard == []

    cleared.publish(frame(2))

    assert shade(await asyncio.wait_for(waiting, 10)) == 2


def test_times_follow_the_clock_and_never_stand_still(clock: SimpleNamespace) -> None:
    hub = VideoHub()
    frames = [frame() for _ in range(3)]
    frames[0].pict_type = PictureType.I

    hub.publish(frames[0])
    hub.publish(frames[1])
    clock.now += 0.5
    hub.publish(frames[2])

    assert [each.pts for each in frames] == [1, 2, 45_000]
    assert {each.time_base for each in frames} == {Fraction(1, 90_000)}
    assert frames[0].pict_type == PictureType.NONE


@pytest.mark.parametrize("hub", [VideoHub, AudioHub])
def test_who_has_stopped_listening_hears_nothing_more(hub: Callable[[], Any]) -> None:
    made, heard = hub(), []
    end = made.listen(heard.append)
    made.publish(frame() if hub is VideoHub else block())
    end()

    made.publish(frame() if hub is VideoHub else block())

    assert len(heard) == 1


# -- audio


async def test_who_is_behind_loses_the_oldest_blocks() -> None:
    hub = AudioHub()
    track = AudioOut(hub)
    blocks = [block() for _ in range(13)]
    for each in blocks:
        hub.publish(each)

    assert [await track.recv() for _ in range(10)] == blocks[3:]

    waiting = asyncio.create_task(track.recv())
    await asyncio.sleep(0)
    assert not waiting.done()
    hub.publish(blocks[0])
    assert await asyncio.wait_for(waiting, 10) is blocks[0]


def test_within_a_stream_samples_are_the_time_and_after_silence_the_clock(clock: SimpleNamespace) -> None:
    hub = AudioHub()
    blocks = [block() for _ in range(4)]

    hub.publish(blocks[0])
    clock.now += 0.125  # late, but not silent
    hub.publish(blocks[1])
    clock.now += 2.0
    hub.publish(blocks[2])
    hub.publish(blocks[3])

    assert [each.pts for each in blocks] == [0, BLOCK, 102_000, 102_000 + BLOCK]
    assert {(each.sample_rate, each.time_base) for each in blocks} == {(RATE, Fraction(1, RATE))}


async def test_a_track_that_was_closed_takes_nothing_more() -> None:
    hub = AudioHub()
    closed, open_ = AudioOut(hub), AudioOut(hub)
    closed.close()

    hub.publish(block())

    assert await asyncio.wait_for(open_.recv(), 10)
    assert not closed._blocks
