"""What an exercise still needs."""

from __future__ import annotations

from typing import Any, cast

import pytest

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.teaching import check as checking
from rtc_widget.teaching.check import Checked, check
from rtc_widget.teaching.exercises import EXERCISES, Requirement

ROOM = cast("Any", object())


@pytest.fixture
def exercise(monkeypatch: pytest.MonkeyPatch) -> None:
    requirements = (
        Requirement("You are in.", "Run the cell.", lambda _room, given: given["is_in"]),
        Requirement("Bob is here.", "Call Bob.", lambda room, _given: room.bob),
        Requirement("It is <loud>.", "Turn it up.", lambda _room, _given: True),
    )
    monkeypatch.setattr(checking, "EXERCISES", {"4.1": requirements})


def test_what_is_missing_comes_with_a_hint_towards_the_first_of_it(exercise: None) -> None:
    checked = check("4.1", ROOM, is_in=True)

    assert not checked
    assert (checked.done, checked.missing) == (("You are in.", "It is <loud>."), ("Bob is here.",))
    assert checked.hint == "Call Bob."
    assert repr(checked).splitlines()[0] == "Exercise 4.1"
    assert repr(checked).endswith("Hint: Call Bob.")


def test_what_cannot_be_looked_at_yet_is_missing(exercise: None) -> None:
    assert check("4.1", ROOM).missing == ("You are in.", "Bob is here.")


def test_when_all_is_there_it_says_so() -> None:
    checked = Checked("4.1", ("You are in.",), (), None)

    assert checked
    assert repr(checked).endswith("Everything is done. Well done!")


def test_in_a_notebook_it_is_a_list_in_which_nothing_is_markup_that_should_not_be(exercise: None) -> None:
    shown = check("4.1", ROOM, is_in=True)._repr_html_()

    assert shown.count("<li") == 3
    assert "It is &lt;loud&gt;." in shown
    assert "<b>Hint:</b> Call Bob." in shown


def test_an_exercise_that_there_is_not_is_refused_with_the_nearest(exercise: None) -> None:
    with pytest.raises(InvalidArgumentError, match=r"Did you mean '4\.1'"):
        check("4.11", ROOM)


def test_every_exercise_says_what_it_needs_and_where_to_look() -> None:
    for number, requirements in EXERCISES.items():
        assert requirements, number
        assert all(each.says and each.hint for each in requirements)
        assert not check(number, ROOM)
