"""Checks of what users pass to a `Peer`."""

from __future__ import annotations

import importlib
import math
import pathlib
import pickle
import sys
from enum import Enum, StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.peer.kernel.arguments import check_rate, check_source, check_transform, located, pickled


@pytest.mark.parametrize(
    "fps", [1, 0.5, 1000, np.float32(25), np.int64(30), np.array(24), Fraction(30_000, 1_001)]
)
def test_a_frame_rate_is_a_number(fps: Any) -> None:
    assert check_rate(fps) == float(fps)


@pytest.mark.parametrize(
    "fps", [0, -1, 1001, True, "30", None, math.nan, np.True_, np.array([25.0]), np.float64("inf"), 10**400]
)
def test_what_no_clock_can_keep_to_is_refused(fps: object) -> None:
    with pytest.raises(InvalidArgumentError, match="fps must be a number above 0"):
        check_rate(fps)


@pytest.mark.parametrize(
    ("kind", "given", "meant"),
    [
        ("video", True, "'pattern'"),
        ("audio", True, "'tone'"),
        ("video", False, "None"),
        ("audio", False, "None"),
    ],
)
def test_a_source_that_is_only_switched_is_told_what_there_is(kind: str, given: bool, meant: str) -> None:
    with pytest.raises(InvalidArgumentError, match=rf"not bool\. Did you mean {meant}\?"):
        check_source(kind, given)


@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        ("video", "patern", r"no file 'patern'\..*Did you mean 'pattern'\?"),
        ("audio", "Tone", r"no file 'Tone'\..*Did you mean 'tone'\?"),
        ("video", "0", "no file '0'"),
        ("video", "long" * 100, "no file 'longlong"),
        ("video", "camera", "A Peer has no camera: it sends 'pattern', a film or frames"),
        ("audio", "microphone", "A Peer has no microphone: it sends 'tone', a recording or arrays"),
    ],
)
def test_a_word_that_is_no_source_is_told_which_there_are(kind: str, given: str, said: str) -> None:
    with pytest.raises(InvalidArgumentError, match=said) as refused:
        check_source(kind, given)
    assert refused.value.code == "bad_source"


def test_a_file_may_be_called_by_a_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "camera").touch()

    for each in ("camera", "clip.mp4", "/films/clip", "avfoundation:0", Path("clip")):
        check_source("video", each)


class Older(str, Enum):  # noqa: UP042
    TONE = "tone"


@pytest.mark.parametrize("source", [Older.TONE, StrEnum("Newer", {"TONE": "tone"}).TONE], ids=repr)  # type: ignore[attr-defined]
def test_a_source_that_is_a_member_of_an_enumeration_is_the_text_that_it_is(source: Any) -> None:
    assert located(source) == "tone"
    assert type(located(source)) is str


@pytest.mark.parametrize(
    ("function", "run", "code"), [(len, "gpu", "bad_argument"), ("blur", "kernel", "bad_transform")]
)
def test_what_cannot_be_a_transform_is_refused(function: Any, run: str, code: str) -> None:
    check_transform(None, "kernel")
    check_transform(len, "peer")

    with pytest.raises(InvalidArgumentError) as refused:
        check_transform(function, run)
    assert refused.value.code == code


def test_a_function_travels_with_the_way_to_its_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lessons").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", "lessons", "__editable__.finder", *sys.path])
    monkeypatch.setattr(pathlib, "__file__", "lessons/pathlib.py")

    path, module, file, function = pickle.loads(pickled(Path.home))

    assert path[:3] == [str(tmp_path), str(tmp_path / "lessons"), "__editable__.finder"]
    assert (module, file) == ("pathlib", str(tmp_path / "lessons/pathlib.py"))
    assert pickle.loads(function) == Path.home


def test_a_function_of_before_a_reload_is_refused_with_where_the_new_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "reloaded_once.py").write_text("def blur(frame):\n    return frame\n")
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("reloaded_once")
    before = module.blur
    importlib.reload(module)

    with pytest.raises(InvalidArgumentError, match=r"pass reloaded_once\.blur as the module has it now"):
        pickled(before)


def test_what_the_other_process_cannot_load_is_refused_with_what_to_do() -> None:
    def local(frame: Any) -> Any:
        return frame

    of_the_notebook: Any = lambda frame: frame  # noqa: E731
    of_the_notebook.__module__ = "__main__"

    for function in (local, of_the_notebook):
        with pytest.raises(InvalidArgumentError, match="put it into a module"):
            pickled(function)


def test_the_kernels_folder_is_where_a_file_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clip 12:30.mp4").touch()

    assert located("clip.mp4") == str(tmp_path / "clip.mp4")
    assert located(Path("pattern")) == str(tmp_path / "pattern")
    assert located("clip 12:30.mp4") == str(tmp_path / "clip 12:30.mp4")
    assert located("~/clip.mp4") == str(Path.home() / "clip.mp4")


@pytest.mark.parametrize(
    "name", ["pattern", "tone", "https://media.example/clip.mp4", "rtsp://camera.example/1", "avfoundation:0"]
)
def test_what_is_no_file_is_named_as_it_was(name: str) -> None:
    assert located(name) == name
