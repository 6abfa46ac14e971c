"""Exercises are judged at once: what a moment is waited for is tested where `check` is."""

from __future__ import annotations

import pytest

from rtc_widget.teaching import check as checking


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "_PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(checking, "_LASTING_SECONDS", 0.0)
