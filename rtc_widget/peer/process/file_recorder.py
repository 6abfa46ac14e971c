"""Writes one participant's video and audio into a file that players open."""

from __future__ import annotations

import asyncio
import functools
import os
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import av

from ...errors import InvalidArgumentError
from ...media.muxer import Muxer
from ...runtime.files import PRIVATE_FILE
from .incoming import Incoming

# How far a slow disk may be behind; further frames are left out.
_MAX_WAITING: Final = 300


class FileRecorder:
    """Writes received media to a file, on a thread of its own, until `close`.

    Frames that differ in size from the first are scaled to it. The format follows from the file's suffix, as FFmpeg
    defines it, such as ``.mp4``, ``.mkv`` or ``.webm``.

    Parameters
    ----------
    path : Path
        The file.

    Attributes
    ----------
    seconds : float
        How much has been written.
    problem : str or None
        Why nothing more is written.

    Raises
    ------
    InvalidArgumentError
        ``bad_source``, when the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.seconds = 0.0
        self.problem: str | None = None
        try:
            # FFmpeg would make one that everybody reads.
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, PRIVATE_FILE))
            self._muxer = Muxer(str(path), webm=path.suffix == ".webm", audio=True)
        except (av.FFmpegError, OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise InvalidArgumentError("bad_source", f"{str(path)!r} cannot be written: {reason}.") from None
        self._began: float | None = None
        self._waiting: queue.Queue[tuple[Any, float] | None] = queue.Queue(_MAX_WAITING)
        self._ends: list[Callable[[], None]] = []
        self._thread = threading.Thread(target=self._run, name="rtc_widget-recorder", daemon=True)
        self._thread.start()

    def follow(self, incoming: Incoming) -> None:
        """Write what one participant sends, instead of what was written before.

        Parameters
        ----------
        incoming : Incoming
            The participant's media.
        """
        for end in self._ends:
            end()
        self._ends = [
            incoming.video.listen(lambda frame, _number, when: self._put(frame, when)),
            incoming.audio.listen(self._put),
        ]

    def _put(self, frame: Any, when: float) -> None:
        if not self._waiting.full():
            self._waiting.put_nowait((frame, when))

    async def close(self) -> None:
        """End the file."""
        for end in self._ends:
            end()
        await asyncio.to_thread(self._waiting.put, None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        while (item := self._waiting.get()) is not None:
            if self.problem is None:
                self._attempt(functools.partial(self._write, *item))
        self._attempt(self._muxer.close)

    def _attempt(self, act: Callable[[], None]) -> None:
        try:
            act()
        except (av.FFmpegError, OSError, ValueError) as error:
            self.problem = self.problem or f"The recording stopped: {error}."

    def _write(self, frame: Any, when: float) -> None:
        self._began = when if self._began is None else self._began
        at = max(0.0, when - self._began)
        if isinstance(frame, av.VideoFrame):
            self._muxer.write_frame(frame, at)
        elif self._muxer.has_frames:
            self._muxer.write_audio(frame, at)
        self.seconds = max(self.seconds, at)
