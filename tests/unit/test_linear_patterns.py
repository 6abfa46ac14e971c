"""Whatever meets a text from outside costs in proportion to its length: no pattern of ours takes its square."""

from __future__ import annotations

import functools
import re
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.patterns import ROOT, attacks, made_at_import, made_by_calls, modules

# Made at import of a table's constants, which are found there; and while it runs, of texts that were checked: a fault's
# types of candidates, and the names of who declined.
OF_PARTS = {
    Path("trace/sdp/lines.py"),
    Path("relay/intercept/faults.py"),
    Path("recording/finalize/people.py"),
}
# Tables whose patterns are held against whole lines only.
OF_LINES = {
    ("rtc_widget.trace.redaction", "_CANDIDATE"),
    ("rtc_widget.trace.redaction", "_LINES"),
    ("rtc_widget.trace.sdp.forms", "_FORMS"),
    ("rtc_widget.trace.sdp.lines", "_RULES"),
}
LENGTHS = [16, 20, 24, 28, 32, 64, 256, 4_096]
# Of the processor's time, at the better of two times. What is linear takes a fifth of it or less.
SECONDS = 0.02


class Used(NamedTuple):
    """A pattern, and how it is applied; all ways where the code does not show it."""

    pattern: re.Pattern[str]
    function: str = ""

    def seconds(self, text: str) -> float:
        """Return how much of the processor's time it takes over a text."""
        began = time.thread_time()
        if self.function not in ("match", "fullmatch"):
            for _match in self.pattern.finditer(text):
                pass
        if self.function == "match":
            self.pattern.match(text)
        else:
            self.pattern.fullmatch(text)
        return time.thread_time() - began


@functools.cache
def collected() -> dict[str, Used]:
    """Return every pattern by where it is: a module's name and one of its own, or a file and a line."""
    compiled = {
        pattern.pattern: (
            f"{module.__name__}.{name}-{number}",
            Used(pattern, "fullmatch" if (module.__name__, name) in OF_LINES else ""),
        )
        for module in modules()
        for number, (name, pattern) in enumerate(made_at_import(module))
    }
    found = dict(compiled.values())
    for path in ROOT.rglob("*.py"):
        for line, function, text in made_by_calls(path):
            if text is not None and text not in compiled:
                used = Used(re.compile(text), "" if function == "compile" else function)
                found[f"{path.relative_to(ROOT)}:{line}"] = used
    return found


def slow_for(used: Used) -> str | None:
    """Return a text for which a pattern is slow, and how slow."""
    # What is repeated in two ways may be the same in the end.
    texts = {
        before + (pump * LENGTHS[-1])[: LENGTHS[-1]]: (before, pump) for before, pump in attacks(used.pattern)
    }
    for before, pump in texts.values():
        for after in ("", "!\x00"):
            # Doubled step by step, so that what is exponential ends early.
            for length in LENGTHS:
                text = before + (pump * length)[:length] + after
                spent = used.seconds(text)
                if spent > SECONDS and (spent := min(spent, used.seconds(text))) > SECONDS:
                    return f"{before!r}, then {pump!r} to a length of {length}, then {after!r}: {spent:.2f} s"
    return None


def part_of(where: str) -> str:
    """Return which part of the package a pattern belongs to."""
    return where.removeprefix("rtc_widget.").replace("/", ".").split(".")[0]


PARTS = sorted({path.relative_to(ROOT).parts[0].removesuffix(".py") for path in ROOT.rglob("*.py")})


@pytest.mark.parametrize("part", PARTS)
def test_a_pattern_takes_time_in_proportion_to_the_text(part: str) -> None:
    slow = {where: slow_for(used) for where, used in collected().items() if part_of(where) == part}

    assert {where: text for where, text in slow.items() if text is not None} == {}


@pytest.mark.parametrize(
    "pattern",
    [r"[\w-]+\.local\b", r'"(?:[^"\\]|\\.)*"', r"(a+)+b", r"\s+$", r"a=fingerprint:(\S+)\s+(.+?)\s+$"],
)
def test_a_pattern_that_is_not_linear_is_found(pattern: str) -> None:
    assert slow_for(Used(re.compile(pattern))) is not None


def test_every_pattern_is_a_constant_that_this_test_can_find() -> None:
    found = {
        (path.relative_to(ROOT), line)
        for path in ROOT.rglob("*.py")
        for line, _function, text in made_by_calls(path)
        if text is None and path.relative_to(ROOT) not in OF_PARTS
    }

    assert found == set()
    assert len(collected()) > 100
    assert {part_of(where) for where in collected()} <= {*PARTS}
