"""What PyAV opens as a source: a film, a still picture, sound, a capture device."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import av

from ...errors import InvalidArgumentError
from ...media.frame import limit
from ...media.resampler import Resampler
from ...media.upright import upright
from .pace import Pace
from .sources import BLOCK, OnAudio, OnVideo, ThreadSource

_OPEN_SECONDS: Final = 10.0
# How often reading may fail in a row before a file is given up.
_MAX_FAILURES: Final = 100
_STILL_SECONDS: Final = 1.0

# FFmpeg's input devices; ``lavfi:testsrc2`` generates frames.
_DEVICES: Final = ("v4l2", "avfoundation", "dshow", "lavfi", "x11grab")
# FFmpeg's formats of pictures that move as often as they say, and then stay, as in a browser.
_MOVING_PICTURES: Final = ("apng", "gif", "webp")
_AS_OFTEN_AS_THEY_SAY: Final = {"ignore_loop": "0"}
_MAY_JUMP: Final = 0x0200  # FFmpeg's AVFMT_TS_DISCONT


@dataclass(frozen=True)
class Outputs:
    """Who takes what a source makes; all are called on the loop.

    Attributes
    ----------
    video, audio : callable or None
        Take frames and audio; None for what is not wanted.
    tell : callable
        Takes what the user should know of a source that goes on.
    ended : callable
        Takes None at the end, else what went wrong.
    """

    video: OnVideo | None
    audio: OnAudio | None
    tell: Callable[[str], None]
    ended: Callable[[str | None], None]


class FileSource(ThreadSource):
    """Frames and audio of what PyAV opens, in real time.

    A still picture stays until another source replaces it, as an array does.

    Parameters
    ----------
    url : str
        A file, an address, ``/dev/video0``, or ``format:name`` of an FFmpeg input device.
    container : object
        The opened container.
    outputs : Outputs
        Who takes what is in it.
    fps : float
        Frames per second of a stream that does not say its own.
    loop : bool
        Whether to begin anew at the end.
    """

    def __init__(self, url: str, container: Any, outputs: Outputs, *, fps: float, loop: bool) -> None:
        super().__init__("file")
        self._url, self._container, self._outputs = url, container, outputs
        self._fps, self._loops = fps, loop
        self._paced = _device(url) is None
        self._pace = Pace(may_jump=bool(container.format.flags & _MAY_JUMP))
        self._audio = outputs.audio
        self._resampler = Resampler(block=BLOCK)
        self._told: set[str] = set()
        self._pictures = self._sounds = 0
        self._newest: av.VideoFrame | None = None
        self.has_video = outputs.video is not None and bool(container.streams.video)
        self.has_audio = outputs.audio is not None and bool(container.streams.audio)

    @classmethod
    async def open(cls, url: str, outputs: Outputs, *, fps: float, loop: bool) -> FileSource:
        """Open a source, on a thread.

        Parameters
        ----------
        url : str
            As of the class.
        outputs : Outputs
            As of the class.
        fps : float
            As of the class.
        loop : bool
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
        source = cls(url, container, outputs, fps=fps, loop=loop)
        if not source.has_video and not source.has_audio:
            container.close()
            wanted = (
                "picture"
                if outputs.audio is None
                else "sound"
                if outputs.video is None
                else "picture or sound"
            )
            raise InvalidArgumentError("bad_source", f"There is no {wanted} in {url!r}.")
        return source

    def go_on_without_audio(self) -> None:
        """Only deliver frames from now on: another source has taken over the audio."""
        self._audio = None

    def _run(self) -> None:
        problem: str | None = None
        try:
            self._play()
            while self._loops and not self._stopped.is_set() and not self._is_still:
                self._container.close()
                self._container = _open(self._url)
                self._pace.begin_anew()
                self._play()
            if self._stays:
                self._stay()
        except (av.FFmpegError, OSError, ValueError) as error:
            problem = f"The source stopped: {error}."
        finally:
            self._container.close()
        self._hand(self._outputs.ended, problem)

    @property
    def _is_still(self) -> bool:
        return self._pictures == 1 and not self._sounds

    @property
    def _stays(self) -> bool:
        return self._is_still or (self._container.format.name in _MOVING_PICTURES and not self._sounds)

    def _stay(self) -> None:
        """Go on with the last picture; what is made of it may change meanwhile."""
        while self._newest is not None and self._outputs.video is not None:
            if self._stopped.wait(_STILL_SECONDS):
                return
            # A frame that was handed over may be with an encoder.
            again = av.VideoFrame.from_ndarray(self._newest.to_ndarray(), format="yuv420p")
            self._hand(self._outputs.video, again)

    def _play(self) -> None:
        """Play it once."""
        self._pictures = self._sounds = 0
        streams = self._container.streams
        wanted = [
            *(streams.video[:1] if self.has_video else ()),
            *(streams.audio[:1] if self.has_audio else ()),
        ]
        for stream in wanted:
            stream.thread_type = "AUTO"
        for packet in self._packets(wanted):
            for frame in self._decoded(packet):
                if self._stopped.is_set() or not self._await(frame, packet.stream):
                    return
                if isinstance(frame, av.VideoFrame):
                    self._show(frame, packet.stream.sample_aspect_ratio)
                else:
                    self._sound(frame)
        self._sound(None)
        if not self._pictures and not self._sounds:
            raise ValueError("nothing in it could be decoded")

    def _packets(self, streams: list[Any]) -> Iterator[Any]:
        """Read on after what is damaged, as players do."""
        failures = 0
        packets = self._container.demux(*streams)
        while failures < _MAX_FAILURES and not self._stopped.is_set():
            try:
                packet = next(packets, None)
            # A damaged length may ask for more memory than there is.
            except (av.error.InvalidDataError, av.error.MemoryError):
                failures += 1
                self._tell_of_damage()
                packets = self._container.demux(*streams)
                continue
            if packet is None:
                return
            failures = 0
            yield packet

    def _decoded(self, packet: Any) -> list[Any]:
        try:
            return list(packet.decode())
        except (av.FFmpegError, ValueError):
            self._tell_of_damage()
            return []

    def _await(self, frame: Any, stream: Any) -> bool:
        """Wait until a frame is due; return whether it still is."""
        if not self._paced:
            return True
        lasts = self._duration(frame, stream)
        due = self._pace.due(stream.index, frame.time, lasts, time.monotonic())
        if self._pace.jumps:
            self._tell("jump", f"The clock of {self._url!r} jumps; it is played on without a gap.")
        return not self._stopped.wait(max(0.0, due - time.monotonic()))

    def _duration(self, frame: Any, stream: Any) -> float:
        if isinstance(frame, av.AudioFrame):
            return frame.samples / frame.sample_rate
        if frame.duration:
            return float(frame.duration * frame.time_base)
        return 1 / float(stream.guessed_rate or stream.average_rate or self._fps)

    def _show(self, frame: av.VideoFrame, pixel_aspect: Any) -> None:
        self._pictures += 1
        self._newest = limit(upright(frame, pixel_aspect))
        if self._outputs.video is not None:
            self._hand(self._outputs.video, self._newest)

    def _sound(self, frame: av.AudioFrame | None) -> None:
        """Pass on audio; None for its end."""
        self._sounds += frame is not None
        for block in self._resampler.resample(frame):
            if (audio := self._audio) is not None:
                self._hand(audio, block)

    def _tell_of_damage(self) -> None:
        # Before the first frame nothing is missing: broadcasts and streams are joined in the middle.
        if self._pictures or self._sounds:
            self._tell("damage", f"{self._url!r} is damaged in places; what can be decoded is sent.")

    def _tell(self, kind: str, text: str) -> None:
        """Tell the user, once of each kind."""
        if kind not in self._told:
            self._told.add(kind)
            self._hand(self._outputs.tell, text)


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
        return av.open(url, timeout=_OPEN_SECONDS, options=_AS_OFTEN_AS_THEY_SAY)
    except (av.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise InvalidArgumentError("bad_source", f"{url!r} cannot be opened: {reason}.") from None
