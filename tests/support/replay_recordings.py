"""Recordings of calls that never took place, with pictures that say when they were taken."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

import av
import numpy as np

from rtc_widget.media.encoders import VP8_THREADS
from rtc_widget.recording.contents import Change, Chapter, Clip, Ended, Medium, Person, Said
from rtc_widget.trace.trace import Trace
from tests.support.traces import ADA, BOB, CAROL, NAMES, Script, answer, connect, make_offer, trickle

if TYPE_CHECKING:
    from collections.abc import Sequence

FPS = 15
BITS = 12
STRIPE = 16
HEIGHT = 108
RATE = 48_000
START = 1.7e9
"""When `Script` begins."""


@cache
def webm(seconds: float, *, sound: bool = True, hue: int = 128, bits: int = BITS) -> bytes:
    """Return VP8 and Opus in WebM; the stripes of each picture are its number in binary, the first the highest bit."""
    out = io.BytesIO()
    with av.open(out, "w", "webm") as file:
        video = file.add_stream("libvpx", rate=FPS, options={"deadline": "realtime", "cpu-used": "8"})
        video.width, video.height, video.pix_fmt = bits * STRIPE, HEIGHT, "yuv420p"
        video.bit_rate = 150_000
        video.gop_size = FPS
        video.codec_context.thread_count = VP8_THREADS
        audio = file.add_stream("libopus", rate=RATE, layout="mono") if sound else None
        for number in range(round(seconds * FPS)):
            picture = np.zeros((HEIGHT * 3 // 2, bits * STRIPE), np.uint8)
            for bit in range(bits):
                on = number >> (bits - 1 - bit) & 1
                picture[:HEIGHT, bit * STRIPE : (bit + 1) * STRIPE] = 220 if on else 30
            picture[HEIGHT:] = hue
            frame = av.VideoFrame.from_ndarray(picture, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            file.mux(video.encode(frame))
            if audio is not None:
                samples = RATE // FPS
                times = np.arange(number * samples, (number + 1) * samples) / RATE
                tone = (np.sin(times * 2 * np.pi * 330) * 3000).astype(np.int16)
                heard = av.AudioFrame.from_ndarray(tone[None], "s16", "mono")
                heard.rate, heard.pts, heard.time_base = RATE, number * samples, Fraction(1, RATE)
                file.mux(audio.encode(heard))
        file.mux(video.encode(None))
        if audio is not None:
            file.mux(audio.encode(None))
    return out.getvalue()


def clip(
    participant: str,
    data: bytes,
    seconds: float,
    *,
    begins: float = 0.0,
    track: str = "camera",
    shown: Sequence[tuple[float, float]] | None = None,
    heard: Sequence[tuple[float, float]] | None = None,
) -> Clip:
    """Describe a file."""
    medium = Medium(
        file=f"media/{participant}{'-screen' if track == 'screen' else ''}.webm",
        participant=participant,
        track=track,
        begins=begins,
        seconds=seconds,
        mime="video/webm",
        size=len(data),
        sha256="",
        video="vp8",
        width=BITS * STRIPE,
        height=HEIGHT,
        audio="opus" if track == "camera" else None,
        shown=tuple(shown if shown is not None else [(0.0, seconds)]),
        heard=tuple(heard if heard is not None else [(0.0, seconds)]),
    )
    return Clip(medium, data, None)


@dataclass
class Tape:
    """What the player needs of a `Recording`, and its clips."""

    clips: tuple[Clip, ...]
    participants: tuple[Person, ...]
    seconds: float
    trace: Trace
    stats: Trace = field(default_factory=lambda: Trace([], names={}))
    messages: tuple[Said, ...] = ()
    traits: tuple[Change, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    problems: tuple[str, ...] = ()
    ended: Ended = field(default_factory=lambda: Ended("stopped", "It was stopped."))
    room: str = "demo"
    began: float = START

    @property
    def media(self) -> tuple[Medium, ...]:
        return tuple(each.medium for each in self.clips)

    def _open_medium(self, medium: Medium) -> io.BytesIO:
        return io.BytesIO(next(each.data for each in self.clips if each.medium == medium))


def lesson(seconds: float = 8.0, media_seconds: float | None = None) -> Tape:
    """Ada is there, Bob comes, both talk, Carol has declined; Ada shares her screen and Bob turns his camera off."""
    script = Script()
    script.join(ADA)
    script.say(ADA, "media", audio=True, video=True, screen=False)
    script.wait(500)
    script.join(BOB, "python", 2)
    script.say(BOB, "media", audio=True, video=True, screen=False)
    offer = make_offer(script, ADA, BOB)
    script.wait(300)
    key = script.pass_on(ADA, BOB, "offer", offer)
    script.wait(300)
    trickle(script, ADA, BOB, early=True)
    script.wait(300)
    answer(script, BOB, ADA, key)
    script.wait(200)
    trickle(script, BOB, ADA)
    connect(script, ADA, BOB)
    script.wait(200)
    script.join(CAROL, order=3)
    script.wait(seconds * 500 - script.now)
    middle = script.now / 1000
    script.say(BOB, "media", audio=False, video=False, screen=False)
    script.say(ADA, "media", audio=True, video=True, screen=True)
    script.wait(300)
    second = make_offer(script, ADA, BOB, version=3)
    answer(script, BOB, ADA, script.pass_on(ADA, BOB, "offer", second))
    script.wait(seconds * 800 - script.now)
    leaves = script.now / 1000
    script.say(BOB, "leave", reason="left")
    script.state(ADA, BOB, "connection_state", "disconnected")
    measured = Script()
    for tick in range(3, int(leaves) + 1):
        measured.now = tick * 1000.0
        for who, peer in ((ADA, BOB), (BOB, ADA)):
            measured.say(who, "stats", peer, bitrate=400_000 + 90_000 * (tick % 4), fps=15, rtt=12.5)
    whole = media_seconds or seconds
    early = min(whole, leaves) - 0.5
    return Tape(
        clips=(
            clip(ADA, webm(whole), whole),
            clip(
                BOB,
                webm(early, hue=90),
                early,
                begins=0.5,
                shown=[(0.0, middle - 0.5)],
                heard=[(0.0, middle - 0.5)],
            ),
            clip(
                ADA,
                webm(2.0, sound=False, hue=170),
                2.0,
                begins=middle,
                track="screen",
                heard=[],
            ),
        ),
        participants=(
            Person(ADA, "Ada", "browser", ((0.0, None),)),
            Person(BOB, "Bob", "python", ((0.5, leaves),)),
            Person(CAROL, "Guest 1", "browser", ((2.0, None),), declined=True),
        ),
        seconds=seconds,
        trace=Trace(script.events, names={**NAMES, CAROL: "Guest 1"}, room="demo"),
        stats=Trace(measured.events, names=NAMES),
        messages=(
            Said(2.2, ADA, None, "Can you see me?"),
            Said(2.4, BOB, ADA, {"hello": 1}),
            Said(middle, BOB, None, b"12345"),
        ),
        chapters=(
            Chapter(0.0, "Ada joins", "join"),
            Chapter(0.5, "Bob joins", "join"),
            Chapter(middle, "Ada shares her screen", "mark"),
            Chapter(leaves, "Bob leaves", "leave"),
        ),
    )
