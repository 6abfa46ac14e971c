"""Lines of a known kind that are malformed are told from those that are unknown."""

from __future__ import annotations

import pytest

from rtc_widget.trace import explain
from tests.support.traces import candidate


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("v=one", "RFC 8866, section 5.1,"),
        ("o=- 1 2 IN IP4", "RFC 8866, section 5.2,"),
        ("c=IN IP4", "RFC 8866, section 5.7,"),
        ("b=AS:-5", "RFC 8866, section 5.8,"),
        ("b=AS", "RFC 8866, section 5.8,"),
        ("t=0", "RFC 8866, section 5.9,"),
        ("m=audio 9", "RFC 8866, section 5.14,"),
        ("a=rtpmap:96 VP8", "RFC 8866, section 6.6,"),
        ("a=rtpmap", "RFC 8866, section 6.6,"),
        ("a=fmtp:96", "RFC 8866, section 6.15,"),
        ("a=rtcp-fb:96", "RFC 4585, section 4.2,"),
        ("a=extmap:1", "RFC 8285, section 5,"),
        ("a=candidate:", "RFC 8839, section 5.1,"),
        ("candidate:1 1 udp", "RFC 8839, section 5.1,"),
        ("a=ice-ufrag:", "RFC 8839, section 5.4,"),
        ("a=fingerprint:sha-256", "RFC 8122, section 5,"),
        ("a=sctp-port:x", "RFC 8841, section 5,"),
    ],
)
def test_a_malformed_line_is_said_to_be_malformed(line: str, where: str) -> None:
    (said,) = explain(line)

    assert said.meaning.startswith("Malformed")
    assert f"has not the form that {where} gives it" in said.meaning
    assert not said.known
    assert where.replace("section ", "").rstrip(",") in said.source
    assert "Malformed" in str(explain(line))


@pytest.mark.parametrize(
    "line",
    [
        "v=1",
        "o=- 1 2 ATM NSAP 47.0091",
        "b=X-YZ:128",
        "m=image 54111 TCP t38",
        "a=candidate:1 3 udp 1 host.local 9 typ host",
        "a=candidate:1 1 udp 1 host.local 9 typ other",
        "a=ssrc:7 fmtp:96 x",
        "a=group:FOO 0",
        "a=foo",
        "x=1",
    ],
)
def test_what_is_valid_and_unknown_is_not_said_to_be_malformed(line: str) -> None:
    (said,) = explain(line)

    assert "Malformed" not in said.meaning


@pytest.mark.parametrize("kind", ["host", "srflx", "relay"])
def test_what_is_well_formed_is_explained(kind: str) -> None:
    (said,) = explain(candidate(kind))

    assert said.known
