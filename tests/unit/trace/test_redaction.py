"""What says who and where somebody is, and is left out of what is shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.trace import Trace, redacted
from rtc_widget.trace.redaction import Redactor
from tests.support.traces import (
    ADA,
    BOB,
    call,
    candidate,
    sdp,
)

SECRETS = (
    "192.0.2.44",
    "2001:db8::7",
    "51234",
    "40404",
    "10.1.2.3",
    "8f3a-beef.local",
    "Kp3c",
    "SecretSecret",
    "AA:BB:CC",
    "842163049",
    "Kp3cstream",
    "Kp3ctrack",
    "Kp3ccname",
)


def planted() -> Trace:
    script = call()
    for address in ("8f3a-beef.local", "2001:db8::7"):
        text = candidate(address=address)
        script.pass_on(ADA, BOB, "ice_candidate", {"candidate": text, "usernameFragment": "Kp3c"})
    script.say(ADA, "error", code="connection_failed", message="no way to 192.0.2.44:51234 or [2001:db8::7]")
    script.say(ADA, "failed", BOB, operation="addIceCandidate", error="192.0.2.44")
    return script.trace


def test_what_says_who_and_where_somebody_is_is_left_out() -> None:
    diagram = planted().diagram()

    for written in (diagram.svg, diagram.html, diagram.text):
        assert [secret for secret in SECRETS if secret in written] == []


def test_it_is_there_for_who_asks() -> None:
    html = planted().diagram(private=False).html

    assert "Kp3cSecret" in html
    assert "8f3a-beef.local" in html


def with_private_fields() -> Trace:
    script = call()
    script.say(
        ADA,
        "error",
        code="connection_failed",
        message="no way to 192.0.2.44 or [2001:db8::7] or 8f3a-beef.local",
    )
    script.say(ADA, "stats", BOB, port=51234, address="turn.example", usernameFragment="Kp3c", rtt=4.0)
    script.say(ADA, "failed", BOB, operation="setRemoteDescription", error="a=ice-pwd:SecretSecretSecret")
    return script.trace


def test_a_table_leaves_out_what_the_other_views_do() -> None:
    frame = with_private_fields().to_frame()

    shown = frame.to_csv()
    assert [secret for secret in (*SECRETS, "turn.example") if secret in shown] == []
    assert "no way to [address-1] or [[address-2]] or [name-1].local" in shown
    assert frame["rtt"].max() == 4.0


def test_a_table_has_it_for_who_asks() -> None:
    frame = with_private_fields().to_frame(private=False)

    assert "no way to 192.0.2.44 or [2001:db8::7]" in frame.to_csv()
    assert frame["port"].max() == 51234


def test_the_same_value_has_the_same_placeholder() -> None:
    text = "a=ice-ufrag:abc\na=ice-ufrag:def\na=ice-ufrag:abc"

    assert redacted(text) == "a=ice-ufrag:[ufrag-1]\na=ice-ufrag:[ufrag-2]\na=ice-ufrag:[ufrag-1]"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("c=IN IP4 0.0.0.0", "c=IN IP4 0.0.0.0"),
        ("c=IN IP4 192.0.2.1", "c=IN IP4 [address-1]"),
        ("m=video 50004 UDP/TLS/RTP/SAVPF 96", "m=video [port-1] UDP/TLS/RTP/SAVPF 96"),
        ("a=rtcp:50004 IN IP4 192.0.2.1", "a=rtcp:[port-1] IN IP4 [address-1]"),
        ("a=extmap:1 urn:ietf:params:rtp-hdrext:toffset", "a=extmap:1 urn:ietf:params:rtp-hdrext:toffset"),
        ("at 10:22:33, version 1.2.3", "at 10:22:33, version 1.2.3"),
        ("c=IN IP4 host.example", "c=IN IP4 [address-1]"),
        ("o=jane 1 2 IN IP4 jane.example", "o=[user-1] 1 2 IN IP4 [address-1]"),
        ("::ffff:192.0.2.1 and fe80::1%eth0", "[address-1] and [address-2]"),
        ("turn:203.0.113.7:3478 and host:203.0.113.7", "turn:[address-1]:3478 and host:[address-1]"),
        ("face:203.0.113.7:3478, :203.0.113.7", "face:[address-1]:3478, :[address-1]"),
        ("reach 203.0.113.7.", "reach [address-1]."),
        ("a=x:198.51.100.9.", "a=x:[address-1]."),
        (
            "turn:[2001:db8::7]:3478 and candidate:2001:db8::7.",
            "turn:[[address-1]]:3478 and candidate:[address-1].",
        ),
        ("(RFC 8445, 5.1.2.2), 5.1.2, 1.2.3.4.5", "(RFC 8445, 5.1.2.2), 5.1.2, 1.2.3.4.5"),
        ("a=fingerprint-like:AA:BB:CC, Foo::bar", "a=fingerprint-like:AA:BB:CC, Foo::bar"),
    ],
)
def test_only_what_is_private_is_replaced(text: str, left: str) -> None:
    assert redacted(text) == left


@pytest.mark.parametrize("quoted", [lambda text: text, json.dumps, lambda text: json.dumps(json.dumps(text))])
def test_a_sentence_that_quotes_a_description_has_none_of_its_secrets(quoted: Callable[[str], str]) -> None:
    said = f"Failed to apply: {quoted(sdp('Kp3c'))} is no offer."

    told = Redactor().words(said)

    assert not [secret for secret in ("Kp3c", "Secret", "AA:BB:CC") if secret in told]
    assert told.startswith("Failed to apply: ")
    assert "VP8/90000" in told


def test_a_part_of_a_description_that_json_quotes_has_none_either() -> None:
    told = Redactor().words(json.dumps("a=mid:0\r\na=ice-ufrag:Kp3c\r\na=ice-pwd:SecretSecret"))

    assert not [secret for secret in ("Kp3c", "Secret") if secret in told]


def test_a_sentence_that_looks_like_none_stays_as_it_is() -> None:
    said = "e=mc2, and s=hello; v=0 m/s"

    assert Redactor().words(said) == said


@pytest.mark.parametrize("given", [None, 5, b"a=ice-ufrag:Kp3c"])
def test_what_is_no_text_is_refused(given: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="redacted takes a str") as refused:
        redacted(given)
    assert refused.value.code == "bad_argument"
