"""Lists in a sentence, and names that tell people apart."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import chain, count


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


def free_name(name: str, taken: Collection[str]) -> str:
    """Return a name that is not taken: the one that is given, else with the lowest number.

    Parameters
    ----------
    name : str
        The name.
    taken : collection of str
        The names of others.

    Returns
    -------
    str
        Such as "Ada", or "Ada (2)".
    """
    numbered = (f"{name} ({number})" for number in count(2))
    return next(label for label in chain([name], numbered) if label not in taken)


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
        told.append(free_name(name, {*told, *(given - {name})}))
    return told
