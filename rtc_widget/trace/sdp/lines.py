"""The meaning of each kind of line in a session description."""

from __future__ import annotations

import re
from typing import Final

from .codec_settings import meaning_of_settings
from .context import Context, Meaning, Say, count
from .m_lines import meaning_of_m_line
from .rtp_words import CODECS, EXTENSIONS, FEEDBACK

# A placeholder of `redaction`.
_REDACTED: Final = r"\[[a-z-]+\d+\]"
_M_LINE: Final = re.compile(rf"m=([a-z]+) (\d+|{_REDACTED})(?:/\d+)? (\S+) (.+)")
_RULES: Final[list[tuple[re.Pattern[str], str, str | Say]]] = []


def meaning_of(line: str, context: Context) -> Meaning | None:
    """Look up the meaning of a line.

    Parameters
    ----------
    line : str
        The line, without its line end.
    context : Context
        The line's section.

    Returns
    -------
    Meaning or None
        None for an unknown line.
    """
    settings = re.fullmatch(r"a=fmtp:(\d+) (.+)", line)
    if settings:
        return meaning_of_settings(settings, context)
    m_line = _M_LINE.fullmatch(line)
    if m_line:
        return meaning_of_m_line(m_line, context)
    for pattern, source, explanation in _RULES:
        match = pattern.fullmatch(line)
        if match:
            return Meaning(
                explanation if isinstance(explanation, str) else explanation(match, context), source
            )
    return _partly(line, context)


def _partly(line: str, context: Context) -> Meaning | None:
    """Explain a line of which only the kind is known."""
    extension = re.fullmatch(r"a=extmap:(\d+)(?:/\w+)? \S.*", line)
    if extension:
        text = f"Packets may carry something that is unknown here, in a header extension of number {extension[1]}."
        return Meaning(text, "RFC 8285, 5", known=False)
    feedback = re.fullmatch(r"a=rtcp-fb:(\d+|\*) .+", line)
    if feedback:
        text = f"For {_codec(feedback[1], context)} the receiver gives feedback that is unknown here."
        return Meaning(text, "RFC 4585, 4.2", known=False)
    return None


def _codec(payload_type: str, context: Context) -> str:
    return "every codec" if payload_type == "*" else context.codec(payload_type)


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
_rule(r"a=group:BUNDLE((?: \S+)*)", "RFC 9143, 5", lambda m, _: _bundle(m[1].split()))


def _bundle(mids: list[str]) -> str:
    if not mids:
        return "No m-line shares a transport with another."
    if len(mids) == 1:
        return f"The m-line {mids[0]} is the only one of the BUNDLE, which has one ICE connection and one DTLS session."
    return (
        f"The m-lines {', '.join(mids)} share one transport: one ICE connection and one DTLS session for all."
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
    "The msid lines name media streams of WebRTC; kept for old browsers.",
)
_OPTIONS: Final = {
    "trickle": "candidates may follow one by one after the description",
    "ice2": "this side keeps to RFC 8445",
    "renomination": "another candidate pair may be nominated later",
    "rtp+ecn": "marks of congestion are understood (RFC 6679)",
}
_rule(
    r"a=ice-options:(.+)",
    "RFC 8839, 5.6; RFC 8840, 4.1",
    lambda m, _: (
        f"ICE is used with {', '.join(f'{one} ({_OPTIONS[one]})' if one in _OPTIONS else one for one in m[1].split())}."
    ),
)
_rule(r"a=ice-lite", "RFC 8445, 2.5", "This side only answers ICE checks and makes none, as servers do.")
_rule(
    rf"a=fingerprint:(\S+) (?:[0-9A-Fa-f:]+|{_REDACTED})",
    "RFC 8122, 5; RFC 8827, 6.5",
    lambda m, _: (
        f"The {m[1]} hash of this side's certificate. In the DTLS handshake, this side proves that it holds this "
        "certificate's key."
    ),
)
_rule(
    r"b=(AS|TIAS):(\d+)",
    "RFC 8866, 5.8; RFC 3890",
    lambda m, _: f"A bitrate of at most {m[2]} {_unit(m[1])} is wanted.",
)
_rule(r"b=CT:(\d+)", "RFC 8866, 5.8", lambda m, _: f"All m-lines together may take {m[1]} kbit/s.")
_rule(
    r"b=(RS|RR):(\d+)",
    "RFC 3556, 2",
    lambda m, _: f"RTCP of {'senders' if m[1] == 'RS' else 'receivers'} may take {m[2]} bit/s.",
)
_rule(r"t=\d+ \d+", "RFC 8866, 5.9", "When the session begins and ends.")
_rule(r"i=.*", "RFC 8866, 5.4", "Words about the session or the m-line, for people.")
_rule(r"[uep]=.*", "RFC 8866, 5.5 and 5.6", "Where people learn more of the session, or whom they may ask.")
_rule(
    r"[rz]=.*", "RFC 8866, 5.10 and 5.11", "When the session is repeated, and how clocks change in between."
)
_rule(r"k=.*", "RFC 8866, 5.12", "A key in the old way, which must not be used any more.")


def _unit(kind: str) -> str:
    return "kbit/s" if kind == "AS" else "bit/s"


# -- a medium

_rule(
    r"c=IN IP[46] (\S+)",
    "RFC 8866, 5.7",
    "A default address for implementations without ICE; a placeholder where it is 0.0.0.0.",
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
_rule(r"a=inactive", "RFC 8866, 6.7.4", "No media flow here for now; the m-line keeps its place for later.")
_rule(
    r"a=msid:(\S+)(?: (\S+))?",
    "RFC 8830, 2",
    lambda m, _: (
        "The track that is sent here belongs to no stream."
        if m[1] == "-"
        else "The stream and the track that are sent here; the other side's track event has a stream of that id."
    ),
)
_rule(
    r"a=bundle-only",
    "RFC 9143, 6",
    "Only usable inside the BUNDLE: a side that does not bundle refuses this m-line, with port 0.",
)
_rule(r"a=rtcp-mux", "RFC 5761, 5.1.1", "RTP and RTCP share one port: half as many candidates are needed.")
_rule(
    r"a=rtcp-mux-only", "RFC 8858, 3", "RTP and RTCP share one port, and this side could not do it otherwise."
)
_rule(r"a=rtcp-rsize", "RFC 5506, 5", "Short RTCP packets are welcome, so that feedback can be sent sooner.")
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
_rule(
    r"a=maxptime:(\d+)", "RFC 8866, 6.5", lambda m, _: f"At most {m[1]} ms of sound are wanted in a packet."
)

# -- ICE and DTLS

_rule(
    r"a=ice-ufrag:\S+",
    "RFC 8839, 5.4",
    "This side's ICE username fragment. Both sides' together are the user name in every check. "
    "A new one means an ICE restart, and tells which candidates are meant.",
)
_rule(
    r"a=ice-pwd:\S+",
    "RFC 8839, 5.4; RFC 8445, 7.2.2",
    "The other side's checks have to be made with this password, and answers to them are: who has it has read this description.",
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
_rule(r"a=ice-pacing:(\d+)", "RFC 8839, 5.5", lambda m, _: f"Checks are made {m[1]} ms apart.")
_rule(r"a=ice-mismatch", "RFC 8839, 5.3", "A default address was changed on the way, so ICE is not used.")
_rule(r"a=remote-candidates:.+", "RFC 8839, 5.2", "The other side's candidates that won.")
_rule(r"a=tls-id:.+", "RFC 8842, 4", "The name of the DTLS session: a new one means a new session.")
_rule(r"a=identity:.+", "RFC 8827, 5", "A signed statement of who this is.")
_rule(
    r"a=crypto:.+",
    "RFC 4568, 4; RFC 8827, 6.5",
    "Keys that are written down in the description, which WebRTC must not use.",
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


def _rtpmap(match: re.Match[str], _context: Context) -> str:
    payload_type, name, clock, channels = match[1], match[2], match[3], match[4]
    what = CODECS.get(name.lower(), "a codec")
    stereo = f", {channels} channels" if channels and channels != "1" else ""
    return f"Payload type {payload_type} is {name}, {what}; its clock runs at {clock} Hz{stereo}."


_rule(r"a=rtpmap:(\d+) ([^/\s]+)/(\d+)(?:/(\d+))?", "RFC 8866, 6.6", _rtpmap)

_rule(
    rf"a=rtcp-fb:(\d+|\*) ({'|'.join(map(re.escape, FEEDBACK))})",
    "RFC 4585, 4.2",
    lambda m, c: f"For {_codec(m[1], c)} the receiver {FEEDBACK[m[2]]}.",
)


def _extmap(match: re.Match[str], _context: Context) -> str:
    direction = {"sendonly": ", sent by this side only", "recvonly": ", received by this side only"}.get(
        match[2] or "", ""
    )
    carries = EXTENSIONS[match[3]]
    return f"Packets may carry, in a header extension of number {match[1]}, {carries}{direction}."


_rule(
    rf"a=extmap:(\d+)(?:/(\w+))? ({'|'.join(map(re.escape, EXTENSIONS))})",
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
_rule(
    r"a=ssrc-group:FEC(?:-FR)? (\d+) (\d+)",
    "RFC 5956",
    lambda m, _: f"RTP source {m[2]} has redundancy from which lost packets of source {m[1]} are computed.",
)
_rule(r"a=ssrc-group:SIM (.+)", "libwebrtc", "The same video in several qualities, in the old way.")
_rule(
    r"a=rid:(\S+) (send|recv)(?: .+)?",
    "RFC 8851, 4",
    lambda m, _: (
        f"One quality of the video is called {m[1]}; this side would {m[2].replace('recv', 'receive')} it."
    ),
)
_rule(
    r"a=x-google-flag:conference",
    "libwebrtc",
    "The video may be sent in several qualities, in the old way.",
)
_rule(r"a=cryptex", "RFC 9335, 4", "Header extensions are encrypted, too.")
_rule(r"a=imageattr:(?:\d+|\*) .+", "RFC 6236, 3.1", "Sizes in which the video may be sent or received.")
_rule(
    r"a=framerate:([\d.]+)",
    "RFC 8866, 6.13",
    lambda m, _: f"A rate of at most {count(m[1], 'picture')} a second is wanted.",
)
_rule(
    r"a=label:(.+)",
    "RFC 4574, 4",
    lambda m, _: f"This m-line is labelled {m[1]}, for what refers to it elsewhere.",
)
_rule(r"a=content:(.+)", "RFC 4796, 5", lambda m, _: f"What is shown here: {m[1]}.")
_rule(r"a=(?:lang|sdplang):(.+)", "RFC 8866, 6.11 and 6.12", lambda m, _: f"The language is {m[1]}.")
_rule(
    r"a=simulcast:(.+)",
    "RFC 8853, 5.1",
    lambda m, _: f"The same video in several qualities at once: {m[1]}.",
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
