"""How processes of ours are started: their module path."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from rtc_widget.runtime import child_process


def test_the_kernels_modules_are_found_behind_all_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", "/modules", Path("/more")])

    environment = child_process.environment()

    assert environment["RTC_WIDGET_MODULE_PATH"].split(os.pathsep) == [str(tmp_path), "/modules", "/more"]
    assert environment.get("PYTHONPATH") == os.environ.get("PYTHONPATH")


def test_the_module_and_its_arguments_can_be_seen_in_the_command() -> None:
    command = child_process.command("rtc_widget.relay", "--local")

    assert command[:2] == [sys.executable, "-P"]
    assert command[-2:] == ["rtc_widget.relay", "--local"]
