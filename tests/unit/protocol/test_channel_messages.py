"""The messages of a media channel, as they travel."""

from __future__ import annotations

import pytest

from rtc_widget.errors import ProtocolError
from rtc_widget.protocol.channel_messages import ChannelMessage, join_packets, split_packets, unpack
from rtc_widget.protocol.limits import LIMITS


@pytest.mark.parametrize(
    "message",
    [
        ChannelMessage("hello", payload=b"token"),
        ChannelMessage("video", 7, b"frame", key=True),
        ChannelMessage("screen", 2**32 - 1, b"frame"),
        ChannelMessage("text", 1, "ü".encode()),
        ChannelMessage("ack", 9, of="audio"),
        ChannelMessage("key", of="video"),
    ],
)
def test_what_is_packed_is_read_as_it_was(message: ChannelMessage) -> None:
    assert unpack(message.pack()) == message


def test_the_header_has_six_bytes_in_network_order() -> None:
    assert ChannelMessage("video", 258, b"x", key=True).pack() == b"\x01\x01\x00\x00\x01\x02x"


@pytest.mark.parametrize(
    "data", [b"", b"\x01\x00\x00", b"\xff\x00\x00\x00\x00\x00", b"\x06\xff\x00\x00\x00\x01"]
)
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError) as caught:
        unpack(data)

    assert caught.value.code == "bad_request"


def test_a_message_that_is_too_long_is_refused() -> None:
    with pytest.raises(ProtocolError):
        unpack(ChannelMessage("video", 1, bytes(LIMITS["media_bytes"] + 1)).pack())


def test_packets_come_apart_as_they_were_put_together() -> None:
    packets = [b"one", b"", b"three"]

    assert split_packets(join_packets(packets)) == packets


def test_a_message_of_more_packets_than_a_second_has_is_refused() -> None:
    # Each is decoded to far more than it is.
    assert len(split_packets(join_packets([b"x"] * 50))) == 50
    with pytest.raises(ProtocolError):
        split_packets(join_packets([b"x"] * 51))


@pytest.mark.parametrize("payload", [b"\x00", b"\x00\x05abc", b"\x00\x01a\x00"])
def test_packets_whose_lengths_do_not_fit_are_refused(payload: bytes) -> None:
    with pytest.raises(ProtocolError):
        split_packets(payload)
