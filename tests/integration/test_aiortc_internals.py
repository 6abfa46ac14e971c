"""What is relied on of aiortc's insides: it is there in the installed release, and does what is relied on."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any, Literal, cast

import aiortc.codecs.vpx
import av
import numpy as np
import pytest
from aiortc import RTCPeerConnection, RTCRtpReceiver, RTCRtpTransceiver
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.opus import OpusEncoder
from aiortc.codecs.vpx import Vp8Decoder, Vp8Encoder
from aiortc.jitterbuffer import JitterBuffer, JitterFrame

from rtc_widget.errors import RtcWidgetError
from rtc_widget.peer.process import aiortc_backlog, aiortc_jitter
from rtc_widget.peer.process import aiortc_internals as internals
from rtc_widget.peer.process.aiortc_backlog import is_key_frame
from rtc_widget.peer.process.aiortc_jitter import PromptAudioBuffer, PromptVideoBuffer
from tests.support.moving_pictures import FPS, Track, moving
from tests.support.waiting import wait_for


def test_the_installed_release_is_one_of_those_that_this_is_for() -> None:
    internals.check_release()


@pytest.mark.parametrize("release", ["1.15.9", "0.9", "2.0.0", "2.0.0rc1", "3.1"])
def test_an_unknown_release_is_refused_with_which_are_known(
    monkeypatch: pytest.MonkeyPatch, release: str
) -> None:
    monkeypatch.setattr(internals, "version", lambda _name: release)

    with pytest.raises(RtcWidgetError, match=r"Peer needs 1\.16 to below 2\.0") as refused:
        internals.check_release()
    assert refused.value.code == "peer_failed"


# -- encoders


def test_the_bitrates_that_are_set_are_those_that_encoders_begin_with_and_stay_below() -> None:
    internals.tune_encoders()

    encoder: Any = Vp8Encoder()
    assert encoder.target_bitrate == aiortc.codecs.vpx.DEFAULT_BITRATE == 1_500_000
    encoder.target_bitrate = 100_000_000
    assert encoder.target_bitrate == aiortc.codecs.vpx.MAX_BITRATE == 4_000_000


def test_a_codec_that_is_there_already_is_what_aiortc_encodes_with() -> None:
    internals.tune_encoders()
    encoder: Any = Vp8Encoder()
    frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24").reformat(
        format="yuv420p"
    )
    frame.pts, frame.time_base = 0, internals._TIME_BASE

    payloads, _timestamp = encoder.encode(frame)

    assert payloads
    assert encoder.codec.gop_size == internals._KEY_FRAME_DISTANCE
    codec = encoder.codec
    frame.pts = 3_000
    encoder.encode(frame)
    assert encoder.codec is codec


@pytest.mark.parametrize("kind", [Vp8Encoder, H264Encoder, OpusEncoder])
def test_every_encoder_that_is_used_is_made_safe_once(kind: Any) -> None:
    internals.tune_encoders()
    once = kind.encode
    internals.tune_encoders()

    assert kind.encode is once
    assert once.is_safe


@pytest.mark.parametrize("error", [ValueError("x"), AssertionError(), av.FFmpegError(22, "Invalid argument")])
def test_what_an_encoder_refuses_is_dropped_and_the_next_is_encoded(error: Exception) -> None:
    class Encoder:
        def encode(self, frame: Any, _force_keyframe: bool = False) -> tuple[list[bytes], int]:
            if frame is None:
                raise error
            return [b"payload"], 7

    internals._make_safe(Encoder, None)
    encoder = Encoder()

    assert encoder.encode(None) == ([], 0)
    assert encoder.encode("a frame") == ([b"payload"], 7)


# -- receivers


def packet(number: int, timestamp: int, data: bytes = b"x", *, marker: bool = False) -> Any:
    made = aiortc.rtp.RtpPacket(sequence_number=number, timestamp=timestamp, marker=marker)
    made._data = data  # type: ignore[attr-defined]
    return made


def test_a_frame_is_handed_over_with_its_last_packet_and_by_aiortcs_own_with_the_next_frame() -> None:
    ours, plain = PromptVideoBuffer(16, is_video=True), JitterBuffer(16, is_video=True)

    frames = [
        [buffer.add(packet(0, 90, b"a"))[1], buffer.add(packet(1, 90, b"b", marker=True))[1]]
        for buffer in (ours, plain)
    ]

    assert frames[0][1] is not None
    assert (frames[0][1].data, frames[0][1].timestamp) == (b"ab", 90)
    assert frames[1] == [None, None]


def test_a_frame_without_a_marker_comes_with_the_next_one() -> None:
    buffer = PromptVideoBuffer(16, is_video=True)
    buffer.add(packet(0, 90, b"a"))

    frame = buffer.add(packet(1, 180, b"b"))[1]

    assert frame is not None
    assert frame.data == b"a"


def test_packets_that_came_in_another_order_are_one_frame_all_the_same() -> None:
    buffer = PromptVideoBuffer(16, is_video=True)
    buffer.add(packet(0, 0, b"0", marker=True))
    assert buffer.add(packet(2, 90, b"b", marker=True))[1] is None

    frame = buffer.add(packet(1, 90, b"a"))[1]

    assert frame is not None
    assert frame.data == b"ab"


def test_a_lost_packet_is_waited_for_until_newer_frames_are_more_than_a_second_ahead() -> None:
    buffer = PromptVideoBuffer(64, is_video=True)
    begin = 2**32 - 45_000  # timestamps wrap around meanwhile
    buffer.add(packet(0, begin, b"first", marker=True))

    # Packet 1 is lost, and never sent again.
    waiting = [
        buffer.add(packet(2 + index, (begin + 3_000 + 3_000 * index) % 2**32, b"later", marker=True))
        for index in range(31)
    ]
    assert set(waiting) == {(False, None)}

    needs_key_frame, frame = buffer.add(packet(33, (begin + 96_000) % 2**32, b"now", marker=True))
    assert needs_key_frame
    assert frame is not None
    assert frame.data == b"now"
    following = buffer.add(packet(34, (begin + 99_000) % 2**32, b"next", marker=True))
    assert following[0] is False
    assert following[1] is not None


def test_frames_that_are_seconds_apart_lose_nothing() -> None:
    buffer = PromptVideoBuffer(64, is_video=True)

    for index in range(5):
        begin = index * 900_000
        assert buffer.add(packet(2 * index, begin, b"a")) == (False, None)
        needs_key_frame, frame = buffer.add(packet(2 * index + 1, begin, b"b", marker=True))
        assert not needs_key_frame
        assert frame is not None
        assert frame.data == b"ab"


def test_audio_comes_with_its_packet_and_aiortcs_own_keeps_four_back_and_fourteen_after_a_loss() -> None:
    ours, plain = PromptAudioBuffer(), JitterBuffer(16, prefetch=4)
    # Packet 20 is lost.
    numbers = [number for number in range(60) if number != 20]

    late: list[list[int]] = []
    for buffer in (ours, plain):
        newest = -1
        behind = []
        for number in numbers:
            block = buffer.add(packet(number, number * 960, b"x", marker=True))[1]
            if block is not None:
                newest = (block.timestamp + 960 * len(getattr(block, "following", []))) // 960
            behind.append(number - newest)
        late.append([behind[numbers.index(19)], behind[-1]])

    assert late == [[0, 0], [4, 14]]


@pytest.mark.parametrize(("kind", "ours"), [("audio", PromptAudioBuffer), ("video", PromptVideoBuffer)])
async def test_a_receivers_buffer_is_where_it_is_put(kind: Literal["audio", "video"], ours: type) -> None:
    pc = RTCPeerConnection()
    receiver = pc.addTransceiver(kind).receiver
    before = getattr(receiver, "_RTCRtpReceiver__jitter_buffer")  # noqa: B009
    assert type(before) is JitterBuffer

    aiortc_jitter.use_prompt_jitter_buffer(receiver, kind)

    assert type(getattr(receiver, "_RTCRtpReceiver__jitter_buffer")) is ours  # noqa: B009
    await pc.close()


# -- decoders


@pytest.mark.parametrize("implementation", ["plain", "ours"])
async def test_pictures_that_come_faster_than_they_are_decoded_do_not_come_ever_later(
    monkeypatch: pytest.MonkeyPatch, implementation: str
) -> None:
    decode, decoded = Vp8Decoder.decode, list[JitterFrame]()

    def decode_slowly(self: Vp8Decoder, encoded: JitterFrame) -> list[Any]:
        time.sleep(0.3)  # a machine that is too slow
        decoded.append(encoded)
        return decode(self, encoded)

    monkeypatch.setattr(Vp8Decoder, "decode", decode_slowly)
    ada, bob = RTCPeerConnection(), RTCPeerConnection()
    tracks: list[Any] = []

    def on_track(track: Any) -> None:
        tracks.append(track)
        if implementation == "ours":
            (transceiver,) = bob.getTransceivers()
            aiortc_backlog.limit_backlog(transceiver.receiver)

    bob.on("track", on_track)
    ada.addTrack(Track(moving()))
    await connect(ada, bob)
    (transceiver,) = bob.getTransceivers()
    backlog: Any = getattr(transceiver.receiver, "_RTCRtpReceiver__decoder_queue")  # noqa: B009

    def is_late() -> bool:
        # By two seconds, and the time that a busy machine needs to ask for a key frame.
        return backlog.qsize() > 3 * FPS

    await wait_for(lambda: len(decoded) >= 15 or is_late(), 60, "pictures for seconds")

    assert is_late() is (implementation == "plain")
    if implementation == "ours":
        assert sum(is_key_frame("VP8", frame.data) for frame in decoded) > 1, "another one was asked for"
        assert aiortc_backlog.decoded_waiting(tracks[0]) >= 10
    with backlog.mutex:
        backlog.queue.clear()
    await asyncio.gather(ada.close(), bob.close())


# -- transceivers and statistics


async def connect(one: RTCPeerConnection, other: RTCPeerConnection) -> None:
    await one.setLocalDescription(await one.createOffer())
    await other.setRemoteDescription(one.localDescription)
    await other.setLocalDescription(await other.createAnswer())
    await one.setRemoteDescription(other.localDescription)
    await wait_for(lambda: one.connectionState == other.connectionState == "connected", 20, "a connection")


async def test_what_was_agreed_and_counted_is_there() -> None:
    ada, bob = RTCPeerConnection(), RTCPeerConnection()
    transceiver: RTCRtpTransceiver = ada.addTransceiver("audio", direction="sendrecv")
    assert internals.m_line_index(transceiver) is None
    await connect(ada, bob)
    (answering,) = bob.getTransceivers()

    codecs, extensions = internals.agreement(transceiver)
    assert [codec.mimeType for codec in codecs][:1] == ["audio/opus"]
    internals.pin(transceiver, (codecs[:1], extensions))
    assert internals.agreement(transceiver) == (codecs[:1], extensions)
    assert internals.m_line_index(transceiver) == 0
    assert internals.offered_direction(answering) == "sendrecv"
    internals.free_m_line(answering)
    assert internals.m_line_index(answering) == -1

    receiver: RTCRtpReceiver = transceiver.receiver
    assert internals.remote_streams(receiver) == []
    counters = internals.transport_counters(receiver.transport)
    assert counters.bytesSent > 0
    selected, pairs = internals.candidate_pairs(receiver.transport)
    assert selected in pairs
    assert selected.local_candidate.type == "host"
    await asyncio.gather(ada.close(), bob.close())


async def test_a_streams_counters_are_those_of_each_stream_that_comes() -> None:
    stream = SimpleNamespace(packets_received=7)
    pc = RTCPeerConnection()
    receiver = pc.addTransceiver("audio").receiver
    assert isinstance(getattr(receiver, "_RTCRtpReceiver__remote_streams"), dict)  # noqa: B009

    getattr(receiver, "_RTCRtpReceiver__remote_streams")[1] = cast("Any", stream)  # noqa: B009

    assert internals.remote_streams(receiver) == [stream]
    getattr(receiver, "_RTCRtpReceiver__remote_streams").clear()  # noqa: B009
    await pc.close()
