"""What SECURITY.md claims is tested by the tests that it names."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`([a-z_/]+\.py)::(test_[a-z0-9_]+)`")


def test_each_test_that_the_page_names_exists() -> None:
    named = NAMED.findall((ROOT / "SECURITY.md").read_text("utf-8"))
    assert len(named) > 20

    missing = []
    for file, test in named:
        tree = ast.parse((ROOT / "tests" / file).read_text("utf-8"))
        functions = ast.FunctionDef | ast.AsyncFunctionDef
        if test not in {node.name for node in tree.body if isinstance(node, functions)}:
            missing.append(f"{file}::{test}")
    assert missing == []


def test_each_threat_has_a_test() -> None:
    page = (ROOT / "SECURITY.md").read_text("utf-8")
    table = page.split("## What protects")[1].split("## What does not")[0]
    rows = [line for line in table.splitlines() if line.startswith("|")][2:]

    assert [row for row in rows if not NAMED.search(row)] == []
