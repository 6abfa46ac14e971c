"""Traces of a hundred thousand events."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from rtc_widget.trace import Trace
from tests.support.traces import long_trace

if TYPE_CHECKING:
    from pathlib import Path


def test_a_hundred_thousand_events_load(tmp_path: Path) -> None:
    path = long_trace(100_000).save(tmp_path / "long.jsonl")

    trace = Trace.load(path)

    assert len(trace) >= 100_000
    ET.fromstring(trace.diagram().svg)
