"""What is written into the memory that the media process reads."""

from __future__ import annotations

import numpy as np
import pytest

from rtc_widget.peer.ipc.shared_memory import AudioRing
from rtc_widget.peer.kernel.frame_writer import FrameWriter
from rtc_widget.protocol.media_process import UseAudioRing
from tests.support.fakes import FakeLink


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 192_000])
def test_mono_is_as_loud_on_both_sides_whatever_its_rate(rate: int) -> None:
    link, rings = FakeLink(), list[AudioRing]()
    link.answers[UseAudioRing] = lambda command: rings.append(AudioRing(48_000, 2, command.path))
    sine = 0.5 * 32_767 * np.sin(2 * np.pi * 440 * np.arange(rate // 5) / rate)

    FrameWriter(link.as_link).write_audio(sine.astype(np.int16)[:, None], rate)

    (ring,) = rings
    heard = ring.read(2_400, ring.written - 2_400) / 32_768
    assert np.sqrt((heard**2).mean(axis=0)) == pytest.approx([0.3536, 0.3536], abs=0.005)
