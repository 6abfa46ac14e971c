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


def told_apart(names: Sequence[str]) -> list[str]:
    """Return names of which none stands twice: equal ones get numbers in their order, which make nobody else's name.

    Parameters
    ----------
    names : sequence of str
        The names.

    Returns
    -------
    list of str
        As many, in the same order.

    Examples
    --------
    >>> told_apart(["Ada", "Ada", "Bob"])
    ['Ada', 'Ada (2)', 'Bob']
    """
    given = {*names}
    told: list[str] = []
    for name in names:
        label, number = name, 1
        while label in told or (number > 1 and label in given):
            number += 1
            label = f"{name} ({number})"
        told.append(label)
    return told
