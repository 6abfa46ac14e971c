"""Observers of traits print below their cells."""

from __future__ import annotations

from typing import Any

from traitlets import Int, observe

from rtc_widget.runtime.cell_observers import CellObservers
from tests.support.cell_outputs import cell_outputs


class Observed(CellObservers):
    """Has a trait."""

    value = Int()
    twice = 0

    @observe("value")
    def _double(self, change: Any) -> None:
        self.twice = 2 * change.new


def test_an_observer_prints_below_the_cell_that_added_it_until_it_is_taken_back() -> None:
    observed = Observed()

    def show(change: Any) -> None:
        print(change.new)

    with cell_outputs() as cells:
        cells.run("first", lambda: observed.observe(show, "value"))
        cells.run("second", lambda: observed.observe(show, "value"))  # the same, and so not twice
        observed.value = 1
        cells.run("second", lambda: observed.unobserve(show, "value"))
        observed.value = 2

    assert cells.texts == {"first": "1\n"}


def test_a_class_observes_itself_as_ever() -> None:
    observed = Observed()
    observed.value = 2

    assert observed.twice == 4
