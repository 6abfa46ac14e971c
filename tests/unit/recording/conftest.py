"""What the tests of recordings share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rtc_widget import Recording
from rtc_widget.recording.finalize.finalize import finish
from tests.support.staging_folders import two

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def lesson(tmp_path: Path) -> Iterator[Recording]:
    """The finished recording of `two`."""
    finish(two(tmp_path).path)
    with Recording.open(tmp_path / "lesson") as recording:
        yield recording
