"""Which texts can be names: those that people can read, in every script."""

from __future__ import annotations

import unicodedata
from typing import Final

# Letters and symbols by their category, and nothing to be seen: Hangul fillers, the braille pattern without dots, a
# musical notehead and two hieroglyphs that stand for nothing.
_UNSEEN: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0\U00013441\U00013442\U0001d159")
# Zero-width (non-)joiner: part of words in Persian and in scripts of India, and of most emoji that show people.
_JOINERS: Final = "\u200c\u200d"
# Letters, marks and symbols: what a joiner can stand between.
_JOINED: Final = "LMS"
_SEEN: Final = "LNPS"


def flaw(text: str) -> str | None:
    """Say why a text cannot be a name.

    Parameters
    ----------
    text : str
        The text, which is not empty.

    Returns
    -------
    str or None
        What is wrong, with the first character that is; None when all of it is printable (joiners are within words and
        emoji), something can be seen, and it begins and ends in no blank.
    """
    for at, each in enumerate(text):
        if not (each.isprintable() or _is_joining(text, at)):
            return f"{_character(text, at)}, is not printable"
    if not any(_is_seen(each) for each in text):
        return f"nothing of it can be seen, such as {_character(text, 0)}"
    for at, end in ((0, "beginning"), (len(text) - 1, "end")):
        if text[at] == " " or text[at] in _UNSEEN:
            return f"{_character(text, at)}, is a blank at its {end}"
    return None


def shortened(name: str, length: int) -> str:
    """Return a name's beginning, which is a name as well.

    Parameters
    ----------
    name : str
        The name.
    length : int
        How many characters it may have.

    Returns
    -------
    str
        The beginning, which does not end within an emoji or at a blank.
    """
    return name[:length].rstrip(f"{_JOINERS} ")


def _character(text: str, at: int) -> str:
    """Return which character is meant: its position from 1 on, its code point and its name, which controls have not."""
    name = unicodedata.name(text[at], "")
    return f"character {at + 1}, U+{ord(text[at]):04X}{name and f' ({name})'}"


def _is_seen(character: str) -> bool:
    return character not in _UNSEEN and unicodedata.category(character)[0] in _SEEN


def _is_joining(text: str, at: int) -> bool:
    """Return whether there is a joiner between two characters that can be joined."""
    return (
        text[at] in _JOINERS
        and 0 < at < len(text) - 1
        and all(
            each not in _UNSEEN and unicodedata.category(each)[0] in _JOINED
            for each in (text[at - 1], text[at + 1])
        )
    )
