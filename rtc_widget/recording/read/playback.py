"""Plays a recording's media from beginning to end: frames by time, and audio in blocks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any, cast

import numpy as np
import numpy.typing as npt

from ...media.frame import RATE
from ...media.open_media import open_media
from ...media.packets import decode, packets
from ...media.resampler import Resampler
from ...media.upright import upright


def frames(container: Any, kind: str) -> Iterator[Any]:
    """Decode a stream, pictures as they are to be seen; damaged parts are skipped.

    Parameters
    ----------
    container : object
        An open `av` container.
    kind : str
        "video" or "audio".

    Yields
    ------
    av.VideoFrame or av.AudioFrame
        Frames that have a time.
    """
    stream = getattr(container.streams, kind)[0]
    stream.thread_type = "AUTO"
    for packet in packets(container, [stream]):
        for frame in decode(packet):
            if frame.time is not None:
                yield upright(frame, stream.sample_aspect_ratio) if kind == "video" else frame


class VideoPlayback:
    """Plays the video of a file.

    Parameters
    ----------
    file : file
        The media file, which is closed with this.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._container = open_media(file)
        self._frames = frames(self._container, "video")
        self._now: Any = None
        self._next: Any = next(self._frames, None)

    def at(self, seconds: float) -> Any:
        """Return the frame at a time.

        Parameters
        ----------
        seconds : float
            In the file's own time; not before that of the previous call.

        Returns
        -------
        object
            An `av.VideoFrame`, None before the first.
        """
        while self._next is not None and self._next.time <= seconds + 0.0005:
            self._now, self._next = self._next, next(self._frames, None)
        return self._now

    def close(self) -> None:
        """Close the file."""
        self._frames.close()  # type: ignore[attr-defined]
        self._container.close()
        self._file.close()


class AudioPlayback:
    """Plays the audio of a file in stereo, with silence before and after.

    Parameters
    ----------
    file : file
        The media file, which is closed with this.
    begins : float
        How much silence comes before it, seconds.
    """

    def __init__(self, file: IO[bytes], begins: float) -> None:
        self._file = file
        self._container = open_media(file)
        self._resampler = Resampler("fltp")
        self._blocks = self._decoded()
        self._silence = max(0, round(begins * RATE))
        self._buffer: npt.NDArray[np.float32] = np.zeros((2, 0), np.float32)

    def read(self, count: int) -> npt.NDArray[np.float32]:
        """Return the next samples.

        Parameters
        ----------
        count : int
            How many per channel.

        Returns
        -------
        numpy.ndarray
            Shape (2, count), float32, at `media.frame.RATE`.
        """
        silent = min(self._silence, count)
        self._silence -= silent
        parts, missing = [np.zeros((2, silent), np.float32)], count - silent
        while missing:
            if not self._buffer.shape[1]:
                block = next(self._blocks, None)
                self._buffer = np.zeros((2, missing), np.float32) if block is None else block
            parts.append(self._buffer[:, :missing])
            self._buffer = self._buffer[:, missing:]
            missing = count - sum(part.shape[1] for part in parts)
        return np.concatenate(parts, axis=1)

    def _decoded(self) -> Iterator[npt.NDArray[np.float32]]:
        for frame in frames(self._container, "audio"):
            for block in self._resampler.resample(frame):
                yield cast("npt.NDArray[np.float32]", block.to_ndarray())

    def close(self) -> None:
        """Close the file."""
        self._blocks.close()  # type: ignore[attr-defined]
        self._container.close()
        self._file.close()
