"""The path that a recording is written to: one recording each, and nothing lost by mistake."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from filelock import FileLock

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.recording.capture.output_path import OutputPath, file_of


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "lesson.rtcw.zip"


def part_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.part")


def leave_over(file: Path) -> Path:
    """Leave an unfinished recording."""
    part_of(file).mkdir()
    (part_of(file) / "heard.jsonl").write_text("{}\n")
    return part_of(file) / "heard.jsonl"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_spelling_of_a_path_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()

    assert {
        file_of("lesson"),
        file_of("lesson.rtcw.zip"),
        file_of(Path("sub/../lesson")),
        file_of(tmp_path / "lesson"),
    } == {tmp_path.resolve() / "lesson.rtcw.zip"}


def test_a_path_is_recorded_to_once_at_a_time(file: Path) -> None:
    first = OutputPath(file, replace=False)

    for replace in (False, True):
        with pytest.raises(InvalidArgumentError, match="already being recorded") as caught:
            OutputPath(file, replace=replace)
        assert caught.value.code == "recording_failed"

    first.release()
    first.release()
    OutputPath(file, replace=False).release()
    assert names(file.parent) == []


def test_another_kernel_is_kept_out_too(file: Path) -> None:
    lock = file.with_name(f".{file.name}.lock")
    with FileLock(lock), pytest.raises(InvalidArgumentError, match="already being recorded"):
        OutputPath(file, replace=False)

    OutputPath(file, replace=False).release()


def test_the_lock_is_its_owners_alone(file: Path) -> None:
    path = OutputPath(file, replace=False)

    lock = file.with_name(f".{file.name}.lock")
    assert stat.S_IMODE(lock.stat().st_mode) == 0o600
    path.release()


@pytest.mark.parametrize(("what", "said"), [("file", "already exists"), ("part", "unfinished")])
def test_what_is_there_is_only_replaced_on_purpose(file: Path, what: str, said: str) -> None:
    if what == "file":
        file.write_bytes(b"old")
    else:
        leave_over(file)
    before = names(file.parent)

    with pytest.raises(InvalidArgumentError, match=said):
        OutputPath(file, replace=False)

    assert names(file.parent) == before
    OutputPath(file, replace=True).release()


def test_a_folder_is_never_replaced(file: Path) -> None:
    file.mkdir()

    with pytest.raises(InvalidArgumentError, match="is a folder"):
        OutputPath(file, replace=True)

    assert names(file.parent) == [file.name]


def test_what_was_to_be_replaced_comes_back_when_nothing_was_recorded(file: Path) -> None:
    leave_over(file)
    path = OutputPath(file, replace=True)
    assert not path.part.exists()
    path.part.mkdir()  # as the recording that never begins does

    path.restore()
    path.release()

    assert (path.part / "heard.jsonl").read_text() == "{}\n"
    assert names(file.parent) == [path.part.name]


def test_what_has_been_replaced_is_gone_and_not_before(file: Path) -> None:
    leave_over(file)
    path = OutputPath(file, replace=True)
    assert [name for name in names(file.parent) if name.endswith(".old")] != []

    path.discard_replaced()
    path.release()

    assert names(file.parent) == []


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    file = tmp_path / "missing" / "lesson.rtcw.zip"

    for _ in range(2):  # the first leaves nothing claimed
        with pytest.raises(InvalidArgumentError, match="Cannot write a recording to"):
            OutputPath(file, replace=False)

    assert names(tmp_path) == []
