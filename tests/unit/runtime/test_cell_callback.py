"""A function of the user's prints where it was handed over."""

from __future__ import annotations

import threading

from rtc_widget.runtime.cell_callback import CellCallback
from tests.support.cell_outputs import cell_outputs


def test_a_function_prints_below_the_cell_that_handed_it_over_on_any_thread() -> None:
    with cell_outputs() as cells:
        callback = cells.run("first", lambda: CellCallback(print))
        cells.run("last", lambda: callback("on this thread"))
        thread = threading.Thread(target=callback, args=("on another",))
        thread.start()
        thread.join()

    assert cells.texts == {"first": "on this thread\non another\n"}


def test_what_it_raises_is_shown_there_too() -> None:
    with cell_outputs() as cells:
        callback = cells.run("first", lambda: CellCallback(lambda: 1 // 0))
        try:
            callback()
        except ZeroDivisionError:
            callback.print_exc()

    assert [*cells.texts] == ["first"]
    assert "ZeroDivisionError" in cells.texts["first"]


def test_a_function_may_lead_to_its_own_call() -> None:
    heard: list[int] = []

    def count_down(number: int) -> None:
        heard.append(number)
        if number:
            callback(number - 1)

    callback = CellCallback(count_down)
    callback(2)

    assert heard == [2, 1, 0]


def test_two_of_the_same_function_are_equal() -> None:
    assert CellCallback(print) == CellCallback(print) != CellCallback(len)
