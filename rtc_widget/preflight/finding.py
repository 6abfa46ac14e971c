"""Findings, and how they read as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

State = Literal["good", "warning", "problem", "not checked"]
STATES: Final[tuple[State, ...]] = get_args(State)

# Longer texts are cut: those of our front end are sentences.
_LONGEST = 1_000
_MOST = 100
_FIELDS = ("check", "state", "text", "advice")
_WIDTH = 96


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check.

    Attributes
    ----------
    check : str
        What was checked.
    state : {"good", "warning", "problem", "not checked"}
        The result.
    text : str
        What was found, as a sentence.
    advice : str
        What to do; empty when there is nothing to do.
    """

    check: str
    state: State
    text: str
    advice: str = ""


def read_findings(content: Any) -> tuple[Finding, ...]:
    """Parse the findings that a front end sent; anything invalid is left out.

    Parameters
    ----------
    content : object
        A list of objects.

    Returns
    -------
    tuple of Finding
        At most 100.
    """
    found = []
    for entry in content[:_MOST] if isinstance(content, list) else ():
        values: list[Any] = [entry.get(key, "") for key in _FIELDS] if isinstance(entry, dict) else [None]
        if all(isinstance(value, str) for value in values):
            check, state, text, advice = (value[:_LONGEST] for value in values)
            found += [Finding(check, known, text, advice) for known in STATES if state == known]
    return tuple(found)


def summary(findings: Iterable[Finding]) -> str:
    """Count findings by state.

    Parameters
    ----------
    findings : iterable of Finding
        The findings.

    Returns
    -------
    str
        Such as "1 problem, 7 good".
    """
    states = [finding.state for finding in findings]
    counts = [(states.count(state), state) for state in ("problem", "warning", "good", "not checked")]
    words = {"problem": "problems", "warning": "warnings"}
    return ", ".join(f"{n} {words.get(state, state) if n > 1 else state}" for n, state in counts if n)


def lines(findings: Sequence[Finding]) -> list[str]:
    """Lay findings out in columns: state, check and text, with the advice below.

    Parameters
    ----------
    findings : sequence of Finding
        The findings.

    Returns
    -------
    list of str
        Lines of text.
    """
    width = max((len(finding.check) for finding in findings), default=0)
    indent = " " * (2 + len("not checked") + 2 + width + 2)
    laid = []
    for finding in findings:
        head = f"  {finding.state:<11}  {finding.check:<{width}}  "
        laid += textwrap.wrap(finding.text, _WIDTH, initial_indent=head, subsequent_indent=indent)
        if finding.advice:
            laid += textwrap.wrap(
                finding.advice, _WIDTH, initial_indent=f"{indent}→ ", subsequent_indent=f"{indent}  "
            )
    return laid
