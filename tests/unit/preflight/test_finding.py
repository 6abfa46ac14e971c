"""Findings: what is taken from a page, and how they read."""

from __future__ import annotations

from typing import Any

import pytest

from rtc_widget.preflight.finding import STATES, Finding, lines, read_findings, summary

GOOD = {"check": "Camera", "state": "good", "text": "It works.", "advice": ""}


@pytest.mark.parametrize("content", [None, "text", 7, {}, {"0": GOOD}])
def test_what_is_no_list_has_no_findings(content: Any) -> None:
    assert read_findings(content) == ()


def test_what_is_no_finding_is_left_out() -> None:
    content = [
        *(None, "text", [], {}, {**GOOD, "state": "excellent"}, {**GOOD, "state": None}),
        *({**GOOD, "text": None}, {**GOOD, "check": 7}, {**GOOD, "advice": {}}),
        GOOD,
        {key: value for key, value in GOOD.items() if key != "advice"},
    ]

    assert read_findings(content) == (Finding("Camera", "good", "It works."),) * 2


def test_a_page_cannot_fill_the_report() -> None:
    found = read_findings([{**GOOD, "text": "x" * 5_000}] * 500)

    assert len(found) == 100
    assert {len(finding.text) for finding in found} == {1_000}


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ([], ""),
        (["good"], "1 good"),
        (["good", "problem", "good"], "1 problem, 2 good"),
        (["warning"] * 2 + ["problem"] * 2 + ["not checked"], "2 problems, 2 warnings, 1 not checked"),
    ],
)
def test_a_summary_begins_with_the_worst(states: list[Any], said: str) -> None:
    assert summary(Finding("Check", state, "") for state in states) == said


def test_findings_stand_in_columns_with_their_advice_below() -> None:
    laid = lines(
        [
            Finding("Relay", "good", "It answers."),
            Finding("Busy cells", "problem", "word " * 40, "Restart the kernel."),
        ]
    )

    assert laid[0] == "  good         Relay       It answers."
    column = laid[0].index("It answers.")
    assert [line.index(line.strip()) for line in laid[2:]] == [column] * (len(laid) - 2)
    assert laid[-1].strip() == "→ Restart the kernel."
    assert max(map(len, laid)) <= 96


def test_every_state_fits_its_column() -> None:
    laid = lines([Finding("Check", state, "Said.") for state in STATES])

    assert len({line.index("Check") for line in laid}) == 1
