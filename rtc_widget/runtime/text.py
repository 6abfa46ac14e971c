"""Lists in a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def listed(words: Sequence[str]) -> str:
    """Join words as in a sentence.

    Parameters
    ----------
    words : sequence of str
        The words.

    Returns
    -------
    str
        Such as "Ada, Bob and Eve".
    """
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)
