"""Numbers as students write them: with a unit or without, with commas, in thousands and millions."""

from __future__ import annotations

import re
from typing import Final

from ...plain_numbers import number
from .requirement import Given

_ABOUT: Final = re.compile(r"(?:about|around|approximately|roughly|circa|exactly|it is|~|≈)\s*")
_GROUPED: Final = re.compile(r"[+-]?[1-9]\d{0,2}(?:([, '_])\d{3}(?:\1\d{3})*|(?:\.\d{3}){2,})(?!\d)")
_PLAIN: Final = re.compile(r"[+-]?(?:\d+(?:[.,]\d+)?|[.,]\d+)(?:e[+-]?\d+)?(?!\d)")
_FRACTION: Final = re.compile(r"\.\d+(?!\d)")
_IN_WORDS: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight"),
    *("nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen"),
)
_PREFIXES: Final = {"": 1.0, "k": 1e3, "t": 1e3, "m": 1e6, "g": 1e9, "b": 1e9}
_BITS: Final = re.compile(
    r"(kilo|k|mega|m|giga|g|thousand|million|billion)?[ -]?"
    r"(?:(?:bits?|b) ?(?:(?:/|per|a|p) ?(?:s|sec|secs|second|seconds))?)?(?: ?(?:each|per (?:person|participant)))?"
)
_BYTES: Final = re.compile(r"\d ?(?:(?:[kKMG]?B)(?:ps|/.*| .*)?|(?i:[a-z]*bytes?\b.*))$")
RATES: Final = {"bits per second": 1.0, "kbit/s": 1e3, "Mbit/s": 1e6}
"""Units of a bitrate, and how many bits per second each is."""
# What may stand after a number of other things.
_COUNTED: Final = {
    "frames per second": re.compile(
        r"fps|hz|hertz|(?:(?:video )?(?:frames?|pictures?|images?))? ?(?:(?:/|per|a|each|every) ?(?:s|sec|second))?"
    ),
    "m-lines": re.compile(r"(?:m ?-?=? ?)?(?:lines?|sections?)"),
}


def number_given(given: Given, key: str = "answer", unit: str = "") -> float | None:
    """Return the number that a student answered with, whatever library it is from.

    Parameters
    ----------
    given : Given
        What was handed to `check`.
    key : str
        Which argument.
    unit : str
        The unit that is asked for: a text may have it, or thousands and millions of it.

    Returns
    -------
    float or None
        In that unit; None when it is not one number.
    """
    value = given[key]
    return _number_of_text(value, unit) if isinstance(value, str) else number(value)


def is_in_bytes(given: Given, key: str = "answer") -> bool:
    """Tell whether a student has written bytes for bits.

    Parameters
    ----------
    given : Given
        What was handed to `check`.
    key : str
        Which argument.

    Returns
    -------
    bool
        Whether the unit that was written is one of bytes.
    """
    value = given[key]
    return isinstance(value, str) and _BYTES.search(value.strip()) is not None


def no_number(given: Given, key: str = "answer", unit: str = "") -> str:
    """Say of something that it is no number, and what is asked for.

    Parameters
    ----------
    given : Given
        What was handed to `check`.
    key : str
        Which argument.
    unit : str
        The unit that is asked for.

    Returns
    -------
    str
        A sentence or two.
    """
    value = given[key]
    what = (
        f"{value!r} is not a number in digits"
        if isinstance(value, str)
        else f"Something of type {type(value).__name__} is not a number"
    )
    return f"{what}. Give one number{f', in {unit}' if unit in RATES else ''}."


def _number_of_text(text: str, unit: str) -> float | None:
    """Read a number with a unit, and nothing else beside it but how it was worked out, before an equals sign."""
    text = text.rpartition("=")[2]
    text = " ".join(text.casefold().replace("\u2212", "-").rstrip(". ").split())
    begun = _ABOUT.match(text)
    text = text[begun.end() :] if begun else text
    first, _, rest = text.partition(" ")
    if first in _IN_WORDS:
        return _in_unit(float(_IN_WORDS.index(first)), rest, unit)
    if found := _GROUPED.match(text):
        digits, end = re.sub(r"[^\d+-]", "", found[0]), found.end()
        if fraction := _FRACTION.match(text, end):
            digits, end = digits + fraction[0], fraction.end()
    elif found := _PLAIN.match(text):
        digits, end = found[0].replace(",", "."), found.end()
    else:
        return None
    return _in_unit(float(digits), text[end:].strip(), unit)


def _in_unit(value: float, said: str, unit: str) -> float | None:
    """Return a number in the unit that is asked for, from what a student has said of its unit."""
    if not said:
        return number(value)
    if unit in RATES and (found := _BITS.fullmatch(said)):
        return number(value * _PREFIXES[(found[1] or "")[:1]] / RATES[unit])
    return number(value) if unit in _COUNTED and _COUNTED[unit].fullmatch(said) else None
