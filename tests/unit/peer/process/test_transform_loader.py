"""Functions that the media process loads, with the code that their modules have now."""

from __future__ import annotations

import itertools
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.peer.process.transform_loader import TransformLoader

Answer = Callable[[], Any]


class Kernel:
    """The user's folder, and what the kernel sends of a function in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._times = itertools.count(1_000_000_000)

    def write(self, module: str, text: str) -> None:
        file = self.folder / f"{module}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        # Python keeps bytecode by the second, and this test is faster.
        os.utime(file, (time := next(self._times), time))

    def hand_over(self, module: str, name: str = "answer") -> bytes:
        # As pickle writes a function: nothing but its names.
        function = f"c{module}\n{name}\n.".encode()
        return pickle.dumps(([str(self.folder)], module, str(self.folder / f"{module}.py"), function))


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield Kernel(tmp_path / "lesson")
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_a_function_of_a_module_that_was_edited_runs_as_it_is_now(kernel: Kernel) -> None:
    loader = TransformLoader()
    kernel.write("filters_a", "def answer():\n    return 'old'\n")
    old: Any = loader.load(kernel.hand_over("filters_a"))
    kernel.write("filters_a", "def answer():\n    return 'new'\n")

    new: Any = loader.load(kernel.hand_over("filters_a"))

    assert new() == "new"
    assert old() == "old"  # one that still runs is not changed under its feet


def test_what_a_function_calls_is_new_too(kernel: Kernel) -> None:
    loader = TransformLoader()
    kernel.write("filters_b", "from helpers_b import help\ndef answer():\n    return help()\n")
    kernel.write("helpers_b", "LEVEL = 1\ndef help():\n    return LEVEL\n")
    loader.load(kernel.hand_over("filters_b"))
    kernel.write("helpers_b", "LEVEL = 2\ndef help():\n    return LEVEL\n")

    new: Any = loader.load(kernel.hand_over("filters_b"))

    assert new() == 2


def test_what_a_function_imports_only_when_it_runs_is_new_too(kernel: Kernel) -> None:
    loader = TransformLoader()
    kernel.write("filters_c", "def answer():\n    import helpers_c\n    return helpers_c.LEVEL\n")
    kernel.write("helpers_c", "LEVEL = 1\n")
    old: Any = loader.load(kernel.hand_over("filters_c"))
    assert old() == 1
    kernel.write("helpers_c", "LEVEL = 2\n")

    new: Any = loader.load(kernel.hand_over("filters_c"))

    assert new() == 2


def test_a_module_that_nobody_edited_keeps_what_it_holds(kernel: Kernel) -> None:
    loader = TransformLoader()
    kernel.write("filters_d", "seen = []\ndef answer():\n    seen.append(1)\n    return len(seen)\n")
    first: Any = loader.load(kernel.hand_over("filters_d"))
    assert first() == 1

    again: Any = loader.load(kernel.hand_over("filters_d"))

    assert again() == 2


def test_a_module_of_the_same_name_in_another_folder_is_another(kernel: Kernel, tmp_path: Path) -> None:
    loader = TransformLoader()
    kernel.write("solution", "def answer():\n    return 'lesson'\n")
    loader.load(kernel.hand_over("solution"))
    kernel.folder = tmp_path / "next lesson"
    kernel.write("solution", "def answer():\n    return 'next lesson'\n")

    new: Any = loader.load(kernel.hand_over("solution"))

    assert new() == "next lesson"


def test_a_module_that_is_another_one_here_is_refused(kernel: Kernel) -> None:
    kernel.write("colorsys", "def rgb_to_hls(*rgb):\n    return rgb\n")

    with pytest.raises(
        InvalidArgumentError, match=r"the module 'colorsys' is .*python3.*give it another name"
    ):
        TransformLoader().load(kernel.hand_over("colorsys", "rgb_to_hls"))


@pytest.mark.parametrize("text", ["def other():\n    pass\n", "def answer(:\n", "raise ValueError('mine')\n"])
def test_an_edit_that_does_not_load_is_refused_and_the_next_one_is_taken(kernel: Kernel, text: str) -> None:
    loader = TransformLoader()
    kernel.write("filters_e", "def answer():\n    return 1\n")
    loader.load(kernel.hand_over("filters_e"))
    kernel.write("filters_e", text)
    with pytest.raises(InvalidArgumentError, match="bad_transform"):
        loader.load(kernel.hand_over("filters_e"))

    kernel.write("filters_e", "def answer():\n    return 2\n")
    new: Any = loader.load(kernel.hand_over("filters_e"))

    assert new() == 2


def test_libraries_are_not_imported_again(kernel: Kernel, tmp_path: Path) -> None:
    loader = TransformLoader()
    library = Kernel(tmp_path / "site-packages")
    library.write("heavy_f", "times = []\n")
    kernel.write("filters_f", "import heavy_f\ndef answer():\n    return heavy_f\n")
    sys.path.append(str(library.folder))
    old: Any = loader.load(kernel.hand_over("filters_f"))
    kernel.write("filters_f", "import heavy_f\ndef answer():\n    return heavy_f\n")

    new: Any = loader.load(kernel.hand_over("filters_f"))

    assert new is not old
    assert new() is old()
