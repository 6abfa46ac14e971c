"""What has to be changed in session descriptions between browsers and aiortc, and why.

Works on lines, as RFC 8866 lays them out; whatever is not spoken of here passes unchanged.
"""

from __future__ import annotations

import re
from typing import Any, Final

import aiortc.sdp

from ...runtime.sdp import sections_of
from . import aiortc_internals

# Chromium's parameters: start and bounds of its bandwidth estimation (kbit/s). aiortc only sends it
# REMB, with which it would take half a minute from 300 kbit/s to what 720p needs.
_BITRATE: Final = "x-google-start-bitrate=2500;x-google-min-bitrate=400;x-google-max-bitrate=6000"

_CODEC: Final = re.compile(r"a=rtpmap:(\d+) (?:VP8|H264)/90000")
_PORT: Final = re.compile(r"^(m=\w+) \d+")
_OF_CANDIDATES: Final = ("a=candidate:", "a=rtcp:", "a=end-of-candidates", "c=")


def _sections(sdp: str) -> list[list[str]]:
    return sections_of(sdp.splitlines())


def _values(lines: list[str], attribute: str) -> list[str]:
    prefix = f"a={attribute}:"
    return [
        value for line in lines if line.startswith(prefix) and (value := line.removeprefix(prefix).strip())
    ]


def _join(sections: list[list[str]]) -> str:
    return "".join(f"{line}\r\n" for section in sections for line in section)


def with_bitrate(sdp: str) -> str:
    """Add the initial bitrate of what a browser sends to a description for it.

    Parameters
    ----------
    sdp : str
        The description.

    Returns
    -------
    str
        The changed description.
    """
    sections = _sections(sdp)
    for section in sections[1:]:
        for payload_type in [found[1] for line in section if (found := _CODEC.fullmatch(line))]:
            prefix = f"a=fmtp:{payload_type} "
            for index, line in enumerate(section):
                if line.startswith(prefix):
                    section[index] = f"{line};{_BITRATE}"
                    break
            else:
                after = next(
                    i for i, line in enumerate(section) if line.startswith(f"a=rtpmap:{payload_type} ")
                )
                section.insert(after + 1, prefix + _BITRATE)
    return _join(sections)


def is_unusable(candidate: str) -> bool:
    """Return whether a candidate must be kept from aioice.

    Resolving an mDNS name takes it a second each, and the address is found by the other side's checks anyway, as a
    peer-reflexive candidate (RFC 8445, section 7.3.1.3).

    Parameters
    ----------
    candidate : str
        The candidate.

    Returns
    -------
    bool
        Whether it is an mDNS name.
    """
    fields = candidate.split()
    return len(fields) < 8 or fields[4].endswith(".local")


def without_traps(sdp: str) -> str:
    """Prepare a remote description for aiortc: no mDNS names, no end of candidates, one DTLS role.

    After the end of candidates aioice gives up at once when none of the known ones answers, although the other
    side's own checks would have succeeded. And of the m-lines' roles aiortc uses the last one, even when that
    m-line is rejected, where Chromium writes one that is not in force.

    Parameters
    ----------
    sdp : str
        The description.

    Returns
    -------
    str
        The changed description.
    """
    over = rejected(sdp)
    session, *media = _sections(sdp)
    kept, role = [session], ""
    for lines, mid in zip(media, mids(sdp), strict=True):
        setup = next((line for line in lines if line.startswith("a=setup:")), "")
        if mid not in over:
            role = role or setup
        kept.append(
            [
                role if line == setup and mid in over and role else line
                for line in lines
                if line != "a=end-of-candidates"
                and not (line.startswith("a=candidate:") and is_unusable(line.removeprefix("a=")))
            ]
        )
    return _join(kept)


def candidates(sdp: str) -> list[str]:
    """Return the candidates of a description.

    Parameters
    ----------
    sdp : str
        The description.

    Returns
    -------
    list of str
        Each once, although every m-line repeats them.
    """
    return list(dict.fromkeys(_values(sdp.splitlines(), "candidate")))


def ufrags(sdp: str) -> set[str]:
    """Return the ICE username fragments of a description (RFC 8839, section 5.4).

    Parameters
    ----------
    sdp : str
        The description.

    Returns
    -------
    set of str
        The fragments.
    """
    return set(_values(sdp.splitlines(), "ice-ufrag"))


def is_copy(before: str | None, sdp: str) -> bool:
    """Tell whether a description is one that came before, sent again: by then it may have candidates, and the address of one of them.

    Parameters
    ----------
    before : str, optional
        The one of before.
    sdp : str
        The description.

    Returns
    -------
    bool
        Whether they are the same but for that.
    """
    return before is not None and _without_candidates(before) == _without_candidates(sdp)


def _without_candidates(sdp: str) -> list[str]:
    return [
        _PORT.sub(r"\1", line) for line in sdp.splitlines() if line and not line.startswith(_OF_CANDIDATES)
    ]


def fingerprints(sdp: str) -> set[str]:
    """Return the DTLS fingerprints, which identify an RTCPeerConnection of the other side (RFC 8122).

    Parameters
    ----------
    sdp : str
        The description.

    Returns
    -------
    set of str
        The fingerprints.
    """
    return set(_values(sdp.splitlines(), "fingerprint"))


def mids(sdp: str) -> list[str]:
    """Return the identifiers of the m-lines (RFC 8843, section 3).

    Parameters
    ----------
    sdp : str
        The description.

    Returns
    -------
    list of str
        In order.
    """
    return [next(iter(_values(section, "mid")), "") for section in _sections(sdp)[1:]]


def rejected(sdp: str) -> set[str]:
    """Return the identifiers of rejected m-lines: a browser's ``stop()`` gives them port 0 (RFC 8829, 4.2.7).

    Parameters
    ----------
    sdp : str
        The description.

    Returns
    -------
    set of str
        The identifiers.
    """
    sections = zip(_sections(sdp)[1:], mids(sdp), strict=True)
    return {mid for lines, mid in sections if lines[0].split()[1] == "0" and "a=bundle-only" not in lines}


def without(sdp: str, over: set[str]) -> str:
    """Reject m-lines in a description, too, as the other side requires (RFC 9143, section 7.3.3).

    Parameters
    ----------
    sdp : str
        The description.
    over : set of str
        Identifiers of the m-lines.

    Returns
    -------
    str
        The changed description.
    """
    sections = _sections(sdp)
    for lines, mid in zip(sections[1:], mids(sdp), strict=True):
        if mid in over:
            kind, _port, rest = lines[0].split(" ", 2)
            lines[0] = f"{kind} 0 {rest}"
    for index, line in enumerate(sections[0]):
        if line.startswith("a=group:BUNDLE "):
            group, *items = line.split()
            sections[0][index] = " ".join([group, *(mid for mid in items if mid not in over)])
    return _join(sections)


def pinned(offer: str, transceivers: list[Any], negotiated: dict[str, Any]) -> str:
    """Restore the negotiated payload types and extension ids in an offer of aiortc.

    ``createOffer`` numbers codecs from a table of its own, while senders and receivers keep what they were started
    with: a renumbered offer would stop the video for good (RFC 8829, section 5.2.2 requires the numbers to be
    kept).

    Parameters
    ----------
    offer : str
        What ``createOffer`` made.
    transceivers : list of RTCRtpTransceiver
        The connection's transceivers.
    negotiated : dict
        (codecs, header extensions) by mid, and by kind for m-lines that are new.

    Returns
    -------
    str
        The changed offer.
    """
    description = aiortc.sdp.SessionDescription.parse(offer)
    for media in description.media:
        agreed = negotiated.get(media.rtp.muxId) or negotiated.get(media.kind)
        if agreed is None:
            continue
        codecs, extensions = agreed
        media.fmt = [codec.payloadType for codec in codecs]
        media.rtp.codecs = codecs
        media.rtp.headerExtensions = extensions
    for index, media in enumerate(description.media):
        agreed = negotiated.get(media.rtp.muxId) or negotiated.get(media.kind)
        for transceiver in transceivers:
            if agreed is not None and aiortc_internals.m_line_index(transceiver) == index:
                aiortc_internals.pin(transceiver, agreed)
    return str(description)
