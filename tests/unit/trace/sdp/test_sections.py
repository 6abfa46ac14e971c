"""Descriptions that no browser writes, compared as RFC 3264, 8866 and 3551 have it."""

from __future__ import annotations

import pytest

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.trace import diff

HEAD = "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n"
AUDIO = (
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 8\r\na=mid:0\r\na=rtpmap:111 opus/48000/2\r\na=rtpmap:8 PCMA/8000\r\n"
)
VIDEO = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n"


def found(offer: str, answer: str, what: str) -> str:
    return next(each.text for each in diff(HEAD + offer, HEAD + answer) if each.what == what)


def test_codecs_are_the_same_in_capitals_and_small_letters() -> None:
    answer = AUDIO.replace("opus/48000/2", "OPUS/48000/2").replace(" 8\r\na=mid", "\r\na=mid")

    assert found(AUDIO, answer, "codecs") == "agreed, first choice first: opus. Negotiated away: PCMA."


def test_m_lines_without_mid_belong_together_by_their_order() -> None:
    without = (AUDIO + VIDEO).replace("a=mid:0\r\n", "").replace("a=mid:1\r\n", "")

    assert [
        each.where for each in diff(HEAD + AUDIO + VIDEO, HEAD + without) if each.what == "direction"
    ] == [
        "audio (mid 0)",
        "video (mid 1)",
    ]
    assert "audio (m-line 1)" in str(diff(HEAD + without, HEAD + without))
    with pytest.raises(InvalidArgumentError, match="has others"):
        diff(HEAD + AUDIO + VIDEO, HEAD + VIDEO + AUDIO)


def test_what_the_session_says_counts_for_all_of_its_m_lines() -> None:
    extension = "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
    answer = f"a=recvonly\r\na=setup:passive\r\n{extension}{AUDIO}{VIDEO}a=inactive\r\n"

    differences = diff(HEAD + AUDIO + VIDEO + extension, HEAD + answer)

    assert [each.text for each in differences if each.what == "direction"] == [
        "sendrecv was offered, recvonly answered: only the offerer may send.",
        "sendrecv was offered, inactive answered: nobody may send.",
    ]
    assert (
        found(AUDIO, answer.replace(VIDEO, ""), "role")
        == "the offerer begins the DTLS handshake, where there has been none yet."
    )
    assert "extensions" not in [each.what for each in differences]


def test_payload_types_that_mean_something_by_themselves_need_no_rtpmap() -> None:
    offer = "m=audio 5004 RTP/AVP 0 8 9\r\n"
    answer = "m=audio 5004 RTP/AVP 8 0\r\na=rtpmap:8 pcma/8000\r\n"

    assert found(offer, answer, "codecs") == "agreed, first choice first: PCMA, PCMU. Negotiated away: G722."


def test_a_payload_type_that_nobody_explains_is_named_by_its_number() -> None:
    assert "payload type 96" in found(VIDEO, VIDEO, "codecs")


@pytest.mark.parametrize(
    ("codec", "written"),
    [
        ("VP9", "profile-id=0"),
        ("AV1", "level-idx=5;profile=0;tier=0"),
        ("H265", "level-id=93;profile-id=1;tier-flag=0;tx-mode=SRST"),
        ("H264", "profile-level-id=42000a"),
        ("H264", "packetization-mode=0; Profile-Level-Id=420010"),
    ],
)
def test_settings_that_are_left_out_are_what_the_codec_says(codec: str, written: str) -> None:
    without = f"{VIDEO}a=rtpmap:96 {codec}/90000\r\n"

    said = found(f"{without}a=fmtp:96 {written}\r\n", without, "codecs")

    assert "none" not in said
    assert said.endswith("None was dropped.")


def test_profiles_and_modes_are_codecs_of_their_own() -> None:
    def video(settings: str, codec: str = "H264") -> str:
        return f"{VIDEO}a=rtpmap:96 {codec}/90000\r\na=fmtp:96 {settings}\r\n"

    one = video("profile-level-id=42e01f;packetization-mode=1")
    assert "agreed, first choice first: none" in found(one, video("profile-level-id=42e01f"), "codecs")
    assert "H264 42e0." in found(one, video("packetization-mode=1;profile-level-id=42E034"), "codecs")
    assert "agreed, first choice first: none" in found(
        video("profile-id=2", "VP9"), video("max-fr=30", "VP9"), "codecs"
    )
    one = video("profile-id=2", "VP9")
    assert found(one, one, "codecs").startswith("agreed, first choice first: VP9 profile 2.")


def test_an_m_line_that_only_the_bundle_gives_a_port_can_be_refused() -> None:
    offer = VIDEO.replace("video 9", "video 0") + "a=bundle-only\r\n"

    assert found(offer, VIDEO.replace("video 9", "video 0"), "m-line") == "the answerer refused it."
    assert found(VIDEO.replace("video 9", "video 0"), VIDEO, "m-line") == "was over before."
