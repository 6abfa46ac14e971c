"""What reading a recording needs."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from rtc_widget.recording.finalize.finalize import finish
from tests.support.staging_folders import two

if TYPE_CHECKING:
    from pathlib import Path


def test_reading_needs_no_media_libraries(tmp_path: Path) -> None:
    finish(two(tmp_path).path)
    program = (
        f"import sys; from rtc_widget import Recording; r = Recording.open({str(tmp_path / 'lesson')!r}); "
        "r.trace, r.messages, r.media, repr(r); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert {"av", "numpy", "aiohttp", "socketio"} & set(done.stdout.split()) == set()
