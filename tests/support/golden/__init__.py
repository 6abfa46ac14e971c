"""What users saw when these files were written, and a comparison with what they see now.

``GOLDEN=update python -m pytest tests/unit/test_golden_api.py`` writes the files anew; nothing else does.
"""

from __future__ import annotations

import difflib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parents[2] / "golden"
_ABSENT = object()


def updating() -> bool:
    """Tell whether the files are to be written anew, as only a person asks for."""
    return os.environ.get("GOLDEN") == "update"


def kept(name: str, section: str | None = None) -> Any:
    """Return what is in a file, or in one section of it; None when it is not there."""
    path = FOLDER / f"{name}.json"
    content = json.loads(path.read_text("utf-8")) if path.exists() else None
    return content if section is None or content is None else content.get(section)


def keep(name: str, value: Any, section: str | None = None) -> None:
    """Write a file, or one section of it."""
    content = value if section is None else {**(kept(name) or {}), section: value}
    (FOLDER / f"{name}.json").write_text(_text(content) + "\n", "utf-8")


def agrees(name: str, found: Any, section: str | None = None) -> None:
    """Fail with the difference unless what was found is what is kept."""
    found = json.loads(_text(found))  # a tuple is a list there
    if updating():
        keep(name, found, section)
        return
    before = kept(name, section)
    if before == found:
        return
    where = f"tests/golden/{name}.json" + (f" [{section}]" if section else "")
    pytest.fail("\n".join([f"not what {where} says:", *_differences(before, found, ())]), pytrace=False)


def _differences(before: Any, now: Any, path: tuple[str, ...]) -> Iterator[str]:
    """Yield what is gone, new and changed, each with the way to it."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in sorted(before.keys() | now.keys()):
            if before.get(key, _ABSENT) != now.get(key, _ABSENT):
                yield from _differences(before.get(key, _ABSENT), now.get(key, _ABSENT), (*path, key))
        return
    place = " / ".join(path)
    if before is _ABSENT or now is _ABSENT:
        told = _text(now if before is _ABSENT else before)
        yield f"{'new' if before is _ABSENT else 'gone'}: {place}: {told if len(told) < 400 else told[:400] + '…'}"
    elif isinstance(before, list) and isinstance(now, list):
        yield f"changed: {place}"
        yield from difflib.unified_diff(
            _text(before).splitlines(), _text(now).splitlines(), "was", "now", lineterm="", n=2
        )
    else:
        yield f"changed: {place}\n    was {_text(before)}\n    now {_text(now)}"


def _text(value: Any) -> str:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False)
