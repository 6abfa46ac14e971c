"""Who records the room, and this peer's part in it: the twin of ``js/src/recording/self-recorder.ts``."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import av

from ...signaling.clock_sync import now
from .outgoing import AudioHub, VideoHub
from .segment_encoder import Take
from .upload_queue import Outbox

# How long who records may take to come back to a relay that does not know of it.
_RETURN_SECONDS: Final = 5.0
# How long what is on its way when a recording ends may take, and when this peer leaves.
_REST_SECONDS: Final = 30.0
_LEAVE_SECONDS: Final = 1.5
_SLICE_BYTES: Final = 32_768
_SLICE_SECONDS: Final = 0.5

Tell = Callable[[str, dict[str, Any]], None]


@dataclass
class _Part:
    outbox: Outbox
    declined: bool = False
    over: bool = False
    take: Take | None = None
    # Grows, also from one process of the same participant to its next.
    number: int = field(default_factory=lambda: int(now()))
    # Segments of which the last words are still to come, and whether it was said that all has.
    ending: int = 0
    said: bool = False
    timer: asyncio.TimerHandle | None = None


class Recordings:
    """Records what this peer sends for everybody who records the room. Used on the loop.

    Parameters
    ----------
    video, audio : VideoHub, AudioHub
        What this peer sends.
    tell : callable
        Sends a piece for a recording, by its id.
    """

    def __init__(self, video: VideoHub, audio: AudioHub, tell: Tell) -> None:
        self._video, self._audio, self._tell = video, audio, tell
        self._parts: dict[str, _Part] = {}
        self._listening: list[Callable[[], None]] = []
        self._media = {"video": False, "audio": False}
        self._moved = asyncio.Event()

    def entered(self, known: list[dict[str, Any]]) -> None:
        """Go on over a new path, on which the room has been joined."""
        here = {entry["recording"] for entry in known}
        for key in here:
            self.announced(key, on=True)
        for key in self._parts.keys() - here:
            if self._parts[key].over:
                self._parts[key].outbox.begin()
                self._say_done(key)
            else:
                # On a new relay who records may come back later than we do.
                self._forget_later(key, _RETURN_SECONDS)

    def lost(self) -> None:
        """Wait: there is no path now."""
        for part in self._parts.values():
            part.said = False
            part.outbox.pause()

    def announced(self, key: str, *, on: bool) -> None:
        """Take up, go on with, or end a recording."""
        part = self._parts.get(key)
        if part is None:
            if not on:
                return
            part = self._parts[key] = _Part(Outbox(lambda piece: self._tell(key, piece)))
        if part.timer is not None:
            part.timer.cancel()
        part.over, part.said = not on, False
        if part.declined:
            self._tell(key, {"declined": True})
        if part.over:
            self._stop(part)
            self._forget_later(key, _REST_SECONDS)
        part.outbox.begin()
        self._say_done(key)
        self._listen()

    def received(self, key: str, pieces: list[dict[str, Any]]) -> None:
        """Take who records at their word."""
        part = self._parts.get(key)
        if part is not None:
            for piece in pieces:
                part.outbox.received(piece["number"], piece["offset"])
            self._say_done(key)
            self._moved.set()

    def decline(self, key: str) -> None:
        """Be left out of a recording."""
        part = self._parts.get(key)
        if part is not None:
            part.declined = True
            self._stop(part)
            part.outbox.close()
            self._tell(key, {"declined": True})

    def set_media(self, *, video: bool, audio: bool) -> None:
        """Begin a new segment where something was turned off; what is turned on shows by itself."""
        gone = any(self._media[kind] and not on for kind, on in (("video", video), ("audio", audio)))
        self._media = {"video": video, "audio": audio}
        if gone:
            for part in self._parts.values():
                self._stop(part)

    async def leave(self) -> None:
        """Record nothing any more, and give those who record a moment to take what has been."""
        for part in self._parts.values():
            part.over = True
            self._stop(part)
        self._listen()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LEAVE_SECONDS):
                while any(part.outbox.open and not _is_sent(part) for part in self._parts.values()):
                    self._moved.clear()
                    await self._moved.wait()
        self.close()

    def close(self) -> None:
        """Record nothing any more."""
        for key in list(self._parts):
            self._forget(key)

    # -- pictures and sound

    def _listen(self) -> None:
        """Listen while somebody records."""
        wanted = any(not part.over and not part.declined for part in self._parts.values())
        if wanted and not self._listening:
            self._listening = [self._video.listen(self._put), self._audio.listen(self._put)]
        elif not wanted:
            for end in self._listening:
                end()
            self._listening = []

    def _put(self, frame: Any) -> None:
        for key, part in self._parts.items():
            if part.over or part.declined or part.outbox.full:
                continue
            if not _fits(part.take, frame):
                self._begin(key, part, frame)
            if part.take is not None:
                part.take.put(frame)

    def _begin(self, key: str, part: _Part, frame: Any) -> None:
        before = part.take
        self._stop(part)
        is_picture = isinstance(frame, av.VideoFrame)
        video = is_picture or (before is not None and before.video)
        audio = self._media["audio"] and (not is_picture or before is None or before.audio)
        size = (frame.width, frame.height) if is_picture else before.size if before is not None else None
        number, offset, due = part.number, 0, time.monotonic() + _SLICE_SECONDS
        part.number += 1
        part.ending += 1
        loop, waiting = asyncio.get_running_loop(), bytearray()

        def add(data: bytes, last: bool) -> None:
            nonlocal offset
            head = {"at": take.at, "mime": "video/webm;codecs=vp8,opus", "video": video, "audio": audio}
            part.outbox.add(number, offset, data, head, last=last)
            offset += len(data)
            if last:
                part.ending -= 1
                self._say_done(key)
                self._moved.set()

        def give(data: bytes, last: bool) -> None:
            nonlocal due
            waiting.extend(data)
            if last or len(waiting) >= _SLICE_BYTES or time.monotonic() >= due:
                piece = bytes(waiting)
                waiting.clear()
                due = time.monotonic() + _SLICE_SECONDS
                loop.call_soon_threadsafe(add, piece, last)

        take = part.take = Take(video=video, audio=audio, size=size, give=give)

    def _say_done(self, key: str) -> None:
        """Say once that this was all, when it was."""
        part = self._parts.get(key)
        if part is not None and part.over and not part.said and _is_sent(part):
            part.said = True
            self._tell(key, {"done": True})

    def _stop(self, part: _Part) -> None:
        take, part.take = part.take, None
        if take is not None:
            take.stop()

    # -- the end

    def _forget_later(self, key: str, seconds: float) -> None:
        part = self._parts[key]
        if part.timer is not None:
            part.timer.cancel()
        part.timer = asyncio.get_running_loop().call_later(seconds, lambda: self._forget(key))

    def _forget(self, key: str) -> None:
        part = self._parts.pop(key)
        if part.timer is not None:
            part.timer.cancel()
        self._stop(part)
        part.outbox.close()
        self._listen()


def _is_sent(part: _Part) -> bool:
    """Tell whether who records has taken everything that has been recorded."""
    return not part.ending and part.outbox.empty


def _fits(take: Take | None, frame: Any) -> bool:
    """Tell whether a picture or a block of sound can go into the segment that is being made."""
    if take is None:
        return False
    if isinstance(frame, av.VideoFrame):
        return take.video and take.size == (frame.width, frame.height)
    return take.audio
