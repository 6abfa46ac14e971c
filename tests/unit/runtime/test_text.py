"""How several things stand in one sentence."""

from __future__ import annotations

import pytest

from rtc_widget.runtime.text import listed, told_apart


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), ""),
        (("Ada",), "Ada"),
        (("Ada", "Bob"), "Ada and Bob"),
        (("Ada", "Bob", "Eve"), "Ada, Bob and Eve"),
    ],
)
def test_words_are_listed_as_in_a_sentence(words: tuple[str, ...], sentence: str) -> None:
    assert listed(words) == sentence


def test_equal_names_are_told_apart_without_making_anybody_elses_name() -> None:
    assert told_apart(["Ada", "Ada", "Ada (2)", "Ada"]) == ["Ada", "Ada (3)", "Ada (2)", "Ada (4)"]
    assert told_apart([]) == []
