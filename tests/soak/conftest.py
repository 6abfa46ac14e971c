"""Real processes for hours, and what is done to them: run by `make soak` alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.support.browser_fixtures import (
    chromium,
    lab,
    lab_server,
    new_window,
    own_window,
    playwright,
    pytest_collection_modifyitems,
    pytest_runtest_makereport,
    room,
    tidy_windows,
)
from tests.support.faults.stage import TABLE, ends, stage
from tests.support.lab import Lab
from tests.support.soak.holdings import counting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

__all__ = [
    "chromium",
    "ends",
    "lab",
    "lab_server",
    "new_window",
    "own_window",
    "playwright",
    "pytest_collection_modifyitems",
    "pytest_runtest_makereport",
    "room",
    "stage",
    "tidy_windows",
]


def pytest_configure(config: pytest.Config) -> None:
    """Begin the table of the run."""
    config.stash[TABLE] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what was measured, as it stands in the documentation."""
    for row in config.stash[TABLE]:
        terminalreporter.write_line(row)


@pytest.fixture
def table(pytestconfig: pytest.Config) -> list[str]:
    """Rows to be printed at the end of the run."""
    return pytestconfig.stash[TABLE]


@pytest_asyncio.fixture(loop_scope="session")
async def counted_lab(tmp_path: Path) -> AsyncIterator[Lab]:
    """A JupyterLab of the test's own, whose processes say what they hold in the test's folder."""
    lab = await Lab.start(environment=counting(tmp_path))
    yield lab
    await lab.stop()
