"""What the tests of recordings share."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rtc_widget import Recording
from rtc_widget.recording.finalize.finalize import finish
from tests.support.staging_folders import two

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def _finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finish(two(tmp_path_factory.mktemp("finished")).path)


@pytest.fixture
def lesson(tmp_path: Path, _finished: Path) -> Iterator[Recording]:
    """The finished recording of `two`, in a file of the test's own."""
    shutil.copy(_finished, tmp_path)
    with Recording.open(tmp_path / "lesson") as recording:
        yield recording
