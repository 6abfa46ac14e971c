"""Recordings of phones that were held upright, which say in the file how the picture is to be turned."""

from __future__ import annotations

import io
from typing import Any

import av
import pytest

from rtc_widget.media.frame import rgb_of
from rtc_widget.media.open_media import open_media
from rtc_widget.recording.export.poster import poster_of
from rtc_widget.recording.export.reencode import Target, reencode
from rtc_widget.recording.finalize.recode import VideoRecoder
from rtc_widget.recording.read.playback import VideoPlayback
from rtc_widget.recording.read.stills import frame_at
from tests.support.films import film, quarters, seen_quarters

TURNED = [1, 3, 0, 2]


@pytest.fixture
def upright() -> io.BytesIO:
    return io.BytesIO(film([quarters(128, 96)] * 10, "mp4", rotation=90))


def test_a_frame_of_it_is_upright(upright: io.BytesIO) -> None:
    frame = frame_at(upright, 0.2, "Ada", 0.0)

    assert frame is not None
    assert frame.shape == (128, 96, 3)
    assert seen_quarters(frame) == TURNED


def test_its_film_is_upright(upright: io.BytesIO) -> None:
    playback = VideoPlayback(upright)

    assert seen_quarters(rgb_of(playback.at(0.2))) == TURNED
    playback.close()


def test_its_poster_is_upright(upright: io.BytesIO) -> None:
    poster = poster_of(upright)

    assert poster is not None
    with av.open(io.BytesIO(poster)) as container:
        assert seen_quarters(rgb_of(next(container.decode(video=0)))) == TURNED


def test_what_is_made_smaller_is_upright(upright: io.BytesIO) -> None:
    target = Target(side=64, fps=25, video_bits=200_000, audio_bits=0)

    made = reencode(upright, target, lambda _: None, has_video=True, has_audio=False)

    assert (made.width, made.height) == (48, 64)
    with av.open(io.BytesIO(made.data)) as container:
        context = container.streams.video[0].codec_context
        assert (context.width, context.height) == (48, 64)
        assert seen_quarters(rgb_of(next(container.decode(video=0)))) == TURNED


def test_what_is_joined_with_other_codecs_is_upright(upright: io.BytesIO) -> None:
    recoder, decoder = VideoRecoder("vp8"), av.CodecContext.create("libvpx", "r")
    with open_media(upright) as container:
        made: list[Any] = [
            each for packet in container.demux(video=0) if packet.size for each in recoder.recode(packet)
        ]
    made += recoder.flush()

    frame: Any = decoder.decode(av.Packet(bytes(made[0])))[0]
    assert (frame.width, frame.height) == (96, 128)
    assert seen_quarters(rgb_of(frame)) == TURNED
