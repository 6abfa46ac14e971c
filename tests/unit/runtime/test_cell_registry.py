"""A cell that is run again replaces what it made the last time."""

from __future__ import annotations

import gc
import weakref

import pytest

from rtc_widget.runtime import cell_registry


class Thing:
    """Something that a cell makes."""

    def __init__(self) -> None:
        self.is_closed = self.has_successor = False

    def close(self) -> None:
        self.is_closed = True

    def succeed(self) -> None:
        self.has_successor = True


@pytest.fixture(autouse=True)
def nothing_by_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cell_registry, "_by_cell", {})


def run(monkeypatch: pytest.MonkeyPatch, cell: str | None, execution: str = "") -> Thing:
    """Make something in one execution of a cell."""
    running = None if cell is None else (cell, execution)
    monkeypatch.setattr(cell_registry, "executing_cell", lambda: running)
    made = Thing()
    cell_registry.replace_earlier(made)
    return made


def test_what_a_cell_by_cell_before_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    first = run(monkeypatch, "cell", "1")
    second = run(monkeypatch, "cell", "2")

    assert first.is_closed
    assert not second.is_closed


def test_several_things_of_one_execution_live_beside_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    things = [run(monkeypatch, "cell", "1") for _ in range(3)]
    assert not any(thing.is_closed for thing in things)

    run(monkeypatch, "cell", "2")

    assert all(thing.is_closed for thing in things)


def test_other_cells_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    one = run(monkeypatch, "one", "1")
    run(monkeypatch, "other", "2")

    assert not one.is_closed


def test_without_a_cell_nothing_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    one = run(monkeypatch, None)
    run(monkeypatch, None)

    assert not one.is_closed


def test_what_is_kept_outlives_its_cell_and_is_told_of_its_successor(monkeypatch: pytest.MonkeyPatch) -> None:
    one = run(monkeypatch, "cell", "1")
    cell_registry.keep(one, one.succeed)

    run(monkeypatch, "other", "2")
    assert not one.has_successor
    run(monkeypatch, "cell", "3")

    assert one.has_successor
    assert not one.is_closed


def test_nothing_lives_on_because_a_cell_by_cell_it(monkeypatch: pytest.MonkeyPatch) -> None:
    one = run(monkeypatch, "cell", "1")
    seen = weakref.ref(one)

    del one
    gc.collect()

    assert seen() is None
