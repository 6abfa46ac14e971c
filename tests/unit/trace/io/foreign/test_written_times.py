"""Times that browsers of all languages once wrote into their dumps."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.trace import Trace
from rtc_widget.trace.io.foreign.written_times import WrittenTimes

if TYPE_CHECKING:
    from pathlib import Path

AFTERNOON = datetime(2025, 7, 14, 15, 12, 1, tzinfo=UTC).timestamp()


def dump(path: Path, *times: Any) -> Trace:
    log = [{"type": "create", "value": "", **({} if time is None else {"time": time})} for time in times]
    path.write_text(json.dumps({"PeerConnections": {"8-1": {"updateLog": log}}}), "utf-8")
    return Trace.load(path)


@pytest.mark.parametrize(
    "text",
    [
        "7/14/2025, 3:12:01 PM",
        "7/14/2025, 3:12:01\u202fPM",
        "14/07/2025, 15:12:01",
        "14/07/2025 15:12:01",
        "14/07/2025, 3:12:01 pm",
        "14.7.2025, 15:12:01",
        "14.07.2025, 15:12:01",
        "14. 7. 2025 15:12:01",
        "14.7.2025 klo 15.12.01",
        "14-7-2025, 15:12:01",
        "2025-07-14, 3:12:01 p.m.",
        "2025-07-14T15:12:01Z",
        "2025/7/14 15:12:01",
        "2025/7/14 下午3:12:01",
        "2025. 7. 14. 오후 3:12:01",
        "2025. 07. 14. 15:12:01",
        "\u200e14/7/2025, 15:12:01",
        str(AFTERNOON * 1000),
    ],
)
def test_a_time_is_understood_in_whichever_language(tmp_path: Path, text: str) -> None:
    (event,) = dump(tmp_path / "dump", text)

    assert event.time == AFTERNOON


@pytest.mark.parametrize(
    ("text", "hour"), [("12:05:00 AM", 0), ("12:05:00 PM", 12), ("1:05:00 AM", 1), ("11:05:00 PM", 23)]
)
def test_twelve_is_the_hour_before_one(text: str, hour: int) -> None:
    assert datetime.fromtimestamp(WrittenTimes([]).seconds(f"7/14/2025, {text}"), UTC).hour == hour


@pytest.mark.parametrize(
    ("others", "month"),
    [
        ([], 3),
        (["30/06/2025, 15:12:01"], 7),
        (["06/30/2025, 15:12:01"], 3),
        (["30/06/2025, 15:12:01", "06/30/2025, 15:12:01"], 3),
        (["14.7.2025, 15:12:01", "soon"], 3),
    ],
)
def test_whether_the_day_or_the_month_is_first_is_told_by_the_whole_file(
    others: list[str], month: int
) -> None:
    text = "03/07/2025, 15:12:01"

    assert datetime.fromtimestamp(WrittenTimes([text, *others]).seconds(text), UTC).month == month


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "14.7.25, 15:12:01",
        "31.2.2025, 15:12:01",
        "14/14/2025, 15:12:01",
        "14.7.2025, 25:12:01",
        "7/14/2025, 15:12:01 PM",
        "14.7.2025, 3:12:01 μ.μ.",
    ],
)
def test_what_is_not_understood_is_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match=r"time|month|hour"):
        WrittenTimes([text]).seconds(text)


def test_a_time_that_could_not_be_read_is_not_said_to_be_missing(tmp_path: Path) -> None:
    known = "14.7.2025, 15:12:01"
    with pytest.warns(UserWarning, match="completely: 1x a time that could not be read, shown at"):
        dump(tmp_path / "dump", known, "tomorrow")
    with pytest.warns(UserWarning, match="completely: 1x an entry without a time, shown at"):
        dump(tmp_path / "dump", known, None)


def test_a_first_time_that_could_not_be_read_is_near_those_that_could(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="1x a time that could not be read"):
        trace = dump(tmp_path / "dump", "tomorrow", "14.7.2025, 15:12:01")

    assert [event.time for event in trace] == [AFTERNOON, AFTERNOON]
