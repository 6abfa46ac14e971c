"""One segment of a recording: what this peer sends, encoded once more, for as long as it stays of one kind."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import av

from ...media.muxer import Muxer

# A busy machine leaves out frames; encoding audio takes hardly any time.
_MAX_FRAMES: Final = 10
_MAX_WAITING: Final = 500
# A still frame is repeated after this time, so that the recording continues with it.
_STILL_SECONDS: Final = 1.0
# The next frame of a moving picture comes sooner.
_LATE_SECONDS: Final = 0.1
_BITS_PER_PIXEL: Final = 2.4

Write = Callable[[bytes, bool], None]


class SegmentEncoder:
    """Encodes on a thread of its own, until `stop`.

    Parameters
    ----------
    video, audio : bool
        Which media there are.
    size : (int, int) or None
        Of the frames, px.
    write : callable
        Takes the next bytes of the segment, and whether they are the last. On the encoder's thread.

    Attributes
    ----------
    at : float
        The time 0 of the segment, milliseconds since the epoch.
    """

    def __init__(self, *, video: bool, audio: bool, size: tuple[int, int] | None, write: Write) -> None:
        self.video, self.audio, self.size = video, audio, size
        self.at = time.time() * 1000
        self._write = write
        self._frames = 0
        # A frame or block, or None for the end, with its time.
        self._waiting: queue.Queue[tuple[Any, float]] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="rtc_widget-encoder", daemon=True)
        self._thread.start()

    def put(self, frame: Any) -> None:
        """Queue a frame or a block of audio for encoding.

        Parameters
        ----------
        frame : object
            The frame or block.
        """
        if isinstance(frame, av.VideoFrame):
            if self._frames >= _MAX_FRAMES:
                return
            self._frames += 1
        elif self._waiting.qsize() >= _MAX_WAITING:
            return
        self._waiting.put((frame, time.time()))

    def stop(self) -> None:
        """End the segment; its last piece comes a moment later."""
        self._waiting.put((None, time.time()))

    def write(self, data: bytes) -> int:
        """Receive what the muxer writes, as a file does.

        Parameters
        ----------
        data : bytes
            The bytes.

        Returns
        -------
        int
            How many there were.
        """
        self._write(bytes(data), False)
        return len(data)

    def _run(self) -> None:
        bitrate = int(self.size[0] * self.size[1] * _BITS_PER_PIXEL) if self.size is not None else None
        try:
            muxer = Muxer(self, webm=True, audio=self.audio, bitrate=bitrate)
            try:
                self._encode(muxer)
            finally:
                muxer.close()
        except (av.FFmpegError, OSError, ValueError):
            pass  # the segment ends here; what was written remains valid
        self._write(b"", True)

    def _encode(self, muxer: Muxer) -> None:
        still: tuple[Any, float] | None = None
        while True:
            try:
                item = self._waiting.get(timeout=_STILL_SECONDS if still is not None else None)
            except queue.Empty:
                item = (None if still is None else still[0], time.time())
                self._frames += 1
            frame, when = item
            at = max(0.0, when - self.at / 1000)
            if frame is None:
                # A picture that stays has been there until now.
                if still is not None and when - still[1] >= _LATE_SECONDS:
                    muxer.write_frame(still[0], at)
                return
            if isinstance(frame, av.VideoFrame):
                self._frames -= 1
                still = item
                muxer.write_frame(frame, at)
            elif muxer.has_frames or not self.video:
                muxer.write_audio(frame, at)
                if still is not None and when - still[1] >= _STILL_SECONDS:
                    still = (still[0], when)
                    muxer.write_frame(still[0], at)
