"""The meaning of each kind of line in a session description."""

from __future__ import annotations

import re
from typing import Final

from .codec_settings import meaning_of_settings
from .context import Context, Say

# A placeholder of `redaction`.
_REDACTED: Final = r"\[[a-z-]+\d+\]"
_RULES: Final[list[tuple[re.Pattern[str], str, str | Say]]] = []


def meaning_of(line: str, context: Context) -> tuple[str, str] | None:
    """Look up the meaning of a line.

    Parameters
    ----------
    line : str
        The line, without its line end.
    context : Context
        The line's section.

    Returns
    -------
    (str, str) or None
        Meaning and source; None for an unknown line.
    """
    settings = re.fullmatch(r"a=fmtp:(\d+) (.+)", line)
    if settings:
        return meaning_of_settings(settings, context)
    for pattern, source, explanation in _RULES:
        match = pattern.fullmatch(line)
        if match:
            return (explanation if isinstance(explanation, str) else explanation(match, context)), source
    return None


def _rule(pattern: str, source: str, explanation: str | Say) -> None:
    _RULES.append((re.compile(pattern), source, explanation))


# -- the session

_rule(r"v=0", "RFC 8866, 5.1", "SDP version 0, the only one there is.")
_rule(
    r"o=(\S+) (\d+) (\d+) IN IP[46] \S+",
    "RFC 8866, 5.2; RFC 8829, 5.2.1",
    lambda m, _: (
        f"Session {m[2]} in its version {m[3]}: the version grows with each new offer or answer of this "
        "side. The address is a placeholder."
    ),
)
_rule(r"s=.*", "RFC 8866, 5.3", "The session's name, which WebRTC does not use.")
_rule(r"t=0 0", "RFC 8866, 5.9", "No beginning and no end are planned.")
_rule(
    r"a=group:BUNDLE( .+)?",
    "RFC 9143, 7",
    lambda m, _: (
        f"The m-lines{m[1] or ''} share one transport: one ICE connection and one DTLS session for all."
        if m[1]
        else "No m-line shares a transport with another."
    ),
)
_rule(r"a=group:LS .+", "RFC 5888", "These m-lines are to be played in sync.")
_rule(
    r"a=extmap-allow-mixed",
    "RFC 8285, 6",
    "RTP header extensions with one-byte and two-byte headers may be mixed in one stream.",
)
_rule(
    r"a=msid-semantic: ?WMS.*",
    "draft-ietf-mmusic-msid, early versions",
    "msid lines name WebRTC media streams; kept for old browsers.",
)
_rule(
    r"a=ice-options:(.+)",
    "RFC 8840, 4.1; RFC 8445, 10",
    lambda m, _: (
        "Candidates may follow one by one after the description (trickle)."
        if "trickle" in m[1]
        else f"ICE is used with {m[1]}."
    ),
)
_rule(r"a=ice-lite", "RFC 8445, 2.5", "This side only answers ICE checks and makes none, as servers do.")
_rule(
    rf"a=fingerprint:(\S+) (?:[0-9A-Fa-f:]+|{_REDACTED})",
    "RFC 8122, 5; RFC 8827, 6.5",
    lambda m, _: (
        f"The {m[1]} hash of this side's certificate: whoever does not hold its key cannot be on the other "
        "end of the DTLS session."
    ),
)
_rule(
    r"b=(AS|TIAS):(\d+)", "RFC 8866, 5.8; RFC 3890", lambda m, _: f"At most {m[2]} {_unit(m[1])} are wanted."
)


def _unit(kind: str) -> str:
    return "kbit/s" if kind == "AS" else "bit/s"


# -- an m-line

_KINDS: Final = {"audio": "one sound", "video": "one picture", "application": "data channels"}


def _m_line(match: re.Match[str], context: Context) -> str:
    kind, port, formats = match[1], match[2], match[4].split()
    what = (
        f"A {kind} m-line, for one {_KINDS[kind]}" if kind != "application" else "An m-line for data channels"
    )
    if port == "0":
        return f"{what}: port 0 says that it is over, or that it only exists inside the BUNDLE."
    names = [context.codecs[pt] for pt in formats if pt in context.codecs]
    choice = f", in the order of preference: {', '.join(dict.fromkeys(names))}" if names else ""
    placeholder = (
        "port 9 is a placeholder, candidates tell the real ones" if port == "9" else "a default port"
    )
    return f"{what}{choice}; {placeholder}."


_rule(
    rf"m=(audio|video|application) (\d+|{_REDACTED}) (UDP/TLS/RTP/SAVPF|UDP/DTLS/SCTP|DTLS/SCTP) (.+)",
    "RFC 8866, 5.14; RFC 8829, 5.2.1",
    _m_line,
)
_rule(
    r"c=IN IP[46] (\S+)",
    "RFC 8866, 5.7",
    "A default address for those who know no ICE; a placeholder where it is 0.0.0.0.",
)
_rule(
    r"a=mid:(.+)",
    "RFC 5888, 4; RFC 9143, 15",
    lambda m, _: f"This m-line is called {m[1]}, in BUNDLE, in candidates and in RTP packets.",
)
_rule(
    r"a=sendrecv",
    "RFC 8866, 6.7.2",
    "This side would send and receive. The other side's line may be narrower: both count.",
)
_rule(r"a=sendonly", "RFC 8866, 6.7.3", "This side would send here and not receive.")
_rule(r"a=recvonly", "RFC 8866, 6.7.1", "This side would receive here and not send.")
_rule(r"a=inactive", "RFC 8866, 6.7.4", "Nothing flows here for now; the m-line keeps its place for later.")
_rule(
    r"a=msid:(\S+)(?: (\S+))?",
    "RFC 8830, 2",
    lambda m, _: (
        "The track that is sent here belongs to no stream."
        if m[1] == "-"
        else "The stream and the track that are sent here, as the other side's track event shows them."
    ),
)
_rule(
    r"a=bundle-only",
    "RFC 9143, 6",
    "Only usable inside the BUNDLE: who does not bundle leaves this m-line out.",
)
_rule(r"a=rtcp-mux", "RFC 5761, 5.1.1", "RTP and RTCP share one port: half as many candidates are needed.")
_rule(
    r"a=rtcp-mux-only", "RFC 8858, 3", "RTP and RTCP share one port, and this side could not do it otherwise."
)
_rule(
    r"a=rtcp-rsize", "RFC 5506, 5", "Short RTCP packets are welcome, so that feedback is sooner on its way."
)
_rule(
    rf"a=rtcp:(?:\d+|{_REDACTED}).*",
    "RFC 3605, 2.1",
    "Where RTCP would go without rtcp-mux; a placeholder where the port is 9.",
)
_rule(
    r"a=rtcp-xr:(.+)",
    "RFC 3611, 5",
    lambda m, _: (
        f"Extended RTCP reports are understood: {m[1]} (rcvr-rtt lets a receiver measure round trips too)."
    ),
)
_rule(r"a=ptime:(\d+)", "RFC 8866, 6.4", lambda m, _: f"Packets of {m[1]} ms of sound are wanted.")
_rule(r"a=maxptime:(\d+)", "RFC 8866, 6.5", lambda m, _: f"At most {m[1]} ms of sound in a packet.")

# -- ICE and DTLS

_rule(
    r"a=ice-ufrag:\S+",
    "RFC 8839, 5.4",
    "The user name of this side's ICE checks. A new one means an ICE restart, and tells which candidates are meant.",
)
_rule(
    r"a=ice-pwd:\S+",
    "RFC 8839, 5.4",
    "The password of this side's ICE checks: proves that they are from here.",
)
_rule(
    r"a=setup:(\w+)",
    "RFC 4145, 4; RFC 8842, 5",
    lambda m, _: {
        "actpass": "The offerer may be either side of the DTLS handshake and leaves the choice to the answer.",
        "active": "This side begins the DTLS handshake, as its client.",
        "passive": "This side waits for the DTLS handshake, as its server.",
        "holdconn": "No DTLS connection is to be made for now.",
    }.get(m[1], f"An unknown role in the DTLS handshake: {m[1]}."),
)
_rule(
    r"a=end-of-candidates",
    "RFC 8840, 8.2",
    "There are no more candidates: without a usable one, ICE has failed.",
)
_TYPES: Final = {
    "host": "an address of the machine itself",
    "srflx": "the address under which a STUN server saw it, that of its NAT",
    "prflx": "an address that a check came from without having been told",
    "relay": "an address on a TURN server, which passes everything on",
}


def _candidate(match: re.Match[str], _context: Context) -> str:
    component, transport, priority, address, kind = (match[name] for name in ("c", "t", "p", "a", "k"))
    hidden = ", hidden behind an mDNS name until the camera is allowed" if address.endswith(".local") else ""
    for_rtcp = " for RTCP" if component == "2" else ""
    return (
        f"A {kind} candidate{for_rtcp} over {transport.upper()}: {_TYPES[kind]}{hidden}. "
        f"Its priority {priority} ranks it among this side's."
    )


_rule(
    rf"a=candidate:\S+ (?P<c>[12]) (?P<t>\w+) (?P<p>\d+) (?P<a>\S+) (?:\d+|{_REDACTED}) typ (?P<k>host|srflx|prflx|relay)( .+)?",
    "RFC 8839, 5.1; RFC 8445, 5.1",
    _candidate,
)

# -- codecs

_CODECS: Final = {
    "opus": "the codec for sound that every browser has (RFC 7874)",
    "vp8": "a codec for pictures that every browser has (RFC 7742)",
    "vp9": "a codec for pictures, about a third better than VP8 and heavier",
    "av1": "the newest codec for pictures, best and heaviest",
    "h264": "a codec for pictures that every browser has, often in hardware (RFC 7742)",
    "h265": "a codec for pictures, where the hardware has it",
    "rtx": "retransmissions of lost packets (RFC 4588)",
    "red": "packets that repeat earlier ones, against loss (RFC 2198)",
    "ulpfec": "redundancy from which lost packets are computed (RFC 5109)",
    "flexfec-03": "redundancy from which lost packets are computed (RFC 8627)",
    "telephone-event": "the tones of a telephone's keys (RFC 4733)",
    "cn": "comfort noise, so that silence does not sound broken (RFC 3389)",
    "pcmu": "the telephone's sound of America (G.711)",
    "pcma": "the telephone's sound of Europe (G.711)",
    "g722": "the telephone's wideband sound",
}


def _rtpmap(match: re.Match[str], _context: Context) -> str:
    payload_type, name, clock, channels = match[1], match[2], match[3], match[4]
    what = _CODECS.get(name.lower(), "a codec")
    stereo = f", {channels} channels" if channels and channels != "1" else ""
    return f"Payload type {payload_type} is {name}, {what}; its clock runs at {clock} Hz{stereo}."


_rule(r"a=rtpmap:(\d+) ([^/\s]+)/(\d+)(?:/(\d+))?", "RFC 8866, 6.6", _rtpmap)

_FEEDBACK: Final = {
    "nack": "asks for lost packets again",
    "nack pli": "asks for a key frame when a picture was lost (picture loss indication)",
    "ccm fir": "asks for a key frame, for somebody new (full intra request, RFC 5104)",
    "goog-remb": "tells the sender what the receiver thinks the path can carry (REMB)",
    "transport-cc": "tells when every packet arrived, so that the sender can estimate the path",
    "ccm tmmbr": "tells the sender a bitrate to keep to (RFC 5104)",
}
_rule(
    r"a=rtcp-fb:(\d+|\*) (nack pli|nack|ccm fir|ccm tmmbr|goog-remb|transport-cc)",
    "RFC 4585, 4.2",
    lambda m, c: f"For {c.codec(m[1]) if m[1] != '*' else 'every codec'} the receiver {_FEEDBACK[m[2]]}.",
)

_EXTENSIONS: Final = {
    "urn:ietf:params:rtp-hdrext:sdes:mid": "the m-line that the packet belongs to (RFC 9143, 15)",
    "urn:ietf:params:rtp-hdrext:ssrc-audio-level": "how loud it is, so that a speaker can be found without decoding (RFC 6464)",
    "urn:ietf:params:rtp-hdrext:csrc-audio-level": "how loud each of the mixed sources is (RFC 6465)",
    "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id": "which of several qualities it is (simulcast, RFC 8852)",
    "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id": "which quality a retransmission repairs (RFC 8852)",
    "urn:ietf:params:rtp-hdrext:toffset": "when it was really sent, against its timestamp (RFC 5450)",
    "urn:3gpp:video-orientation": "how the camera was held (3GPP TS 26.114)",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time": "when it was sent, for estimating the path",
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01": "a number over all m-lines, for transport-cc",
    "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay": "how long it may be kept before it is shown",
    "http://www.webrtc.org/experiments/rtp-hdrext/video-content-type": "whether it is a camera's or a screen's picture",
    "http://www.webrtc.org/experiments/rtp-hdrext/video-timing": "when it was captured, encoded and sent",
    "http://www.webrtc.org/experiments/rtp-hdrext/color-space": "what its colours mean, HDR for example",
    "http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00": "which layers are sent at what bitrate",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time": "when it was captured",
    "http://www.webrtc.org/experiments/rtp-hdrext/corruption-detection": "samples of the picture, to notice damage",
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension": "which pictures it depends on, so that layers can be left out",
}


def _extmap(match: re.Match[str], _context: Context) -> str:
    direction = {"sendonly": ", sent by this side only", "recvonly": ", received by this side only"}.get(
        match[2] or "", ""
    )
    carries = _EXTENSIONS[match[3]]
    return f"Packets may carry, in a header extension of number {match[1]}, {carries}{direction}."


_rule(
    rf"a=extmap:(\d+)(?:/(\w+))? ({'|'.join(map(re.escape, _EXTENSIONS))})",
    "RFC 8285, 5",
    _extmap,
)

# -- sources

_rule(
    r"a=ssrc:(\d+) cname:(\S+)",
    "RFC 5576, 6.1",
    lambda m, _: (
        f"RTP source {m[1]} belongs to the sender that calls itself {m[2]}: its sources are played in sync."
    ),
)
_rule(
    r"a=ssrc:(\d+) (msid|mslabel|label):.*",
    "RFC 5576, 4.1",
    lambda m, _: f"The track of RTP source {m[1]}; kept for old browsers.",
)
_rule(
    r"a=ssrc-group:FID (\d+) (\d+)",
    "RFC 5576, 4.2",
    lambda m, _: f"RTP source {m[2]} retransmits what was lost of source {m[1]}.",
)
_rule(r"a=ssrc-group:SIM (.+)", "libwebrtc", "The same picture in several qualities, in the old way.")
_rule(
    r"a=rid:(\S+) (send|recv)(?: .+)?",
    "RFC 8851, 4",
    lambda m, _: (
        f"One quality of the picture is called {m[1]}; this side would {m[2].replace('recv', 'receive')} it."
    ),
)
_rule(
    r"a=simulcast:(.+)",
    "RFC 8853, 5.1",
    lambda m, _: f"The same picture in several qualities at once: {m[1]}.",
)

# -- data channels

_rule(
    r"a=sctp-port:(\d+)",
    "RFC 8841, 5",
    lambda m, _: f"Data channels run over SCTP port {m[1]} inside of DTLS.",
)
_rule(
    r"a=max-message-size:(\d+)",
    "RFC 8841, 6",
    lambda m, _: (
        "Data channel messages may have any size."
        if m[1] == "0"
        else f"This side takes data channel messages of at most {m[1]} bytes."
    ),
)
_rule(
    r"a=sctpmap:(\d+) webrtc-datachannel(?: \d+)?",
    "draft-ietf-mmusic-sctp-sdp-07",
    "Data channels in the old way of writing.",
)
