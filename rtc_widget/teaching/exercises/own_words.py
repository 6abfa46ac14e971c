"""What a student says in words of their own: one thing, and not what it is not."""

from __future__ import annotations

import re
from typing import Final

from .requirement import NotSo

ROLLS_BACK: Final = re.compile(
    r"roll(?:s|ed|ing)?(?:\s+\w+){0,4}[\s-]+back|rollback|(?:take|takes|took|taken|taking)(?:\s+\w+){0,4}\s+back"
    r"|\b(?:withdr[ae]w|undo|undid|undone|cancel|revok|revert|retract)"
    r"|\b(?:discard|abandon|drop|abort|scrap|giv\w+\s+up|gave\s+up|thr[eo]w\w*(?:\s+\w+){0,4}\s+away)"
    r"|\b(?:go|goes|going|went|return|returns|returning|returned)(?:\s+back)?\s+to\s+(?:\w+\s+)?[\"']?stable"
)
"""Every form of taking one's own offer back, in lower case."""

_NO: Final = re.compile(
    r"\b(?:no|not|never|nope|nobody|nothing|neither|cannot|fail(?:s|ed|ing)?|impossible|un(?:able|connected)|disconnected|apart"
    r"|time[sd]?[ -]?out|(?:ca|do|does|wo|would|could|is|are)nt)\b|n't\b"
)
_YES: Final = re.compile(r"\b(?:yes|connect\w*|work\w*|meet)\b")
_FIRST: Final = re.compile(r"(?:(yes|yep|yeah|y|true)|(?:no|nope|n|false))(?:\W|$)")
# What is not needed says nothing about what happens.
_BESIDE: Final = re.compile(
    r"\b(?:no|without)(?: any| an?)? (?:turn|problems?|trouble|difficult\w+|issues?)\b|(?:\b(?:no|not)|n't) needs?\b"
)
_OPEN: Final = re.compile(
    r"\b(?:maybe|perhaps|possibly|depends?|unsure|not sure|no idea|not know|sometimes|dunno)\b|n't know\b"
    r"|\b(?:yes|no)\W+(?:(?:or|and)\W+)?(?:yes|no)(?:\W*$)"
)

_NEGATED: Final = re.compile(r"\b(?:not|no|never|without)\b|n't\b")
_SEVERAL: Final = re.compile(r"\b(?:or|either)\b")
# What it is not, beside what it is: "not dropped but kept", "kept, not dropped", "keep it instead of dropping it".
_CONTRAST: Final = re.compile(
    r"\b(?:not|never)\b[^.;]{0,80}?\bbut\b|,\s*(?:and\s+)?not\b[^.;]*$|\b(?:instead of|rather than)\b[^.;]*"
)


def without_spaces(line: str) -> str:
    """Leave out the spaces around a line of SDP, and around its colons.

    Parameters
    ----------
    line : str
        What the student wrote.

    Returns
    -------
    str
        Such as "a=setup:active" of "a=setup: active".
    """
    return ":".join(part.strip() for part in line.split(":"))


def is_unsure(text: str) -> bool:
    """Tell whether a text says what something is not, or several things it may be.

    Parameters
    ----------
    text : str
        What the student wrote.

    Returns
    -------
    bool
        Whether it does.
    """
    return any(pattern.search(text.casefold()) for pattern in (_NEGATED, _SEVERAL))


def yes_or_no(answer: object) -> bool | None:
    """Read what a student predicts of something: that it happens, or that it does not.

    Parameters
    ----------
    answer : object
        A text, or a flag.

    Returns
    -------
    bool or None
        None for both, and for neither.
    """
    if not isinstance(answer, bool | str):
        return None
    text = " ".join(str(answer).casefold().replace("\u2019", "'").split())
    if _OPEN.search(text):
        return None
    text = _BESIDE.sub("", text)
    if first := _FIRST.match(text):
        return bool(first[1])
    if _NO.search(text):
        return False
    return True if _YES.search(text) else None


def judge_words(
    text: str, right: re.Pattern[str], wrong: str, others: re.Pattern[str] | None = None
) -> object:
    """Judge whether a text names the right thing, and that alone: a guess names several.

    Parameters
    ----------
    text : str
        What the student wrote.
    right : re.Pattern
        Finds the right thing, in lower case.
    wrong : str
        What to say where it is not there.
    others : re.Pattern, optional
        Finds what would be another answer.

    Returns
    -------
    object
        As of `Requirement.judge`.
    """
    text = _CONTRAST.sub(lambda found: found[0] if right.search(found[0]) else "", text.casefold())
    if not right.search(text):
        return NotSo(wrong)
    if _NEGATED.search(text):
        return NotSo("Say what it is, and not what it is not: then it can be judged.")
    if _SEVERAL.search(text) or (others is not None and others.search(text)):
        return NotSo("That is more than one answer: decide for one.")
    return True
