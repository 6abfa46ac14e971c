"""Compares an offer and its answer: what was agreed, and what was negotiated away."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ...errors import InvalidArgumentError
from ...runtime.sdp import sections_of
from ..table import Findings

_DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
_FLOWS = {
    "sendrecv": "both send",
    "sendonly": "only the answerer sends",
    "recvonly": "only the offerer sends",
    "inactive": "nobody sends",
}


@dataclass(frozen=True)
class Difference:
    """One difference.

    Attributes
    ----------
    where : str
        The m-line, such as "video (mid 1)", or "session".
    what : str
        "codecs", "direction", "extensions", "role", "bundle" or "m-line".
    text : str
        What the answer made of it, as a sentence.
    """

    where: str
    what: str
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


class Differences(Findings[Difference]):
    """The differences in the order of the m-lines; displays as a table in a notebook."""

    __slots__ = ()
    _heads = ("where", "what", "outcome")

    def _row(self, finding: Difference) -> tuple[str, ...]:
        return finding.where, finding.what, finding.text


@dataclass(frozen=True)
class _Section:
    kind: str
    mid: str
    port: str
    codecs: tuple[str, ...]
    direction: str
    extensions: frozenset[str]
    role: str


def diff(offer: str, answer: str) -> Differences:
    """Compare an answer with its offer.

    Parameters
    ----------
    offer, answer : str
        The two SDPs (RFC 3264; RFC 8829, 5.3).

    Returns
    -------
    Differences
        The differences.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` when one of them is not a session description, or they do not belong together.
    """
    offered, answered = _sections(offer, "offer"), _sections(answer, "answer")
    if [(s.kind, s.mid) for s in offered] != [(s.kind, s.mid) for s in answered]:
        msg = "An answer must have the offer's m-lines, in the same order (RFC 8829, 5.3.1); this one has others."
        raise InvalidArgumentError("bad_argument", msg)
    found = [*_roles(answered), *_bundles(offer, answer)]
    for before, after in zip(offered, answered, strict=True):
        found.extend(_compare(before, after))
    return Differences(found)


def _compare(offer: _Section, answer: _Section) -> list[Difference]:
    where = f"{offer.kind} (mid {offer.mid})"
    if answer.port == "0" and offer.port != "0":
        return [Difference(where, "m-line", "the answerer refused it.")]
    found = []
    if offer.kind != "application":
        kept = [codec for codec in answer.codecs if codec in offer.codecs]
        gone = [codec for codec in offer.codecs if codec not in answer.codecs]
        dropped = f" Negotiated away: {', '.join(gone)}." if gone else " None was dropped."
        found.append(
            Difference(where, "codecs", f"agreed, first choice first: {', '.join(kept) or 'none'}.{dropped}")
        )
        narrowed = f"{offer.direction} was offered, {answer.direction} answered"
        found.append(Difference(where, "direction", f"{narrowed}: {_FLOWS[answer.direction]}."))
    lost = sorted(offer.extensions - answer.extensions)
    if lost:
        names = ", ".join(uri.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1] for uri in lost)
        found.append(Difference(where, "extensions", f"header extensions not wanted: {names}."))
    return found


def _roles(answered: list[_Section]) -> list[Difference]:
    role = next((section.role for section in answered if section.port != "0" and section.role), "")
    begins = {
        "active": "the answerer begins the DTLS handshake",
        "passive": "the offerer begins the DTLS handshake",
    }
    return [Difference("session", "role", f"{begins[role]}.")] if role in begins else []


def _bundles(offer: str, answer: str) -> list[Difference]:
    wanted, got = (re.search(r"^a=group:BUNDLE(.*)$", sdp, re.MULTILINE) for sdp in (offer, answer))
    if wanted is None:
        return [
            Difference("session", "bundle", "no BUNDLE was offered: each m-line has a transport of its own.")
        ]
    mids = got[1].split() if got is not None else []
    missing = [mid for mid in wanted[1].split() if mid not in mids]
    left = f"; left out: {', '.join(missing)}" if missing else ""
    agreed = f"{', '.join(mids)} share one transport" if mids else "nothing shares a transport"
    return [Difference("session", "bundle", f"{agreed}{left}.")]


def _sections(sdp: str, name: str) -> list[_Section]:
    if not isinstance(sdp, str) or not sdp.startswith("v=0"):
        msg = f"The {name} is not a session description, which begins with 'v=0' (RFC 8866, 5.1)."
        raise InvalidArgumentError("bad_argument", msg)
    return [_section(lines) for lines in sections_of(sdp.splitlines())[1:]]


def _section(lines: list[str]) -> _Section:
    head = lines[0].removeprefix("m=").split()
    if len(head) < 4:
        raise InvalidArgumentError(
            "bad_argument", f"This is not an m-line: '{lines[0][:62]}' (RFC 8866, 5.14)."
        )
    names = _by_payload_type(lines, _RTPMAP)
    settings = _by_payload_type(lines, _FMTP)
    codecs = [_codec(names[pt], settings.get(pt, "")) for pt in head[3:] if pt in names]
    role = next((line[8:] for line in lines if line.startswith("a=setup:")), "")
    return _Section(
        kind=head[0],
        mid=next((line[6:] for line in lines if line.startswith("a=mid:")), ""),
        port=head[1],
        codecs=tuple(dict.fromkeys(codecs)),
        direction=next((d for d in _DIRECTIONS if f"a={d}" in lines), "sendrecv"),
        extensions=frozenset(line.split()[1] for line in lines if re.match(r"a=extmap:\S+ \S", line)),
        role=role,
    )


_RTPMAP: Final = re.compile(r"a=rtpmap:(\d+) (\S+)")
_FMTP: Final = re.compile(r"a=fmtp:(\d+) (.*)")


def _by_payload_type(lines: list[str], pattern: re.Pattern[str]) -> dict[str, str]:
    return {match[1]: match[2] for line in lines if (match := pattern.match(line))}


def _codec(name: str, settings: str) -> str:
    """Name a codec so that variants differ: H264 and VP9 with their profile."""
    codec = name.split("/")[0]
    profile = re.search(r"profile-level-id=(\w{4})|profile-id=(\d)", settings)
    mode = " single packets" if codec == "H264" and "packetization-mode=0" in settings else ""
    return f"{codec} {(profile[1] or profile[2]).lower()}{mode}" if profile else codec
