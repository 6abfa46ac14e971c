"""How the addresses of STUN and TURN servers are read."""

from __future__ import annotations

import pytest

from rtc_widget.ice.urls import IceUrl


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("stun:stun.example.org", IceUrl("stun", "stun.example.org", 3478, "udp")),
        ("stuns:stun.example.org", IceUrl("stun", "stun.example.org", 5349, "tls")),
        ("turn:turn.example.org", IceUrl("turn", "turn.example.org", 3478, "udp")),
        ("turn:192.0.2.1:80?transport=tcp", IceUrl("turn", "192.0.2.1", 80, "tcp")),
        ("turns:[2001:db8::1]:443?transport=tcp", IceUrl("turn", "2001:db8::1", 443, "tls")),
        ("turns:turn.example.org?transport=udp", None),
        ("turn:turn.example.org?transport=sctp", None),
        ("stun:stun.example.org?transport=udp", None),
        ("turn:turn.example.org:70000", None),
        ("turn:user@turn.example.org", None),
        ("http://turn.example.org", None),
        ("turn:", None),
    ],
)
def test_an_address_is_read_as_the_standards_have_it(text: str, read: IceUrl | None) -> None:
    assert IceUrl.parse(text) == read
