"""The meaning of m-lines, which begin a section each."""

from __future__ import annotations

import re
from typing import Final

from .context import Context, Meaning

_KINDS: Final = {
    "audio": "An audio m-line, for one audio track each way",
    "video": "A video m-line, for one video track each way",
    "text": "A text m-line, for text while it is typed (RFC 4103)",
    "application": "An m-line for data",
    "image": "An image m-line, for faxes (RFC 3362)",
    "message": "A message m-line, for short messages",
}
_SOURCE: Final = "RFC 8866, 5.14; RFC 8829, 5.2.1"
# A browser's media may be announced like this, too.
_OTHERS: Final = ("RTP/AVP", "RTP/AVPF", "RTP/SAVP", "RTP/SAVPF", "UDP/TLS/RTP/SAVP", "TCP/DTLS/RTP/SAVP")
_TAKEN: Final = " WebRTC takes it, and encrypts with keys from DTLS all the same (RFC 8829, 5.1.2)."
# What WebRTC writes itself needs no words.
_PROTOCOLS: Final = {
    "UDP/TLS/RTP/SAVPF": "",
    "UDP/DTLS/SCTP": "",
    "DTLS/SCTP": "Its transport is written in the old way.",
    "TCP/DTLS/SCTP": "Over TCP (RFC 8841).",
    "UDP/TLS/RTP/SAVP": "Encrypted RTP without early feedback (RFC 5764).",
    "TCP/TLS/RTP/SAVPF": "Encrypted RTP with early feedback, over TCP.",
    "TCP/DTLS/RTP/SAVP": "Encrypted RTP over TCP, without early feedback (RFC 7850).",
    "TCP/DTLS/RTP/SAVPF": "Encrypted RTP with early feedback, over TCP (RFC 7850).",
    "RTP/SAVPF": "Encrypted RTP with early feedback (RFC 5124).",
    "RTP/SAVP": "Encrypted RTP (RFC 3711).",
    "RTP/AVPF": "RTP with early feedback, not encrypted (RFC 4585).",
    "RTP/AVP": "RTP, not encrypted (RFC 3551).",
    "UDPTL": "Over UDP (T.38).",
    "UDP/TLS/UDPTL": "Encrypted, over UDP (RFC 7345).",
    "TCP/MSRP": "Over TCP (RFC 4975).",
    "TCP/TLS/MSRP": "Encrypted, over TCP (RFC 4975).",
}


def meaning_of_m_line(match: re.Match[str], context: Context) -> Meaning | None:
    """Explain an m-line.

    Parameters
    ----------
    match : re.Match[str]
        Of the line: medium, port, transport, formats.
    context : Context
        The line's section.

    Returns
    -------
    Meaning or None
        None for a medium that is not known here.
    """
    what, protocol = _KINDS.get(match[1]), _PROTOCOLS.get(match[3].upper())
    if what is None:
        return None
    if match[1] == "application" and "SCTP" in match[3].upper():
        what = "An m-line for data channels"
    names = [context.codecs[number] for number in match[4].split() if number in context.codecs]
    choice = f"; in the order of preference: {', '.join(dict.fromkeys(names))}" if names else ""
    sentences = [f"{what}{choice}.", _port(match[2]), protocol or ""]
    if match[1] in ("audio", "video") and match[3].upper() in _OTHERS:
        sentences[-1] += _TAKEN
    if protocol is None:
        sentences[-1] = f"Its transport is unknown here: {match[3][:40]}."
    return Meaning(" ".join(filter(None, sentences)), _SOURCE, known=protocol is not None)


def _port(port: str) -> str:
    if port == "0":
        return "Port 0 says that it is over, or that it only exists inside the BUNDLE."
    if port == "9":
        return "Port 9 is a placeholder: candidates tell the real ones."
    return "The port is that of a default address."
