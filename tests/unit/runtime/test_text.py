"""How several things stand in one sentence."""

from __future__ import annotations

import pytest

from rtc_widget.runtime.text import listed


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
