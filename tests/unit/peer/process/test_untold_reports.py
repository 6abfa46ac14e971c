"""When the kernel hears what its peer reports."""

from __future__ import annotations

from typing import Any

from rtc_widget.peer.process.untold_reports import UntoldReports


def heard_of(*numbers: int) -> tuple[UntoldReports, list[dict[str, Any]], list[dict[str, Any]]]:
    """Return reports that have been sent, and what the kernel hears of them."""
    heard: list[dict[str, Any]] = []
    untold = UntoldReports(heard.append)
    reports: list[dict[str, Any]] = [{"entries": [number]} for number in numbers]
    for report in reports:
        untold.add(report)
    return untold, reports, heard


def test_a_report_is_told_once_the_relay_has_it() -> None:
    untold, reports, heard = heard_of(1, 2)
    assert heard == []

    untold.acknowledged(reports[0])

    assert heard == reports[:1]


def test_reports_are_told_in_their_order_and_once_whatever_is_acknowledged_first() -> None:
    untold, reports, heard = heard_of(1, 1, 2)

    untold.acknowledged(reports[1])
    untold.acknowledged(reports[0])

    assert heard == reports[:2]


def test_what_no_connection_can_acknowledge_any_more_is_told() -> None:
    untold, reports, heard = heard_of(1, 2)

    untold.lost()
    untold.acknowledged(reports[1])

    assert heard == reports
