"""Fixtures of all tests."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.support.processes import Baseline
from tests.support.waiting import POLL

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def no_leaks() -> Iterator[None]:
    """Assert that the test's threads and child processes are gone soon after it."""
    baseline = Baseline()
    yield
    deadline = time.monotonic() + 5
    while (leaked := baseline.leaked()) and time.monotonic() < deadline:
        time.sleep(POLL)  # between two looks at the condition
    assert not leaked, "left behind: " + "; ".join(leaked)
