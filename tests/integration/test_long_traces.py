"""Traces and dumps of a hundred thousand events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from rtc_widget.trace import Trace
from tests.support.traces import candidate, long_trace

if TYPE_CHECKING:
    from pathlib import Path


def test_a_hundred_thousand_events_load(tmp_path: Path) -> None:
    path = long_trace(100_000).save(tmp_path / "long.jsonl")

    trace = Trace.load(path)

    assert len(trace) >= 100_000
    ET.fromstring(trace.diagram().svg)


def test_a_dump_of_a_hundred_thousand_rows_is_read(tmp_path: Path) -> None:
    found = {"candidate": candidate("srflx"), "sdpMid": "0", "sdpMLineIndex": 0}
    rows = (["getStats" if n % 10 else "onicecandidate", "A", found, 1.7e12 + n] for n in range(100_000))
    path = tmp_path / "dump"
    path.write_text("\n".join(map(json.dumps, rows)))

    assert len(Trace.load(path)) >= 10_000
