"""A name means who is there, and who has it in the trace before who had it when they joined."""

from __future__ import annotations

import pytest

from rtc_widget.trace.events import Event
from rtc_widget.trace.naming import labels, meant
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


TWO = {"c1": "Carol", "c2": "Carol", "b": "Bob"}


def events_of(*steps: str) -> list[Event]:
    split = [step.split() for step in steps]
    return [Event(float(at), key, kind) for at, (key, kind) in enumerate(split)]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (("c1 join", "b join", "c1 leave", "c2 join"), ["Carol (earlier)", "Carol"]),
        # Both have left, but one before the other came.
        (("c1 join", "c1 leave", "c2 join", "c2 leave"), ["Carol (earlier)", "Carol"]),
        # They were there together, and the tiles call the one who has stayed Carol.
        (("c1 join", "c2 join", "c1 leave"), ["Carol (earlier)", "Carol"]),
        (("c1 join", "c2 join", "c1 leave", "c2 leave"), ["Carol", "Carol (2)"]),
        # Who comes again was not there earlier.
        (("c1 join", "c1 leave", "c2 join", "c1 join"), ["Carol", "Carol (2)"]),
        # A part of a trace, in which nothing tells of the other one.
        (("b join", "c2 join"), ["Carol", "Carol"]),
        # And one in which nobody joins.
        (("c1 sent", "c2 sent"), ["Carol", "Carol (2)"]),
    ],
)
def test_in_a_diagram_a_name_is_one_persons(steps: tuple[str, ...], expected: list[str]) -> None:
    told = labels(TWO, events_of(*steps))

    assert [told["c1"], told["c2"]] == expected
    assert told["b"] == "Bob"


def test_several_who_had_left_are_numbered_as_such() -> None:
    three = {**TWO, "c3": "Carol", "c4": "Carol"}
    steps = events_of("c1 join", "c1 leave", "c2 join", "c2 leave", "c3 join", "c4 join")

    told = labels(three, steps)

    assert told == {
        "c1": "Carol (earlier)",
        "c2": "Carol (earlier, 2)",
        "c3": "Carol",
        "c4": "Carol (2)",
        "b": "Bob",
    }
    assert meant("Carol (earlier, 2)", three, steps) == "c2"


def test_what_a_diagram_calls_somebody_is_understood_and_a_name_alone_is_who_is_there() -> None:
    steps = events_of("c1 join", "b join", "c1 leave", "c2 join")

    assert meant("Carol (earlier)", TWO, steps) == "c1"
    assert meant("Carol", TWO, steps) == "c2"
    assert meant("Carol (2)", TWO, steps) is None
