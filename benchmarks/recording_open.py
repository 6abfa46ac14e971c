"""What a long recording costs: making its file, opening it, and pictures from anywhere in it.

python benchmarks/recording_open.py [PICTURES]

The recording is of two participants, 30 minutes of 320x180 at 10 pictures a second with sound; each camera is off for
two minutes in the middle. Its pictures are one minute's, over and over.
"""

from __future__ import annotations

import io
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from common import ROOT, summary

sys.path.insert(0, str(ROOT))

from rtc_widget import Recording
from rtc_widget.recording.finalize.finalize import finish
from tests.support.staging_folders import ADA, BOB, Part

MINUTES, OFF = 30, 2
SIZE, FPS, RATE = (320, 180), 10, 48_000


def minute() -> bytes:
    """Return a minute of a picture that moves, and of noise that is not loud."""
    rng = np.random.default_rng(1)
    coarse = rng.integers(0, 256, (SIZE[1] // 12, SIZE[0] // 12 * 2, 3), np.uint8)
    wall = coarse.repeat(12, axis=0).repeat(12, axis=1)
    file = io.BytesIO()
    with av.open(file, "w", format="webm") as opened:
        out: Any = opened
        video, audio = out.add_stream("libvpx", rate=FPS), out.add_stream("libopus", rate=RATE)
        video.width, video.height, video.pix_fmt = (
            wall.shape[1] // 2 // 2 * 2,
            wall.shape[0] // 2 * 2,
            "yuv420p",
        )
        video.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
        video.bit_rate, video.gop_size, audio.layout = 300_000, 100, "mono"
        for index in range(60 * FPS):
            left = index % (wall.shape[1] // 2)
            pixels = np.ascontiguousarray(wall[: video.height, left : left + video.width])
            picture: Any = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            picture.pts, picture.time_base = index, Fraction(1, FPS)
            out.mux(video.encode(picture))
            for block in range(5):
                noise = rng.normal(0, 1000, (1, 960)).astype(np.int16)
                sound: Any = av.AudioFrame.from_ndarray(noise, format="s16", layout="mono")
                sound.sample_rate, sound.time_base = RATE, Fraction(1, RATE)
                sound.pts = (index * 5 + block) * 960
                out.mux(audio.encode(sound))
        for stream in (video, audio):
            out.mux(stream.encode(None))
    return file.getvalue()


def looped(data: bytes, minutes: int) -> bytes:
    """Return what a MediaRecorder would have written in so many minutes: neither a length nor an index."""
    made = io.BytesIO()
    with (
        av.open(io.BytesIO(data), "r") as source,
        av.open(made, "w", format="webm", options={"live": "1"}) as opened,
    ):
        out: Any = opened
        streams = {stream.type: out.add_stream_from_template(stream) for stream in source.streams}
        packets = [
            (p.stream.type, bytes(p), p.pts, p.is_keyframe) for p in source.demux() if p.size and p.pts >= 0
        ]
        for number in range(minutes):
            for kind, content, at, is_key in packets:
                packet: Any = av.Packet(content)
                packet.stream, packet.time_base, packet.is_keyframe = streams[kind], Fraction(1, 1000), is_key
                packet.pts = packet.dts = at + number * 60_000
                out.mux(packet)
    return made.getvalue()


def recorded(folder: Path) -> Part:
    """Write the folder of the recording."""
    half = looped(minute(), (MINUTES - OFF) // 2)
    part = Part(folder, "long", seconds=MINUTES * 60.0)
    for who in (ADA, BOB):
        part.join(who)
        part.media(who, 0.0, half)
        part.media(who, (MINUTES + OFF) / 2 * 60.0, half)
        other = BOB if who == ADA else ADA
        for second in range(MINUTES * 60):
            part.report(who, float(second), type="stats", peer=other, rtt=12.5, fps=10, bitrate=300_000)
    return part


def seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def opened(path: Path) -> None:
    with Recording.open(path) as recording:
        assert len(recording.media) == 2
        assert recording.problems == ()


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        part = recorded(folder)
        took = seconds(lambda: finish(part.path))
        path = folder / "long.rtcw.zip"
        print(f"{MINUTES} minutes of two participants, {path.stat().st_size / 1e6:.0f} MB:")
        print(f"  making the file, s:                {took:.1f}")
        print(
            f"  most memory so far, MiB:           {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}"
        )
        times = [seconds(lambda: opened(path)) * 1000 for _ in range(5)]
        print(f"  opening and reading all of it, ms: {summary(times)}")
        rng = random.Random(1)
        with Recording.open(path) as recording:
            places = [
                (medium.participant, rng.uniform(start, end))
                for medium in recording.media
                for start, end in rng.choices(medium.shown, k=count)
            ]
            times = [seconds(lambda who=who, at=at: recording.frame(who, at)) * 1000 for who, at in places]
        print(f"  a picture from anywhere, ms:       {summary(times)}, worst {max(times):.0f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
