"""Films that somebody made to cost whoever opens them time and memory."""

from __future__ import annotations

import io

import av
import pytest

from rtc_widget.media.encoders import VP8_THREADS
from rtc_widget.media.open_media import open_media
from rtc_widget.media.packets import decode, packets

_FAST = {"libvpx": {"deadline": "realtime", "cpu-used": "8"}, "libx264": {"preset": "ultrafast"}}


def film(codec: str, width: int, height: int, *, form: str = "webm", times: tuple[int, ...] = (0,)) -> bytes:
    """Return a film of grey pictures at these milliseconds."""
    made = io.BytesIO()
    with av.open(made, "w", format=form) as container:
        stream = container.add_stream(codec, rate=1000, options=_FAST[codec])
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"  # type: ignore[attr-defined]
        stream.codec_context.thread_count = VP8_THREADS
        for time in times:
            picture = av.VideoFrame(width, height, "yuv420p")
            for plane in picture.planes:
                plane.update(b"\x80" * plane.buffer_size)
            picture.pts = time
            container.mux(stream.encode(picture))  # type: ignore[attr-defined]
        container.mux(stream.encode(None))  # type: ignore[attr-defined]
    return made.getvalue()


def pictures(data: bytes) -> list[tuple[int, int]]:
    """Return the size of each picture that is decoded."""
    with open_media(io.BytesIO(data)) as container:
        read = packets(container, container.streams.video)
        return [(frame.width, frame.height) for packet in read for frame in decode(packet)]


def test_a_picture_of_an_allowed_size_is_decoded() -> None:
    assert pictures(film("libvpx", 640, 480)) == [(640, 480)]


@pytest.mark.parametrize("header", [(4160, 4112), (64, 64)])
def test_a_picture_that_is_larger_than_any_camera_s_is_not_decoded_whatever_the_header_says(
    header: tuple[int, int],
) -> None:
    honest = film("libx264", 4160, 4112, form="matroska")

    made = honest.replace(sizes(4160, 4112), sizes(*header))

    assert sizes(*header) in made
    assert pictures(made) == []


def sizes(width: int, height: int) -> bytes:
    """Return Matroska's PixelWidth and PixelHeight (RFC 9559, section 5.1.4.1.28)."""
    return b"\xb0\x82" + width.to_bytes(2) + b"\xba\x82" + height.to_bytes(2)


@pytest.mark.parametrize(("codec", "form"), [("ffv1", "matroska"), ("mpeg4", "mp4"), ("mjpeg", "matroska")])
def test_a_codec_that_no_browser_records_is_refused(codec: str, form: str) -> None:
    made = io.BytesIO()
    with av.open(made, "w", format=form) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height = 64, 64  # type: ignore[attr-defined]
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"  # type: ignore[attr-defined]
        picture = av.VideoFrame(64, 64, stream.pix_fmt)  # type: ignore[attr-defined]
        picture.pts = 0
        container.mux(stream.encode(picture))  # type: ignore[attr-defined]
        container.mux(stream.encode(None))  # type: ignore[attr-defined]

    with pytest.raises(av.error.InvalidDataError, match=codec):
        open_media(io.BytesIO(made.getvalue()))


def test_a_second_of_film_has_no_more_pictures_than_a_second_can_have() -> None:
    crowded = film("libvpx", 64, 64, times=tuple(range(900)))

    with open_media(io.BytesIO(crowded)) as container:
        count = sum(1 for packet in packets(container, container.streams.video) if packet.size)

    assert 250 <= count <= 500


def test_all_pictures_of_a_fast_film_are_there() -> None:
    times = tuple(range(0, 3000, 8))

    assert len(pictures(film("libvpx", 64, 64, times=times))) == len(times)
