"""What a student predicts, beside what has come: steps in their order, or a number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from .quantities import RATES, is_in_bytes, no_number, number_given
from .requirement import Given, NotSo
from .seen import is_given

# What lies between a bit, a kbit and an Mbit.
_PREFIXES: Final = (1e-6, 1e-3, 1e3, 1e6)
# What stands between two words of a list in one text.
_BETWEEN: Final = re.compile(r"[,;\n→>]|->|\bthen\b")
_IN_BRACKETS: Final = re.compile(r"\([^()]*\)")
# The number of an item, with what it is followed by.
_BEFORE_A_WORD: Final = re.compile(r"^\d+\s*[.):]\s*|^await\s+")
_QUOTES: Final = " \r\n\t\"'`"
_JOINTS: Final = re.compile(r"[\s_-]")


def words_given(given: Given, key: str = "answer") -> list[str]:
    """Return the list of words that a student wrote: a list, a tuple, or a text with commas, arrows or lines.

    Parameters
    ----------
    given : Given
        What was handed to `check`.
    key : str
        Which argument.

    Returns
    -------
    list of str
        Without brackets and what is in them; empty while there is nothing but the lesson's own placeholder.
    """
    value = given.get(key)
    if not is_given(given, key):
        return []
    if not isinstance(value, str | list | tuple):
        return []
    said = [value] if isinstance(value, str) else value
    # As it stands in a program: await pc.createAnswer().
    parts = [part for each in said for part in _BETWEEN.split(_IN_BRACKETS.sub("", str(each)))]
    words = [_BEFORE_A_WORD.sub("", part.strip(_QUOTES)).rpartition(".")[2].strip(_QUOTES) for part in parts]
    return [word for word in words if word]


def _is_called(word: str, name: str) -> bool:
    """Tell whether a word is a name, however its parts are joined: also "Dan: setRemoteDescription" and "setRemoteDescription offer"."""
    forms = (word, word.split()[0], *word.partition(":")[::2])
    return any(_JOINTS.sub("", form).casefold() == _JOINTS.sub("", name).casefold() for form in forms)


def judge_order(words: Sequence[str], came: Sequence[str], what: str = "step") -> object:
    """Judge whether a student has predicted what came, without telling what that is.

    Parameters
    ----------
    words : sequence of str
        The prediction.
    came : sequence of str
        What came.
    what : str
        What the words are, for sentences.

    Returns
    -------
    object
        As of `Requirement.judge`.
    """
    if not words:
        return False
    if len(words) == 1 and " " in words[0]:
        return NotSo(f"Write a list, with one word for each {what}: […, …].")
    right = 0
    for one, other in zip(words, came, strict=False):
        if not _is_called(one, other):
            break
        right += 1
    if right == len(words) == len(came):
        return True
    begun = f"The first {right} of your {what}s are right. " if right > 1 else ""
    begun = begun or (f"Your first {what} is right. " if right else "")
    if right == len(words):
        return NotSo(f"{begun}Something comes after that, too.")
    if right == len(came):
        return NotSo(f"{begun}Nothing comes after that.")
    place = "first" if right == 0 else "next"
    return NotSo(f"{begun}{words[right]!r} is not what comes {place}: look at it in the diagram.")


def without_repeats(values: Iterable[str]) -> list[str]:
    """Leave out what is the same as the one before it.

    Parameters
    ----------
    values : iterable of str
        Such as states, which may be reported twice.

    Returns
    -------
    list of str
        The others.
    """
    kept: list[str] = []
    for value in values:
        if kept[-1:] != [value]:
            kept.append(value)
    return kept


def judge_number(
    given: Given,
    right: float,
    slips: Sequence[tuple[float, str]],
    otherwise: str,
    *,
    key: str = "answer",
    near: float = 0.0,
    unit: str = "",
) -> object:
    """Judge a number that a student has worked out.

    Parameters
    ----------
    given : Given
        What was handed to `check`.
    right : float
        The right one.
    slips : sequence of (float, str)
        Numbers that come of a plausible mistake, each with what to say of it.
    otherwise : str
        What to say of any other number.
    key : str
        Which argument.
    near : float
        How far off it may be, as a share of the right one.
    unit : str, optional
        The unit that is asked for, or what is counted. The right number in thousands or millions of a unit, or in parts
        of it, is a slip, too.

    Returns
    -------
    object
        As of `Requirement.judge`.
    """
    if not is_given(given, key):
        return False
    if unit in RATES and is_in_bytes(given, key):
        return NotSo(
            f"Those are bytes, as you have written it, and a byte has eight bits: give it in {unit}."
        )
    answer = number_given(given, key, unit)
    if answer is None:
        return NotSo(no_number(given, key, unit))
    if abs(answer - right) <= near * abs(right):
        return True
    for slip, reason in slips:
        if abs(answer - slip) <= near * abs(slip):
            return NotSo(reason)
    if unit in RATES and any(abs(answer * factor - right) <= near * abs(right) for factor in _PREFIXES):
        return NotSo(f"The digits are right, and the unit is not: give it in {unit}.")
    return NotSo(otherwise)
