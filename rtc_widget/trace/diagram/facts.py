"""The five facts of a session description that one looks for first, and what each candidate of a group is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from ...errors import InvalidArgumentError
from ..messages import Message
from ..sdp.candidate_type import candidate_type
from ..sdp.sections import Section, sections_of_description
from ..times import transit
from .arrows import kind_of_candidate

_MANY: Final = 5  # codecs that are listed
_ROLES: Final = {
    "actpass": "actpass: the answerer chooses who begins the DTLS handshake",
    "active": "active: this side begins the DTLS handshake",
    "passive": "passive: the other side begins the DTLS handshake",
}
_LEFT_OPEN: Final = "actpass: who begins the DTLS handshake is left open, which an answer may not do"


class Fact(NamedTuple):
    """One thing that a message says.

    Attributes
    ----------
    name, value : str
        What it is called, and what it is.
    source : str
        The section that defines it, such as "RFC 8839, 5.4"; empty for what nothing defines.
    """

    name: str
    value: str
    source: str = ""


def facts_of_description(sdp: str, kind: str = "offer") -> list[Fact]:
    """Return what one looks for first in a session description.

    Parameters
    ----------
    sdp : str
        The description.
    kind : str
        "offer" or "answer", which may not leave the same things open.

    Returns
    -------
    list of Fact
        Codecs, directions, DTLS role, ICE username fragment, candidates. Fewer for what is no description.
    """
    try:
        sections = sections_of_description(sdp)
    except InvalidArgumentError:
        return []
    lines = [line.strip() for line in sdp.splitlines()]
    fragments = dict.fromkeys(line.partition(":")[2] for line in lines if line.startswith("a=ice-ufrag:"))
    # One transport's candidates may stand in each of its m-lines.
    candidates = dict.fromkeys(line for line in lines if line.startswith("a=candidate:"))
    kinds = Counter(filter(None, map(candidate_type, candidates)))
    roles = dict.fromkeys(section.role for section in sections if section.role and not section.refused)
    if not sections:
        return []
    known = {**_ROLES, "actpass": _LEFT_OPEN} if kind == "answer" else _ROLES
    return [
        Fact("Codecs", "; ".join(_codecs(sections)) or "none", "RFC 8866, 6.6"),
        Fact("Directions", ", ".join(_directions(sections)) or "none", "RFC 8866, 6.7"),
        Fact("DTLS role", ", ".join(known.get(role, role) for role in roles) or "not given", "RFC 8842, 5"),
        Fact("ICE username fragment (ufrag)", ", ".join(fragments) or "not given", "RFC 8839, 5.4"),
        Fact(
            "Candidates",
            ", ".join(f"{count} {kind}" for kind, count in kinds.items()) or "none in it: they follow",
            "RFC 8839, 5.1",
        ),
    ]


def _codecs(sections: Iterable[Section]) -> Iterator[str]:
    for section in sections:
        names = [*dict.fromkeys(section.codecs.values())]
        if section.kind == "application" or not names:
            continue
        more = f" and {len(names) - _MANY} more" if len(names) > _MANY else ""
        yield f"{section.kind}: {', '.join(names[:_MANY])}{more}"


def _directions(sections: Iterable[Section]) -> Iterator[str]:
    for section in sections:
        kind = "data channel" if section.kind == "application" else section.kind
        if section.refused:
            yield f"{kind} refused"
        else:
            yield kind if section.kind == "application" else f"{kind} {section.direction}"


def facts_of_candidates(messages: Sequence[Message]) -> list[Fact]:
    """Return what each candidate of a group is, and what became of it.

    Parameters
    ----------
    messages : sequence of Message
        The group.

    Returns
    -------
    list of Fact
        A number and a sentence for each.
    """
    return [Fact(f"{number}", _candidate(message)) for number, message in enumerate(messages, 1)]


def _candidate(message: Message) -> str:
    kind = kind_of_candidate(message)
    text = str((message.content or {}).get("candidate") or "")
    fields = text.split()
    protocol = f" over {fields[2].upper()}" if len(fields) > 2 else ""
    words = [f"{kind}{protocol}" if kind else "the end of candidates"]
    words.extend(message.fate)
    if message.seconds is not None:
        words.append(f"{transit(message.seconds, message.clock_error)} on its way")
    words.extend(dict.fromkeys(effect.type for effect in message.effects))
    return ", ".join(words)
