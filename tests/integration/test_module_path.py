"""Processes of ours and the user's own modules, which lie where the notebook does."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from typing import TYPE_CHECKING

from tests.support.processes import end_processes, marked_processes

if TYPE_CHECKING:
    from pathlib import Path

MARK = "RTC_WIDGET_TEST_SHADOWS"


def test_files_named_like_the_standard_librarys_are_in_nobodys_way(tmp_path: Path) -> None:
    names = (
        "random",
        "string",
        "copy",
        "queue",
        "calendar",
        "secrets",
        "socket",
        "logging",
        "numpy",
        "types",
    )
    for name in names:
        (tmp_path / f"{name}.py").write_text("print('mine')\nraise RuntimeError('mine')\n")
    (tmp_path / "clip.py").write_text("")
    program = f"""
import sys
from rtc_widget import Peer, Relay
sys.path.insert(0, {str(tmp_path)!r})
with Peer("demo", name="Ada", source="pattern") as ada, Peer("demo", name="Bob") as bob:
    bob.wait_for(lambda peer: "Ada" in peer.participants, 30)
    print(bob.frame("Ada", timeout=30).shape)
"""
    mark = uuid.uuid4().hex
    environment = {
        **os.environ,
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "HOME": str(tmp_path),
        MARK: mark,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd="/",
            env=environment,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
    finally:
        end_processes(marked_processes(MARK, mark))

    assert done.stderr == ""
    assert done.stdout == "(360, 640, 3)\n"
