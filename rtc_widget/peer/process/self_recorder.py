"""Recording this peer for the room's recorders: the twin of
``js/src/recording/self-recorder.ts``.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import av

from ...protocol.limits import seconds
from ...signaling.clock_sync import now
from .outgoing import AudioHub, VideoHub
from .segment_encoder import SegmentEncoder
from .upload_queue import UploadQueue

_SLICE_BYTES: Final = 32_768
_SLICE_SECONDS: Final = 0.5

Send = Callable[[str, dict[str, Any]], None]


@dataclass
class _Upload:
    """One recording of the room: what this peer records for it, and what is on its way."""

    queue: UploadQueue
    declined: bool = False
    over: bool = False
    encoder: SegmentEncoder | None = None
    # Grows, also from one process of the same participant to its next.
    number: int = field(default_factory=lambda: int(now()))
    # Segments that are still being encoded, and whether the end was announced.
    ending: int = 0
    announced: bool = False
    timer: asyncio.TimerHandle | None = None


class SelfRecorder:
    """Records what this peer sends, for every recorder of the room. Used on the loop.

    Parameters
    ----------
    video, audio : VideoHub, AudioHub
        What this peer sends.
    send : callable
        Sends a segment chunk for a recording, by its id, to the recorder.
    encode : callable
        Makes the encoder of a segment.
    """

    def __init__(
        self,
        video: VideoHub,
        audio: AudioHub,
        send: Send,
        encode: Callable[..., SegmentEncoder] = SegmentEncoder,
    ) -> None:
        self._video, self._audio, self._send, self._encode = video, audio, send, encode
        self._uploads: dict[str, _Upload] = {}
        self._listening: list[Callable[[], None]] = []
        self._media = {"video": False, "audio": False}
        self._moved = asyncio.Event()

    def on_entered(self, known: list[dict[str, Any]]) -> None:
        """Continue over a new connection, on which the room has been joined.

        Parameters
        ----------
        known : list of dict
            The recordings of the room.
        """
        here = {entry["recording"] for entry in known}
        for key in here:
            self.on_recording(key, on=True)
        for key in self._uploads.keys() - here:
            if self._uploads[key].over:
                self._uploads[key].queue.begin()
                self._send_done(key)
            else:
                # After a change of relay, the recorder may reconnect later than we do.
                self._forget_later(key, seconds("return"))

    def on_lost(self) -> None:
        """Wait: there is no path now."""
        for upload in self._uploads.values():
            upload.announced = False
            upload.queue.pause()

    def on_recording(self, key: str, *, on: bool) -> None:
        """Begin, continue or end recording for a recorder.

        Parameters
        ----------
        key : str
            The recording's id.
        on : bool
            Whether it is running.
        """
        upload = self._uploads.get(key)
        if upload is None:
            if not on:
                return
            upload = self._uploads[key] = _Upload(UploadQueue(lambda piece: self._send(key, piece)))
        if upload.timer is not None:
            upload.timer.cancel()
        upload.over, upload.announced = not on, False
        if upload.declined:
            self._send(key, {"declined": True})
        if upload.over:
            self._stop(upload)
            self._forget_later(key, seconds("recording_rest"))
        upload.queue.begin()
        self._send_done(key)
        self._listen()
        self._show_again()

    def on_received(self, key: str, pieces: list[dict[str, Any]]) -> None:
        """Trust the recorder's acknowledgement: nothing before it is resent.

        Parameters
        ----------
        key : str
            The recording's id.
        pieces : list of dict
            How far each segment has been received.
        """
        upload = self._uploads.get(key)
        if upload is not None:
            for piece in pieces:
                upload.queue.received(piece["number"], piece["offset"])
            self._send_done(key)
            self._moved.set()

    def decline(self, key: str) -> None:
        """Decline a recording.

        Parameters
        ----------
        key : str
            The recording's id.
        """
        upload = self._uploads.get(key)
        if upload is not None:
            upload.declined = True
            self._stop(upload)
            upload.queue.close()
            self._send(key, {"declined": True})

    def set_media(self, *, video: bool, audio: bool) -> None:
        """Begin a new segment where something was turned off; what is turned on shows by itself.

        Parameters
        ----------
        video, audio : bool
            What is on.
        """
        gone = any(self._media[kind] and not on for kind, on in (("video", video), ("audio", audio)))
        self._media = {"video": video, "audio": audio}
        if gone:
            for upload in self._uploads.values():
                self._stop(upload)
            self._show_again()

    async def leave(self) -> None:
        """Stop recording, and give recorders a moment to receive the rest."""
        for upload in self._uploads.values():
            upload.over = True
            self._stop(upload)
        self._listen()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds("recording_leave")):
                while any(upload.queue.open and not _is_sent(upload) for upload in self._uploads.values()):
                    self._moved.clear()
                    await self._moved.wait()
        self.close()

    def close(self) -> None:
        """Record nothing any more."""
        for key in list(self._uploads):
            self._forget(key)

    # -- frames and audio

    def _listen(self) -> None:
        """Listen to the hubs while there is a recorder."""
        wanted = any(not upload.over and not upload.declined for upload in self._uploads.values())
        if wanted and not self._listening:
            self._listening = [self._video.listen(self._put), self._audio.listen(self._put)]
        elif not wanted:
            for end in self._listening:
                end()
            self._listening = []

    def _show_again(self) -> None:
        """Begin with the current frame where nothing is recorded: it may be the last one for long."""
        frame = self._video.newest
        if frame is not None and self._media["video"]:
            for key, upload in self._uploads.items():
                if upload.encoder is None:
                    self._put_into(key, upload, frame)

    def _put(self, frame: Any) -> None:
        for key, upload in self._uploads.items():
            self._put_into(key, upload, frame)

    def _put_into(self, key: str, upload: _Upload, frame: Any) -> None:
        if upload.over or upload.declined or upload.queue.full:
            return
        if not _fits(upload.encoder, frame):
            # A block may be on its way while audio is turned on or off.
            if not isinstance(frame, av.VideoFrame) and not self._media["audio"]:
                return
            self._begin(key, upload, frame)
        if upload.encoder is not None:
            upload.encoder.put(frame)

    def _begin(self, key: str, upload: _Upload, frame: Any) -> None:
        before = upload.encoder
        self._stop(upload)
        is_frame = isinstance(frame, av.VideoFrame)
        video = is_frame or (before is not None and before.video)
        audio = self._media["audio"] and (not is_frame or before is None or before.audio)
        size = (frame.width, frame.height) if is_frame else before.size if before is not None else None
        number, offset, due = upload.number, 0, time.monotonic() + _SLICE_SECONDS
        upload.number += 1
        upload.ending += 1
        loop, waiting = asyncio.get_running_loop(), bytearray()

        def upload_chunk(data: bytes, last: bool) -> None:
            nonlocal offset
            head = {"at": encoder.at, "mime": "video/webm;codecs=vp8,opus", "video": video, "audio": audio}
            upload.queue.add(number, offset, data, head, last=last)
            offset += len(data)
            if last:
                upload.ending -= 1
                self._send_done(key)
                self._moved.set()

        def write(data: bytes, last: bool) -> None:
            nonlocal due
            waiting.extend(data)
            if last or len(waiting) >= _SLICE_BYTES or time.monotonic() >= due:
                chunk = bytes(waiting)
                waiting.clear()
                due = time.monotonic() + _SLICE_SECONDS
                loop.call_soon_threadsafe(upload_chunk, chunk, last)

        encoder = upload.encoder = self._encode(video=video, audio=audio, size=size, write=write)

    def _send_done(self, key: str) -> None:
        """Announce once that everything has been sent."""
        upload = self._uploads.get(key)
        if upload is not None and upload.over and not upload.announced and _is_sent(upload):
            upload.announced = True
            self._send(key, {"done": True})

    def _stop(self, upload: _Upload) -> None:
        encoder, upload.encoder = upload.encoder, None
        if encoder is not None:
            encoder.stop()

    # -- the end

    def _forget_later(self, key: str, after: float) -> None:
        upload = self._uploads[key]
        if upload.timer is not None:
            upload.timer.cancel()
        upload.timer = asyncio.get_running_loop().call_later(after, lambda: self._forget(key))

    def _forget(self, key: str) -> None:
        upload = self._uploads.pop(key)
        if upload.timer is not None:
            upload.timer.cancel()
        self._stop(upload)
        upload.queue.close()
        self._listen()


def _is_sent(upload: _Upload) -> bool:
    """Return whether the recorder has received everything."""
    return not upload.ending and upload.queue.empty


def _fits(encoder: SegmentEncoder | None, frame: Any) -> bool:
    """Return whether a frame or a block of audio fits into the current segment."""
    if encoder is None:
        return False
    if isinstance(frame, av.VideoFrame):
        return encoder.video and encoder.size == (frame.width, frame.height)
    return encoder.audio
