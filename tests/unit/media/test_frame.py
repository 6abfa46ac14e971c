"""Frames and audio as numpy arrays, and what a user may hand in as one."""

from __future__ import annotations

from typing import Any

import av
import numpy as np
import pytest

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.media import frame as frames
from rtc_widget.media.frame import Audio, Frame, check_audio, check_frame

RGB = np.zeros((4, 6, 3), np.uint8)


def test_a_frame_knows_whose_it_is_and_so_does_what_is_cut_out_of_it() -> None:
    frame = Frame(RGB, "Ada", 7, 1.5)

    for each in (frame, frame[:2], frame + 1):
        assert (each.sender, each.number, each.time) == ("Ada", 7, 1.5)
    assert Frame(RGB).sender == ""


def test_a_mean_is_a_number() -> None:
    assert type(Frame(RGB).mean()) is np.float64


def test_a_frame_shows_itself_and_what_is_no_picture_does_not() -> None:
    shown = Frame(RGB)._repr_png_()

    assert shown is not None
    assert shown.startswith(b"\x89PNG")
    assert Frame(RGB[:, :, 0])._repr_png_() is None
    assert Frame(RGB[:0])._repr_png_() is None


@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 3), (4, 6, 4)])
def test_grey_and_transparent_pictures_are_taken_too(shape: tuple[int, ...]) -> None:
    checked = check_frame(np.full(shape, 9, np.uint8))

    assert (checked.shape, checked.dtype) == ((4, 6, 3), np.uint8)
    assert checked.flags.c_contiguous
    assert np.all(checked == 9)


def test_what_is_right_is_not_copied() -> None:
    assert np.shares_memory(check_frame(RGB), RGB)


@pytest.mark.parametrize(
    ("picture", "hint"),
    [
        ([[1]], "numpy.asarray"),
        (RGB.astype(float), "nan_to_num"),
        (RGB.astype(int), "clip"),
        (np.zeros((4, 6, 2), np.uint8), "shape must be"),
        (np.zeros((0, 6, 3), np.uint8), "wide and high"),
        (np.zeros((4097, 1), np.uint8), "wide and high"),
    ],
)
def test_what_is_no_picture_is_refused_with_how_to_make_it_one(picture: Any, hint: str) -> None:
    with pytest.raises(InvalidArgumentError, match=hint) as refused:
        check_frame(picture)
    assert refused.value.code == "bad_frame"


def test_audio_of_floats_becomes_what_codecs_take() -> None:
    checked = check_audio(np.array([0.0, 1.0, -2.0]), 48_000)

    assert (checked.shape, checked.dtype) == ((3, 1), np.int16)
    assert checked.ravel().tolist() == [0, 32_767, -32_767]


@pytest.mark.parametrize(
    ("samples", "rate"),
    [
        ([0.0], 48_000),
        (np.zeros((9, 3)), 48_000),
        (np.zeros(0), 48_000),
        (np.zeros(9, np.int32), 48_000),
        (np.array([np.nan]), 48_000),
        (np.zeros(9), 7_999),
        (np.zeros(9), 48_000.0),
    ],
)
def test_what_is_no_audio_is_refused(samples: Any, rate: Any) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        check_audio(samples, rate)
    assert refused.value.code == "bad_frame"


def test_audio_is_an_array_that_says_what_it_is() -> None:
    audio = Audio(np.zeros((5, 2), np.float32), 48_000, "Ada", 0, 1.0)

    assert np.asarray(audio).shape == (5, 2)
    assert audio.channels == 2
    assert repr(audio) == "Audio(5 samples, 2 channels, 48000 Hz, from 'Ada')"


@pytest.mark.parametrize("color", [(255, 0, 0), (0, 0, 255), (128, 128, 128)])
def test_a_color_is_the_same_after_its_way_to_codecs_and_back(color: tuple[int, int, int]) -> None:
    picture = np.broadcast_to(np.array(color, np.uint8), (15, 17, 3)).copy()

    made = frames.to_i420(picture)

    assert (made.width, made.height, made.format.name) == (18, 16, "yuv420p")
    assert np.abs(frames.rgb_of(made).astype(int) - color).max() <= 4


@pytest.mark.parametrize(
    ("size", "limited"),
    [((16, 16), (16, 16)), ((17, 9), (18, 10)), ((8192, 16), (4096, 8)), ((4097, 4097), (4096, 4096))],
)
def test_a_frame_that_codecs_cannot_take_is_made_smaller(
    size: tuple[int, int], limited: tuple[int, int]
) -> None:
    made = frames.limit(av.VideoFrame(*size, "rgb24" if size[0] < 4000 else "gray"))

    assert (made.width, made.height, made.format.name) == (*limited, "yuv420p")


def test_a_frame_that_codecs_can_take_is_not_touched() -> None:
    frame = av.VideoFrame(16, 16, "yuv420p")

    assert frames.limit(frame) is frame
