"""Frames and audio as numpy arrays, and what a user may hand in as one."""

from __future__ import annotations

import copy
import io
import pickle
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

import rtc_widget
from rtc_widget.errors import InvalidArgumentError
from rtc_widget.media import frame as frames
from rtc_widget.media.frame import Frame, Sound, check_audio, check_frame, limit, rgb_of

ROOT = Path(rtc_widget.__file__).parent

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


class Unreadable:
    """A tensor of a graphics card."""

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("on another device")


class Tensor:
    """What says itself how it is an array."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.full((4, 6, 3), 9, np.uint8)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "CMYK", "YCbCr", "HSV", "1"])
def test_a_picture_of_pillow_has_its_own_colours_whatever_its_mode(mode: str) -> None:
    picture = Image.new("RGB", (6, 4), (255, 255, 255)).convert(mode)

    checked = check_frame(picture)

    assert checked.shape == (4, 6, 3)
    assert np.all(checked >= 253)


def test_frames_of_pyav_and_tensors_are_taken() -> None:
    frame = av.VideoFrame.from_ndarray(np.full((4, 6, 3), 9, np.uint8), format="rgb24")

    for picture in (frame, Tensor(), np.full((4, 6), 9, np.uint8).view(np.matrix)):
        assert np.all(check_frame(picture) == 9)
        assert check_frame(picture).shape == (4, 6, 3)


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
        ([[1]], "numpy array, or a picture of Pillow, not list"),
        (None, "not NoneType"),
        (Image.new("I;16", (6, 4)), "uint8 from 0 to 255, not uint16"),
        (Unreadable(), "Unreadable cannot be converted to an array: on another device"),
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
    checked, rate = check_audio(np.array([0.0, 1.0, -2.0]), 48_000)

    assert rate == 48_000
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
        (np.zeros(9), 48_000.5),
        (np.zeros(9), "48000"),
        (np.zeros(9), True),
        (np.zeros(9), np.array([48_000])),
    ],
)
def test_what_is_no_audio_is_refused(samples: Any, rate: Any) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        check_audio(samples, rate)
    assert refused.value.code == "bad_frame"


@pytest.mark.parametrize(
    ("samples", "hint"),
    [
        (np.array([0.5, -16_383.5]), r"reaches 16,384: samples\.astype\(numpy\.int16\)"),
        (np.zeros((2, 480)), r"not \(2, 480\): samples\.T$"),
        (np.zeros(9, np.int32), r"samples >> 16"),
        (np.zeros(9, np.uint8), r"- 128\) \* 256"),
        (np.zeros((0, 2), np.int16), "no samples"),
    ],
)
def test_what_is_no_audio_is_refused_with_how_to_make_it_some(samples: Any, hint: str) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        check_audio(samples, 48_000)
    assert re.search(hint, refused.value.message)


def test_samples_of_another_byte_order_are_the_same_sound() -> None:
    checked, _ = check_audio(np.array([1, -2, 300], ">i2"), 48_000)

    assert checked.dtype == np.int16
    assert checked.ravel().tolist() == [1, -2, 300]


@pytest.mark.parametrize("rate", [np.int64(48_000), np.float32(48_000), 48_000.0, Fraction(48_000)])
def test_a_rate_is_a_number_of_whatever_library(rate: Any) -> None:
    assert check_audio(np.zeros(9), rate)[1] == 48_000
    assert type(check_audio(np.zeros(9), rate)[1]) is int


@pytest.mark.parametrize("copy", [lambda frame: pickle.loads(pickle.dumps(frame)), copy.copy, copy.deepcopy])
def test_a_frame_that_is_copied_says_whose_it_is(copy: Any) -> None:
    frame = copy(Frame(RGB, "Ada", 7, 5.0))

    assert (frame.sender, frame.number, frame.time) == ("Ada", 7, 5.0)
    assert np.array_equal(frame, RGB)


def test_audio_is_an_array_that_says_what_it_is() -> None:
    audio = Sound(np.zeros((5, 2), np.float32), 48_000, "Ada", 0, 1.0)

    assert np.asarray(audio).shape == (5, 2)
    assert audio.channels == 2
    assert repr(audio) == "Sound(5 samples, 2 channels, 48000 Hz, from 'Ada')"


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


def test_no_threads_are_started_to_convert_a_picture() -> None:
    call = re.compile(r"\.reformat\((?:[^()]|\([^()]*\))*\)")
    calls = [each for path in ROOT.rglob("*.py") for each in call.findall(path.read_text("utf-8"))]

    assert len(calls) > 5
    assert [each for each in calls if "threads=1" not in each] == []


GREYS = [0, 16, 32, 64, 96, 128, 160, 192, 224, 240, 255]


def encoded(codec: str, pixel_format: str, color_range: int, colorspace: int = 2) -> av.VideoFrame:
    """Return the first picture of a film of grey stripes, as a camera, a phone or a film studio would write it."""
    stripes = np.repeat(np.repeat(np.array(GREYS, np.uint8), 16)[None, :], 32, axis=0)
    file = io.BytesIO()
    with av.open(file, "w", format="nut") as container:
        stream = container.add_stream(codec, rate=5)
        stream.width, stream.height, stream.pix_fmt = stripes.shape[1], stripes.shape[0], pixel_format
        stream.codec_context.color_range, stream.codec_context.colorspace = color_range, colorspace
        stream.codec_context.qmin = stream.codec_context.qmax = 1
        grey = av.VideoFrame.from_ndarray(np.stack([stripes] * 3, -1), format="rgb24")
        picture = grey.reformat(
            format=pixel_format, dst_color_range=color_range, dst_colorspace=1 if colorspace == 1 else 5
        )
        for packet in [*stream.encode(picture), *stream.encode(None)]:
            container.mux(packet)
    file.seek(0)
    with av.open(file) as container:
        return next(container.decode(video=0))


@pytest.mark.parametrize(
    ("codec", "pixel_format", "color_range", "colorspace"),
    [
        ("mjpeg", "yuvj420p", 2, 2),
        ("mjpeg", "yuvj422p", 2, 2),
        ("png", "rgb24", 2, 2),
        ("libx264", "yuv420p", 2, 2),
        ("libx264", "yuv420p", 1, 1),
        ("libx264", "yuv420p", 1, 2),
    ],
)
def test_greys_come_through_as_they_are_whatever_range_a_source_uses(
    codec: str, pixel_format: str, color_range: int, colorspace: int
) -> None:
    planes = limit(encoded(codec, pixel_format, color_range, colorspace)).to_ndarray()

    # A codec passes on what is in the planes, and nothing that was said of them.
    seen = rgb_of(av.VideoFrame.from_ndarray(planes, format="yuv420p"))

    assert seen[16, 8::16, 1].astype(int) == pytest.approx(GREYS, abs=2)


def test_a_saturated_colour_of_a_film_keeps_its_hue() -> None:
    red = np.zeros((32, 32, 3), np.uint8)
    red[:, :] = 200, 40, 40
    film = av.VideoFrame.from_ndarray(red, format="rgb24").reformat(
        format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"
    )
    film.colorspace = 1

    seen = rgb_of(av.VideoFrame.from_ndarray(limit(film).to_ndarray(), format="yuv420p"))

    assert seen[16, 16].astype(int) == pytest.approx([200, 40, 40], abs=4)
