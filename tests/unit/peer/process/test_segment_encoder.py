"""What a segment has of a picture that stays."""

from __future__ import annotations

import io
import threading
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest

from rtc_widget.peer.process import segment_encoder
from rtc_widget.peer.process.segment_encoder import SegmentEncoder


@pytest.mark.parametrize(("shown", "expected"), [([0.0], 0.9), ([0.0, 0.5], 0.9), ([0.0, 0.88], 0.88)])
def test_a_still_picture_lasts_until_the_segment_is_stopped(
    monkeypatch: pytest.MonkeyPatch, shown: list[float], expected: float
) -> None:
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(segment_encoder, "time", SimpleNamespace(time=lambda: clock.now))
    data, over = io.BytesIO(), threading.Event()

    def write(piece: bytes, last: bool) -> None:
        data.write(piece)
        if last:
            over.set()

    encoder = SegmentEncoder(video=True, audio=False, size=(64, 48), write=write)
    for at in shown:
        clock.now = 100.0 + at
        encoder.put(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24"))
    clock.now = 100.9
    encoder.stop()
    assert over.wait(10)

    data.seek(0)
    with av.open(data) as container:
        times: list[Any] = [frame.time for frame in container.decode(video=0)]
    assert times[-1] == pytest.approx(expected, abs=0.02)
