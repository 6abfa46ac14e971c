"""What a lesson's STUN and TURN server reads and writes is what another implementation does."""

from __future__ import annotations

import pytest
from aioice import stun

from rtc_widget.ice.stun_message import (
    ALLOCATE,
    BINDING,
    MAPPED_ADDRESS,
    PEER_ADDRESS,
    SUCCESS,
    USERNAME,
    StunMessage,
    key_of,
    xor_address,
)

KEY = key_of("ada", "lesson", "correct horse")


def signed() -> bytes:
    message = stun.Message(stun.Method.ALLOCATE, stun.Class.REQUEST, b"twelve bytes")
    message.attributes["USERNAME"] = "ada"
    message.attributes["XOR-PEER-ADDRESS"] = ("192.0.2.7", 50001)
    message.add_message_integrity(KEY)
    return bytes(message)


def test_what_another_writes_is_read() -> None:
    message = StunMessage.parse(signed())

    assert message is not None
    assert message.kind == ALLOCATE
    assert message.get(USERNAME) == b"ada"
    assert message.get(MAPPED_ADDRESS) is None
    assert message.addresses(PEER_ADDRESS) == [("192.0.2.7", 50001)]


def test_what_is_written_is_read_by_another() -> None:
    written = StunMessage(
        BINDING | SUCCESS, b"twelve bytes", [(MAPPED_ADDRESS, xor_address(("203.0.113.9", 40000)))]
    ).pack(KEY)

    message = stun.parse_message(written)

    assert (message.message_method, message.message_class) == (stun.Method.BINDING, stun.Class.RESPONSE)
    assert message.attributes["XOR-MAPPED-ADDRESS"] == ("203.0.113.9", 40000)
    assert message.check_message_integrity(KEY)


def test_a_signature_is_checked() -> None:
    message = StunMessage.parse(signed())
    assert message is not None
    assert message.is_signed_with(KEY)
    assert not message.is_signed_with(key_of("ada", "lesson", "wrong"))

    changed = StunMessage.parse(signed().replace(b"ada", b"eve"))
    assert changed is not None
    assert not changed.is_signed_with(KEY)
    unsigned = StunMessage.parse(StunMessage(ALLOCATE, b"twelve bytes").pack())
    assert unsigned is not None
    assert not unsigned.is_signed_with(KEY)


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", bytes(20), signed()[:-3], signed() + b"more", b"\x80" + signed()[1:]],
    ids=["nothing", "text", "zeros", "cut", "longer", "media"],
)
def test_what_is_no_message_is_none(data: bytes) -> None:
    assert StunMessage.parse(data) is None


def test_an_attribute_that_is_longer_than_the_message_is_none() -> None:
    lying = bytearray(signed())
    lying[22:24] = b"\xff\xff"

    assert StunMessage.parse(bytes(lying)) is None
