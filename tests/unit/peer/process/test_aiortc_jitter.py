"""Frames out of packets: none later than it must be."""

from __future__ import annotations

import threading
from types import SimpleNamespace

from aiortc.rtp import RtpPacket

from rtc_widget.peer.process import aiortc_jitter
from rtc_widget.peer.process.aiortc_backlog import DecoderBacklog
from rtc_widget.peer.process.aiortc_jitter import HeldUpFrame, PromptAudioBuffer, PromptVideoBuffer
from tests.support.fake_connections import Connected

FRAME = 3_000  # of the video clock, at 30 frames a second
BLOCK = 960  # of Opus' clock, 20 ms
VP8 = SimpleNamespace(mimeType="video/VP8", name="VP8")


def packet(number: int, time: int, *, marker: bool = False, data: bytes = b"x") -> RtpPacket:
    made = RtpPacket(sequence_number=number, timestamp=time, marker=marker)
    made._data = data  # type: ignore[attr-defined]
    return made


def delivered(*packets: RtpPacket) -> list[tuple[bool, bytes | None]]:
    """Return of each packet whether a key frame is needed, and the frame that it has made complete."""
    buffer = PromptVideoBuffer(aiortc_jitter._CAPACITY, is_video=True)
    results = [buffer.add(each) for each in packets]
    return [(needed, None if frame is None else frame.data) for needed, frame in results]


def test_a_frame_comes_with_its_last_packet() -> None:
    assert delivered(
        packet(1, 0, data=b"one "), packet(2, 0, marker=True, data=b"frame"), packet(3, FRAME, marker=True)
    ) == [(False, None), (False, b"one frame"), (False, b"x")]


def test_a_frame_whose_marker_is_missing_comes_with_the_next_one() -> None:
    assert delivered(packet(1, 0, data=b"first"), packet(2, FRAME)) == [(False, None), (False, b"first")]


def test_packets_that_overtake_each_other_are_put_in_order() -> None:
    got = delivered(
        packet(1, 0, marker=True),
        packet(3, FRAME, marker=True, data=b"b"),
        packet(2, FRAME, data=b"a"),
    )

    assert got == [(False, b"x"), (False, None), (False, b"ab")]


def test_padding_is_no_frame() -> None:
    assert delivered(packet(1, 0, marker=True, data=b"")) == [(False, None)]


def test_a_packet_that_is_lost_is_given_up_after_a_second_and_a_key_frame_asked_for() -> None:
    lost, frames = 2, 40
    numbers = [number for number in range(1, frames) if number != lost]

    got = delivered(*(packet(number, number * FRAME, marker=True) for number in numbers))

    complete = {number for number, (_, frame) in zip(numbers, got, strict=True) if frame is not None}
    assert [number for number, (needed, _) in zip(numbers, got, strict=True) if needed] == [34]
    assert complete == {1, *range(34, frames)}


def test_frames_that_a_late_packet_has_held_up_come_with_it_and_not_one_with_each_that_follows() -> None:
    buffer = PromptVideoBuffer(aiortc_jitter._CAPACITY, is_video=True)
    for number in (1, 3, 4, 5):
        buffer.add(packet(number, number * FRAME, marker=True, data=b"%d" % number))

    _, late = buffer.add(packet(2, 2 * FRAME, marker=True, data=b"2"))
    _, next_one = buffer.add(packet(6, 6 * FRAME, marker=True, data=b"6"))

    assert isinstance(late, HeldUpFrame)
    assert [each.data for each in (late, *late.following)] == [b"2", b"3", b"4", b"5"]
    assert next_one is not None
    assert next_one.data == b"6"


def test_padding_does_not_hold_up_the_frame_behind_it() -> None:
    got = delivered(
        packet(1, 0, marker=True),
        packet(3, FRAME, marker=True, data=b"frame"),
        packet(2, FRAME, marker=True, data=b""),
    )

    assert got == [(False, b"x"), (False, None), (False, b"frame")]


def test_a_decoder_gets_frames_that_were_held_up_one_by_one_with_times_that_go_on_from_the_first() -> None:
    backlog = DecoderBacklog(threading.Event())
    begin = 2**32 - FRAME  # timestamps wrap around meanwhile
    buffer = PromptVideoBuffer(aiortc_jitter._CAPACITY, is_video=True)
    buffer.add(packet(1, begin, marker=True))
    buffer.add(packet(3, FRAME, marker=True, data=b"b"))
    _, held_up = buffer.add(packet(2, 0, marker=True, data=b"a"))
    assert held_up is not None

    held_up.timestamp = 90_000  # as aiortc maps it
    backlog.put((VP8, held_up))

    taken = [backlog.get_nowait()[1] for _ in range(backlog.qsize())]
    assert [(each.data, each.timestamp) for each in taken] == [(b"a", 90_000), (b"b", 90_000 + FRAME)]


# -- audio


def heard(*numbers: int) -> list[list[int]]:
    """Return which blocks each packet has brought."""
    buffer = PromptAudioBuffer()
    found = []
    for number in numbers:
        _, block = buffer.add(packet(number, number * BLOCK, data=b"%d" % number))
        blocks = [] if block is None else [block, *getattr(block, "following", [])]
        found.append([int(each.data) for each in blocks])
    return found


def test_audio_comes_with_its_packet() -> None:
    assert heard(7, 8, 9) == [[7], [8], [9]]


def test_audio_packets_that_overtake_each_other_are_put_in_order_and_held_up_no_longer() -> None:
    assert heard(1, 3, 4, 2, 5) == [[1], [], [], [2, 3, 4], [5]]


def test_a_lost_audio_packet_holds_up_four_others_once() -> None:
    assert heard(1, 3, 4, 5, 6, 7, 8) == [[1], [], [], [], [3, 4, 5, 6], [7], [8]]


def test_audio_goes_on_after_many_packets_are_lost_and_what_comes_too_late_is_left_out() -> None:
    assert heard(1, 40, 41, 3, 42) == [[1], [40], [41], [], [42]]


def test_padding_between_audio_holds_nothing_up() -> None:
    buffer = PromptAudioBuffer()
    buffer.add(packet(1, 0))

    assert buffer.add(packet(2, 0, data=b"")) == (False, None)
    _, block = buffer.add(packet(3, BLOCK, data=b"3"))

    assert block is not None
    assert block.data == b"3"


# -- where they are put


async def test_nothing_that_a_connection_receives_is_kept_back_or_piles_up_before_it_is_decoded() -> None:
    connected = Connected()

    for mid, kind in enumerate(("audio", "video")):
        connected.receives(kind, str(mid))

    found = [
        [
            type(getattr(line.receiver, f"_RTCRtpReceiver__{part}"))
            for part in ("jitter_buffer", "decoder_queue")
        ]
        for line in connected.pc.transceivers
    ]
    await connected.connection.close()
    assert found == [[PromptAudioBuffer, DecoderBacklog], [PromptVideoBuffer, DecoderBacklog]]
