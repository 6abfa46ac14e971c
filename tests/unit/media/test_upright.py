"""How a picture is turned and stretched before it is an array."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import pytest

from rtc_widget.media import upright as uprights
from rtc_widget.media.frame import limit, rgb_of
from rtc_widget.media.upright import upright
from tests.support.films import film, quarters, seen_quarters, still


def opened(data: bytes) -> av.VideoFrame:
    """Return the first picture of a file, as it is to be seen."""
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams.video[0]
        return limit(upright(next(container.decode(stream)), stream.sample_aspect_ratio))


# What is seen in each quarter: 0 1 over 2 3 is what was stored.
TURNED = {0: [0, 1, 2, 3], 90: [1, 3, 0, 2], 180: [3, 2, 1, 0], -90: [2, 0, 3, 1]}
ORIENTED = {
    1: [0, 1, 2, 3],
    2: [1, 0, 3, 2],
    3: [3, 2, 1, 0],
    4: [2, 3, 0, 1],
    5: [0, 2, 1, 3],
    6: [2, 0, 3, 1],
    7: [3, 1, 2, 0],
    8: [1, 3, 0, 2],
}


@pytest.mark.parametrize("container", ["mp4", "matroska"])
@pytest.mark.parametrize("rotation", list(TURNED))
def test_a_film_that_was_filmed_upright_is_upright(container: str, rotation: int) -> None:
    frame = opened(film([quarters()] * 3, container, rotation=rotation))

    assert seen_quarters(rgb_of(frame)) == TURNED[rotation]
    assert (frame.width, frame.height) == ((64, 48) if rotation in (0, 180) else (48, 64))


@pytest.mark.parametrize("kind", ["jpg", "png", "webp"])
@pytest.mark.parametrize("orientation", list(ORIENTED))
def test_a_photo_is_seen_as_it_was_taken(kind: str, orientation: int) -> None:
    frame = opened(still(kind, quarters(), orientation))

    assert seen_quarters(rgb_of(frame)) == ORIENTED[orientation]
    assert (frame.width, frame.height) == ((64, 48) if orientation < 5 else (48, 64))


@pytest.mark.parametrize(
    ("aspect", "size"),
    [(Fraction(16, 9), (320, 180)), (Fraction(9, 16), (180, 320)), (Fraction(1), (180, 180))],
)
@pytest.mark.parametrize("container", ["mp4", "matroska", "mpegts"])
def test_pixels_that_are_no_squares_become_squares(
    aspect: Fraction, size: tuple[int, int], container: str
) -> None:
    frame = opened(film([quarters(180, 180)] * 3, container, pixel_aspect=aspect))

    assert (frame.width, frame.height) == size
    assert seen_quarters(rgb_of(frame)) == [0, 1, 2, 3]


def test_a_picture_is_stretched_before_it_is_turned() -> None:
    frame = opened(film([quarters(180, 180)] * 3, "mp4", pixel_aspect=Fraction(2), rotation=90))

    assert (frame.width, frame.height) == (180, 360)
    assert seen_quarters(rgb_of(frame)) == TURNED[90]


@pytest.mark.parametrize("aspect", [Fraction(1, 60_000), Fraction(60_000)])
def test_a_shape_of_pixels_that_cannot_be_meant_costs_no_more_than_a_picture(aspect: Fraction) -> None:
    frame = upright(av.VideoFrame(64, 48, "yuv420p"), aspect)

    assert max(frame.width, frame.height) == 4096
    assert min(frame.width, frame.height) >= 2


def test_what_nothing_else_describes_is_not_touched() -> None:
    frame = av.VideoFrame(64, 48, "rgb24")

    assert upright(frame, None) is frame


@pytest.mark.parametrize(
    ("orientation", "seen"), [(1, [0, 1, 2, 3]), (3, [3, 2, 1, 0]), (6, [2, 0, 3, 1]), (8, [1, 3, 0, 2])]
)
def test_a_kind_of_description_that_is_not_known_leaves_the_angle(
    monkeypatch: pytest.MonkeyPatch, orientation: int, seen: list[int]
) -> None:
    def unknown(_frame: av.VideoFrame) -> bytes | None:
        raise ValueError("99 is not a valid Type")

    monkeypatch.setattr(uprights, "_display_matrix", unknown)

    assert seen_quarters(rgb_of(opened(still("jpg", quarters(), orientation)))) == seen
