"""Who can read what a recording leaves, and what others can put in the way of it."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rtc_widget import InvalidArgumentError, Recording
from rtc_widget.peer.process.file_recorder import FileRecorder
from rtc_widget.recording.capture.output_path import OutputPath
from rtc_widget.recording.capture.staging_folder import StagingFolder
from rtc_widget.recording.contents import Ended
from rtc_widget.recording.finalize.finalize import finish
from tests.support.staging_folders import ADA, Part


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    """The umask that most users have."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def staged(path: Path) -> StagingFolder:
    """Return a folder with one line and one segment in it."""
    folder = StagingFolder(path, {}, 1e6, lambda _: None)
    folder.write_line("heard", {})
    folder.append("media/a1-camera-0.webm", b"pixels", lambda: None)
    return folder


def test_only_its_owner_reads_a_running_recording(tmp_path: Path) -> None:
    staged(tmp_path / "staging").close(Ended("stopped", ""))

    modes = {path.name: mode_of(path) for path in (tmp_path / "staging", *(tmp_path / "staging").rglob("*"))}
    assert modes == {
        "staging": 0o700,
        "media": 0o700,
        "manifest.json": 0o600,
        "heard.jsonl": 0o600,
        "a1-camera-0.webm": 0o600,
    }


def test_only_its_owner_reads_a_recording_or_a_trace(lesson: Recording, tmp_path: Path) -> None:
    assert mode_of(lesson.path) == 0o600
    assert mode_of(lesson.trace.save(tmp_path / "lesson.jsonl")) == 0o600


def test_a_recording_that_its_owner_has_opened_to_others_stays_so(lesson: Recording) -> None:
    lesson.path.chmod(0o664)
    lesson.chapter("Glare", 2.0)

    assert mode_of(lesson.path) == 0o664


def test_only_its_owner_reads_what_a_peer_records(tmp_path: Path) -> None:
    asyncio.run(FileRecorder(tmp_path / "ada.mp4").close())

    assert mode_of(tmp_path / "ada.mp4") == 0o600


def staged_film(folder: Path, name: str = "lesson") -> Path:
    """Return the folder of a recording of a second, which is all that is needed of one here."""
    part = Part(folder, name, seconds=1.0)
    part.join(ADA)
    part.film(ADA, 0.0, 1.0)
    return part.path


@pytest.fixture(scope="module")
def _filmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finish(staged_film(tmp_path_factory.mktemp("filmed")))


@pytest.fixture
def film(tmp_path: Path, _filmed: Path) -> Iterator[Recording]:
    """A short recording, in a file of the test's own."""
    shutil.copy(_filmed, tmp_path)
    with Recording.open(tmp_path / "lesson") as recording:
        yield recording


EXPORTS: dict[str, Callable[[Recording, Path], Path]] = {
    "page.html": lambda film, path: film.to_html(path),
    "ada.webm": lambda film, path: film.export(path, "Ada"),
    "ada.mp4": lambda film, path: film.export(path, "Ada", fps=1, size=(64, 64)),
    "calls.svg": lambda film, path: film.trace.diagram().save(path),
}


@pytest.mark.parametrize("name", EXPORTS)
def test_what_is_exported_is_for_whom_the_umask_says(film: Recording, tmp_path: Path, name: str) -> None:
    assert mode_of(EXPORTS[name](film, tmp_path / name)) == 0o644


def marked(film: Recording, path: Path) -> Path:
    """Add a chapter to the recording, which rewrites its file."""
    film.chapter("Glare", 0.5)
    return path


WRITTEN: dict[str, Callable[[Recording, Path], Path]] = {
    **EXPORTS,
    "lesson.jsonl": lambda film, path: film.trace.save(path),
    "lesson.rtcw.zip": marked,
    "again.rtcw.zip": lambda _, path: finish(staged_film(path.parent, "again")),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_nobody_knows_the_names_of_unfinished_files_beforehand(
    film: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    unfinished: list[str] = []
    replace = Path.replace

    def noting(self: Path, target: Path) -> Path:
        if target == tmp_path / name:
            unfinished.append(self.name)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", noting)
    WRITTEN[name](film, tmp_path / name)
    WRITTEN[name](film, tmp_path / name)

    assert len(set(unfinished)) == 2


def test_nobody_knows_the_names_of_unfinished_manifests_beforehand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unfinished: list[str] = []
    replace = Path.replace

    def noting(self: Path, target: Path) -> Path:
        unfinished.append(self.name)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", noting)
    staged(tmp_path / "staging").close(Ended("stopped", ""))

    assert len(set(unfinished)) >= 2


def test_a_link_in_place_of_the_lock_is_refused_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / ".lesson.rtcw.zip.lock").symlink_to(tmp_path / "victim")
    with pytest.raises(InvalidArgumentError) as caught:
        OutputPath(tmp_path / "lesson.rtcw.zip", replace=False)

    assert caught.value.code == "recording_failed"
    assert not (tmp_path / "victim").exists()
