"""Recordings that never took place: folders as a capture would leave them, with media that say whose and when."""

from __future__ import annotations

import functools
import io
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from rtc_widget.media.encoders import VP8_THREADS
from rtc_widget.recording.contents import FORMAT, PART, SUFFIX

ADA, BOB, CAROL = "a1", "b2", "c3"
NAMES = {ADA: "Ada", BOB: "Bob", CAROL: "Carol"}
BEGAN = 1_763_859_764.0
FPS = 25
RATE = 48_000
# Each participant's pictures are of one colour channel; the others are dark.
CHANNELS = {ADA: 0, BOB: 1, CAROL: 2}
# What a picture's brightness says: it goes from dark to bright in so many pictures, and begins anew.
LEVELS = 16
_DARKEST, _STEP = 60, 12


def brightness(time: float) -> int:
    """Return how bright the picture of a time is."""
    return _DARKEST + _STEP * (int(time * FPS + 1e-6) % LEVELS)


def said_by(picture: Any) -> tuple[str, int]:
    """Return whose picture it is, and how many pictures after a multiple of `LEVELS`."""
    means = np.asarray(picture)[4:-4, 4:-4].mean(axis=(0, 1))
    channel = int(means.argmax())
    who = next(key for key, index in CHANNELS.items() if index == channel)
    return who, round((means[channel] - _DARKEST) / _STEP)


def level(time: float) -> int:
    """Return what `said_by` says of the picture of a time."""
    return int(time * FPS + 1e-6) % LEVELS


@functools.cache
def segment(
    who: str,
    seconds: float,
    *,
    start: float = 0.0,
    size: tuple[int, int] = (96, 64),
    video: str | None = "libvpx",
    audio: str | None = "libopus",
    form: str = "webm",
    title: str = "",
    late: float = 0.0,
) -> bytes:
    """Return what a MediaRecorder would have made: the pictures' brightness goes on from ``start``.

    The last picture claims to be ``late`` seconds later than it is.
    """
    file = io.BytesIO()
    with av.open(file, "w", format=form, options={"live": "1"} if form == "webm" else {}) as out:
        container: Any = out
        if title:
            container.metadata["title"] = title
        pictures = container.add_stream(video, rate=FPS) if video else None
        if pictures:
            pictures.width, pictures.height, pictures.pix_fmt = *size, "yuv420p"
            pictures.bit_rate, pictures.gop_size = 400_000, 50
            pictures.codec_context.thread_count = VP8_THREADS
            if video and video.startswith("libvpx"):
                pictures.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
            if title:
                pictures.metadata["title"] = title
        sound = container.add_stream(audio, rate=RATE) if audio else None
        if sound:
            sound.layout = "mono"
            if title:
                sound.metadata["title"] = title
        # AAC takes 1024 samples, Opus 20 ms.
        block = 1024 if audio == "aac" else RATE // 50
        at = 0
        for index in range(count := round(seconds * FPS)):
            if pictures:
                number = index + round(late * FPS) if index == count - 1 else index
                container.mux(pictures.encode(_picture(who, start, number, size)))
            while sound and at < (index + 1) * RATE // FPS:
                container.mux(sound.encode(_tone(at, block, audio)))
                at += block
        for stream in (pictures, sound):
            if stream:
                container.mux(stream.encode(None))
    return file.getvalue()


def _picture(who: str, start: float, index: int, size: tuple[int, int]) -> av.VideoFrame:
    pixels = np.zeros((size[1], size[0], 3), np.uint8)
    pixels[..., CHANNELS[who]] = brightness(start + index / FPS)
    frame: Any = av.VideoFrame.from_ndarray(pixels, format="rgb24")
    frame.pts, frame.time_base = index, Fraction(1, FPS)
    return frame


def _tone(at: int, block: int, codec: str | None) -> av.AudioFrame:
    wave = np.sin(np.arange(at, at + block) * 2 * np.pi * 440 / RATE) * 0.3
    form = "fltp" if codec == "aac" else "s16"
    samples = wave.astype(np.float32) if codec == "aac" else (wave * 32767).astype(np.int16)
    frame: Any = av.AudioFrame.from_ndarray(samples[None], format=form, layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
    return frame


class Part:
    """A folder of a recording, written as a capture would.

    Parameters
    ----------
    folder : Path
        Where it goes.
    name : str
        The recording's.
    """

    def __init__(self, folder: Path, name: str = "lesson", *, began: float = BEGAN, **head: Any) -> None:
        self.path = folder / f"{name}{SUFFIX}{PART}"
        (self.path / "media").mkdir(parents=True)
        self.began = began
        self.head: dict[str, Any] = {
            "format": FORMAT,
            "version": 1,
            "room": "demo",
            "began": began,
            "private": True,
            "recorder": None,
            "seconds": 10.0,
            "ended": {"reason": "stopped", "message": "It was stopped."},
            **head,
        }
        self.write_head()
        self.numbers: dict[tuple[str, str], int] = {}
        self.hear(0, "snapshot", participants=[], time=self.at(0), control=_control())

    def write_head(self) -> None:
        """Write the manifest."""
        (self.path / "manifest.json").write_text(json.dumps(self.head))

    def at(self, time: float) -> float:
        """Return a time as the relay tells it."""
        return (self.began + time) * 1000

    def line(self, name: str, /, **value: Any) -> None:
        """Add a line to a file."""
        with (self.path / f"{name}.jsonl").open("a") as file:
            file.write(json.dumps(value) + "\n")

    def hear(self, time: float, event: str, /, **payload: Any) -> None:
        """Let the relay tell something."""
        payload.setdefault("at", self.at(time))
        self.line("heard", event=event, payload=payload)

    def join(self, who: str, time: float = 0.0, *, name: str | None = None, kind: str = "browser") -> None:
        """Let somebody come."""
        about = {"socketId": who, "name": name or NAMES[who], "kind": kind, "order": 1}
        self.hear(time, "user_joined", roomId="demo", **about)

    def leave(self, who: str, time: float) -> None:
        """Let somebody go."""
        self.hear(time, "user_left", roomId="demo", socketId=who, reason="left")

    def report(self, who: str, time: float, **entry: Any) -> None:
        """Let somebody report something."""
        self.hear(time, "report", **{"from": who}, entries=[{"at": self.at(time), **entry}])

    def clock(self, who: str, offset: float) -> None:
        """Compare somebody's clock: ms to add to it."""
        self.report(who, 0, type="clock", offset=offset, error=1.0)

    def media(self, who: str, begins: float, data: bytes, *, track: str = "camera", **said: Any) -> Path:
        """Add a segment; ``offset`` is what its sender's clock is behind."""
        offset = said.pop("offset", 0.0)
        number = self.numbers.get((who, track), 0)
        self.numbers[who, track] = number + 1
        file = f"media/{who}-{track}-{number}.webm"
        (self.path / file).write_bytes(data)
        about = {"participant": who, "track": track, "number": number, "file": file}
        about |= {"at": self.at(begins) - offset, "mime": "video/webm", "video": True, "audio": True}
        self.line("segments", **{**about, **said})
        return self.path / file

    def film(self, who: str, begins: float, seconds: float, **options: Any) -> Path:
        """Add a segment whose pictures say the recording's time."""
        track = options.pop("track", "camera")
        said = {
            "video": options.get("video", True) is not None,
            "audio": options.get("audio", True) is not None,
        }
        return self.media(who, begins, segment(who, seconds, start=begins, **options), track=track, **said)


def _control() -> dict[str, Any]:
    return {"paused": False, "held": [], "breaks": [], "faults": []}


def two(folder: Path, **head: Any) -> Part:
    """Return a call of Ada and Bob: Bob comes at 1 s, Ada's camera is off from 3 s to 5 s, Bob leaves at 6 s."""
    part = Part(folder, **head)
    part.join(ADA)
    part.join(BOB, 1.0)
    part.clock(ADA, 0.0)
    part.clock(BOB, 0.0)
    part.film(ADA, 0.2, 2.8)
    part.film(ADA, 3.0, 2.0, video=None)
    part.film(ADA, 5.0, 3.0)
    part.film(BOB, 1.2, 4.8)
    part.leave(BOB, 6.0)
    part.line("messages", time=2.0, to=None, data={"hello": 1}, **{"from": ADA})
    part.line("traits", time=0.1, participant=None, name="state", value="joined")
    part.line("chapters", time=4.0, title="Now both offer at once")
    return part
