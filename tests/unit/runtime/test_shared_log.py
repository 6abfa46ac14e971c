"""None of those who fill what has a limit pushes the others out of it."""

from __future__ import annotations

import math

from rtc_widget.runtime.shared_log import SharedLog


def filled(limit: float, *sources: str) -> SharedLog[str]:
    log = SharedLog[str](limit)
    for number, source in enumerate(sources):
        log.append(source, f"{source}{number}")
    return log


def test_items_keep_the_order_in_which_they_came() -> None:
    log = filled(math.inf, "a", "b", "a", "c", "b")
    assert list(log) == ["a0", "b1", "a2", "c3", "b4"]
    assert [log.last(most) for most in (0, 2, 9)] == [[], ["c3", "b4"], list(log)]


def test_who_adds_without_end_loses_its_own_items_only() -> None:
    log = filled(10, "b", "c", "b", *"a" * 1000, "c")
    assert [item for item in log if item[0] != "a"] == ["b0", "c1", "b2", "c1003"]
    assert list(log)[3:-1] == [f"a{number}" for number in range(997, 1003)]
    assert len(log) == 10


def test_one_alone_has_all_of_it() -> None:
    assert list(filled(3, *"aaaaa")) == ["a2", "a3", "a4"]


def test_a_share_is_of_the_weight_and_not_of_the_number() -> None:
    log = SharedLog[str](10)
    for number in range(4):
        log.append("b", f"b{number}")
    for number in range(3):
        log.append("a", f"a{number}", 4)
    assert list(log) == ["b0", "b1", "b2", "b3", "a2"]


def test_an_item_that_is_too_heavy_alone_is_not_kept() -> None:
    log = filled(3, "a")
    log.append("b", "b1", 9)
    assert list(log) == ["a0"]


def test_a_source_of_which_nothing_is_left_costs_nothing() -> None:
    log = SharedLog[int](2)
    for number in range(1000):
        log.append(str(number), number)
    assert (len(log), len(log._items), len(log._weights)) == (2, 2, 2)
