"""Media that are made to fit: they do, a notebook says how far it is, and it ends when nobody waits any more."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from itertools import count
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest

from rtc_widget import Recording
from rtc_widget.recording import progress
from rtc_widget.recording.export import shrink
from rtc_widget.recording.finalize.finalize import finish
from rtc_widget.recording.progress import ProgressDisplay
from tests.support.staging_folders import ADA, BOB, Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MINUTE = 60.0


class Notebook:
    """Remembers what is shown under the cell, and by which thread; the clock is its own."""

    def __init__(self) -> None:
        self.now = 0.0
        self.session: str | None = "s1"
        self.shown: list[tuple[str, str, bool]] = []
        self.threads: set[threading.Thread] = set()
        self.on_show: Callable[[], object] = lambda: None

    def show(self, bundle: dict[str, str], display_id: str, *, again: bool = False) -> None:
        self.shown.append((bundle["text/plain"], display_id, again))
        self.threads.add(threading.current_thread())
        self.on_show()

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Notebook:
    fake = Notebook()
    monkeypatch.setattr(progress, "show", fake.show)
    monkeypatch.setattr(progress, "executing_session", lambda: fake.session)
    monkeypatch.setattr(progress, "time", fake)
    monkeypatch.setattr(progress, "_POLL_SECONDS", 0.01)
    return fake


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recording]:
    """Ada and Bob for five seconds; Bob's camera is off at first."""
    part = Part(tmp_path_factory.mktemp("long"), "long")
    for who in (ADA, BOB):
        part.join(who)
    part.film(ADA, 0.0, 5.0)
    part.film(BOB, 0.0, 2.0, video=None)
    part.film(BOB, 2.0, 3.0, size=(160, 90))
    finish(part.path)
    with Recording.open(part.path.with_name("long")) as recording:
        yield recording


def size_of(recording: Recording) -> int:
    return sum(medium.size for medium in recording.media)


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was encoded, in words; stretches are so short that they are worth a try."""
    monkeypatch.setattr(shrink, "_STRETCH", 0.25)
    said: list[str] = []
    real = ProgressDisplay.results

    def results(self: ProgressDisplay, pool: Executor, tasks: Any, amount: float, how: str = "") -> Any:
        said.append(how)
        return real(self, pool, tasks, amount, how)

    monkeypatch.setattr(ProgressDisplay, "results", results)
    return said


# -- what fits


def test_stretches_are_tried_before_all_of_it_is_encoded(long: Recording, tries: list[str]) -> None:
    most = size_of(long) // 3
    fitted = shrink.fit(long, most)

    assert sum(len(clip.data) + len(clip.poster or b"") for clip in fitted.clips) <= most
    assert all(clip.medium.width for clip in fitted.clips)
    assert tries[0].startswith("estimating")
    assert "" in tries


def test_stretches_are_from_where_there_are_pictures(
    long: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shrink, "_STRETCH", 0.25)
    for medium in long.media:
        stretches = shrink._stretches(medium)
        assert len(stretches) == 8
        assert all(
            any(start <= first < last <= end for start, end in medium.shown) for first, last in stretches
        )
        assert list(stretches) == sorted(stretches)


def test_pictures_keep_to_their_bits_for_a_minute() -> None:
    """They come half as often as is asked for, which the encoder alone takes for half of the bits."""
    from rtc_widget.recording.export.reencode import Target, _VideoShrinker

    rng, target = np.random.default_rng(1), Target(96, 20.0, 40_000, 0)
    pictures = _VideoShrinker(target)
    noise = [rng.integers(0, 256, (64, 96, 3), np.uint8) for _ in range(16)]
    made = 0
    for number in range(int(MINUTE) * 5):
        frame = av.VideoFrame.from_ndarray(noise[number % 16], format="rgb24")
        made += sum(packet.size * 8 for packet in pictures.encode(frame, number / 5))
    made += sum(packet.size * 8 for packet in pictures.flush())

    assert 0.8 < made / MINUTE / target.video_bits < 1.1


def test_colours_stay_when_those_of_the_file_have_the_full_range() -> None:
    from rtc_widget.recording.export.reencode import Target, _VideoShrinker

    pixels = np.full((64, 96, 3), (180, 60, 120), np.uint8)
    pictures, decoder = _VideoShrinker(Target(96, 20.0, 400_000, 0)), av.CodecContext.create("vp8", "r")
    full: Any = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(
        format="yuv420p", dst_colorspace="ITU709", dst_color_range="JPEG"
    )
    made = [*pictures.encode(full, 0.0), *pictures.flush()]
    decoded: Any = next(frame for packet in made for frame in decoder.decode(packet))

    shown = decoded.reformat(
        format="rgb24", src_colorspace="ITU601", src_color_range="MPEG", dst_color_range="JPEG"
    )
    assert shown.to_ndarray().mean(axis=(0, 1)) == pytest.approx((180, 60, 120), abs=6)


# -- ending early


def test_an_interrupt_ends_the_encoders_and_closes_their_files(
    long: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, files = threading.enumerate(), []
    real, waits = long._open_medium, count()

    def opened(medium: Any) -> Any:
        files.append(real(medium))
        return files[-1]

    def interrupted(*_: Any) -> Any:
        if len(files) > len(long.media):  # the posters', and one of an encoder
            raise KeyboardInterrupt
        next(waits)
        return set(), {object()}

    monkeypatch.setattr(long, "_open_medium", opened)
    monkeypatch.setattr(progress, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        shrink.fit(long, size_of(long) // 3)

    assert threading.enumerate() == before
    assert all(file.closed for file in files)


def test_an_interrupted_export_leaves_nothing_behind(
    long: Recording, tmp_path: Path, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = threading.enumerate()

    def interrupted(*_: Any) -> Any:
        if notebook.shown:
            raise KeyboardInterrupt
        notebook.now += 5.0
        return set(), {object()}

    (tmp_path / "all.webm").write_bytes(b"before")
    monkeypatch.setattr(progress, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        long.export(tmp_path / "all.webm", fps=100, size=(640, 480))

    assert threading.enumerate() == before
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"before"]
    assert notebook.shown[-1][0] == "Making all.webm was interrupted after 5 s."


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_threads_end_soon_when_nobody_waits_any_more(
    monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    going, given_up = threading.Event(), time.monotonic() + 30

    def endless(patient: ProgressDisplay) -> str:
        while time.monotonic() < given_up:
            going.set()
            patient.advance(1.0)
        return "went on"

    def failing(*_: Any) -> Any:
        assert going.wait(30)
        raise error

    monkeypatch.setattr(progress, "wait", failing)
    with pytest.raises(error), ThreadPoolExecutor(2) as pool, ProgressDisplay("Making tea") as patient:
        patient.results(pool, [lambda: endless(patient)] * 5, 10.0)

    assert time.monotonic() < given_up


def test_what_fails_in_one_thread_ends_the_others() -> None:
    given_up = time.monotonic() + 30

    def fails() -> None:
        raise ZeroDivisionError

    with ThreadPoolExecutor(2) as pool, ProgressDisplay("Making tea") as patient:

        def endless() -> None:
            while time.monotonic() < given_up:
                patient.advance(1.0)

        with pytest.raises(ZeroDivisionError):
            patient.results(pool, [endless, fails], 10.0)

    assert time.monotonic() < given_up


# -- what is said


def made_tea(notebook: Notebook, *, seconds: float = 100.0, shown: bool = True) -> None:
    """Wait for something that says how far it is a quarter and three quarters through."""
    main = threading.Semaphore(0)
    notebook.on_show = main.release

    def task() -> str:
        for part in (0.25, 0.5):
            patient.advance(part)
            notebook.now += seconds / 2
            if shown:
                assert main.acquire(timeout=30)
        return "tea"

    with ThreadPoolExecutor(1) as pool, ProgressDisplay("Making tea") as patient:
        assert patient.results(pool, [task], 1.0) == ["tea"]


def test_a_notebook_says_how_far_it_is_in_one_line(notebook: Notebook) -> None:
    made_tea(notebook)

    texts, ids, again = zip(*notebook.shown, strict=True)
    assert texts == ("Making tea: 25 %", "Making tea: 75 %", "Making tea took 100 s.")
    assert len(set(ids)) == 1
    assert again == (False, True, True)
    assert notebook.threads == {threading.main_thread()}


def test_an_export_says_how_far_it_is(
    long: Recording, tmp_path: Path, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ProgressDisplay.advance

    def slowly(self: ProgressDisplay, amount: float) -> None:
        notebook.now += 1.0
        real(self, amount)

    monkeypatch.setattr(ProgressDisplay, "advance", slowly)
    long.export(tmp_path / "bob.mp4", "Bob", fps=5, size=(64, 64))

    assert notebook.shown[-1][0] == f"Making bob.mp4 took {notebook.now:.0f} s."
    assert all(text.startswith("Making bob.mp4") for text, _, _ in notebook.shown)


@pytest.mark.parametrize(
    ("error", "how"), [(KeyboardInterrupt, "was interrupted after 5 s."), (OSError, "failed after 5 s.")]
)
def test_an_early_end_is_said(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch, error: type[BaseException], how: str
) -> None:
    def interrupted(*_: Any) -> Any:
        if len(notebook.shown) == 1:
            raise error
        notebook.now += 5.0
        return set(), {object()}

    monkeypatch.setattr(progress, "wait", interrupted)
    with pytest.raises(error), ThreadPoolExecutor(1) as pool, ProgressDisplay("Making tea") as patient:
        patient.results(pool, [lambda: None], 1.0)

    assert [text for text, _, _ in notebook.shown] == ["Making tea: 0 %", f"Making tea {how}"]


def test_what_is_quick_says_nothing(notebook: Notebook, tmp_path: Path) -> None:
    made_tea(notebook, seconds=1.5, shown=False)
    part = Part(tmp_path, "short")
    part.join(ADA)
    part.film(ADA, 0.0, 2.0, size=(160, 120))
    finish(part.path)
    with Recording.open(tmp_path / "short") as short:
        assert "to fit" in shrink.fit(short, size_of(short) // 2).note

    assert notebook.shown == []


def test_nothing_is_said_without_a_notebook(notebook: Notebook) -> None:
    notebook.session = None
    made_tea(notebook, shown=False)

    assert notebook.shown == []
