"""Lines of session descriptions in plain words."""

from __future__ import annotations

import pickle

import pytest
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.trace import Trace, explain

SECTION = """m=video 9 UDP/TLS/RTP/SAVPF 96 97
a=rtpmap:96 VP8/90000
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtcp-fb:96 nack pli"""


def said(line: str) -> str:
    (only,) = explain(line)
    assert only.known
    return only.meaning


def test_a_line_is_explained_with_where_it_is_defined() -> None:
    (line,) = explain("a=setup:actpass")

    assert "leaves the choice to the answer" in line.meaning
    assert "RFC 8842" in line.source


@pytest.mark.parametrize(
    ("line", "words", "source"),
    [
        (
            "a=ice-pwd:Kp3cSecretSecretSecret12",
            "The other side's checks have to be made with this password",
            "RFC 8445, 7.2.2",
        ),
        ("a=bundle-only", "refuses this m-line, with port 0", "RFC 9143, 6"),
        ("a=inactive", "No media flow", "RFC 8866, 6.7.4"),
        ("a=group:BUNDLE 0 1", "", "RFC 9143, 5"),
    ],
)
def test_what_is_easily_told_wrong_is_told_as_the_section_has_it(line: str, words: str, source: str) -> None:
    (only,) = explain(line)

    assert words in only.meaning
    assert source in only.source


def test_a_limit_of_a_codec_is_told_by_that_codecs_own_specification() -> None:
    section = explain("m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 max-fs=3600\r\n")

    assert "RFC 6184, 8.1" in section[-1].source
    assert "7741" not in section[-1].source


def test_numbers_are_explained_by_what_the_section_says_of_them() -> None:
    section = explain(SECTION)

    assert "VP8, rtx" in section[0].meaning
    assert (
        section[3].meaning
        == "Settings of rtx (payload type 97): repeats lost packets of VP8 (payload type 96)."
    )
    assert section[4].meaning.startswith("For VP8 (payload type 96) the receiver asks for a key frame")


@pytest.mark.parametrize(
    ("candidate", "words"),
    [
        ("candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host generation 0", "the machine itself"),
        ("candidate:1 1 UDP 1 ab-cd.local 50000 typ host", "hidden behind an mDNS name"),
        ("candidate:1 1 udp 1 192.0.2.1 50000 typ srflx raddr 0.0.0.0 rport 0", "STUN"),
        ("a=candidate:1 2 tcp 1 192.0.2.1 9 typ relay", "TURN"),
    ],
)
def test_candidates_are_explained_by_their_type(candidate: str, words: str) -> None:
    assert words in said(candidate)


def test_what_is_not_known_is_said_to_be() -> None:
    explained = explain("a=mid:0\na=surprise:1\na=fmtp:96 colour=blue")

    assert explained.unknown == ("a=surprise:1", "a=fmtp:96 colour=blue")


@pytest.mark.parametrize("garbage", ["", "hello", "{}", "m", "\n\n"])
def test_garbage_is_refused(garbage: str) -> None:
    with pytest.raises(InvalidArgumentError, match="not an SDP"):
        explain(garbage)
    with pytest.raises(InvalidArgumentError, match="not int"):
        explain(7)  # type: ignore[arg-type]


def test_it_shows_itself_as_text_and_as_a_table_in_which_nothing_is_markup() -> None:
    explained = explain("s=<script>alert(1)</script>", private=False)

    assert str(explained).startswith("s=<script>")
    assert "<script>" not in explained._repr_html_()


PRIVATE = """v=0
a=ice-ufrag:Kp3c
a=ice-pwd:Kp3cSecretSecretSecret12
a=fingerprint:sha-256 0A:1B:2C
a=candidate:1 1 udp 2122260223 203.0.113.7 50000 typ host
c=IN IP4 203.0.113.7"""
SECRETS = ("Kp3c", "0A:1B", "203.0.113.7", "50000")


def test_what_is_private_is_not_shown_and_can_be_read() -> None:
    explained = explain(PRIVATE)

    for shown in (repr(explained), str(explained), explained._repr_html_()):
        assert [secret for secret in SECRETS if secret in shown] == []
        assert "Unknown here" not in shown
    assert "a=ice-ufrag:[ufrag-1]\n" in str(explained)
    assert [line.line for line in explained] == PRIVATE.splitlines()


def test_what_is_private_is_shown_to_who_asks() -> None:
    explained = Trace.explain(PRIVATE, private=False)

    for shown in (repr(explained), str(explained), explained._repr_html_()):
        assert [secret for secret in SECRETS if secret not in shown] == []


def test_a_copy_shows_what_the_original_does() -> None:
    for private in (True, False):
        explained = explain(PRIVATE, private=private)
        assert str(pickle.loads(pickle.dumps(explained))) == str(explained)


async def test_every_line_of_aiortcs_is_known() -> None:
    ours = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
    theirs = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    ours.addTransceiver("audio")
    ours.addTransceiver("video", direction="sendonly")
    ours.createDataChannel("data")
    await ours.setLocalDescription()
    await theirs.setRemoteDescription(ours.localDescription)
    await theirs.setLocalDescription()

    for side in (ours, theirs):
        explained = explain(side.localDescription.sdp)
        assert explained.unknown == ()
        assert "Unknown here" not in str(explained)
        await side.close()
