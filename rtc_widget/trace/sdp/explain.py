"""Explains every line of a session description, and says where it is defined.

`lines` has the sentences. Every line that Chromium, Firefox and aiortc write is known, which a test ensures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from ...errors import InvalidArgumentError
from ...runtime.sdp import sections_of
from ...runtime.signatures import explained
from ..findings import Findings
from ..redaction import Redactor
from .context import Context, Meaning
from .forms import malformed
from .lines import meaning_of


@dataclass(frozen=True)
class Explained:
    """One line.

    Attributes
    ----------
    line : str
        As it is written.
    meaning : str
        What it means here, in a sentence.
    source : str
        The RFC or W3C section that defines it.
    known : bool
        False for a line that is malformed, or not, or not completely, explained here.
    """

    line: str
    meaning: str
    source: str
    known: bool

    def __str__(self) -> str:
        return f"{self.line}\n    {self.meaning} [{self.source}]"


class Explanation(Findings[Explained]):
    """The explained lines in order; displays as a table in a notebook, and as text elsewhere.

    Displayed are placeholders for private values, unless `explain` was told otherwise. The lines themselves are
    unchanged.
    """

    _heads = ("line", "what it means", "defined in")
    _private: bool

    def __new__(cls, lines: Iterable[Explained], *, private: bool = True) -> Self:
        """Make an explanation.

        Parameters
        ----------
        lines : iterable of Explained
            The explained lines.
        private : bool
            Whether they are displayed with placeholders.

        Returns
        -------
        Explanation
            The explanation.
        """
        self = super().__new__(cls, lines)
        self._private = private
        return self

    @property
    def unknown(self) -> tuple[str, ...]:
        """The lines that are malformed, or have no explanation, or none of a part of them."""
        return tuple(each.line for each in self if not each.known)

    def _displayed(self) -> Iterable[Explained]:
        # An explanation may quote the line, so redacted lines are explained anew.
        return _explained([*map(Redactor(), (each.line for each in self))]) if self._private else self

    def _row(self, finding: Explained) -> tuple[str, ...]:
        return finding.line, finding.meaning, finding.source


@explained
def explain(text: str, *, private: bool = True) -> Explanation:
    """Explain a session description, a line of one, or a candidate.

    Parameters
    ----------
    text : str
        An SDP (RFC 8866), one or more of its lines, or what ``RTCIceCandidate.candidate`` holds.
    private : bool
        Whether addresses, passwords, fingerprints and ids are displayed as placeholders. Notebooks are saved with
        their output, so think before you pass False. Each `Explained` has its line unchanged either way.

    Returns
    -------
    Explanation
        One `Explained` for each line. The lines of a whole description are explained in context, such as a payload
        type by its rtpmap line.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` for a text without a line of the form ``x=…``.

    Examples
    --------
    >>> explain("a=setup:actpass")
    a=setup:actpass
        The offerer may be either side of the DTLS handshake and leaves the choice to the answer. [RFC 4145, 4; RFC 8842, 5]
    >>> explain("a=ice-ufrag:Kp3c")
    a=ice-ufrag:[ufrag-1]
        This side's ICE username fragment. Both sides' together are the user name in every check. A new one means an ICE restart, and tells which candidates are meant. [RFC 8839, 5.4]
    """
    if not isinstance(text, str):
        msg = f"explain() takes an SDP, a line or a candidate as str, not {type(text).__name__}."
        raise InvalidArgumentError("bad_argument", msg)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    lines = [f"a={line}" if line.startswith("candidate:") else line for line in lines]
    if not any(len(line) > 1 and line[0].isalpha() and line[1] == "=" for line in lines):
        msg = "This is not an SDP: lines of an SDP begin with a letter and '=', such as 'm=video …' or 'a=mid:0'."
        raise InvalidArgumentError("bad_argument", msg)
    return Explanation(_explained(lines), private=private)


def _explained(lines: list[str]) -> Iterator[Explained]:
    """Explain each line by what the rest of its m-line's section says."""
    for section in sections_of(lines):
        context = Context.of(section)
        codecs = tuple(context.codecs.items())
        for line in section:
            yield _line(line, context.kind, codecs)


# Descriptions of one call share most of their lines, and a diagram explains all of them.
@lru_cache(maxsize=8192)
def _line(line: str, kind: str, codecs: tuple[tuple[str, str], ...]) -> Explained:
    found = meaning_of(line, Context(kind, dict(codecs))) or malformed(line) or _unknown(line)
    return Explained(line, found.text, found.source, found.known)


def _unknown(line: str) -> Meaning:
    if line.startswith("a="):
        return Meaning(
            "Unknown here. Receivers ignore attributes that they do not understand.",
            "RFC 8866, 5",
            known=False,
        )
    if line.startswith("m="):
        return Meaning(
            "Unknown here. An answer refuses what its side does not understand, with port 0.",
            "RFC 3264, 6",
            known=False,
        )
    return Meaning(
        "Unknown here. Receivers ignore or refuse a whole description with a line of a type that they do not understand.",
        "RFC 8866, 5",
        known=False,
    )
