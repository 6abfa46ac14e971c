"""Session descriptions and candidates that somebody made up: a browser's, with things wrong by the grammar of SDP."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.support.descriptions import CHROMIUM_ON_WINDOWS

_LINES = [line for line in CHROMIUM_ON_WINDOWS.splitlines() if line]
# What a value may be instead (RFC 8866, section 9): empty, of another type, at the edge of a type, far too long, not ASCII.
_WORDS = st.one_of(
    st.sampled_from(
        ["", "0", "-1", "1", "65535", "65536", "4294967296", "1e9", "9" * 400, "NaN", "*", "é", "\x00", "%s"]
    ),
    st.sampled_from(
        ["audio", "video", "application", "text", "image", "inactive", "sendrecv", "actpass", "active"]
    ),
    st.sampled_from(["IN", "IP4", "IP6", "0.0.0.0", "::1", "255.255.255.255", "RTP/AVP", "UDP/DTLS/SCTP"]),
    st.builds(
        lambda letter, count: letter * count, st.sampled_from("a/;:= "), st.sampled_from([300, 20_000])
    ),
    st.text(max_size=8),
)
_OWN_LINES = st.one_of(
    st.builds("m={} {} {} {}".format, _WORDS, _WORDS, _WORDS, _WORDS),
    st.builds(
        "a={}:{}".format,
        st.sampled_from(["mid", "rtpmap", "fmtp", "setup", "ssrc", "ssrc-group", "rid"]),
        _WORDS,
    ),
    st.builds(
        "a={}:{} {}".format,
        st.sampled_from(["rtcp-fb", "extmap", "fingerprint", "msid", "simulcast"]),
        _WORDS,
        _WORDS,
    ),
    st.builds(
        "a={}:{}".format, st.sampled_from(["ice-ufrag", "ice-pwd", "sctp-port", "max-message-size"]), _WORDS
    ),
    st.builds("a=group:BUNDLE {} {}".format, _WORDS, _WORDS),
    st.builds("a=fmtp:{} {}={};{}={}".format, _WORDS, _WORDS, _WORDS, _WORDS, _WORDS),
    st.builds("{}={}".format, st.sampled_from("vostcbkza"), _WORDS),
)


@st.composite
def descriptions(draw: st.DrawFn) -> str:
    """Draw a description of one to a dozen faults."""
    lines = list(_LINES)
    for _fault in range(draw(st.integers(1, 12))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(
            st.sampled_from(["drop", "double", "move", "word", "word", "insert", "insert", "cut", "section"])
        ):
            case "drop" if len(lines) > 1:
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "move":
                lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
            case "word":
                words = lines[at].split(" ")
                words[draw(st.integers(0, len(words) - 1))] = draw(_WORDS)
                lines[at] = " ".join(words)
            case "insert":
                lines.insert(at, draw(_OWN_LINES))
            case "cut" if at > 1:
                del lines[at:]
            case "section":
                lines += lines[at : at + 30] * draw(st.integers(1, 3))
    return draw(st.sampled_from(["\r\n", "\r\n", "\n"])).join(lines) + draw(st.sampled_from(["\r\n", ""]))


@st.composite
def candidates(draw: st.DrawFn) -> dict[str, Any] | None:
    """Draw a candidate (RFC 8839, section 5.1), the end of them, or something like one."""
    if draw(st.integers(0, 9)) == 0:
        return None
    words = [
        "1",
        "1",
        "udp",
        "2122260223",
        "192.0.2.7",
        "50000",
        "typ",
        "host",
        "generation",
        "0",
        "ufrag",
        "Kp3c",
    ]
    for _fault in range(draw(st.integers(0, 3))):
        words[draw(st.integers(0, len(words) - 1))] = draw(_WORDS)[:1_000]
    made: dict[str, Any] = {
        "candidate": f"{draw(st.sampled_from(['candidate:', 'a=candidate:', '']))}{' '.join(words)}"
    }
    if draw(st.booleans()):
        made["sdpMid"] = draw(st.sampled_from(["0", "1", "9", "", "é"]))
    if draw(st.booleans()):
        made["sdpMLineIndex"] = draw(st.sampled_from([0, 1, 255, 65_535]))
    return made
