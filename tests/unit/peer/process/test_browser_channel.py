"""A media channel between a Peer's process and a browser, which is played here by another channel or by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest

from rtc_widget.errors import ProtocolError
from rtc_widget.media.vp8 import Vp8Encoder
from rtc_widget.peer.process.browser_channel import BrowserChannel
from rtc_widget.peer.process.incoming import Incoming
from rtc_widget.peer.process.outgoing import AudioHub, VideoHub
from rtc_widget.peer.process.sources import audio_block
from rtc_widget.protocol.channel_messages import ChannelMessage, unpack
from tests.support.waiting import wait_for


class End:
    """One end of a channel, with what it has received."""

    def __init__(self) -> None:
        self.incoming, self.video, self.audio = Incoming(), VideoHub(), AudioHub()
        self.messages: list[str | bytes] = []
        self.out: list[ChannelMessage] = []
        self.sends = asyncio.Event()
        self.sends.set()
        self.closed = 0
        self.other: End | None = None
        self.channel = BrowserChannel(
            self._send,
            incoming=self.incoming,
            video=self.video,
            audio=self.audio,
            on_message=self.messages.append,
            on_closed=self._on_closed,
        )

    def _on_closed(self) -> None:
        self.closed += 1

    async def _send(self, data: bytes) -> None:
        await self.sends.wait()
        self.out.append(unpack(data))
        if self.other is not None:
            self.other.channel.receive(data)

    def sent(self, kind: str) -> list[ChannelMessage]:
        return [message for message in self.out if message.kind == kind]


@asynccontextmanager
async def one_end() -> AsyncIterator[End]:
    end = End()
    try:
        yield end
    finally:
        await end.channel.close()


@asynccontextmanager
async def both_ends() -> AsyncIterator[tuple[End, End]]:
    async with AsyncExitStack() as stack:
        ann, bob = [await stack.enter_async_context(one_end()) for _ in range(2)]
        ann.other, bob.other = bob, ann
        yield ann, bob


def picture(value: int) -> av.VideoFrame:
    rgb = np.full((48, 64, 3), value, np.uint8)
    return av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")


def newest(end: End) -> list[av.VideoFrame]:
    frames: list[av.VideoFrame] = []
    end.incoming.video.listen(lambda frame, _number, _when: frames.append(frame))
    return frames


async def test_pictures_arrive_on_the_other_side() -> None:
    async with both_ends() as (ann, bob):
        frames = newest(bob)
        for value in (40, 200):
            ann.video.publish(picture(value))
            await wait_for(
                lambda value=value: frames and abs(frames[-1].to_ndarray(format="rgb24").mean() - value) < 12,
                5,
                "the picture",
            )


async def test_audio_arrives_on_the_other_side() -> None:
    async with both_ends() as (ann, bob):
        blocks: list[av.AudioFrame] = []
        bob.incoming.audio.listen(lambda block, _when: blocks.append(block))
        tone = (8_000 * np.sin(np.arange(960) * 2 * np.pi * 400 / 48_000)).astype(np.int16)
        for _ in range(12):
            ann.audio.publish(audio_block(np.stack([tone, tone], axis=1)))
            await asyncio.sleep(0)

        await wait_for(lambda: len(blocks) >= 6, 5, "the audio")
        assert {(block.format.name, block.layout.name, block.sample_rate) for block in blocks} == {
            ("s16", "stereo", 48_000)
        }
        assert max(abs(block.to_ndarray()).max() for block in blocks) > 3_000


async def test_a_block_of_audio_is_left_as_it_was_for_the_others_who_send_it() -> None:
    async with one_end() as end:
        blocks = [audio_block(np.zeros((960, 2), np.int16)) for _ in range(3)]
        for block in blocks:
            end.audio.publish(block)
        before = [(block.pts, block.time_base) for block in blocks]
        await wait_for(lambda: end.sent("audio"), 5, "the audio")

        assert [(block.pts, block.time_base) for block in blocks] == before
        assert None not in [pts for pts, _base in before]


@pytest.mark.parametrize("data", ["grüß dich", b"\x00\xff"])
async def test_messages_arrive_as_they_were(data: str | bytes) -> None:
    async with both_ends() as (ann, bob):
        assert await ann.channel.send_message(data)

        await wait_for(lambda: bob.messages, 5, "the message")
        assert bob.messages == [data]


async def test_messages_wait_for_those_before_them_to_arrive() -> None:
    async with one_end() as end:
        sending = asyncio.create_task(end.channel.send_all([str(number) for number in range(20)]))
        await wait_for(lambda: len(end.sent("text")) == 8, 5, "the first eight")
        end.channel.receive(ChannelMessage("ack", 5, of="text").pack())

        await wait_for(lambda: len(end.sent("text")) == 13, 5, "five more")
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def test_a_path_that_acknowledges_nothing_gets_no_queue_of_pictures() -> None:
    async with one_end() as end:
        for value in range(80):
            end.video.publish(picture(value))
            await asyncio.sleep(0.01)

        assert len(end.sent("video")) < 12


async def test_whoever_asks_gets_a_key_frame() -> None:
    async with both_ends() as (ann, bob):
        ann.video.publish(picture(1))
        await wait_for(lambda: ann.sent("video"), 5, "the first")
        ann.channel.receive(ChannelMessage("key", of="video").pack())
        ann.video.publish(picture(2))

        await wait_for(lambda: len(ann.sent("video")) > 1, 5, "the second")
        assert [message.key for message in ann.sent("video")[:2]] == [True, True]
        assert bob.closed == 0


async def test_a_picture_that_cannot_be_decoded_is_acknowledged_and_a_key_frame_is_asked_for() -> None:
    async with one_end() as end:
        frames = newest(end)
        end.channel.receive(ChannelMessage("video", 1, b"\x00" * 40, key=True).pack())
        await wait_for(lambda: end.sent("key"), 5, "the wish for a key frame")
        data, _key = Vp8Encoder().encode(stamped(90), bitrate=500_000)
        end.channel.receive(ChannelMessage("video", 2, data, key=True).pack())

        await wait_for(lambda: frames, 5, "the picture")
        await wait_for(lambda: any(ack.number == 2 for ack in end.sent("ack")), 5, "the acknowledgement")


async def test_who_sends_without_heeding_acknowledgements_is_not_kept() -> None:
    async with one_end() as end:
        end.sends.clear()
        for number in range(1, 500):
            end.channel.receive(ChannelMessage("video", number, bytes(1_000)).pack())
            end.channel.receive(ChannelMessage("audio", number).pack())

        waiting = sum(receiver._waiting.qsize() for receiver in end.channel._receivers.values())
        assert waiting <= 32
        assert len(end.channel._owed) <= 3


@pytest.mark.parametrize(
    "data",
    [
        b"",
        ChannelMessage("hello").pack(),
        ChannelMessage("ack", 7, of="video").pack(),
        ChannelMessage("text", 1, b"\xff").pack(),
        ChannelMessage("audio", 1, b"\x00\x09x").pack(),
    ],
)
async def test_what_is_out_of_place_is_refused(data: bytes) -> None:
    async with one_end() as end:
        with pytest.raises(ProtocolError):
            end.channel.receive(data)


async def test_it_is_closed_once_and_sends_nothing_after_that() -> None:
    async with one_end() as end:
        await end.channel.close()
        await end.channel.close()
        end.video.publish(picture(1))

        with pytest.raises(ProtocolError, match="closed"):
            end.channel.receive(ChannelMessage("text", 1, b"late").pack())
        assert end.messages == []
        assert end.closed == 1
        assert not await end.channel.send_message("late")
        assert end.out == []


async def test_stats_count_what_has_gone_both_ways() -> None:
    async with both_ends() as (ann, bob):
        ann.video.publish(picture(9))
        await wait_for(lambda: bob.incoming.video.number and ann.channel.stats.received, 5, "the picture")

        assert ann.channel.stats.measure()["sent_bitrate"] > 0
        measured: dict[str, Any] = bob.channel.stats.measure()
        assert measured["bitrate"] > 0
        assert (measured["width"], measured["height"], measured["loss"]) == (64, 48, 0)


def stamped(value: int) -> av.VideoFrame:
    frame = picture(value)
    frame.pts, frame.time_base = 1, Fraction(1, 90_000)
    return frame
