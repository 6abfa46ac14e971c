"""Small films, pictures and sound as cameras, phones and programs write them."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

Rgb = np.ndarray[Any, np.dtype[np.uint8]]

COLOURS = np.array([[220, 30, 30], [30, 200, 30], [30, 30, 220], [230, 230, 230]], np.uint8)
"""Of the quarters of `quarters`: upper left, upper right, lower left, lower right."""


def quarters(width: int = 64, height: int = 48) -> Rgb:
    """Return a picture that looks different however it is turned or mirrored."""
    picture = np.empty((height, width, 3), np.uint8)
    for index, colour in enumerate(COLOURS):
        row, column = divmod(index, 2)
        picture[row * height // 2 :, column * width // 2 :] = colour
    return picture


def seen_quarters(rgb: Any) -> list[int]:
    """Return which of the four colours is seen in each quarter."""
    height, width = rgb.shape[:2]
    middles = [
        rgb[y, x].astype(int) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)
    ]
    return [int(np.abs(COLOURS.astype(int) - middle).sum(1).argmin()) for middle in middles]


def film(
    pictures: Iterable[Rgb],
    container: str,
    *,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    rate: Fraction | int = 25,
    times: Sequence[int] | None = None,
    rotation: int | None = None,
    pixel_aspect: Fraction | None = None,
    options: dict[str, str] | None = None,
    muxer_options: dict[str, str] | None = None,
) -> bytes:
    """Write a film without sound.

    Parameters
    ----------
    pictures : iterable of numpy.ndarray
        RGB, all of one size.
    container, codec, pixels : str
        FFmpeg's names of the container, the encoder and the pixel format.
    rate : Fraction or int
        Pictures a second.
    times : sequence of int, optional
        Of each picture, in pictures; one after the other when left out.
    rotation : int, optional
        Degrees in the display matrix, counterclockwise.
    pixel_aspect : Fraction, optional
        Width of a pixel by its height.
    options, muxer_options : dict, optional
        For the encoder, and for the container.

    Returns
    -------
    bytes
        The file.
    """
    file = io.BytesIO()
    with av.open(file, "w", format=container, options=muxer_options or {}) as out:
        stream: Any = out.add_stream(codec, rate=rate, options=options or {})
        # Films as short as these are done before threads have begun.
        stream.codec_context.thread_count = 1
        if rotation is not None:
            stream.set_display_rotation(rotation)
        for number, picture in enumerate(pictures):
            if not number:
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt = pixels
                if pixel_aspect is not None:
                    stream.sample_aspect_ratio = pixel_aspect
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pixels)
            frame.pts = number if times is None else times[number]
            frame.time_base = 1 / Fraction(rate)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()


def write_clip(
    path: Path, seconds: float = 2.0, size: tuple[int, int] = (160, 120), level: int = 200
) -> Path:
    """Write a small film: one level of grey, and a tone."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        video.options = {"g": "5"}
        audio = container.add_stream("aac", rate=44_100)
        for number in range(int(25 * seconds)):
            pixels = np.full((size[1], size[0], 3), level, np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
            wave = 8_000 * np.sin(np.arange(number * 1_764, (number + 1) * 1_764) / 20)
            block = av.AudioFrame.from_ndarray(wave.astype(np.int16).reshape(1, -1), layout="mono")
            block.sample_rate, block.pts = 44_100, number * 1_764
            container.mux(audio.encode(block))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    return path


def greys(levels: Iterable[int], width: int = 64, height: int = 48) -> list[Rgb]:
    """Return pictures of one grey each."""
    return [np.full((height, width, 3), level, np.uint8) for level in levels]


def still(kind: str, picture: Rgb, orientation: int | None = None) -> bytes:
    """Write a picture with an Exif orientation.

    Parameters
    ----------
    kind : {"jpg", "png", "webp"}
        The file format.
    picture : numpy.ndarray
        RGB.
    orientation : int, optional
        1 to 8, as of the Exif tag 0x0112.

    Returns
    -------
    bytes
        The file.
    """
    match kind:
        case "jpg":
            data = _encoded(picture, "mjpeg", "yuvj420p")
        case "png":
            data = _encoded(picture, "png", "rgb24")
        case _:
            data = film([picture], "webp", codec="libwebp")
    if orientation is None:
        return data
    exif = b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    match kind:
        case "jpg":
            body = b"Exif\0\0" + exif
            return data[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + data[2:]
        case "png":
            chunk = b"eXIf" + exif
            length, check = struct.pack(">I", len(exif)), struct.pack(">I", zlib.crc32(chunk))
            return data[:33] + length + chunk + check + data[33:]
        case _:
            height, width = picture.shape[:2]
            size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
            head = b"WEBPVP8X" + struct.pack("<IB3x", 10, 8) + size
            body = head + data[12:] + b"EXIF" + struct.pack("<I", len(exif)) + exif
            return b"RIFF" + struct.pack("<I", len(body)) + body


def _encoded(picture: Rgb, codec: str, pixels: str) -> bytes:
    encoder: Any = av.CodecContext.create(codec, "w")
    encoder.height, encoder.width = picture.shape[:2]
    encoder.pix_fmt, encoder.time_base = pixels, Fraction(1, 25)
    if codec == "mjpeg":
        encoder.qmin = encoder.qmax = 1
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pixels)
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])


def tone(samples: int, rate: int, layout: str, sample_format: str = "s16") -> av.AudioFrame:
    """Return a block of a tone of 450 Hz, whole waves in 20 ms, at half of full scale."""
    channels = 1 if layout == "mono" else 2
    wave = np.repeat(0.5 * np.sin(2 * np.pi * 450 * np.arange(samples) / rate)[:, None], channels, axis=1)
    if sample_format == "s16":
        data: Any = (wave * 32_767).astype(np.int16).reshape(1, -1)
    else:
        data = np.ascontiguousarray(wave.T.astype(np.float32))
    frame = av.AudioFrame.from_ndarray(data, format=sample_format, layout=layout)
    frame.sample_rate = rate
    return frame
