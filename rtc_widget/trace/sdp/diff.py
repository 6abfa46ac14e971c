"""Compares an offer and its answer: what was agreed, and what was negotiated away."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import InvalidArgumentError
from ...runtime.signatures import explained
from ..findings import Findings
from .sections import Section, sections_of_description

_FLOWS = {
    "sendrecv": "both may send",
    "sendonly": "only the answerer may send",
    "recvonly": "only the offerer may send",
    "inactive": "nobody may send",
}
# What may be answered to each direction (RFC 3264, 6.1).
_ANSWERS = {
    "sendrecv": ("sendrecv", "sendonly", "recvonly", "inactive"),
    "sendonly": ("recvonly", "inactive"),
    "recvonly": ("sendonly", "inactive"),
    "inactive": ("inactive",),
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
        # Beside long outcomes a notebook would break even "audio (mid 0)".
        return finding.where.replace(" ", "\N{NO-BREAK SPACE}"), finding.what, finding.text


@explained
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
    if not _belong_together(offered, answered):
        msg = "An answer must have the offer's m-lines, in the same order (RFC 8829, 5.3.1); this one has others."
        raise InvalidArgumentError("bad_argument", msg)
    found = [*_roles(answered), *_bundles(offer, answer)]
    for number, (before, after) in enumerate(zip(offered, answered, strict=True), 1):
        name = before.mid or after.mid
        found.extend(
            _compare(f"{before.kind} ({f'mid {name}' if name else f'm-line {number}'})", before, after)
        )
    return Differences(found)


def _belong_together(offered: list[Section], answered: list[Section]) -> bool:
    # Not every answer has names; then m-lines belong together by their order (RFC 3264, 6).
    return len(offered) == len(answered) and all(
        before.kind == after.kind and (before.mid == after.mid or not before.mid or not after.mid)
        for before, after in zip(offered, answered, strict=True)
    )


def _compare(where: str, offer: Section, answer: Section) -> list[Difference]:
    if offer.refused or answer.refused:
        over = "was over before." if offer.refused else "the answerer refused it."
        return [Difference(where, "m-line", over)]
    found = []
    if offer.codecs or answer.codecs:
        found.append(Difference(where, "codecs", _codecs(offer, answer)))
    if offer.kind != "application":
        narrowed = f"{offer.direction} was offered, {answer.direction} answered"
        allowed = _ANSWERS[offer.direction]
        flows = (
            _FLOWS[answer.direction]
            if answer.direction in allowed
            else f"that is no answer to {offer.direction}, which is {' or '.join(allowed)} (RFC 3264, 6.1)"
        )
        found.append(Difference(where, "direction", f"{narrowed}: {flows}."))
    lost = sorted(offer.extensions - answer.extensions)
    if lost:
        names = ", ".join(uri.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1] for uri in lost)
        found.append(Difference(where, "extensions", f"header extensions not wanted: {names}."))
    return found


def _codecs(offer: Section, answer: Section) -> str:
    kept = [offer.codecs[key] for key in answer.codecs if key in offer.codecs]
    gone = [name for key, name in offer.codecs.items() if key not in answer.codecs]
    dropped = f" Negotiated away: {', '.join(gone)}." if gone else " None was dropped."
    return f"agreed, first choice first: {', '.join(kept) or 'none'}.{dropped}"


def _roles(answered: list[Section]) -> list[Difference]:
    role = next((section.role for section in answered if not section.refused and section.role), "")
    begins = {
        "active": "the answerer begins the DTLS handshake, where there has been none yet",
        "passive": "the offerer begins the DTLS handshake, where there has been none yet",
        "actpass": "the answer leaves open who begins the DTLS handshake, and may not (RFC 8842, 5.3)",
    }
    return [Difference("session", "role", f"{begins[role]}.")] if role in begins else []


def _bundles(offer: str, answer: str) -> list[Difference]:
    wanted, got = (_bundle(sdp) for sdp in (offer, answer))
    if wanted is None:
        return [
            Difference("session", "bundle", "no BUNDLE was offered: each m-line has a transport of its own.")
        ]
    mids = got or []
    missing = [mid for mid in wanted if mid not in mids]
    left = f"; left out: {', '.join(missing)}" if missing else ""
    shares = "shares" if len(mids) == 1 else "share"
    agreed = f"{', '.join(mids)} {shares} one transport" if mids else "nothing shares a transport"
    return [Difference("session", "bundle", f"{agreed}{left}.")]


def _bundle(sdp: str) -> list[str] | None:
    groups = (line.split() for line in sdp.splitlines() if line.startswith("a=group:BUNDLE"))
    return next((group[1:] for group in groups if group[0] == "a=group:BUNDLE"), None)


def _sections(sdp: str, name: str) -> list[Section]:
    if not isinstance(sdp, str) or not sdp.startswith("v=0"):
        msg = f"The {name} is not a session description, which begins with 'v=0' (RFC 8866, 5.1)."
        raise InvalidArgumentError("bad_argument", msg)
    return sections_of_description(sdp)
