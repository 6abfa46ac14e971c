"""Relays as processes: the user's own, in a runtime directory of the test's, and services."""

from __future__ import annotations

import subprocess
import sys
import uuid
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.support.processes import end_processes, marked_processes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MARK = "RTC_WIDGET_TEST_RELAY"


@pytest.fixture
def relays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_leaks: None
) -> Iterator[Callable[[], list[psutil.Process]]]:
    """Give the test a Jupyter runtime directory of its own; list the relay processes that it started."""
    mark = uuid.uuid4().hex
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv(MARK, mark)

    def running() -> list[psutil.Process]:
        return [
            process for process in marked_processes(MARK, mark) if "rtc_widget.relay" in process.cmdline()
        ]

    yield running
    end_processes(marked_processes(MARK, mark))


def run_service(*arguments: str) -> subprocess.Popen[str]:
    """Start a relay as a service."""
    return subprocess.Popen(
        [sys.executable, "-m", "rtc_widget.relay", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
