"""Files that are written from what arrives."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from rtc_widget.media.muxer import Muxer
from tests.support.films import tone


def test_vp8_is_encoded_by_one_thread(tmp_path: Path) -> None:
    muxer = Muxer(str(tmp_path / "film.webm"), webm=True, audio=False)
    for number in range(3):
        muxer.write_frame(av.VideoFrame(640, 480, "yuv420p"), number / 30)

    assert muxer._video.codec_context.thread_count == 1
    muxer.close()


@pytest.mark.parametrize("suffix", ["webm", "mp4"])
def test_sound_that_is_another_kind_midway_is_written_to_its_end(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"sound.{suffix}"
    muxer = Muxer(str(path), webm=suffix == "webm", audio=True)
    at = 0.0

    for rate, layout in ((48_000, "stereo"), (8_000, "mono"), (48_000, "stereo")):
        for _ in range(25):
            at += 0.02
            muxer.write_audio(tone(rate // 50, rate, layout), at)
    muxer.close()

    with av.open(str(path)) as container:
        assert sum(frame.samples for frame in container.decode(audio=0)) == pytest.approx(
            1.5 * 48_000, abs=2_500
        )
