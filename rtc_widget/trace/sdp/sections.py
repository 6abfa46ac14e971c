"""The sections of a description as RFC 3264 compares them, each with what it inherits from the session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ...errors import InvalidArgumentError
from ...runtime.sdp import sections_of
from .payload_types import Codec, codecs_of, formats_of

_DIRECTIONS: Final = ("sendrecv", "sendonly", "recvonly", "inactive")
# What a sender means that does not write it (RFC 6184, 8.1; RFC 7798, 7.1; RFC 9628, 6; AV1 RTP specification, 7.2).
_DEFAULTS: Final = {
    "h264": ("profile-level-id", "420010"),
    "h265": ("profile-id", "1"),
    "vp9": ("profile-id", "0"),
    "av1": ("profile", "0"),
}


@dataclass(frozen=True)
class Section:
    """An m-line and its attributes.

    Attributes
    ----------
    kind : str
        "audio", "video", "application" or another medium.
    mid : str
        Its name; empty where it has none.
    refused : bool
        Whether it has no port, not even one that the BUNDLE would give it (RFC 3264, 6; RFC 9143, 6).
    codecs : dict
        Names to display, by what makes two codecs the same, in the order of preference.
    direction, role : str
        As RFC 8866, 6.7 and RFC 4145, 4 name them; the role may be empty.
    extensions : frozenset of str
        URIs of header extensions.
    """

    kind: str
    mid: str
    refused: bool
    codecs: dict[tuple[str, ...], str]
    direction: str
    role: str
    extensions: frozenset[str]


def sections_of_description(sdp: str) -> list[Section]:
    """Read a session description.

    Parameters
    ----------
    sdp : str
        The text.

    Returns
    -------
    list of Section
        Those of its m-lines, in order.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` for an m-line that is none.
    """
    session, *sections = sections_of(line.strip() for line in sdp.splitlines())
    return [_section(lines, session) for lines in sections]


def _section(lines: list[str], session: list[str]) -> Section:
    head = lines[0].removeprefix("m=").split()
    if len(head) < 4:
        raise InvalidArgumentError(
            "bad_argument", f"This is not an m-line: '{lines[0][:62]}' (RFC 8866, 5.14)."
        )
    # What a section does not say itself, the session says for it (RFC 8866, 6.7; RFC 4145, 4; RFC 8285, 5).
    inherited = [*lines, *session]
    codecs = codecs_of(lines)
    named = [_named(codecs.get(number), number) for number in formats_of(lines[0])]
    return Section(
        kind=head[0],
        mid=_value(lines, "mid"),
        refused=head[1] == "0" and "a=bundle-only" not in lines,
        codecs=_first_names(named),
        direction=next(
            (line[2:] for line in inherited if line[2:] in _DIRECTIONS and line[:2] == "a="), "sendrecv"
        ),
        role=_value(inherited, "setup"),
        extensions=frozenset(
            line.split()[1] for line in inherited if line.startswith("a=extmap:") and len(line.split()) > 1
        ),
    )


def _first_names(named: Iterable[tuple[tuple[str, ...], str]]) -> dict[tuple[str, ...], str]:
    names: dict[tuple[str, ...], str] = {}
    for key, name in named:
        names.setdefault(key, name)
    return names


def _value(lines: Iterable[str], attribute: str) -> str:
    start = f"a={attribute}:"
    return next((line.removeprefix(start) for line in lines if line.startswith(start)), "")


def _named(codec: Codec | None, number: str) -> tuple[tuple[str, ...], str]:
    """Return what makes a codec the same as another, and its name: H264 and VP9 are as many as they have profiles."""
    if codec is None:
        return (number,), f"payload type {number}"
    # Names are the same in capitals and small letters (RFC 8866, 6.6).
    key = codec.name.lower()
    setting, default = _DEFAULTS.get(key, ("", ""))
    written = codec.settings.get(setting, "") if setting else ""
    profile = (written or default).lower()
    if key == "h264":
        # The level is no part of the profile, and one unit to a packet is what is meant otherwise.
        mode = codec.settings.get("packetization-mode", "0")
        shown = " single packets" if mode == "0" and written else ""
        return (key, profile[:4], mode), f"{codec.name}{f' {written.lower()[:4]}' if written else ''}{shown}"
    return (key, profile), f"{codec.name} profile {written}" if written else codec.name
