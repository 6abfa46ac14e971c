"""What a film, a photo or a sound becomes on its way to the call."""

from __future__ import annotations

import asyncio
import contextlib
import io
import random
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest

from rtc_widget.media.frame import rgb_of
from rtc_widget.peer.process import file_source
from rtc_widget.peer.process.file_source import FileSource, Outputs
from tests.support.films import film, greys, quarters, seen_quarters, still, tone, write_clip
from tests.support.waiting import wait_for


class Played:
    """Everything that a source has made."""

    def __init__(self) -> None:
        self.frames: list[tuple[float, av.VideoFrame]] = []
        self.blocks: list[av.AudioFrame] = []
        self.told: list[str] = []
        self.ends: list[str | None] = []

    @property
    def levels(self) -> list[int]:
        """The grey of each picture."""
        return [round(float(rgb_of(frame).mean())) for _, frame in self.frames]

    @property
    def seconds(self) -> float:
        """From the first picture to the last."""
        return self.frames[-1][0] - self.frames[0][0]

    @property
    def sounds(self) -> int:
        """How many samples of sound."""
        return sum(block.samples for block in self.blocks)

    async def ended(self) -> None:
        await wait_for(lambda: self.ends != [])


class FilmTime(threading.Event):
    """What stops a source, and its clock: when it waits, everybody has taken what it has made, and the time is over at once."""

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._now = 0.0

    def monotonic(self) -> float:
        """Return the time, seconds."""
        return self._now

    def wait(self, timeout: float | None = None) -> bool:
        """Let the loop take what was handed to it, and the time pass."""
        taken = threading.Event()
        self._loop.call_soon_threadsafe(taken.set)
        assert taken.wait(30)
        self._now += timeout or 0.0
        return self.is_set()


@contextlib.asynccontextmanager
async def playing(path: Path, *, fps: float = 30.0, loop: bool = False) -> AsyncIterator[Played]:
    played, clock = Played(), FilmTime()
    outputs = Outputs(
        video=lambda frame: played.frames.append((clock.monotonic(), frame)),
        audio=played.blocks.append,
        tell=played.told.append,
        ended=played.ends.append,
    )
    source = await FileSource.open(str(path), outputs, fps=fps, loop=loop)
    source._stopped = clock
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(file_source, "time", clock)
        source.start()
        try:
            yield played
        finally:
            await source.stop()


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


# -- time


async def test_a_raw_stream_is_played_at_its_own_rate(tmp_path: Path) -> None:
    raw = written(tmp_path / "raw.h264", film(greys(range(20, 220, 20)), "h264", rate=10))

    async with playing(raw) as played:
        await played.ended()

    assert len(played.frames) == 10
    assert played.seconds == pytest.approx(0.9, abs=0.05)


def test_a_stream_that_does_not_know_its_rate_has_the_one_that_was_asked_for() -> None:
    class Stream:
        guessed_rate = average_rate = None

    source = object.__new__(FileSource)
    source._fps = 5.0

    assert source._duration(av.VideoFrame(16, 16, "yuv420p"), Stream()) == 0.2


@pytest.mark.parametrize("later", [0, 8, 3_600])
async def test_broadcasts_that_were_put_together_are_played_one_after_the_other(
    tmp_path: Path, later: int
) -> None:
    pictures, begins = greys(range(20, 220, 5)), later * 25
    parts = [film(pictures, "mpegts", times=range(at, at + 40)) for at in (0, begins)]
    path = written(tmp_path / "both.ts", b"".join(parts))

    async with playing(path) as played:
        await played.ended()

    assert played.ends == [None]
    assert len(played.frames) >= 78
    assert played.seconds > 2.9
    assert [text for text in played.told if "clock" in text] == played.told
    assert len(played.told) == 1


async def test_a_film_with_sound_goes_on_with_both_over_a_jump(tmp_path: Path) -> None:
    twice = write_clip(tmp_path / "clip.ts", 1.6).read_bytes() * 2

    async with playing(written(tmp_path / "twice.ts", twice)) as played:
        await played.ended()

    assert played.seconds > 2.8
    assert played.sounds > 2.8 * 48_000


# -- damage


async def test_what_is_damaged_costs_itself_and_is_told_once(tmp_path: Path) -> None:
    dice = random.Random(7)
    data = bytearray(write_clip(tmp_path / "whole.ts", 3.0).read_bytes())
    for begin in range(4_000, len(data) - 2_000, 2_000):
        data[begin + dice.randrange(2_000)] ^= 0xFF

    async with playing(written(tmp_path / "damaged.ts", bytes(data))) as played:
        await played.ended()

    assert played.ends == [None]
    assert len(played.frames) > 60
    assert played.sounds > 1.5 * 48_000
    assert [text for text in played.told if "is damaged in places" in text] == played.told
    assert len(played.told) == 1


async def test_what_cannot_be_read_in_the_middle_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    failures = iter([av.error.InvalidDataError(0, "damaged")] * 3)

    class Interrupted:
        """A film that cannot be read after its tenth packet, three times, and goes on behind that."""

        def __init__(self, inner: Any) -> None:
            self._inner = inner
            self.format, self.streams, self.close = inner.format, inner.streams, inner.close

        def demux(self, *streams: Any) -> Iterator[Any]:
            for number, packet in enumerate(self._inner.demux(*streams)):
                yield packet
                if number >= 10 and (failure := next(failures, None)):
                    raise failure

    path = written(tmp_path / "film.ts", film(greys(range(20, 220, 5)), "mpegts"))
    monkeypatch.setattr(file_source, "_open", lambda url: Interrupted(av.open(url)))

    async with playing(path) as played:
        await played.ended()

    assert next(failures, None) is None
    assert played.ends == [None]
    assert len(played.frames) >= 38
    assert ["is damaged in places" in text for text in played.told] == [True]


async def test_a_damaged_length_that_asks_for_all_memory_is_passed_over(tmp_path: Path) -> None:
    data = bytearray(film(greys(range(20, 220, 5)), "ivf", codec="libvpx"))
    # Each picture has its length in front of it (IVF: a header of 32 bytes, then 12 before each).
    at = 32
    for _ in range(10):
        at += 12 + int.from_bytes(data[at : at + 4], "little")
    data[at : at + 4] = (0x8000_0000).to_bytes(4, "little")

    async with playing(written(tmp_path / "damaged.ivf", bytes(data))) as played:
        await played.ended()

    assert played.ends == [None]
    assert len(played.frames) >= 10
    assert ["is damaged in places" in text for text in played.told] == [True]


class BrokenFile:
    """What FFmpeg opens but cannot read."""

    def __init__(self) -> None:
        self.format = SimpleNamespace(name="matroska", flags=0)
        self.streams = SimpleNamespace(video=(SimpleNamespace(thread_type=""),), audio=())

    def demux(self, *_: object) -> Iterator[Any]:
        raise av.error.InvalidDataError(0, "damaged")
        yield

    def close(self) -> None:
        pass


async def test_a_file_that_cannot_be_read_ends(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(file_source, "_open", lambda _url: BrokenFile())

    async with playing(tmp_path / "broken.mkv", loop=True) as played:
        await played.ended()

    assert played.ends == ["The source stopped: nothing in it could be decoded."]


async def test_sound_that_is_another_kind_midway_is_played_to_its_end(tmp_path: Path) -> None:
    parts = [sound(44_100, "mono"), sound(48_000, "stereo"), sound(22_050, "mono")]
    path = written(tmp_path / "changes.aac", b"".join(parts))

    async with playing(path) as played:
        await played.ended()

    assert played.ends == [None]
    assert played.sounds == pytest.approx(3 * 0.5 * 48_000, rel=0.15)
    assert {block.samples for block in played.blocks[:-1]} == {960}


def sound(rate: int, layout: str) -> bytes:
    """Return half a second of sound as broadcasts have it."""
    file = io.BytesIO()
    with av.open(file, "w", format="adts") as out:
        stream: Any = out.add_stream("aac", rate=rate, layout=layout)
        for number in range(10):
            block = tone(rate // 20, rate, layout, "fltp")
            block.pts = number * (rate // 20)
            out.mux(stream.encode(block))
        out.mux(stream.encode(None))
    return file.getvalue()


# -- stills, and what begins anew


@pytest.mark.parametrize("kind", ["jpg", "png", "webp"])
async def test_a_photo_stays_and_is_upright(tmp_path: Path, kind: str) -> None:
    async with playing(written(tmp_path / f"photo.{kind}", still(kind, quarters(), 6))) as played:
        await wait_for(lambda: len(played.frames) >= 3)

    assert played.ends == []
    assert all(seen_quarters(rgb_of(frame)) == [2, 0, 3, 1] for _, frame in played.frames)
    assert len({id(frame) for _, frame in played.frames}) == len(played.frames)


def moving_picture(path: Path, repeats: str) -> Path:
    data = film(
        greys([0, 128, 255]), "gif", codec="gif", pixels="gray", rate=20, muxer_options={"loop": repeats}
    )
    return written(path, data)


async def test_a_moving_picture_goes_on_as_in_a_browser(tmp_path: Path) -> None:
    async with playing(moving_picture(tmp_path / "forever.gif", "0")) as played:
        await wait_for(lambda: len(played.frames) >= 9)

    assert played.ends == []
    assert [round(level / 128) for level in played.levels[:9]] == [0, 1, 2] * 3


async def test_a_moving_picture_that_moves_once_stays_as_it_ends(tmp_path: Path) -> None:
    async with playing(moving_picture(tmp_path / "once.gif", "-1")) as played:
        await wait_for(lambda: len(played.frames) >= 5)

    assert played.ends == []
    assert [round(level / 128) for level in played.levels[:5]] == [0, 1, 2, 2, 2]


async def test_a_film_that_goes_on_begins_anew_without_a_gap(tmp_path: Path) -> None:
    async with playing(write_clip(tmp_path / "clip.mp4", 0.4), loop=True) as played:
        await wait_for(lambda: len(played.frames) >= 25)

    assert played.ends == []
    assert played.told == []
    assert played.seconds > 0.8
    assert played.sounds > 0.8 * 48_000


async def test_a_film_that_is_gone_when_it_is_to_begin_anew_ends(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", 0.4)
    async with playing(clip, loop=True) as played:
        await wait_for(lambda: played.frames != [])
        clip.unlink()
        await played.ended()

    assert "cannot be opened" in str(played.ends[0])


async def test_a_film_ends_and_is_as_it_was(tmp_path: Path) -> None:
    async with playing(write_clip(tmp_path / "clip.mp4", 0.4)) as played:
        await played.ended()

    assert played.ends == [None]
    assert len(played.frames) == 10
    assert np.abs(np.array(played.levels) - 200).max() < 4
