"""What a peer can send without a kernel: a file, an address or a capture device, a test pattern, a tone.

Each runs on a thread of its own and hands what it makes to the event loop. Errors of a source end the source; the
peer stays in the room.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import av
import numpy as np
import numpy.typing as npt

from ...errors import InvalidArgumentError
from ...media.frame import RATE, limit, to_i420
from ...media.i420 import copy_bytes, rows_of

BLOCK: Final = RATE // 50
"""Samples in one block of audio: 20 ms."""

_OPEN_SECONDS: Final = 10.0
_JOIN_SECONDS: Final = 5.0

# FFmpeg's input devices; ``lavfi:testsrc2`` generates frames.
_DEVICES: Final = ("v4l2", "avfoundation", "dshow", "lavfi", "x11grab")

OnVideo = Callable[[av.VideoFrame], None]
OnAudio = Callable[[av.AudioFrame], None]
Ended = Callable[[str | None], None]


class _ThreadSource:
    """A source that makes things on a thread until it is stopped."""

    has_audio = False

    def __init__(self, name: str) -> None:
        self._stopped = threading.Event()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name=f"rtc_widget-{name}", daemon=True)

    def start(self) -> None:
        """Begin to make things."""
        self._thread.start()

    async def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join, _JOIN_SECONDS)

    def _run(self) -> None:
        raise NotImplementedError

    def _hand(self, give: Callable[[Any], None], thing: Any) -> None:
        """Pass something to the loop, unless this source has been replaced meanwhile."""

        def deliver() -> None:
            if not self._stopped.is_set():
                give(thing)

        try:
            self._loop.call_soon_threadsafe(deliver)
        except RuntimeError:
            self._stopped.set()  # the loop has ended


class FileSource(_ThreadSource):
    """Frames and audio of what PyAV opens, in real time, once.

    Parameters
    ----------
    url : str
        A file, an address, ``/dev/video0``, or ``format:name`` of an FFmpeg input device.
    container : object
        The opened container.
    video, audio : callable or None
        Take frames and audio; None for what is not wanted.
    ended : callable
        Takes None at the end, else what went wrong.

    Raises
    ------
    InvalidArgumentError
        ``bad_source``, when it cannot be opened or holds nothing that is wanted. Blocks while opening.
    """

    def __init__(
        self, url: str, container: Any, video: OnVideo | None, audio: OnAudio | None, ended: Ended
    ) -> None:
        super().__init__("file")
        self._container = container
        self._is_device = _device(url) is not None
        self._video, self._audio, self._ended = video, audio, ended
        self.has_video = video is not None and bool(container.streams.video)
        self.has_audio = audio is not None and bool(container.streams.audio)

    @classmethod
    async def open(cls, url: str, video: OnVideo | None, audio: OnAudio | None, ended: Ended) -> FileSource:
        """Open a source, on a thread.

        Parameters
        ----------
        url : str
            As of the class.
        video, audio : OnVideo or None
            As of the class.
        ended : Ended
            As of the class.

        Returns
        -------
        FileSource
            Not started yet.

        Raises
        ------
        InvalidArgumentError
            ``bad_source``, when it cannot be opened or contains nothing that is wanted.
        """
        container = await asyncio.to_thread(_open, url)
        source = cls(url, container, video, audio, ended)
        if not source.has_video and not source.has_audio:
            container.close()
            wanted = "picture" if audio is None else "sound" if video is None else "picture or sound"
            raise InvalidArgumentError("bad_source", f"There is no {wanted} in {url!r}.")
        return source

    def go_on_without_audio(self) -> None:
        """Only deliver frames from now on: another source has taken over the audio."""
        self._audio = None

    def _run(self) -> None:
        problem: str | None = None
        try:
            self._play()
        except (av.FFmpegError, OSError, ValueError) as error:
            problem = f"The source stopped: {error}."
        finally:
            self._container.close()
        self._hand(self._ended, problem)

    def _play(self) -> None:
        streams = self._container.streams
        wanted = [
            *(streams.video[:1] if self.has_video else ()),
            *(streams.audio[:1] if self.has_audio else ()),
        ]
        for stream in wanted:
            stream.thread_type = "AUTO"
        resampler = av.AudioResampler(format="s16", layout="stereo", rate=RATE, frame_size=BLOCK)
        began: float | None = None
        decoded = 0
        for frame in self._container.decode(*wanted):
            if self._stopped.is_set():
                return
            decoded += 1
            if not self._is_device and frame.time is not None:
                began = time.monotonic() - frame.time if began is None else began
                if self._stopped.wait(max(0.0, began + frame.time - time.monotonic())):
                    return
            if isinstance(frame, av.VideoFrame):
                if self._video is not None:
                    self._hand(self._video, limit(frame))
            elif (audio := self._audio) is not None:
                for block in resampler.resample(frame):
                    self._hand(audio, block)
        if not decoded:
            raise ValueError("nothing in it could be decoded")


def _device(url: str) -> tuple[str, str] | None:
    if url.startswith("/dev/video"):
        return "v4l2", url
    prefix, _, name = url.partition(":")
    return (prefix, name) if prefix in _DEVICES and name else None


def _open(url: str) -> Any:
    try:
        device = _device(url)
        if device is not None:
            return av.open(device[1], format=device[0], timeout=_OPEN_SECONDS)
        return av.open(url, timeout=_OPEN_SECONDS)
    except (av.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise InvalidArgumentError("bad_source", f"{url!r} cannot be opened: {reason}.") from None


# -- a test picture

# 5 rows of 3 bits each.
_GLYPHS: Final = {
    "0": 0b111101101101111,
    "1": 0b010110010010111,
    "2": 0b111001111100111,
    "3": 0b111001111001111,
    "4": 0b101101111001001,
    "5": 0b111100111001111,
    "6": 0b111100111101111,
    "7": 0b111001010010010,
    "8": 0b111101111101111,
    "9": 0b111101111001111,
    ":": 0b000010000010000,
    ".": 0b000000000000010,
    "#": 0b101111101111101,
    " ": 0,
}


def _glyph(character: str) -> npt.NDArray[np.bool_]:
    bits = _GLYPHS[character]
    return np.array([bits >> (14 - i) & 1 for i in range(15)], bool).reshape(5, 3)


def _hue(name: str) -> float:
    """Return the colour of a name, as in the browser's test pattern."""
    value = 0x811C9DC5
    for character in name:
        value = (value ^ ord(character)) * 0x01000193 & 0xFFFFFFFF
    value = (value ^ value >> 15) * 0x2C1B3C6D & 0xFFFFFFFF
    return ((value ^ value >> 13) % 360) / 360


class PatternSource(_ThreadSource):
    """A moving test pattern with a clock and a counter: a camera for machines without one.

    Parameters
    ----------
    name : str
        Written into the frames.
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
        self._backdrop = self._draw_backdrop(_hue(name))
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


class ToneSource(_ThreadSource):
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


def audio_block(samples: npt.NDArray[np.int16]) -> av.AudioFrame:
    """Make a frame of samples.

    Parameters
    ----------
    samples : numpy.ndarray
        Shape (samples, 2).

    Returns
    -------
    AudioFrame
        The frame.
    """
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="stereo")
    frame.sample_rate = RATE
    return frame


class KernelSource:
    """Frames or audio that the kernel writes into shared memory."""

    has_audio = False

    def start(self) -> None:
        """Do nothing: the kernel writes whenever it has something."""

    async def stop(self) -> None:
        """Do nothing."""
