"""What browsers write on every system, and others: known, in sentences, each setting by itself and by its codec."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from rtc_widget.trace import explain, redacted
from tests.support.descriptions import CHROMIUM_ON_WINDOWS, FIREFOX, OTHERS

ALL = {"Chromium on Windows": CHROMIUM_ON_WINDOWS, "Firefox": FIREFOX, "others": OTHERS}


def said(lines: str) -> str:
    return explain(lines)[-1].meaning


@pytest.mark.parametrize("name", ALL)
def test_what_they_write_is_known(name: str) -> None:
    assert explain(ALL[name]).unknown == ()


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("shown", [str, redacted])
def test_what_is_said_of_it_are_sentences(name: str, shown: Callable[[str], str]) -> None:
    for line in explain(shown(ALL[name])):
        text = line.meaning
        assert re.search(r"\b(\w+) \1\b", re.sub(r"\d+", "", text)) is None, text
        assert re.search(r"\b[Aa] [AEIOaeio]", text) is None, text
        assert re.search(r"  | [,.;:]|,\.|\b1 \w+s\b|\{\}", text) is None, text
        assert text[0].isupper(), text
        assert text.endswith("."), text


def test_an_m_line_by_itself_is_a_sentence() -> None:
    assert said("m=audio 9 UDP/TLS/RTP/SAVPF 111") == (
        "An audio m-line, for one audio track each way. Port 9 is a placeholder: candidates tell the real ones."
    )
    assert said("m=audio 9 RTP/AVP 0 8").startswith(
        "An audio m-line, for one audio track each way; in the order of preference: PCMU, PCMA. Port 9 is a placeholder"
    )


def test_settings_are_explained_by_their_codec() -> None:
    both = "m=video 9 UDP/TLS/RTP/SAVPF 49 98\na=rtpmap:49 H265/90000\na=rtpmap:98 VP9/90000\n"

    assert said(f"{both}a=fmtp:49 profile-id=1") == (
        "Settings of H265 (payload type 49): Main profile (8 bits)."
    )
    assert "8 bits, finer colour" in said(f"{both}a=fmtp:98 profile-id=1")
    assert "level 3.1; Main profile (8 bits); Main tier" in said(
        f"{both}a=fmtp:49 level-id=93;profile-id=1;tier-flag=0;tx-mode=SRST"
    )


def test_a_setting_that_needs_its_codec_is_unknown_without_it() -> None:
    assert explain("a=fmtp:49 profile-id=1").unknown == ("a=fmtp:49 profile-id=1",)
    assert said("a=fmtp:97 apt=96") == "Settings of payload type 97: repeats lost packets of payload type 96."


def test_one_unknown_setting_leaves_the_others_explained() -> None:
    line = "a=fmtp:111 minptime=10;colour=blue;useinbandfec=1"

    explained = explain(f"a=rtpmap:111 opus/48000/2\n{line}")

    assert explained.unknown == (line,)
    assert explained[1].meaning == (
        "Settings of opus (payload type 111): packets of 10 ms and more are welcome; "
        "each packet may carry a rough copy of the one before. Unknown here: colour=blue."
    )


@pytest.mark.parametrize(
    "settings",
    ["profile-id=9", "level-id=high", "tier-flag=7", f"level-id={'9' * 400}", "level-id=", ";;", "="],
)
def test_a_value_that_nobody_defined_is_unknown(settings: str) -> None:
    explained = explain(f"m=video 9 RTP/SAVPF 49\na=rtpmap:49 H265/90000\na=fmtp:49 {settings}")

    assert explained.unknown == (f"a=fmtp:49 {settings}",) or settings == ";;"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("m=holodeck 9 RTP/AVP 0", "An answer refuses"),
        ("m=audio 9 QUIC 0", "Its transport is unknown here: QUIC."),
        ("a=surprise:1", "Receivers ignore attributes"),
        ("x=1", "ignore or refuse a whole description"),
        ("a=extmap:5 urn:example:new", "something that is unknown here, in a header extension of number 5"),
        ("a=rtcp-fb:96 x-new", "For payload type 96 the receiver gives feedback that is unknown here."),
    ],
)
def test_what_becomes_of_an_unknown_line_is_said_as_it_is(line: str, words: str) -> None:
    explained = explain(line)

    assert explained.unknown == (line,)
    assert words in explained[0].meaning


def test_static_payload_types_have_names() -> None:
    assert "For PCMU (payload type 0) the receiver" in said("m=audio 9 RTP/AVPF 0\na=rtcp-fb:0 nack")
