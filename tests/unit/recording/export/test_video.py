"""The film that a recording is exported as."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av

from rtc_widget.recording.export.video import _VideoFile

if TYPE_CHECKING:
    from pathlib import Path


def test_vp8_is_encoded_by_one_thread(tmp_path: Path) -> None:
    with _VideoFile(tmp_path / "film.webm", 25.0, (640, 480), has_audio=False) as film:
        film.write_frame(av.VideoFrame(640, 480, "yuv420p"), 0)

        assert film._video.codec_context.thread_count == 1
