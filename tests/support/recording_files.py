"""Files of recordings, and changing them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def change(path: Path, name: str, edit: Callable[[bytes], bytes | None]) -> None:
    """Write a recording anew with one member changed, or left out."""
    kept = members(path)
    with zipfile.ZipFile(path, "w") as opened:
        for each, data in kept.items():
            new = edit(data) if each == name else data
            if new is not None:
                opened.writestr(each, new)


def change_manifest(path: Path, **fields: Any) -> None:
    change(path, "manifest.json", lambda data: json.dumps({**json.loads(data), **fields}).encode())


def full_disk(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")
