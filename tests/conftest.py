"""Fixtures of all tests."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.support import POLL, Baseline

if TYPE_CHECKING:
    from collections.abc import Iterator

REPORTS = pytest.StashKey[dict[str, pytest.TestReport]]()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Keep each phase's report, so that a fixture can tell at its end whether the test failed."""
    report = yield
    item.stash.setdefault(REPORTS, {})[report.when] = report
    return report


def has_failed(item: pytest.Item) -> bool:
    """Tell whether the test's set-up or body has failed so far."""
    return any(report.failed for report in item.stash.get(REPORTS, {}).values())


@pytest.fixture
def no_leaks() -> Iterator[None]:
    """Assert that the test's threads and child processes are gone soon after it."""
    baseline = Baseline()
    yield
    deadline = time.monotonic() + 5
    while (leaked := baseline.leaked()) and time.monotonic() < deadline:
        time.sleep(POLL)
    assert not leaked, "left behind: " + "; ".join(leaked)
