"""What is changed in session descriptions between browsers and aiortc."""

from __future__ import annotations

import pytest

from rtc_widget.peer.process import sdp_rules

HOST = "candidate:1 1 udp 2122260223 192.0.2.7 50000 typ host"
MDNS = "candidate:2 1 udp 2122260223 1b2c3d4e-0000-4000-8000-1234567890ab.local 50000 typ host"

SESSION = ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0 1"]
AUDIO = [
    "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    "a=mid:0",
    "a=ice-ufrag:abcd",
    "a=fingerprint:sha-256 AA:BB",
    "a=setup:active",
    f"a={HOST}",
    f"a={MDNS}",
    "a=end-of-candidates",
    "a=rtpmap:111 opus/48000/2",
]
VIDEO = [
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97 102",
    "a=mid:1",
    "a=ice-ufrag:abcd",
    "a=fingerprint:sha-256 AA:BB",
    "a=setup:active",
    f"a={HOST}",
    "a=rtpmap:96 VP8/90000",
    "a=rtpmap:97 rtx/90000",
    "a=rtpmap:102 H264/90000",
    "a=fmtp:102 packetization-mode=1",
]


def sdp(*sections: list[str]) -> str:
    return "".join(f"{line}\r\n" for section in sections for line in section)


def replaced(lines: list[str], **changes: str) -> list[str]:
    """Return lines in which those that begin with a letter and a name are others."""
    made = [
        next((new for key, new in changes.items() if line.startswith(f"a={key}:")), line) for line in lines
    ]
    return [line for line in made if line]


BOTH = sdp(SESSION, AUDIO, VIDEO)


def test_a_browser_is_told_with_which_bitrate_to_begin_for_every_codec_of_ours() -> None:
    lines = sdp_rules.with_bitrate(BOTH).splitlines()

    (vp8,) = [line for line in lines if line.startswith("a=fmtp:96 ")]
    (h264,) = [line for line in lines if line.startswith("a=fmtp:102 ")]
    assert vp8.startswith("a=fmtp:96 x-google-start-bitrate=")
    assert h264.startswith("a=fmtp:102 packetization-mode=1;x-google-start-bitrate=")
    assert lines.index(vp8) == lines.index("a=rtpmap:96 VP8/90000") + 1
    assert not [line for line in lines if line.startswith(("a=fmtp:97", "a=fmtp:111"))]
    assert len(lines) == len(BOTH.splitlines()) + 1


def test_what_is_not_spoken_of_passes_unchanged() -> None:
    text = sdp(SESSION, ["m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "a=mid:0", "a=x-unknown:1"])

    assert sdp_rules.with_bitrate(text) == text
    assert sdp_rules.without_traps(text) == text
    assert sdp_rules.without(text, set()) == text


@pytest.mark.parametrize(
    ("line", "unusable"), [(HOST, False), (MDNS, True), ("candidate:1 1 udp", True), ("", True)]
)
def test_mdns_names_and_nonsense_are_nothing_for_the_ice_agent(line: str, unusable: bool) -> None:
    assert sdp_rules.is_unusable(line) is unusable


def test_aiortc_is_told_neither_mdns_names_nor_the_end_of_candidates() -> None:
    text = sdp_rules.without_traps(BOTH)

    assert f"a={HOST}" in text
    assert ".local" not in text
    assert "end-of-candidates" not in text


def test_of_the_dtls_roles_only_one_in_force_is_told() -> None:
    over = replaced(VIDEO, setup="a=setup:passive")
    over[0] = over[0].replace("video 9", "video 0")

    text = sdp_rules.without_traps(sdp(SESSION, AUDIO, over))

    assert text.count("a=setup:active") == 2
    assert "a=setup:passive" not in text


def test_each_candidate_is_counted_once() -> None:
    assert sdp_rules.candidates(BOTH) == [HOST.removeprefix("candidate:"), MDNS.removeprefix("candidate:")]


def test_a_description_is_known_by_its_fragments_and_fingerprints() -> None:
    text = sdp(SESSION, AUDIO, replaced(VIDEO, **{"ice-ufrag": "a=ice-ufrag:efgh"}))

    assert sdp_rules.ufrags(text) == {"abcd", "efgh"}
    assert sdp_rules.fingerprints(text) == {"sha-256 AA:BB"}
    assert sdp_rules.mids(text) == ["0", "1"]
    assert sdp_rules.mids(sdp(SESSION, ["m=audio 9 RTP/AVP 0"])) == [""]


def test_a_line_full_of_spaces_costs_no_more_than_its_length() -> None:
    # A pattern that looked for the spaces at the end took minutes over these lines.
    spaces = " " * 200_000
    text = sdp(SESSION, [*AUDIO, f"a=fingerprint:x{spaces}y", f"a=candidate:x{spaces}y"])

    assert sdp_rules.fingerprints(text) == {"sha-256 AA:BB", f"x{spaces}y"}
    assert sdp_rules.candidates(text)[-1] == f"x{spaces}y"


def test_an_m_line_with_port_zero_is_over_unless_it_is_only_bundled() -> None:
    over = [VIDEO[0].replace("video 9", "video 0"), *VIDEO[1:]]

    assert sdp_rules.rejected(BOTH) == set()
    assert sdp_rules.rejected(sdp(SESSION, AUDIO, over)) == {"1"}
    assert sdp_rules.rejected(sdp(SESSION, AUDIO, [*over, "a=bundle-only"])) == set()


def test_an_m_line_that_is_over_is_over_in_our_answer_too_and_in_no_bundle() -> None:
    lines = sdp_rules.without(BOTH, {"1"}).splitlines()

    assert "m=video 0 UDP/TLS/RTP/SAVPF 96 97 102" in lines
    assert "m=audio 9 UDP/TLS/RTP/SAVPF 111" in lines
    assert "a=group:BUNDLE 0" in lines
