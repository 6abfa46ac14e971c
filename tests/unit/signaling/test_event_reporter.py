"""What a peer reports: one message of a burst, and nothing lost with a path."""

from __future__ import annotations

from typing import Any

import pytest

from rtc_widget.protocol.limits import LIMITS
from rtc_widget.signaling import event_reporter
from rtc_widget.signaling.event_reporter import EventReporter
from tests.support.fakes import FakeClient
from tests.support.waiting import wait_for


class Wire:
    """Takes reports while there is a path."""

    def __init__(self) -> None:
        self.is_there = True
        self.sent: list[list[dict[str, Any]]] = []

    def send(self, entries: list[dict[str, Any]]) -> bool:
        if self.is_there:
            self.sent.append(list(entries))
        return self.is_there

    @property
    def numbers(self) -> list[int]:
        """The entries that have come, in their order."""
        return [entry["n"] for part in self.sent for entry in part]


async def test_a_burst_is_one_message_a_moment_later() -> None:
    wire = Wire()
    reports = EventReporter(wire.send)
    for number in range(5):
        reports.add({"n": number})
    assert wire.sent == []

    await wait_for(lambda: wire.sent, 10)

    assert [[entry["n"] for entry in part] for part in wire.sent] == [[0, 1, 2, 3, 4]]


async def test_an_entry_has_happened_now_unless_it_says_when(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_reporter, "now", lambda: 7.0)
    wire = Wire()
    reports = EventReporter(wire.send)
    reports.add({"n": 1})
    reports.add({"n": 2, "at": 3.0})
    reports.add({"n": 3, "duration": 2.5})
    reports.flush()

    assert wire.sent == [[{"at": 7.0, "n": 1}, {"at": 3.0, "n": 2}, {"at": 4.5, "n": 3, "duration": 2.5}]]


async def test_what_was_gathered_without_a_path_is_sent_with_the_next_one() -> None:
    wire = Wire()
    wire.is_there = False
    reports = EventReporter(wire.send)
    reports.add({"n": 1})
    reports.flush()

    wire.is_there = True
    reports.flush()

    assert wire.numbers == [1]
    reports.flush()
    assert len(wire.sent) == 1


async def test_a_report_is_no_longer_than_the_relay_takes() -> None:
    wire = Wire()
    reports = EventReporter(wire.send)
    for number in range(LIMITS["report_entries"] + 1):
        reports.add({"n": number})
    reports.flush()

    assert [len(part) for part in wire.sent] == [LIMITS["report_entries"], 1]
    assert wire.numbers == list(range(LIMITS["report_entries"] + 1))


async def test_of_too_much_that_waits_the_oldest_goes() -> None:
    wire = Wire()
    wire.is_there = False
    reports = EventReporter(wire.send)
    for number in range(LIMITS["queued_reports"] + 10):
        reports.add({"n": number})

    wire.is_there = True
    reports.flush()

    assert wire.numbers == list(range(10, LIMITS["queued_reports"] + 10))


async def test_the_clock_is_compared_over_the_present_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    from rtc_widget.signaling import clock_sync

    monkeypatch.setattr(clock_sync, "_FIRST_SECONDS", 0.001)
    wire, first, second = Wire(), FakeClient(), FakeClient({"clock": {"ok": True, "time": 0.0}})
    reports = EventReporter(wire.send)
    reports.use(first.as_client)
    reports.use(second.as_client)

    await wait_for(lambda: wire.sent, 10)
    await reports.close()

    assert wire.sent[0][0]["type"] == "clock"
    assert first.sent == []


async def test_a_closed_reporter_sends_nothing_more() -> None:
    wire = Wire()
    reports = EventReporter(wire.send)
    reports.add({"n": 1})

    await reports.close()

    assert reports._timer is None
    assert wire.sent == []
