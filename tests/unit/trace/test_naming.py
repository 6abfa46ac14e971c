"""A name means who is there, and who has it in the trace before who had it when they joined."""

from __future__ import annotations

import pytest

from rtc_widget.trace.events import Event
from rtc_widget.trace.naming import meant
from rtc_widget.trace.trace import Trace

NAMES = {"a1": "Ada", "a2": "Ada (2)", "b": "Bob"}


def roster(*steps: str) -> list[Event]:
    """Return events such as "a1 join" and "a1 leave"."""
    split = [step.split() for step in steps]
    return [
        Event(float(at), key, kind, data={"name": NAMES[key].removesuffix(" (2)")} if kind == "join" else {})
        for at, (key, kind) in enumerate(split)
    ]


@pytest.mark.parametrize(
    ("steps", "name", "expected"),
    [
        (("a1 join", "a2 join"), "Ada", "a1"),
        (("a1 join", "a2 join"), "Ada (2)", "a2"),
        (("a1 join", "a2 join", "a1 leave"), "Ada", "a2"),
        (("a1 join", "a2 join", "a1 leave", "a1 join"), "Ada", "a1"),
        (("a1 join", "a2 join", "a1 leave", "a2 leave"), "Ada", "a1"),
        (("a1 join", "a2 join", "a2 leave"), "Ada (2)", "a2"),
        ((), "Ada", "a1"),
        ((), "Carol", None),
    ],
)
def test_a_name_means_who_is_there(steps: tuple[str, ...], name: str, expected: str | None) -> None:
    assert meant(name, NAMES, roster(*steps)) == expected


def test_of_several_who_were_called_so_one_after_the_other_it_is_the_last() -> None:
    assert meant("Ada", {"a1": "Ada", "b": "Bob", "a3": "Ada"}, []) == "a3"


def test_a_trace_of_a_cell_that_was_run_again_is_asked_for_by_the_name_in_the_cell() -> None:
    events = [*roster("a1 join", "b join", "a2 join", "a1 leave"), Event(9.0, "a2", "getUserMedia")]
    assert [event.participant for event in Trace(events, names=NAMES).by("Ada")] == ["a2", "a2"]
