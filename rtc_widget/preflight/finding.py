"""What a check found, and how findings read as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

State = Literal["good", "warning", "problem", "not checked"]
STATES: Final[tuple[State, ...]] = get_args(State)

# A front end's texts are sentences; what is longer is not one of ours.
_LONGEST = 1_000
_MOST = 100
_FIELDS = ("check", "state", "text", "advice")
_WIDTH = 96


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes
    ----------
    check : str
        What was looked at.
    state : {"good", "warning", "problem", "not checked"}
        How it is.
    text : str
        What was found, in a sentence.
    advice : str
        The one thing to do; empty where nothing is to be done.
    """

    check: str
    state: State
    text: str
    advice: str = ""


def read_findings(content: Any) -> tuple[Finding, ...]:
    """Return the findings that a front end sent, without anything that is not one."""
    found = []
    for entry in content[:_MOST] if isinstance(content, list) else ():
        values = [entry.get(key) for key in _FIELDS] if isinstance(entry, dict) else []
        check, state, text, advice = (str(value)[:_LONGEST] for value in values or ("",) * len(_FIELDS))
        for known in STATES:
            if state == known:
                found.append(Finding(check, known, text, advice))
    return tuple(found)


def summary(findings: Iterable[Finding]) -> str:
    """Count findings by state, the worst first."""
    states = [finding.state for finding in findings]
    counts = [(states.count(state), state) for state in ("problem", "warning", "good", "not checked")]
    words = {"problem": "problems", "warning": "warnings"}
    return ", ".join(f"{n} {words.get(state, state) if n > 1 else state}" for n, state in counts if n)


def lines(findings: Sequence[Finding]) -> list[str]:
    """Lay findings out: state, check and text in columns, the advice below."""
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
