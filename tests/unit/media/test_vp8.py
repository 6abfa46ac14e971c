"""VP8 a frame at a time."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest

from rtc_widget.media.vp8 import Vp8Decoder, Vp8Encoder, key_frame_size


def picture(value: int, number: int = 1, size: tuple[int, int] = (64, 48)) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), value, np.uint8), format="rgb24")
    frame = frame.reformat(format="yuv420p")
    frame.pts, frame.time_base = number * 6_000, Fraction(1, 90_000)
    return frame


def value_of(frame: av.VideoFrame) -> float:
    return float(frame.to_ndarray(format="rgb24").mean())


def test_what_is_encoded_comes_out_frame_by_frame() -> None:
    encoder, decoder = Vp8Encoder(), Vp8Decoder()
    shown = []
    for number, value in enumerate((30, 120, 200)):
        data, key = encoder.encode(picture(value, number), bitrate=500_000)
        assert key == (number == 0)
        shown += [value_of(frame) for frame in decoder.decode(data, key=key)]

    assert shown == pytest.approx([30, 120, 200], abs=12)


def test_a_frame_is_made_smaller_and_keeps_an_even_size() -> None:
    data, key = Vp8Encoder().encode(picture(9, size=(70, 50)), bitrate=500_000, scale=0.5)

    assert key
    assert key_frame_size(data) == (34, 24)


def test_what_is_left_of_a_frame_whose_beginning_was_lost_has_no_size() -> None:
    data, _ = Vp8Encoder().encode(picture(9), bitrate=500_000)

    rest = next(data[at:] for at in range(6, len(data)) if not data[at] & 1)

    assert key_frame_size(data) is not None
    assert key_frame_size(rest) is None


def test_another_rate_or_a_restart_begins_with_a_key_frame() -> None:
    encoder = Vp8Encoder()
    rates = [500_000, 510_000, 300_000]
    keys = [encoder.encode(picture(9, n), bitrate=rate)[1] for n, rate in enumerate(rates)]
    encoder.restart()

    assert [*keys, encoder.encode(picture(9, 4), bitrate=300_000)[1]] == [True, False, True, True]


class Racing:
    """A frame during whose encoding somebody asks for a key frame."""

    def __init__(self, frame: av.VideoFrame, encoder: Vp8Encoder) -> None:
        self._frame, self._encoder = frame, encoder

    def __getattr__(self, name: str) -> Any:
        return getattr(self._frame, name)

    def reformat(self, *size: Any, **how: Any) -> av.VideoFrame:
        self._encoder.restart()
        return self._frame.reformat(*size, **how)


def test_a_key_frame_that_is_asked_for_while_one_is_encoded_is_the_next() -> None:
    encoder = Vp8Encoder()
    racing: Any = Racing(picture(9, 1), encoder)

    keys = [encoder.encode(frame, bitrate=500_000)[1] for frame in (racing, picture(9, 2), picture(9, 3))]

    assert keys == [True, True, False]


def test_the_frame_itself_is_left_as_it_was() -> None:
    frame = picture(50)
    before = frame.to_ndarray().copy()

    Vp8Encoder().encode(frame, bitrate=500_000)

    assert (frame.pts, frame.width) == (6_000, 64)
    assert (frame.to_ndarray() == before).all()


def test_without_a_key_frame_nothing_is_decoded() -> None:
    encoder = Vp8Encoder()
    encoder.encode(picture(1, 1), bitrate=500_000)
    data, _key = encoder.encode(picture(2, 2), bitrate=500_000)

    assert Vp8Decoder().decode(data, key=False) == []


def test_what_is_no_vp8_is_refused_and_the_next_key_frame_is_decoded() -> None:
    decoder = Vp8Decoder()
    with pytest.raises(ValueError, match="VP8"):
        decoder.decode(b"\x00" * 40, key=True)

    data, key = Vp8Encoder().encode(picture(77), bitrate=500_000)

    assert len(decoder.decode(data, key=key)) == 1


def test_a_picture_that_is_too_large_is_refused_before_memory_is_taken() -> None:
    data, _key = Vp8Encoder().encode(picture(1), bitrate=500_000)
    huge = data[:6] + (16_383).to_bytes(2, "little") * 2 + data[10:]

    with pytest.raises(ValueError, match="16383 by 16383"):
        Vp8Decoder().decode(huge, key=True)
