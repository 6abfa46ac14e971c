"""What the kernel gets to see and hear of the others."""

from __future__ import annotations

import numpy as np

from rtc_widget.peer.ipc.shared_memory import AudioRing
from rtc_widget.peer.process.frame_sinks import AudioSink
from rtc_widget.peer.process.incoming import Incoming
from rtc_widget.protocol import media_process as wire
from tests.support.films import tone


def test_who_changes_to_another_codec_is_heard_on_and_at_the_same_pitch() -> None:
    incoming, sent = Incoming(), list[wire.Event]()
    sink = AudioSink(sent.append, "ada", "audio", incoming)

    for rate, layout in ((48_000, "stereo"), (8_000, "mono"), (48_000, "stereo")):
        for _ in range(25):
            incoming.audio.push(tone(rate // 50, rate, layout))

    (ready,) = [event for event in sent if isinstance(event, wire.MemoryReady)]
    ring = AudioRing(48_000, 2, ready.path)
    heard = ring.read(0, ring.written)[:, 0].astype(float)
    sink.close()
    assert abs(len(heard) - 1.5 * 48_000) < 500
    for third in np.array_split(heard, 3):
        middle = third[2_400:-2_400]
        crossings = np.count_nonzero(np.diff(np.signbit(middle)))
        assert abs(crossings / 2 / (len(middle) / 48_000) - 450) < 10
