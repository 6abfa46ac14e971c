"""What comes from one participant, drained as it arrives: nothing is ever queued for a reader that is slow.

aiortc keeps every decoded frame of a track until somebody asks for it. Here a task per track asks at once, hands the
frame to who wants it now, and forgets it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

import av
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from ...runtime.validation import MAX_PIXELS
from .aiortc_backlog import decoded_waiting
from .aiortc_decoders import too_large

# More than these, of which frames are 30 a second and blocks 50, are only waiting where this loop has been held up.
_MOST_WAITING: Final = {"video": 5, "audio": 50}

VideoListener = Callable[[av.VideoFrame, int, float], None]
AudioListener = Callable[[av.AudioFrame, float], None]


def _remove(listeners: list[Any], listener: Any) -> None:
    if listener in listeners:
        listeners.remove(listener)


class VideoIn:
    """The frames of one participant, from whichever track carries them at the moment.

    Attributes
    ----------
    number : int
        How many frames have arrived.
    width, height : int
        Of the newest frame, px.
    """

    def __init__(self) -> None:
        self.number = self.width = self.height = 0
        self._newest: tuple[av.VideoFrame, float] | None = None
        self._listeners: list[VideoListener] = []

    def push(self, frame: av.VideoFrame) -> None:
        """Set the newest frame.

        Parameters
        ----------
        frame : VideoFrame
            The frame.
        """
        self.number += 1
        self.width, self.height = frame.width, frame.height
        now = time.time()
        self._newest = (frame, now)
        for listener in list(self._listeners):
            try:
                listener(frame, self.number, now)
            except Exception:
                # An exception of a listener must not end the connection.
                self._listeners.remove(listener)

    def forget(self) -> None:
        """Drop the newest frame: its sender shows nothing any more."""
        self._newest = None

    def listen(self, listener: VideoListener) -> Callable[[], None]:
        """Call a function with the newest frame and all further ones.

        Parameters
        ----------
        listener : VideoListener
            Called as ``listener(frame, number, time)``.

        Returns
        -------
        callable
            Ends the calls.
        """
        self._listeners.append(listener)
        if self._newest is not None:
            listener(self._newest[0], self.number, self._newest[1])
        return lambda: _remove(self._listeners, listener)


class AudioIn:
    """The audio of one participant, s16, in the decoded blocks of 20 ms."""

    def __init__(self) -> None:
        self._listeners: list[AudioListener] = []

    def push(self, frame: av.AudioFrame) -> None:
        """Add a block.

        Parameters
        ----------
        frame : AudioFrame
            The block.
        """
        now = time.time()
        for listener in list(self._listeners):
            try:
                listener(frame, now)
            except Exception:
                self._listeners.remove(listener)  # as for frames

    def listen(self, listener: AudioListener) -> Callable[[], None]:
        """Call a function with all further blocks.

        Parameters
        ----------
        listener : AudioListener
            Called as ``listener(frame, time)``.

        Returns
        -------
        callable
            Ends the calls.
        """
        self._listeners.append(listener)
        return lambda: _remove(self._listeners, listener)


class Incoming:
    """Everything that one participant sends: camera, shared screen, microphone."""

    def __init__(self) -> None:
        self.video = VideoIn()
        self.screen = VideoIn()
        self.audio = AudioIn()

    async def drain(
        self, track: MediaStreamTrack, into: VideoIn | AudioIn, on_refused: Callable[[str], None]
    ) -> None:
        """Read everything from a track until it ends, and leave out what others are waiting behind.

        Parameters
        ----------
        track : MediaStreamTrack
            The track.
        into : VideoIn or AudioIn
            Takes the frames.
        on_refused : callable
            Takes what is said of pictures that are too large to be decoded, once.
        """
        push: Callable[[Any], None] = into.push
        told = False
        try:
            while True:
                frame = await track.recv()
                size = too_large(frame)
                if size is None:
                    if decoded_waiting(track) <= _MOST_WAITING[track.kind]:
                        push(frame)
                elif not told:
                    told = True
                    on_refused(
                        f"Pictures of {size[0]} by {size[1]} pixels are not shown: one has at most {MAX_PIXELS:,}."
                    )
                # A burst after a stall must not starve the loop's sockets.
                await asyncio.sleep(0)
        except MediaStreamError:
            pass
