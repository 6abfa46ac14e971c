"""What README and documentation show as code: all of it is what a type checker accepts, and what needs no browser runs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from rtc_widget import Recording, Trace
from tests.support.golden import FOLDER

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
# What a block takes for granted: the reader knows it from the page.
GIVEN = """
from __future__ import annotations
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
import numpy as np
import numpy.typing as npt
from rtc_widget import HomeRouters, Peer, Recording, Relay, RoomWidget, Trace, check, doctor
Picture = npt.NDArray[np.uint8]
c: Any  # a program's own, in its configuration
room: RoomWidget
bot: Peer
recording: Recording
trace: Trace
class Described:
    sdp: str
offer: Described
answer: Described
array: Picture
samples: npt.NDArray[np.float32]
edges: Callable[[Picture], Picture]
generator: Callable[[], Iterator[Picture]]
"""


def blocks(page: Path) -> list[str]:
    """Return a page's blocks of Python."""
    return re.findall(r"^```python\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def test_a_type_checker_finds_nothing_wrong_in_any_block(tmp_path: Path) -> None:
    found = {"_".join(page.relative_to(ROOT).with_suffix("").parts): blocks(page) for page in PAGES}
    assert sum(map(len, found.values())) > 8
    for name, code in found.items():
        functions = [
            f"async def block_{number}() -> None:\n{textwrap.indent(block, '    ')}"
            for number, block in enumerate(code)
        ]
        (tmp_path / f"{name.replace('-', '_')}.py").write_text("\n".join([GIVEN, *functions]))

    # With the options, and so with the cache, of `make check`.
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", *tmp_path.glob("*.py")], cwd=ROOT, capture_output=True, text=True
    )

    assert checked.returncode == 0, checked.stdout


def run(page: str, number: int, given: dict[str, Any]) -> None:
    code = blocks(ROOT / page)[number]
    exec(compile(code, page, "exec"), given)


def test_the_block_about_traces_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Recording.open(FOLDER / "lesson.rtcw.zip") as recording:
        run("docs/trace.md", 0, {"room": recording, "Trace": Trace})

    assert {path.name for path in tmp_path.iterdir()} >= {"call.svg", "call.jsonl"}


def test_the_block_about_a_relay_of_ones_own_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "relay.secret").write_text("a secret of the tests that is long enough")

    run("docs/relay.md", 0, {})


def test_what_is_done_with_a_recording_afterwards_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(FOLDER / "lesson.rtcw.zip", tmp_path / "lesson3.rtcw.zip")

    run("docs/recording.md", 1, {"Recording": Recording})

    assert {path.name for path in tmp_path.iterdir()} >= {"lesson3.mp4", "lesson3.html"}
