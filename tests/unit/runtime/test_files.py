"""Files that appear complete or not at all, under names that nobody knows beforehand."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rtc_widget.runtime.files import PRIVATE_FILE, SHARED_FILE, private_opener, replacing

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def umask() -> Iterator[None]:
    """The umask that most users have."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize(("asked", "mode"), [(PRIVATE_FILE, 0o600), (SHARED_FILE, 0o644)])
def test_the_file_has_its_mode_from_its_first_byte_on(tmp_path: Path, asked: int, mode: int) -> None:
    with replacing(tmp_path / "page.html", asked) as file:
        assert mode_of(Path(file.name)) == mode
        file.write(b"new")

    assert mode_of(tmp_path / "page.html") == mode


def test_it_is_beside_the_path_under_another_name_each_time(tmp_path: Path) -> None:
    names = set()
    for _ in range(3):
        with replacing(tmp_path / "lesson.MP4", SHARED_FILE) as file:
            names.add(Path(file.name).name)
            assert Path(file.name).parent == tmp_path

    assert len(names) == 3
    assert {Path(name).suffix for name in names} == {".mp4"}
    assert [path.name for path in tmp_path.iterdir()] == ["lesson.MP4"]


def test_a_path_as_long_as_names_can_be_is_written(tmp_path: Path) -> None:
    path = tmp_path / f"{'a' * 250}.html"
    with replacing(path, SHARED_FILE) as file:
        file.write(b"new")

    assert path.read_bytes() == b"new"


def test_after_an_error_the_old_file_is_there_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(b"old")
    with pytest.raises(TypeError), replacing(tmp_path / "page.html", SHARED_FILE) as file:
        file.writelines([b"half", None])  # type: ignore[list-item]

    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    assert (tmp_path / "page.html").read_bytes() == b"old"


def test_a_link_at_the_path_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"precious")
    (tmp_path / "page.html").symlink_to(tmp_path / "victim")
    with replacing(tmp_path / "page.html", SHARED_FILE) as file:
        file.write(b"new")

    assert (tmp_path / "victim").read_bytes() == b"precious"
    assert not (tmp_path / "page.html").is_symlink()


@pytest.mark.usefixtures("umask")
def test_what_is_added_to_is_private_and_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "victim")
    with open(tmp_path / "own", "a", opener=private_opener) as file:
        file.write("mine")
    with pytest.raises(OSError, match="link"), open(tmp_path / "link", "a", opener=private_opener):
        pass

    assert mode_of(tmp_path / "own") == 0o600
    assert not (tmp_path / "victim").exists()
