"""A diagram in Mermaid, for reports."""

from __future__ import annotations

import re

from rtc_widget.trace import Trace
from rtc_widget.trace.events import Event
from tests.support.traces import ADA, BOB, call, crowd, stepped


def test_it_has_participants_phases_calls_and_messages() -> None:
    source = call().trace.to_mermaid().splitlines()

    assert source[0] == "sequenceDiagram"
    assert "    participant P0 as Ada" in source
    assert "    Note over P0,P1: 1 Bob joins, Ada makes an offer" in source
    assert "    Note over P0: createOffer()" in source
    assert "    P0->>P1: offer" in source
    assert "    P0-->>P1: 4 candidates (3 host, 1 srflx)" in source
    assert sum(line.strip().startswith("rect ") for line in source) == source.count("    end")


def test_what_never_arrived_ends_in_a_cross() -> None:
    assert "P0-xP1: candidate (host), dropped" in stepped().trace.to_mermaid()


def test_everybody_is_named_once() -> None:
    source = crowd().trace.to_mermaid()

    assert [source.count(f" as {name}\n") for name in ("Ada", "Bob", "Carol")] == [1, 1, 1]


def test_a_name_is_no_statement() -> None:
    nasty = "Eve; end\n    participant X as #quot;<img onerror=x>"
    events = [
        Event(1.0, ADA, "createOffer", BOB),
        Event(2.0, ADA, "failed", BOB, data={"operation": nasty, "error": "%%{init: {}}%%"}),
    ]
    source = Trace(events, names={ADA: nasty, BOB: "Bob"}).to_mermaid()

    assert sum(line.strip().startswith("participant") for line in source.splitlines()) == 2
    assert not set('<>{}%"') & set(source)
    assert ";" not in re.sub(r"#\d+;", "", source)


def test_private_values_are_placeholders_unless_asked_for() -> None:
    events = [
        Event(1.0, ADA, "createOffer", BOB),
        Event(2.0, ADA, "failed", BOB, data={"operation": "x", "error": "no route to 192.0.2.44"}),
    ]
    trace = Trace(events, names={ADA: "Ada", BOB: "Bob"})

    assert "192.0.2.44" not in trace.to_mermaid()
    assert "192.0.2.44" in trace.to_mermaid(private=False)


def test_an_empty_trace_is_an_empty_diagram() -> None:
    assert Trace([], names={}).to_mermaid() == "sequenceDiagram\n"
