"""The media process' ends of the shared memory: what the kernel sees and hears, and what it plays."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import av
import numpy as np

from ...media.frame import RATE
from ..ipc.shared_memory import Planes, Sound, plane_bytes
from .incoming import Incoming
from .sources import BLOCK, sound_block

_MORE = "Free some of /dev/shm and of the temporary folder; in Docker, --shm-size makes it larger."


class Kernel(Protocol):
    """Who is told of new memory, and woken."""

    def announce(self, participant: str, what: str, path: str, size: int) -> None:
        """Tell the kernel of new memory."""

    def wake(self, participant: str, what: str) -> None:
        """Tell the kernel that there is something new in the memory, which it asked for."""

    def trouble(self, text: str) -> None:
        """Tell the kernel what went wrong."""


class _Watch:
    """Copies what somebody sends into memory that the kernel sees."""

    _memory: Planes | Sound | None = None

    def __init__(self, host: Kernel, participant: str, what: str, incoming: Incoming) -> None:
        self._host, self._participant, self._what = host, participant, what
        self._failed = False
        self._end: Callable[[], None] | None = None
        self.follow(incoming)

    def follow(self, incoming: Incoming) -> None:
        """Watch another `Incoming` of the same participant, who came back."""
        if self._end is not None:
            self._end()
        self._end = self._listen(incoming)

    def _listen(self, incoming: Incoming) -> Callable[[], None]:
        raise NotImplementedError

    def _give_up(self, error: OSError) -> None:
        self._failed = True
        self.close()
        self._host.trouble(f"There is no memory for {self._what}: {error.strerror}. {_MORE}")

    def _announce(self, path: str, size: int) -> None:
        self._host.announce(self._participant, self._what, path, size)

    def _wake(self) -> None:
        self._host.wake(self._participant, self._what)

    def close(self) -> None:
        """End watching."""
        if self._end is not None:
            self._end()
            self._end = None
        if self._memory is not None:
            self._memory.unlink()
            self._memory = None


class VideoWatch(_Watch):
    """Copies somebody's pictures, from one memory to a larger one if they need that."""

    _memory: Planes | None = None

    def _listen(self, incoming: Incoming) -> Callable[[], None]:
        source = incoming.screen if self._what == "screen" else incoming.video
        return source.listen(lambda frame, number, when: self.put(frame, number, when))

    def put(self, frame: av.VideoFrame, number: int, when: float = 0.0) -> None:
        """Write a picture."""
        if self._failed:
            return
        if self._memory is not None and self._memory.fits(frame.width, frame.height):
            if self._memory.write(frame, number, when):
                self._wake()
            return
        if self._memory is not None:
            self._memory.unlink()
        try:
            self._memory = Planes(plane_bytes(frame.width, frame.height))
        except OSError as error:
            self._give_up(error)
            return
        self._memory.write(frame, number, when)
        self._announce(self._memory.path, self._memory.capacity)


class AudioWatch(_Watch):
    """Copies somebody's sound."""

    _memory: Sound | None = None

    def __init__(self, host: Kernel, participant: str, what: str, incoming: Incoming) -> None:
        self._resampler = av.AudioResampler(format="s16", layout="stereo", rate=RATE)
        super().__init__(host, participant, what, incoming)

    def _listen(self, incoming: Incoming) -> Callable[[], None]:
        return incoming.audio.listen(self._put)

    def _put(self, frame: av.AudioFrame, when: float) -> None:
        if self._failed:
            return
        if self._memory is None:
            try:
                self._memory = Sound(RATE, 2)
            except OSError as error:
                self._give_up(error)
                return
            self._announce(self._memory.path, 0)
        for block in self._resampler.resample(frame):
            samples: Any = block.to_ndarray().reshape(-1, 2)
            if self._memory.write(samples, when):
                self._wake()


class SoundPlayer:
    """Plays the kernel's sound in real time, in blocks of 20 ms."""

    def __init__(self, memory: Sound, give: Callable[[av.AudioFrame], None]) -> None:
        self._memory, self._give = memory, give
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
                self._give(sound_block(np.ascontiguousarray(samples)))
            due += BLOCK / RATE
            await asyncio.sleep(max(0.0, due - loop.time()))

    def stop(self) -> None:
        """Play no more."""
        self._task.cancel()
