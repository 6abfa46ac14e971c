"""What reading a recording needs."""

from __future__ import annotations

import subprocess
import sys

from rtc_widget import Recording


def test_reading_needs_no_media_libraries(lesson: Recording) -> None:
    program = (
        f"import sys; from rtc_widget import Recording; r = Recording.open({str(lesson.path)!r}); "
        "r.trace, r.messages, r.media, repr(r); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert {"av", "numpy", "aiohttp", "socketio"} & set(done.stdout.split()) == set()
