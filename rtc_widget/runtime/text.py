"""How several things stand in one sentence."""

from __future__ import annotations

from collections.abc import Sequence


def listed(words: Sequence[str]) -> str:
    """Return words as a sentence has them: "Ada, Bob and Eve"."""
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)
