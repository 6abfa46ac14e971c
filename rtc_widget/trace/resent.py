"""Finds descriptions that were sent again: WebRTC resends nothing (RFC 8829, 3.1), so it is the application that did."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from .messages import Message

# By then it may have candidates, and the address of one of them.
_CANDIDATES: Final = ("a=candidate:", "a=rtcp:", "a=end-of-candidates", "c=")
_PORT: Final = re.compile(r"^(m=\w+) \d+")


def resent(messages: Iterable[Message]) -> Iterator[str]:
    """Find the offers and answers that their sender had sent before, to the same participant.

    Parameters
    ----------
    messages : iterable of Message
        Between any number of participants.

    Yields
    ------
    str
        Their ids. Copies that were made at the signaling server are not among them: their sender sent once.
    """
    last: dict[tuple[str, str, str], list[str]] = {}
    for message in sorted(messages, key=lambda message: message.departed):
        # What became of it on its way is not its sender's.
        sdp = (message.original or message.content or {}).get("sdp")
        if message.kind not in ("offer", "answer") or not isinstance(sdp, str):
            continue
        key, lines = (message.sender, message.receiver, message.kind), _negotiated(sdp)
        if last.get(key) == lines and "duplicated" not in message.fate:
            yield message.id
        last[key] = lines


def _negotiated(sdp: str) -> list[str]:
    """Return what stays as it is while candidates are gathered; the twin of `isCopy` in ``js/src/negotiation/renewal.ts``."""
    return [_PORT.sub(r"\1", line) for line in sdp.splitlines() if not line.startswith(_CANDIDATES)]
