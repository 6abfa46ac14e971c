"""Pictures that are larger than anybody needs."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest
from aiortc.codecs.h264 import H264Decoder
from aiortc.codecs.vpx import Vp8Decoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpreceiver import RemoteStreamTrack

from rtc_widget.peer.process import aiortc_decoders, incoming
from rtc_widget.peer.process.aiortc_decoders import limit_decoders, too_large
from rtc_widget.peer.process.incoming import Incoming


@pytest.fixture(autouse=True)
def limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aiortc_decoders, "MAX_PIXELS", 128 * 128)
    monkeypatch.setattr(incoming, "MAX_PIXELS", 128 * 128)
    for decoder in (Vp8Decoder, H264Decoder):
        monkeypatch.setattr(decoder, "decode", decoder.decode)
    limit_decoders()
    limit_decoders()  # which changes nothing


def encoded(codec: str, width: int, height: int, count: int = 2) -> Iterator[JitterFrame]:
    encoder: Any = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.gop_size, encoder.thread_count = Fraction(1, 25), 100, 1
    if codec == "libx264":
        encoder.options = {"tune": "zerolatency"}
    for number in range(count):
        picture = np.full((height, width, 3), 60 * number, np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
        frame.pts = number
        yield from (JitterFrame(bytes(packet), number) for packet in encoder.encode(frame))
    yield from (JitterFrame(bytes(packet), count) for packet in encoder.encode(None))


@pytest.mark.parametrize(("decoder", "codec"), [(Vp8Decoder, "libvpx"), (H264Decoder, "libx264")])
def test_a_picture_that_is_too_large_is_not_decoded_and_the_next_one_is(decoder: Any, codec: str) -> None:
    decode = decoder().decode

    large = [frame for each in encoded(codec, 320, 240, 1) for frame in decode(each)]
    small = [frame for each in encoded(codec, 128, 128) for frame in decode(each)]

    assert [too_large(frame) for frame in large] == [(320, 240)]
    assert max(frame.width for frame in large) < 320
    assert [(frame.width, frame.height, too_large(frame)) for frame in small] == [(128, 128, None)] * 2


def test_a_frame_whose_beginning_was_lost_is_damaged_and_not_too_large_so_that_a_key_frame_is_asked_for() -> (
    None
):
    decode = Vp8Decoder().decode
    key, delta = (frame.data for frame in encoded("libvpx", 96, 96))

    # What is left begins with an even byte, as a key frame does, and with what would be its size.
    for rest in (b"\x82\xd7\xd4\xe6\xe4\xc6\x52\xfb\x5a\xd1" + key[20:], delta):
        with pytest.raises(av.FFmpegError):
            decode(JitterFrame(rest, 0))

    assert [too_large(frame) for frame in decode(JitterFrame(key, 2))] == [None]


def test_what_follows_a_picture_that_was_refused_is_left_out() -> None:
    decode = Vp8Decoder().decode

    made = [decode(each) for each in encoded("libvpx", 320, 240, 3)]

    assert [len(frames) for frames in made] == [1, 0, 0]


@pytest.mark.parametrize("decoder", [Vp8Decoder, H264Decoder])
@pytest.mark.parametrize("data", [b"", b"\x00", bytes(9), b"\xff" * 40])
def test_what_is_no_picture_is_refused_as_before(decoder: Any, data: bytes) -> None:
    try:
        made = decoder().decode(JitterFrame(data, 0))
    except (av.FFmpegError, ValueError):
        made = []

    assert made == []


def track_with(frames: list[av.VideoFrame]) -> RemoteStreamTrack:
    """Make a track that has decoded these, and has ended."""
    track = RemoteStreamTrack(kind="video")
    for frame in (*frames, None):
        track._queue.put_nowait(frame)
    return track


async def test_a_picture_that_was_refused_is_told_once_and_shown_to_nobody() -> None:
    participant, told = Incoming(), list[str]()
    decode = Vp8Decoder().decode
    large = [frame for each in encoded("libvpx", 320, 240, 1) for frame in decode(each)]
    seen: list[int] = []
    participant.video.listen(lambda frame, _number, _when: seen.append(frame.width))
    track = track_with([*large, *large, av.VideoFrame(64, 48, "yuv420p")])

    await participant.drain(track, participant.video, told.append)

    assert seen == [64]
    assert told == ["Pictures of 320 by 240 pixels are not shown: one has at most 16,384."]


async def test_of_many_that_wait_only_the_newest_are_shown() -> None:
    participant = Incoming()
    seen: list[int] = []
    participant.video.listen(lambda frame, _number, _when: seen.append(frame.width))

    await participant.drain(
        track_with([av.VideoFrame(2 * width, 2, "yuv420p") for width in range(1, 41)]),
        participant.video,
        print,
    )

    assert seen == [72, 74, 76, 78, 80]
