"""What holds for every file of the house."""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_LINES = 400
PYTHON = [path for folder in ("rtc_widget", "tests") for path in (ROOT / folder).rglob("*.py")]
STYLES = list((ROOT / "js" / "src").rglob("*.css"))
TYPESCRIPT = [path for folder in ("js/src", "js/test") for path in (ROOT / folder).rglob("*.ts")]

# Parsing all files takes longer than most of the other tests together.
IMPORT = re.compile(r"^[ \t]*(?:from|import) ([\w.]+)", re.MULTILINE)
# Of which every package or program has its own.
EVERYWHERE = {"__init__", "__main__", "conftest"}
# Names that stand several times in one language's sources, and why they mean the same.
SAME = {
    "arguments": "checks of what users pass to that part",
    "diagram": "a diagram: shown live, and in a replay",
    "errors": "codes of errors: on the wire, and what becomes of a browser's own",
    "event_log": "a room's events: as they come, and as a recording has kept them",
    "list": "a list that is drawn",
    "lobby": "what is seen before a call: in a notebook, on the join page",
    "media_process": "the media process: its wire, and the kernel's end of it",
    "notices": "what a participant is told: what to say, and how it is drawn",
    "page": "a page of HTML: of a diagram, of a replay",
    "preflight": "an entry, and what it shows",
    "recording": "an entry, and what it shows",
    "replay": "an entry, and what it shows",
    "stage": "where tiles are laid out: of a call, of a replay",
    "strings": "what is said to people: by the widget, by a replay",
    "text": "words: in sentences, and how wide they are drawn",
    "tile": "one participant's tile: of a call, of a replay",
    "trace-panel": "an entry, and what it shows",
    "types": "types of that folder",
    "view": "what is seen: of a call, of a replay",
}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_file_is_longer_than_can_be_read_at_once() -> None:
    assert PYTHON
    assert STYLES
    long = {
        name(path)
        for path in [*PYTHON, *TYPESCRIPT, *STYLES]
        if len(path.read_text("utf-8").splitlines()) > MOST_LINES
    }

    assert long == set()


def test_no_test_imports_a_test() -> None:
    imports = [
        (name(path), module)
        for path in (ROOT / "tests").rglob("*.py")
        for module in IMPORT.findall(path.read_text("utf-8"))
        if module.split(".")[0] == "tests"
    ]

    assert imports
    assert [each for each in imports if not each[1].startswith("tests.support")] == []


@pytest.mark.parametrize("sources", ["rtc_widget", "js/src", "tests/support"])
def test_no_name_of_a_file_has_two_meanings(sources: str) -> None:
    named = defaultdict(list)
    for path in [*PYTHON, *TYPESCRIPT]:
        if name(path).startswith(f"{sources}/") and path.stem not in EVERYWHERE:
            named[path.stem].append(name(path))

    assert {stem: paths for stem, paths in named.items() if len(paths) > 1 and stem not in SAME} == {}


@pytest.mark.parametrize("kind", ["unit", "integration", "browser", "notebooks"])
def test_no_two_tests_of_one_kind_have_the_same_name_unless_what_they_test_has(kind: str) -> None:
    named = defaultdict(list)
    for path in (ROOT / "tests" / kind).rglob("test_*.py"):
        named[path.stem.removeprefix("test_")].append(name(path))

    assert named
    assert {stem: paths for stem, paths in named.items() if len(paths) > 1 and stem not in SAME} == {}


def test_unit_tests_are_where_what_they_test_is() -> None:
    # Of several modules at once: golden files, strangers' and phones' files, the house itself.
    of_none = {
        *("test_golden_api", "test_golden_recording", "test_house", "test_strangers", "test_foreign"),
        *("test_linear_patterns", "test_one_bad_message", "test_filmed_upright", "test_remote_channel"),
        *(
            "test_frame_sources",
            "test_private_files",
            "test_security_page",
            "test_hostile_media",
            "test_mutated_files",
        ),
        *("test_parsers", "test_dependencies", "test_names_and_ids", "test_redaction_time"),
    }
    strangers = []
    for path in (ROOT / "tests" / "unit").rglob("test_*.py"):
        inside = path.relative_to(ROOT / "tests" / "unit")
        module = ROOT / "rtc_widget" / inside.with_name(inside.name.removeprefix("test_"))
        is_there = module.exists() or module.with_suffix("").is_dir()
        if not is_there and path.stem not in of_none:
            strangers.append(name(path))

    assert strangers == []


def test_unit_tests_start_no_process_and_open_no_socket() -> None:
    outside = {"subprocess", "socket", "multiprocessing", "tests.support.relays", "tests.support.peers"}
    for path in (ROOT / "tests" / "unit").rglob("*.py"):
        imported = {*IMPORT.findall(path.read_text("utf-8"))} & outside
        assert not imported, f"{name(path)} imports {imported}"


def test_benchmarks_and_scripts_import_what_there_is() -> None:
    # Also in the programs that they write: neither is run by any other test.
    imports = {
        (module, part.strip().partition(" as ")[0])
        for folder in ("benchmarks", "scripts")
        for path in (ROOT / folder).glob("*.py")
        for module, parts in re.findall(r"from (rtc_widget[\w.]*) import ([\w, ]+)", path.read_text("utf-8"))
        for part in parts.split(",")
    }

    assert len(imports) > 10
    missing = [
        f"{module}.{name}"
        for module, name in sorted(imports)
        if not hasattr(importlib.import_module(module), name)
        and importlib.util.find_spec(f"{module}.{name}") is None
    ]
    assert missing == []
