"""The context of a line of a session description: its section, and what a line means in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from .payload_types import codecs_of


@dataclass(frozen=True)
class Context:
    """What a section says about the numbers in its lines.

    Attributes
    ----------
    kind : str
        "audio", "video", "application"; empty before the first m-line.
    codecs : dict
        Codec names by payload type.
    """

    kind: str = ""
    codecs: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, section: list[str]) -> Context:
        """Read a section.

        Parameters
        ----------
        section : list of str
            Its lines; those before the first m-line form one too.

        Returns
        -------
        Context
            The context.
        """
        kind = section[0][2:].split(" ")[0] if section and section[0].startswith("m=") else ""
        return cls(kind, {number: codec.name for number, codec in codecs_of(section).items()})

    def codec(self, payload_type: str) -> str:
        """Describe a payload type.

        Parameters
        ----------
        payload_type : str
            The number.

        Returns
        -------
        str
            The codec's name and the number, or only the number when nothing says what it is.
        """
        name = self.codecs.get(payload_type)
        return f"{name} (payload type {payload_type})" if name else f"payload type {payload_type}"


class Meaning(NamedTuple):
    """What a line means, where that is defined, and whether all of it is known."""

    text: str
    source: str
    known: bool = True


Say = Callable[["re.Match[str]", Context], str]
"""Says what a line means, from its match and its section."""


def count(number: str, noun: str) -> str:
    """Write a number of things.

    Parameters
    ----------
    number : str
        In digits.
    noun : str
        One of the things.

    Returns
    -------
    str
        Such as "1 picture" and "30 pictures".
    """
    return f"{number} {noun}" if number == "1" else f"{number} {noun}s"
