"""How wide words are, never less than in a browser's font, where no browser can be asked."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

# In parts of the font's size, as in DejaVu Sans Bold, the widest of the fonts that are asked for.
_NARROW: Final = frozenset("iljI.,:;'|!()[]·/ -ft`")
_WIDE: Final = frozenset("mwMW@%—…→↔≠")
_FONT: Final = {"narrow": 0.46, "normal": 0.72, "capital": 0.85, "wide": 1.1}


def width_of(text: str, size: float) -> float:
    """Return at most how wide a text is.

    Parameters
    ----------
    text : str
        The text, on one line.
    size : float
        The font's size, CSS pixels.

    Returns
    -------
    float
        CSS pixels.
    """
    return size * sum(map(_letter, text))


def _letter(letter: str) -> float:
    if letter in _NARROW:
        return _FONT["narrow"]
    if letter in _WIDE or ord(letter) > 0x24F:
        return 1.35 if unicodedata.east_asian_width(letter) in "WF" or ord(letter) > 0xFFFF else _FONT["wide"]
    return _FONT["capital"] if letter.isupper() else _FONT["normal"]


def lines_of(text: str, size: float, room: float, most: int = 3) -> list[str]:
    """Fold a text into lines.

    Parameters
    ----------
    text : str
        The text.
    size : float
        The font's size, CSS pixels.
    room : float
        How wide a line may be, CSS pixels.
    most : int
        How many lines there may be; the last one is cut when there is more.

    Returns
    -------
    list of str
        At least one line.
    """
    lines: list[str] = []
    line = ""
    for word in _words(text, size, room):
        longer = f"{line} {word}" if line else word
        if line and width_of(longer, size) > room:
            lines.append(line)
            line = word
        else:
            line = longer
    lines.append(line)
    if len(lines) > most:
        lines = lines[:most]
        while lines[-1] and width_of(f"{lines[-1]}…", size) > room:
            lines[-1] = lines[-1][:-1]
        lines[-1] += "…"
    return lines


def _words(text: str, size: float, room: float) -> Iterator[str]:
    """Divide a text at its spaces, and words that no line has room for anywhere."""
    for word in text.split():
        rest = word
        while width_of(rest, size) > room and len(rest) > 1:
            count = len(rest)
            while count > 1 and width_of(rest[:count], size) > room:
                count = min(count - 1, int(count * room / width_of(rest[:count], size)) or 1)
            yield rest[:count]
            rest = rest[count:]
        yield rest
