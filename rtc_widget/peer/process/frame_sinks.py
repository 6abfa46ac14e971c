"""The media process's ends of the shared memory: received frames and audio, and the kernel's audio."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import av
import numpy as np

from ...media.frame import RATE
from ...media.i420 import plane_bytes
from ...media.resampler import Resampler
from ...protocol import media_process as wire
from ..ipc.shared_memory import AudioRing, I420Buffer
from .incoming import Incoming
from .sources import BLOCK, audio_block

_MORE = "Free some of /dev/shm and of the temporary folder; in Docker, --shm-size makes it larger."


Send = Callable[[wire.Event], None]


class _Sink:
    """Copies what somebody sends into memory that the kernel sees."""

    _memory: I420Buffer | AudioRing | None = None

    def __init__(self, send: Send, participant: str, track: wire.Track, incoming: Incoming) -> None:
        self._send, self._participant, self._track = send, participant, track
        self._failed = False
        self._end: Callable[[], None] | None = None
        self.follow(incoming)

    def follow(self, incoming: Incoming) -> None:
        """Switch to another `Incoming` of the same participant, who has returned."""
        if self._end is not None:
            self._end()
        self._end = self._listen(incoming)

    def _listen(self, incoming: Incoming) -> Callable[[], None]:
        raise NotImplementedError

    def _give_up(self, error: OSError) -> None:
        self._failed = True
        self.close()
        text = f"Out of shared memory for {self._track}: {error.strerror}. {_MORE}"
        self._send(wire.Problem("peer_failed", text))

    def _announce(self, path: str, size: int) -> None:
        self._send(wire.MemoryReady(self._participant, self._track, path, size))

    def _notify(self) -> None:
        self._send(wire.DataReady(self._participant, self._track))

    def close(self) -> None:
        """Copy nothing more."""
        if self._end is not None:
            self._end()
            self._end = None
        if self._memory is not None:
            self._memory.unlink()
            self._memory = None


class VideoSink(_Sink):
    """Copies a participant's frames into shared memory, which is replaced when larger frames need it."""

    _memory: I420Buffer | None = None

    def _listen(self, incoming: Incoming) -> Callable[[], None]:
        source = incoming.screen if self._track == "screen" else incoming.video
        return source.listen(lambda frame, number, when: self.put(frame, number, when))

    def put(self, frame: av.VideoFrame, number: int, when: float = 0.0) -> None:
        """Write a frame.

        Parameters
        ----------
        frame : VideoFrame
            The frame.
        number : int
            The frame's number.
        when : float
            Seconds since the epoch; now when 0.
        """
        if self._failed:
            return
        if self._memory is not None and self._memory.fits(frame.width, frame.height):
            if self._memory.write(frame, number, when):
                self._notify()
            return
        if self._memory is not None:
            self._memory.unlink()
        try:
            self._memory = I420Buffer(plane_bytes(frame.width, frame.height))
        except OSError as error:
            self._give_up(error)
            return
        self._memory.write(frame, number, when)
        self._announce(self._memory.path, self._memory.capacity)


class AudioSink(_Sink):
    """Copies a participant's audio into shared memory.

    Parameters
    ----------
    send : Send
        Takes events for the kernel.
    participant : str
        The participant's id.
    track : Track
        Which track.
    incoming : Incoming
        The participant's media.
    """

    _memory: AudioRing | None = None

    def __init__(self, send: Send, participant: str, track: wire.Track, incoming: Incoming) -> None:
        self._resampler = Resampler()
        super().__init__(send, participant, track, incoming)

    def _listen(self, incoming: Incoming) -> Callable[[], None]:
        return incoming.audio.listen(self._put)

    def _put(self, frame: av.AudioFrame, when: float) -> None:
        if self._failed:
            return
        if self._memory is None:
            try:
                self._memory = AudioRing(RATE, 2)
            except OSError as error:
                self._give_up(error)
                return
            self._announce(self._memory.path, 0)
        for block in self._resampler.resample(frame):
            samples: Any = block.to_ndarray().reshape(-1, 2)
            if self._memory.write(samples, when):
                self._notify()


class AudioPlayer:
    """Plays the kernel's audio in real time, in blocks of 20 ms.

    Parameters
    ----------
    memory : AudioRing
        What the kernel writes.
    play : callable
        Takes each block.
    """

    def __init__(self, memory: AudioRing, play: Callable[[av.AudioFrame], None]) -> None:
        self._memory, self._on_block = memory, play
        self._task = asyncio.create_task(self._play())

    async def _play(self) -> None:
        loop = asyncio.get_running_loop()
        position, due = 0, loop.time()
        while True:
            if self._memory.written - position < BLOCK:
                await asyncio.sleep(0.005)
                due = max(due, loop.time())
                continue
            samples = self._memory.read(position, position + BLOCK)
            position += BLOCK
            if len(samples) == BLOCK:
                self._on_block(audio_block(np.ascontiguousarray(samples)))
            due += BLOCK / RATE
            await asyncio.sleep(max(0.0, due - loop.time()))

    def stop(self) -> None:
        """Play no more."""
        self._task.cancel()
