"""Names are looked up where users give them, and nowhere else: who is meant is an id from then on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import rtc_widget

ROOT = Path(rtc_widget.__file__).parent
# Where a user's name becomes an id, or what somebody is called is shown; and whom a teacher's fault is about, by either.
LOOKED_UP = {
    "recording/read/recording_file.py",
    "relay/intercept/interceptor.py",
    "relay/intercept/signaling_messages.py",
    "room/participants.py",
}
# Rooms have no other id; a state and a file's format are no people.
NAME = re.compile(r"\.\s*name\b")
NOBODY = re.compile(r"\b(room|change|format)\.name\b")


def compared(path: Path) -> Iterator[str]:
    """Find comparisons with somebody's name that is no constant."""
    text = path.read_text("utf-8")
    # Most files have none, and parsing takes its time.
    for node in ast.walk(ast.parse(text if NAME.search(text) else "")):
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        sides += [item for side in sides if isinstance(side, ast.Tuple) for item in side.elts]
        is_name = any(isinstance(side, ast.Attribute) and side.attr == "name" for side in sides)
        is_constant = any(isinstance(side, ast.Constant | ast.JoinedStr) for side in sides)
        if is_name and not is_constant and not NOBODY.search(written := ast.unparse(node)):
            yield written


def test_people_are_compared_by_their_ids() -> None:
    found = {path.relative_to(ROOT).as_posix(): [*compared(path)] for path in ROOT.rglob("*.py")}
    assert {path for path, comparisons in found.items() if comparisons} == LOOKED_UP
