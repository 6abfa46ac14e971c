"""Paths that users give: what is not there, or cannot be, is said in one sentence, from every function that takes one."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.runtime.paths import check_path
from rtc_widget.trace.trace import Trace
from tests.support.traces import call

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

USERS: dict[str, Callable[[Any], object]] = {
    "load": Trace.load,
    "save": lambda path: call().trace.save(path),
    "diagram": lambda path: call().trace.diagram().save(path),
}


@pytest.mark.parametrize("use", USERS.values(), ids=USERS)
@pytest.mark.parametrize("path", [None, 3, b"a.svg", "", "..", "a\0.svg", "x" * 300 + ".svg"], ids=str)
def test_what_cannot_be_a_path_is_refused(use: Callable[[Any], object], path: object) -> None:
    with pytest.raises(InvalidArgumentError, match="path must ") as caught:
        use(path)

    assert caught.value.code == "bad_argument"


@pytest.mark.parametrize(
    ("use", "code", "verb"),
    [("load", "bad_trace", "read"), ("save", "bad_argument", "write"), ("diagram", "bad_argument", "write")],
)
def test_a_folder_that_is_not_there_is_named_and_no_line_of_ours_is_shown(
    tmp_path: Path, use: str, code: str, verb: str
) -> None:
    path = tmp_path / "nowhere" / "call.svg"

    with pytest.raises(InvalidArgumentError) as caught:
        USERS[use](path)

    assert caught.value.message == f"Cannot {verb} {str(path)!r}: No such file or directory."
    assert caught.value.code == code
    # Otherwise a notebook would show the operating system's error first, with lines of this package.
    assert "FileNotFoundError" not in "".join(traceback.format_exception(caught.value))


def test_a_folder_is_no_trace(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgumentError, match="Is a directory"):
        Trace.load(tmp_path)


def test_a_path_is_absolute_and_does_not_move_with_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert check_path("A trace's path", "a.jsonl") == tmp_path / "a.jsonl"
