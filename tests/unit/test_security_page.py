"""What SECURITY.md claims is tested by the tests that it names."""

from __future__ import annotations

import re
from pathlib import Path

from rtc_widget import Peer, RoomWidget

ROOT = Path(__file__).parents[2]
FUNCTION = re.compile(r"^(?:async )?def (\w+)", re.MULTILINE)
NAMED = re.compile(r"`([a-z_/]+\.py)::(test_[a-z0-9_]+)`")
# Of JavaScript a file, or a test in it: its name is a sentence.
NAMED_JS = re.compile(r"`(js/[^`:]+)(?:::([^`]+))?`")
SENTENCE = re.compile(r"^\s*(?:it|test)(?:\.\w+\([^\n]*\))?\(\s*([\"'`])(.+?)\1,", re.MULTILINE)


def test_each_test_that_the_page_names_exists() -> None:
    named = NAMED.findall((ROOT / "SECURITY.md").read_text("utf-8"))
    assert len(named) > 20

    tests = {file: FUNCTION.findall((ROOT / "tests" / file).read_text("utf-8")) for file, _test in named}
    assert [f"{file}::{test}" for file, test in named if test not in tests[file]] == []


def test_each_test_of_the_pages_that_the_page_names_exists() -> None:
    named = NAMED_JS.findall((ROOT / "SECURITY.md").read_text("utf-8"))
    assert len(named) > 1
    assert any(test for _file, test in named)

    def has(file: str, test: str) -> bool:
        path = ROOT / file
        if not (path.is_file() and re.search(r"\.test\.m?[tj]s$", file)):
            return False
        return not test or test in (match[2] for match in SENTENCE.finditer(path.read_text("utf-8")))

    assert [f"{file}::{test}" for file, test in named if not has(file, test)] == []


def test_each_threat_has_a_test() -> None:
    page = (ROOT / "SECURITY.md").read_text("utf-8")
    table = page.split("## What protects")[1].split("## What does not")[0]
    rows = [line for line in table.splitlines() if line.startswith("|")][2:]

    assert [row for row in rows if not NAMED.search(row) and not NAMED_JS.search(row)] == []


def test_who_records_reads_that_the_relay_s_owner_can_read_it() -> None:
    for owner in (Peer, RoomWidget):
        assert "through the relay, whose owner can read" in " ".join((owner.record.__doc__ or "").split())
    page = " ".join((ROOT / "SECURITY.md").read_text("utf-8").split())
    [paragraph] = re.findall(r"Signaling goes through the relay, whose owner can read it.*?`https://`", page)
    assert "**So do recordings**" in paragraph
    assert "sends its own part through the relay" in paragraph
