"""Payload types of RTP: what a section says of them, and those that mean something by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_RTPMAP: Final = re.compile(r"a=rtpmap:(\d+) ([^/\s]+)/(\d+)(?:/(\d+))?")
_FMTP: Final = re.compile(r"a=fmtp:(\d+) (.*)")

# RFC 3551, 6.
_STATIC: Final = {
    "0": "PCMU",
    "3": "GSM",
    "4": "G723",
    "5": "DVI4",
    "6": "DVI4",
    "7": "LPC",
    "8": "PCMA",
    "9": "G722",
    "10": "L16",
    "11": "L16",
    "12": "QCELP",
    "13": "CN",
    "14": "MPA",
    "15": "G728",
    "16": "DVI4",
    "17": "DVI4",
    "18": "G729",
    "25": "CelB",
    "26": "JPEG",
    "28": "nv",
    "31": "H261",
    "32": "MPV",
    "33": "MP2T",
    "34": "H263",
}


@dataclass(frozen=True)
class Codec:
    """What a payload type of a section is.

    Attributes
    ----------
    name : str
        As it is written.
    settings : dict
        Those of its ``a=fmtp`` line, by names in small letters.
    """

    name: str
    settings: dict[str, str]


def codecs_of(section: Iterable[str]) -> dict[str, Codec]:
    """Read the codecs of a section.

    Parameters
    ----------
    section : iterable of str
        Its lines.

    Returns
    -------
    dict
        The codecs by payload type: those of the ``a=rtpmap`` lines, and of the m-line's other types those that need no
        such line (RFC 3551, 6).
    """
    names: dict[str, str] = {}
    settings: dict[str, dict[str, str]] = {}
    static: dict[str, str] = {}
    for line in section:
        if found := _RTPMAP.match(line):
            names[found[1]] = found[2]
        elif found := _FMTP.match(line):
            settings[found[1]] = settings_of(found[2])
        elif line.startswith("m="):
            static = {number: _STATIC[number] for number in formats_of(line) if number in _STATIC}
    return {number: Codec(name, settings.get(number, {})) for number, name in (static | names).items()}


def formats_of(m_line: str) -> list[str]:
    """Return the payload types of an m-line.

    Parameters
    ----------
    m_line : str
        The line.

    Returns
    -------
    list of str
        None for what is not RTP, whose formats are something else.
    """
    parts = m_line.split()
    return parts[3:] if len(parts) > 3 and "RTP/" in parts[2] else []


def settings_of(text: str) -> dict[str, str]:
    """Take the settings of an ``a=fmtp`` line apart.

    Parameters
    ----------
    text : str
        What follows the payload type, separated by semicolons.

    Returns
    -------
    dict
        Values by names in small letters; what has no name has an empty one.
    """
    parts = (part.strip().partition("=") for part in text.split(";") if part.strip())
    return {
        (name.strip().lower() if sign else ""): (value.strip() if sign else name)
        for name, sign, value in parts
    }
