"""A test pattern and a tone: a camera and a microphone for machines without them."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Final

import av
import numpy as np
import numpy.typing as npt

from ...media.frame import RATE, to_i420
from ...media.i420 import copy_bytes, rows_of
from .sources import BLOCK, OnAudio, OnVideo, ThreadSource, audio_block

# Their five rows.
_GLYPHS: Final = {
    "0": "111 101 101 101 111",
    "1": "010 110 010 010 111",
    "2": "111 001 111 100 111",
    "3": "111 001 111 001 111",
    "4": "101 101 111 001 001",
    "5": "111 100 111 001 111",
    "6": "111 100 111 101 111",
    "7": "111 001 010 010 010",
    "8": "111 101 111 101 111",
    "9": "111 101 111 001 111",
    ":": "000 010 000 010 000",
    ".": "000 000 000 000 010",
    "#": "01010 11111 01010 11111 01010",
    " ": "000 000 000 000 000",
}


def _glyph(character: str) -> npt.NDArray[np.bool_]:
    return np.array([[dot == "1" for dot in row] for row in _GLYPHS[character].split()])


def hue_of(name: str) -> float:
    """Return the colour of a name, as in the browser's test pattern.

    Parameters
    ----------
    name : str
        Whose pattern it is.

    Returns
    -------
    float
        The hue, from 0 to 1.
    """
    value = 0x811C9DC5
    for character in name:
        value = (value ^ ord(character)) * 0x01000193 & 0xFFFFFFFF
    value = (value ^ value >> 15) * 0x2C1B3C6D & 0xFFFFFFFF
    return ((value ^ value >> 13) % 360) / 360


class PatternSource(ThreadSource):
    """A moving test pattern with a clock and a counter: a camera for machines without one.

    Parameters
    ----------
    name : str
        Gives it its colour.
    size : (int, int)
        Width and height, px.
    fps : float
        Frames per second.
    video : OnVideo
        Takes the frames.
    """

    def __init__(self, name: str, size: tuple[int, int], fps: float, video: OnVideo) -> None:
        super().__init__("pattern")
        self._video, self._fps = video, fps
        self._width, self._height = size
        self._backdrop = self._draw_backdrop(hue_of(name))
        self._dot = max(1, self._width // 120)

    def _draw_backdrop(self, hue: float) -> av.VideoFrame:
        import colorsys

        rgb = np.empty((self._height, self._width, 3), np.uint8)
        for bar in range(8):
            colour = colorsys.hls_to_rgb((hue + bar / 40) % 1, 0.58 - 0.04 * bar, 0.46)
            rgb[:, bar * self._width // 8 : (bar + 1) * self._width // 8] = [
                round(255 * part) for part in colour
            ]
        rgb[self._height * 5 // 6 :] = [round(255 * part) for part in colorsys.hls_to_rgb(hue, 0.13, 0.3)]
        return to_i420(rgb)

    def draw(self, number: int, now: datetime) -> av.VideoFrame:
        """Draw one frame.

        Parameters
        ----------
        number : int
            The frame's number.
        now : datetime
            The time on its clock.

        Returns
        -------
        VideoFrame
            The frame.
        """
        frame = av.VideoFrame(self._width, self._height, "yuv420p")
        for plane, drawn in zip(frame.planes, self._backdrop.planes, strict=True):
            copy_bytes(drawn, plane)
        luma = rows_of(frame.planes[0])
        self._write(luma, f"{now:%H:%M:%S}.{now.microsecond // 1000:03}", self._height // 2)
        self._write(luma, f"#{number}", self._height * 11 // 12)
        seconds = now.timestamp()
        radius = max(2, self._height // 22)
        across = abs((seconds / 4 % 1) * 2 - 1)
        x = int(radius + across * (self._width - 2 * radius))
        y = int(self._height * 5 / 6 - radius - abs(np.sin(np.pi * seconds)) * self._height / 6)
        top, left = max(0, y - radius), max(0, x - radius)
        patch = luma[top : y + radius, left : x + radius]
        rows, columns = np.ogrid[top : top + patch.shape[0], left : left + patch.shape[1]]
        patch[(rows - y) ** 2 + (columns - x) ** 2 < radius**2] = 235
        return frame

    def _write(self, luma: npt.NDArray[np.uint8], text: str, middle: int) -> None:
        size = self._dot
        cell = np.hstack([np.pad(_glyph(character), ((0, 0), (0, 1))) for character in text])
        ink = np.kron(cell, np.ones((size, size), bool))
        top, left = middle - ink.shape[0] // 2, (self._width - ink.shape[1]) // 2
        if top >= 0 and left >= 0 and top + ink.shape[0] <= luma.shape[0]:
            luma[top : top + ink.shape[0], left : left + ink.shape[1]][ink] = 235

    def _run(self) -> None:
        began = time.monotonic()
        number = 0
        while not self._stopped.wait(max(0.0, began + number / self._fps - time.monotonic())):
            self._hand(self._video, self.draw(number, datetime.now().astimezone()))
            number += 1


class ToneSource(ThreadSource):
    """A quiet tone that swells and fades: a microphone for machines without one.

    Parameters
    ----------
    audio : OnAudio
        Takes the blocks.
    """

    def __init__(self, audio: OnAudio) -> None:
        super().__init__("tone")
        self._audio = audio

    def _run(self) -> None:
        began = time.monotonic()
        block = 0
        while not self._stopped.wait(max(0.0, began + block / 50 - time.monotonic())):
            seconds = (np.arange(BLOCK) + block * BLOCK) / RATE
            wave = 0.03 * np.sin(2 * np.pi * 440 * seconds) * (1 + np.sin(np.pi * seconds))
            self._hand(
                self._audio, audio_block(np.repeat((wave * 32_767).astype(np.int16)[:, None], 2, axis=1))
            )
            block += 1
