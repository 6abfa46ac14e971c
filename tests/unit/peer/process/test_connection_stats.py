"""What is measured of a connection: differences between two looks, by the names of W3C's statistics."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from rtc_widget.peer.process import connection_stats
from rtc_widget.peer.process.connection_stats import ConnectionStats
from rtc_widget.protocol.limits import LIMITS

if TYPE_CHECKING:
    from aiortc import RTCPeerConnection

    from rtc_widget.peer.process.incoming import VideoIn


class Call:
    """The parts of an aiortc connection that are looked at, and a clock that the test moves."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.video = SimpleNamespace(number=0, width=640, height=360)
        self.counters = SimpleNamespace(bytesReceived=0, bytesSent=0)
        self.streams = {
            kind: SimpleNamespace(packets_received=0, packets_lost=0, jitter=0, _clockrate=rate)
            for kind, rate in (("audio", 48_000), ("video", 90_000))
        }
        self.ice = SimpleNamespace(_nominated={}, _check_list=[])
        self.rtt: float | None = None
        transport = SimpleNamespace(
            _get_stats=lambda: {"transport": self.counters}, transport=SimpleNamespace(_connection=self.ice)
        )
        receivers = [
            SimpleNamespace(transport=transport, _RTCRtpReceiver__remote_streams={1: stream})
            for stream in self.streams.values()
        ]
        self.transceivers = [
            SimpleNamespace(kind=kind, receiver=receiver)
            for kind, receiver in zip(self.streams, receivers, strict=True)
        ]
        self.sctp: Any = None

    def getTransceivers(self) -> list[Any]:  # noqa: N802, as W3C has it
        return self.transceivers

    def getSenders(self) -> list[Any]:  # noqa: N802, as W3C has it
        async def stats() -> dict[str, Any]:
            return {
                "other": SimpleNamespace(type="outbound-rtp"),
                "one": SimpleNamespace(type="remote-inbound-rtp", roundTripTime=self.rtt),
            }

        return [SimpleNamespace(getStats=stats)]

    @property
    def stats(self) -> ConnectionStats:
        return ConnectionStats(cast("RTCPeerConnection", self), cast("VideoIn", self.video))


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Call:
    made = Call()
    monkeypatch.setattr(connection_stats.time, "monotonic", lambda: made.seconds)
    return made


def pair(local: str, remote: str, state: str, *, nominated: bool = False) -> Any:
    """Return a candidate pair as aioice has it."""

    def candidate(kind: str) -> Any:
        return SimpleNamespace(type=kind, transport="UDP", priority=7, host="192.0.2.7", port=5)

    return SimpleNamespace(
        local_candidate=candidate(local),
        remote_candidate=candidate(remote),
        state=SimpleNamespace(name=state),
        nominated=nominated,
    )


async def test_the_first_look_has_nothing_to_compare_with(call):
    assert await call.stats.measure() is None


async def test_times_that_mean_nothing_are_no_jitter(call):
    stats = call.stats
    await stats.measure()
    call.seconds += 1
    call.streams["video"].packets_received, call.streams["video"].jitter = 3, 90_000 * 200

    measured = await stats.measure()

    assert measured is not None
    assert measured["jitter"] is None


async def test_rates_are_of_the_time_between_two_looks(call):
    stats = call.stats
    call.counters.bytesReceived, call.counters.bytesSent, call.video.number = 5000, 3000, 40
    await stats.measure()

    call.seconds += 2
    call.counters.bytesReceived += 10_000
    call.counters.bytesSent += 500
    call.video.number += 31
    call.rtt = 0.0123
    call.streams["video"].jitter = 900

    assert await stats.measure() == {
        "bitrate": 40_000,
        "sent_bitrate": 2000,
        "fps": 15.5,
        "width": 640,
        "height": 360,
        "loss": 0,
        "rtt": 12.3,
        "jitter": 10.0,
        "frames_dropped": None,
        "freeze_count": None,
    }


@pytest.mark.parametrize(
    ("arrived", "lost", "share"),
    [(90, 10, 0.1), (0, 5, 1.0), (0, 0, 0), (10, -3, 0)],
    ids=["some", "all", "nothing was sent", "one that was counted as lost came late"],
)
async def test_loss_is_the_share_of_what_should_have_come(call, arrived, lost, share):
    stats = call.stats
    await stats.measure()

    call.seconds += 1
    call.streams["video"].packets_received += arrived
    call.streams["video"].packets_lost += lost

    measured = await stats.measure()
    assert measured is not None
    assert measured["loss"] == share


async def test_jitter_of_a_call_without_video_is_its_sounds(call):
    stats = call.stats
    call.transceivers.pop()
    await stats.measure()
    call.seconds += 1
    call.streams["audio"].jitter = 96

    measured = await stats.measure()
    assert measured is not None
    assert measured["jitter"] == 2.0


async def test_jitter_is_that_of_the_stream_that_plays_and_not_of_padding_before_it(call):
    stats = call.stats
    padding = SimpleNamespace(packets_received=2, packets_lost=0, jitter=70_000_000, _clockrate=90_000)
    video = call.transceivers[1].receiver
    video._RTCRtpReceiver__remote_streams = {1: padding, 2: call.streams["video"]}
    await stats.measure()
    call.seconds += 1
    call.streams["video"].packets_received, call.streams["video"].jitter = 500, 180

    measured = await stats.measure()
    assert measured is not None
    assert measured["jitter"] == 2.0


async def test_a_connection_without_media_and_data_is_not_measured(call):
    call.transceivers.clear()

    assert await call.stats.measure() is None
    assert call.stats.pair() is None


def test_the_pair_in_use_comes_first_and_no_address_is_told(call):
    selected = pair("host", "srflx", "SUCCEEDED", nominated=True)
    call.ice._nominated[1] = selected
    call.ice._check_list = [
        pair("host", "host", "FAILED"),
        selected,
        pair("host", "relay", "IN_PROGRESS"),
        pair("host", "host", "FROZEN"),
    ]

    told = call.stats.pair()

    assert told is not None
    assert (told["local"], told["remote"], told["protocol"], told["nominated"]) == (
        *("host", "srflx", "udp"),
        True,
    )
    assert [(each["state"], each["selected"]) for each in told["pairs"]] == [
        ("succeeded", True),
        ("failed", False),
        ("in-progress", False),
        ("frozen", False),
    ]
    assert (told["checked"], told["succeeded"]) == (3, 1)
    assert "192.0.2" not in str(told)


def test_of_many_pairs_all_are_counted_and_a_few_told(call):
    call.ice._nominated[1] = pair("host", "host", "SUCCEEDED", nominated=True)
    call.ice._check_list = [pair("host", "host", "FAILED") for _ in range(100)]

    told = call.stats.pair()

    assert told is not None
    assert told["checked"] == 101
    assert len(told["pairs"]) == LIMITS["candidate_pairs"]


def test_before_a_pair_is_nominated_there_is_none(call):
    call.ice._check_list = [pair("host", "host", "SUCCEEDED")]

    assert call.stats.pair() is None
