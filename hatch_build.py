"""Build the front end when a wheel is made from a checkout that has not built it yet."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FrontEndHook(BuildHookInterface):  # type: ignore[type-arg]
    """Run ``npm ci && npm run build`` once, so that ``pip install .`` works from a clean clone."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build ``rtc_widget/static`` unless it is there (an sdist carries it)."""
        root = Path(self.root)
        built = [
            root / "rtc_widget" / "static" / f"{name}.js"
            for name in ("widget", "preflight", "replay", "join", "room-link")
        ]
        if version == "editable" or all(file.exists() for file in built):
            return
        npm = shutil.which("npm")
        if npm is None:
            msg = (
                "rtc_widget's front end is not built and npm is not installed. Install Node.js 20 or newer, "
                "or install the released wheel: pip install rtc-widget"
            )
            raise RuntimeError(msg)
        for command in (["ci"], ["run", "build"]):
            subprocess.run([npm, *command], cwd=root / "js", check=True)  # noqa: S603
