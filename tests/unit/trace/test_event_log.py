"""Integers that no float can hold: JSON has them, and they cost only the field that they are in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.protocol.validate import check
from rtc_widget.recording import json_lines
from rtc_widget.recording.capture.event_filter import EventFilter
from rtc_widget.recording.finalize.event_log import plausible
from rtc_widget.trace.event_log import EventLog
from rtc_widget.trace.events import Event
from rtc_widget.trace.io.values import moment
from rtc_widget.trace.trace import Trace

if TYPE_CHECKING:
    from pathlib import Path

LONG = 10**400
GOOD = {"type": "state", "at": 2.0, "name": "connection_state", "value": "connected"}


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "pair", "at": 1.0, "rtt": LONG},
        {"type": "pair", "at": 1.0, "pairs": [{"rtt": LONG, "nominated": True}]},
        {"type": "stats", "at": 1.0, "rtt": LONG},
        {"type": "state", "at": LONG},
        {"type": "clock", "at": 1.0, "offset": LONG, "error": 1},
        {"type": "clock", "at": 1.0, "offset": 1, "error": -LONG},
    ],
)
def test_in_a_report_it_costs_its_field(entry: dict[str, Any]) -> None:
    log = EventLog("demo")
    report = check("report", json.loads(json.dumps({"roomId": "demo", "entries": [entry, GOOD]})))

    log.apply("report", {**report, "from": "a1"})

    events = [*log.trace(), *log.stats()]
    assert "connected" in [event.data.get("value") for event in events]
    assert str(LONG) not in str([event.data for event in events])


def test_in_a_recording_it_costs_its_field(tmp_path: Path) -> None:
    entries = [{"type": "pair", "at": 1.0, "rtt": LONG}, GOOD]
    heard = EventFilter(private=True).event("report", {"from": "a1", "entries": entries})
    path = tmp_path / "heard.jsonl"
    path.write_text(json.dumps({"event": "report", "payload": heard}) + "\n")
    log = EventLog("demo")
    problems: list[str] = []

    lines = json_lines.read_file(path, problems, lambda line: log.apply(line["event"], line["payload"]))

    assert len([*lines]) == 1
    assert problems == []
    assert [(event.type, "rtt" in event.data) for event in log.trace()] == [("pair", False), ("state", False)]


def test_it_is_no_time() -> None:
    for value in (LONG, -LONG, True):
        with pytest.raises(ValueError, match="no time"):
            moment(value)
    problems: list[str] = []
    assert len(plausible(Trace([Event(LONG, "a1", "join")], names={}), problems)) == 0
    assert "1 events have an impossible time" in problems[0]
