"""What a peer records of itself: which segments there are, what is sent of them, and when it is over."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Any, cast

import av
import numpy as np
import pytest

from rtc_widget.peer.process import self_recorder
from rtc_widget.peer.process.outgoing import AudioHub, VideoHub
from rtc_widget.peer.process.self_recorder import SelfRecorder
from rtc_widget.peer.process.sources import BLOCK, audio_block
from rtc_widget.protocol.limits import LIMITS
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from rtc_widget.peer.process.segment_encoder import SegmentEncoder, Write


class FakeEncoder:
    """A segment whose bytes the test writes."""

    def __init__(self, *, video: bool, audio: bool, size: tuple[int, int] | None, write: Write) -> None:
        self.video, self.audio, self.size, self.write = video, audio, size, write
        self.at = 5.0
        self.taken: list[Any] = []
        self.stops = 0

    @property
    def kinds(self) -> tuple[bool, bool]:
        """Whether there are video and audio in it."""
        return self.video, self.audio

    def put(self, frame: Any) -> None:
        self.taken.append(frame)

    def stop(self) -> None:
        self.stops += 1


class Recorded:
    """A peer's hubs, its recorder, and what that sends."""

    def __init__(self) -> None:
        self.video, self.audio = VideoHub(), AudioHub()
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.encoders: list[FakeEncoder] = []
        self.recorder = SelfRecorder(
            self.video, self.audio, lambda key, piece: self.sent.append((key, piece)), self._encode
        )
        self.recorder.set_media(video=True, audio=True)

    def _encode(self, **given: Any) -> SegmentEncoder:
        self.encoders.append(FakeEncoder(**given))
        return cast("SegmentEncoder", self.encoders[-1])

    def show(self, width: int = 64) -> av.VideoFrame:
        """Send a frame."""
        frame = av.VideoFrame.from_ndarray(np.zeros((48, width, 3), np.uint8), format="rgb24")
        self.video.publish(frame)
        return frame

    def say(self) -> None:
        """Send a block of audio."""
        self.audio.publish(audio_block(np.zeros((BLOCK, 2), np.int16)))

    def records(self, key: str = "r") -> None:
        """Let somebody begin to record."""
        self.recorder.on_recording(key, on=True)

    async def write(self, encoder: FakeEncoder, data: bytes, *, last: bool = False) -> None:
        """Let an encoder write, on its thread."""
        await asyncio.to_thread(encoder.write, data, last)
        await asyncio.sleep(0)

    def pieces(self, key: str = "r") -> list[tuple[int, int, bytes, bool]]:
        """Return number, offset, data and end of each chunk that was sent."""
        return [
            (piece["number"], piece["offset"], base64.b64decode(piece["data"]), piece["last"])
            for to, piece in self.sent
            if to == key and "data" in piece
        ]

    def receive(self, number: int, offset: int, key: str = "r") -> None:
        """Let the recorder acknowledge."""
        self.recorder.on_received(key, [{"track": "camera", "number": number, "offset": offset}])

    def words(self, word: str, key: str = "r") -> int:
        """Return how often "done" or "declined" was said."""
        return sum(to == key and word in piece for to, piece in self.sent)


@pytest.fixture
async def recorded() -> AsyncIterator[Recorded]:
    made = Recorded()
    yield made
    made.recorder.close()


# -- segments


async def test_while_nobody_records_nothing_is_encoded(recorded: Recorded) -> None:
    recorded.show()
    recorded.say()
    assert recorded.encoders == []

    recorded.records()
    recorded.recorder.on_recording("r", on=False)
    recorded.show()

    (encoder,) = recorded.encoders
    assert (len(encoder.taken), encoder.stops) == (1, 1)


async def test_a_segment_begins_with_the_current_frame_and_is_of_one_size(recorded: Recorded) -> None:
    shown = [recorded.show()]
    recorded.records()
    shown.append(recorded.show())
    wide = recorded.show(128)

    first, second = recorded.encoders
    assert (first.taken, second.taken) == (shown, [wide])
    assert (first.size, second.size) == ((64, 48), (128, 48))
    assert (first.stops, second.stops) == (1, 0)


async def test_a_still_picture_is_in_the_recording_of_whoever_comes_later(recorded: Recorded) -> None:
    recorded.show()
    recorded.records("r")
    recorded.records("s")

    assert [len(encoder.taken) for encoder in recorded.encoders] == [1, 1]


async def test_a_still_picture_goes_on_when_audio_is_turned_off(recorded: Recorded) -> None:
    still = recorded.show()
    recorded.records()
    recorded.say()

    recorded.recorder.set_media(video=True, audio=False)

    with_audio, without = recorded.encoders
    assert (with_audio.kinds, with_audio.stops) == ((True, True), 1)
    assert (without.kinds, without.taken) == ((True, False), [still])


async def test_what_is_turned_off_is_not_shown_again(recorded: Recorded) -> None:
    recorded.show()
    recorded.records()

    recorded.recorder.set_media(video=False, audio=True)
    recorded.say()

    picture, sound = recorded.encoders
    assert (picture.stops, sound.kinds) == (1, (False, True))


async def test_a_picture_that_comes_later_begins_a_segment_with_both(recorded: Recorded) -> None:
    recorded.records()
    recorded.say()
    recorded.show()
    recorded.say()

    sound, both = recorded.encoders
    assert (sound.kinds, sound.size, sound.stops) == ((False, True), None, 1)
    assert (both.kinds, both.size, len(both.taken)) == ((True, True), (64, 48), 2)


async def test_audio_that_is_turned_on_begins_a_segment_with_the_picture(recorded: Recorded) -> None:
    recorded.recorder.set_media(video=True, audio=False)
    recorded.show()
    recorded.records()
    recorded.recorder.set_media(video=True, audio=True)
    recorded.say()

    silent, both = recorded.encoders
    assert (silent.kinds, silent.stops, both.kinds, both.size) == ((True, False), 1, (True, True), (64, 48))


async def test_a_block_that_is_late_begins_no_segment(recorded: Recorded) -> None:
    recorded.recorder.set_media(video=True, audio=False)
    recorded.records()

    for _ in range(3):
        recorded.say()

    assert recorded.encoders == []


async def test_what_does_not_fit_is_not_recorded_until_something_was_received(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(cast("Any", LIMITS), "upload_bytes", 40_000)
    recorded.records()
    recorded.show()
    (encoder,) = recorded.encoders
    await recorded.write(encoder, b"x" * 40_000)

    recorded.show()
    assert len(encoder.taken) == 1

    recorded.receive(*_after(recorded.pieces()[0]))
    recorded.show()
    assert len(encoder.taken) == 2


def _after(piece: tuple[int, int, bytes, bool]) -> tuple[int, int]:
    number, offset, data, last = piece
    return number, offset + len(data) + last


# -- chunks


async def test_chunks_are_of_some_size_and_say_where_they_are(recorded: Recorded) -> None:
    recorded.show()
    recorded.records()
    (encoder,) = recorded.encoders

    await recorded.write(encoder, b"head")
    assert recorded.pieces() == []  # soon there is more

    await recorded.write(encoder, b"x" * 32_768)
    await recorded.write(encoder, b"end")
    await recorded.write(encoder, b"", last=True)

    number = recorded.pieces()[0][0]
    assert recorded.pieces() == [
        (number, 0, b"head" + b"x" * 32_768, False),
        (number, 32_772, b"end", True),
    ]
    assert recorded.sent[0][1]["at"] == 5.0
    assert {key: recorded.sent[0][1][key] for key in ("video", "audio")} == {"video": True, "audio": True}


async def test_a_small_chunk_goes_when_it_has_waited(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(self_recorder, "_SLICE_SECONDS", 0.0)
    recorded.show()
    recorded.records()

    await recorded.write(recorded.encoders[0], b"few")

    assert [piece[2] for piece in recorded.pieces()] == [b"few"]


async def test_segments_have_numbers_that_grow_and_an_earlier_ones_end_is_its_own(recorded: Recorded) -> None:
    recorded.show()
    recorded.records()
    recorded.show(128)
    first, second = recorded.encoders

    await recorded.write(second, b"new", last=True)
    await recorded.write(first, b"old", last=True)

    (new, *_), (old, *_) = recorded.pieces()
    assert new == old + 1
    assert [piece[2] for piece in recorded.pieces()] == [b"new", b"old"]


async def test_what_has_not_been_received_goes_again_over_the_next_connection(recorded: Recorded) -> None:
    recorded.show()
    recorded.records()
    await recorded.write(recorded.encoders[0], b"x" * 32_768)
    recorded.recorder.on_lost()
    await recorded.write(recorded.encoders[0], b"y" * 32_768)
    assert len(recorded.pieces()) == 1

    recorded.recorder.on_entered([{"recording": "r", "name": "Eve"}])

    assert [piece[1] for piece in recorded.pieces()] == [0, 0, 32_768]
    assert [encoder.stops for encoder in recorded.encoders] == [0]


# -- the end


async def test_the_end_is_said_once_when_all_has_been_received(recorded: Recorded) -> None:
    recorded.show()
    recorded.records()
    (encoder,) = recorded.encoders
    recorded.recorder.on_recording("r", on=False)
    assert recorded.words("done") == 0

    await recorded.write(encoder, b"all", last=True)
    (piece,) = recorded.pieces()
    assert recorded.words("done") == 0

    recorded.receive(*_after(piece))
    recorded.receive(*_after(piece))
    assert recorded.words("done") == 1

    recorded.recorder.on_lost()
    recorded.recorder.on_entered([])
    assert recorded.words("done") == 2  # nobody may have heard the first


async def test_who_had_nothing_to_record_says_so_at_once(recorded: Recorded) -> None:
    recorded.records()
    recorded.recorder.on_recording("r", on=False)
    recorded.recorder.on_recording("unknown", on=False)

    assert [(key, piece) for key, piece in recorded.sent] == [("r", {"done": True})]


async def test_who_declines_records_nothing_any_more_and_says_it_to_each_relay(recorded: Recorded) -> None:
    recorded.show()
    recorded.records("r")
    recorded.records("s")
    recorded.recorder.decline("r")
    recorded.recorder.decline("unknown")
    mine, others = recorded.encoders
    await recorded.write(mine, b"late", last=True)
    recorded.show()

    assert (mine.stops, len(mine.taken), len(others.taken)) == (1, 1, 2)
    assert recorded.pieces("r") == []
    recorded.recorder.on_lost()
    recorded.recorder.on_entered([{"recording": "r", "name": "Eve"}, {"recording": "s", "name": "Ada"}])
    assert (recorded.words("declined", "r"), recorded.words("declined", "s")) == (2, 0)


async def test_a_recorder_that_does_not_come_to_the_next_relay_is_forgotten(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(self_recorder, "seconds", lambda _name: 0.01)
    recorded.show()
    recorded.records()
    (encoder,) = recorded.encoders

    recorded.recorder.on_lost()
    recorded.recorder.on_entered([])
    await wait_for(lambda: encoder.stops, 10)

    await recorded.write(encoder, b"x", last=True)
    recorded.show()
    assert (recorded.pieces(), len(recorded.encoders)) == ([], 1)


async def test_a_recorder_that_comes_in_time_is_not_forgotten(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(self_recorder, "seconds", lambda _name: 0.01)
    recorded.show()
    recorded.records("r")
    recorded.records("control")
    mine, control = recorded.encoders

    recorded.recorder.on_entered([])
    recorded.records("r")
    await wait_for(lambda: control.stops, 10)

    assert mine.stops == 0


async def test_who_leaves_waits_until_the_rest_has_been_received(recorded: Recorded) -> None:
    recorded.show()
    recorded.records()
    (encoder,) = recorded.encoders
    leaving = asyncio.create_task(recorded.recorder.leave())
    await wait_for(lambda: encoder.stops, 10)
    await recorded.write(encoder, b"rest", last=True)
    assert not leaving.done()

    recorded.receive(*_after(recorded.pieces()[0]))

    await asyncio.wait_for(leaving, 10)
    assert recorded.words("done") == 1


@pytest.mark.parametrize("path", ["open", "lost"])
async def test_who_leaves_does_not_wait_for_ever_and_without_a_path_not_at_all(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    within = 0.01 if path == "open" else 600.0
    monkeypatch.setattr(
        self_recorder, "seconds", {"recording_leave": within, "recording_rest": 30.0}.__getitem__
    )
    recorded.show()
    recorded.records()
    if path == "lost":
        recorded.recorder.on_lost()

    await asyncio.wait_for(recorded.recorder.leave(), 10)

    recorded.show()
    assert [len(encoder.taken) for encoder in recorded.encoders] == [1]
