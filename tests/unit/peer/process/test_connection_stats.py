"""What a peer measures of its connection."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from rtc_widget.peer.process import aiortc_internals
from rtc_widget.peer.process.connection_stats import ConnectionStats


def stream(packets: int, jitter: int) -> SimpleNamespace:
    """Return the counters of a stream with a clock of 90 kHz."""
    return SimpleNamespace(packets_received=packets, packets_lost=1, jitter=jitter, _clockrate=90_000)


async def test_jitter_is_that_of_the_stream_that_plays_and_not_of_padding_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    streams = [stream(2, 70_000_000), stream(500, 180)]
    counters = SimpleNamespace(bytesReceived=0, bytesSent=0)
    monkeypatch.setattr(aiortc_internals, "remote_streams", lambda _receiver: streams)
    monkeypatch.setattr(aiortc_internals, "transport_counters", lambda _transport: counters)
    transceiver = SimpleNamespace(kind="video", receiver=SimpleNamespace(transport=object()))
    pc = SimpleNamespace(getTransceivers=lambda: [transceiver], getSenders=list)
    stats = ConnectionStats(cast("Any", pc), cast("Any", SimpleNamespace(number=0, width=640, height=360)))

    await stats.measure()
    streams[1].packets_received += 100
    measured = await stats.measure()

    assert measured is not None
    assert measured["jitter"] == 2.0
    assert measured["loss"] == 0
