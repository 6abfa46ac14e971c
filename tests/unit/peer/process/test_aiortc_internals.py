"""What is used of aiortc's insides: for which releases, and what a call needs of encoders and of the jitter buffer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import av
import pytest
from aioice.stun import TransactionTimeout

from rtc_widget.errors import RtcWidgetError
from rtc_widget.peer.process import aiortc_internals as internals

# -- releases


@pytest.mark.parametrize("release", ["1.16.0", "1.16", "1.99.3", "1.20.0rc1"])
def test_a_release_that_is_known_is_used(monkeypatch: pytest.MonkeyPatch, release: str) -> None:
    monkeypatch.setattr(internals, "version", lambda _package: release)

    internals.check_release()


@pytest.mark.parametrize("release", ["1.15.9", "0.9.28", "2.0.0", "2.1"])
def test_another_release_is_refused_with_those_that_would_do(
    monkeypatch: pytest.MonkeyPatch, release: str
) -> None:
    monkeypatch.setattr(internals, "version", lambda _package: release)

    with pytest.raises(RtcWidgetError) as refused:
        internals.check_release()

    assert refused.value.code == "peer_failed"
    assert f"aiortc {release} is installed" in refused.value.message
    assert "1.16 to below 2.0" in refused.value.message


# -- encoders


class Encoder:
    """An encoder of aiortc's, which raises what the test says."""

    failure: Exception | None = None

    def encode(self, frame: Any, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        if self.failure is not None:
            raise self.failure
        return [b"payload"], 90


@pytest.fixture
def encoder() -> type[Encoder]:
    """Return a class of its own: it is changed."""
    return type("Encoder", (Encoder,), {"encode": Encoder.encode})


@pytest.mark.parametrize(
    "failure", [av.error.InvalidDataError(0, "no"), ValueError("no"), AssertionError("no")]
)
def test_a_frame_that_cannot_be_encoded_is_dropped_and_the_next_one_sent(
    encoder: type[Encoder], failure: Exception
) -> None:
    internals._make_safe(encoder, None)
    one = encoder()
    one.failure = failure
    assert one.encode("a frame") == ([], 0)

    one.failure = None
    assert one.encode("a frame") == ([b"payload"], 90)


def test_an_error_of_another_kind_is_not_hidden(encoder: type[Encoder]) -> None:
    internals._make_safe(encoder, None)
    one = encoder()
    one.failure = ZeroDivisionError()

    with pytest.raises(ZeroDivisionError):
        one.encode("a frame")


def test_an_encoder_is_prepared_once_for_each_frame_however_often_it_was_made_safe(
    encoder: type[Encoder],
) -> None:
    prepared: list[Any] = []
    for _ in range(2):
        internals._make_safe(encoder, lambda _encoder, frame: prepared.append(frame))

    encoder().encode("a frame")

    assert prepared == ["a frame"]


def codec_for(encoder: Any, width: int, height: int, bitrate: int) -> Any:
    encoder.target_bitrate = bitrate
    internals._prepare_vp8(encoder, av.VideoFrame(width, height, "yuv420p"))
    return encoder.codec


def test_a_codec_is_kept_until_size_or_bitrate_are_others() -> None:
    encoder: Any = SimpleNamespace(codec=None, target_bitrate=0)

    first = codec_for(encoder, 64, 48, 1_000_000)
    assert (first.width, first.height, first.bit_rate) == (64, 48, 1_000_000)
    # A restart costs a key frame, which a small change is not worth.
    assert codec_for(encoder, 64, 48, 1_090_000) is first
    assert codec_for(encoder, 64, 48, 910_000) is first
    slower = codec_for(encoder, 64, 48, 800_000)
    assert slower is not first
    assert slower.bit_rate == 800_000
    assert codec_for(encoder, 96, 48, 800_000).width == 96


# -- signs of life


def transport(*nominated: object) -> Any:
    ice = SimpleNamespace(
        _nominated=dict(enumerate(nominated)),
        remote_password="secret",
        build_request=lambda pair, nominate: ("request", pair, nominate),
    )
    return SimpleNamespace(transport=SimpleNamespace(_connection=ice))


class Pair:
    """A nominated pair, whose other side answers unless it has a failure."""

    remote_addr = ("192.0.2.1", 9)

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.asked: list[tuple[Any, ...]] = []
        self.protocol = self

    async def request(self, *given: Any, **options: Any) -> None:
        self.asked.append((*given, options["integrity_key"]))
        if self.failure is not None:
            raise self.failure


async def test_a_side_that_answers_is_there_and_was_asked_with_what_only_the_two_know() -> None:
    pair = Pair()

    assert await internals.answers(transport(pair))

    assert pair.asked == [(("request", pair, False), pair.remote_addr, b"secret")]


@pytest.mark.parametrize("failure", [TransactionTimeout(), OSError("no route")])
async def test_a_side_that_does_not_answer_is_not_there(failure: Exception) -> None:
    assert not await internals.answers(transport(Pair(failure)))


async def test_nobody_answers_before_there_is_a_way() -> None:
    assert not await internals.answers(transport())
