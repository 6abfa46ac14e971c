"""What participants and rooms may be called."""

from __future__ import annotations

from typing import Any

import pytest

from rtc_widget.errors import ProtocolError
from rtc_widget.protocol.readable_names import shortened
from rtc_widget.protocol.validate import check_name, check_room


@pytest.mark.parametrize("check_it", [check_name, check_room])
def test_what_people_are_called_is_a_name(check_it: Any) -> None:
    names = [
        *("Ada", "Ada Lovelace", "x", "7", "山田", "😀", "(:", "e\u0301"),
        *("👩\u200d💻 Ada", "👩🏽\u200d💻", "🏳\ufe0f\u200d🌈", "❤\ufe0f"),
        *("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "क्\u200dष", "র\u200d্যাম"),
    ]

    assert [check_it(name) for name in names] == names


def is_refused(check_it: Any, name: str) -> bool:
    """Return whether a name is refused for what cannot be seen of it."""
    try:
        check_it(name)
    except ProtocolError as error:
        return any(words in error.message for words in ("can be seen", "is a blank", "is not printable"))
    return False


@pytest.mark.parametrize("check_it", [check_name, check_room])
def test_what_looks_empty_or_begins_or_ends_in_nothing_is_no_name(check_it: Any) -> None:
    names = [
        *("\u3164", "\u2800", "\u115f\u1160", "\uffa0", "\U0001d159", "\u2800 \u3164", "\u0301", "\ufe0f"),
        *(" Ada", "Ada ", "\u2800Ada", "Ada\u3164", "\u00a0Ada", "\u034f"),
        *(
            "\u200d",
            "\u200dAda",
            "Ada\u200d",
            "Ada \u200dB",
            "A\u200d\u200dda",
            "A\u200d.B",
            "\u2800\u200d\u2800",
        ),
        *("A\u200bda", "A\u202eda", "A\nda", "A\x00da", "\ud800"),
    ]

    assert [ascii(name) for name in names if not is_refused(check_it, name)] == []


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (
            "A\u202eda",
            r"'A\\u202eda' cannot be .* name: character 2, U\+202E \(RIGHT-TO-LEFT OVERRIDE\), is not",
        ),
        ("two\nlines", r"'two\\nlines' cannot be .* name: character 4, U\+000A, is not printable\."),
        (" Ada", r"character 1, U\+0020 \(SPACE\), is a blank at its beginning\."),
        ("Ada\u3164", r"character 4, U\+3164 \(HANGUL FILLER\), is a blank at its end\."),
        ("\u2800", r"nothing of it can be seen, such as character 1, U\+2800 \(BRAILLE PATTERN BLANK\)\."),
        ("", r"1 to \d+ characters that can be seen, and this one is empty\."),
        ("Ada" * 50, r"1 to \d+ characters, and 'AdaAdaAdaAdaAdaAdaAd'… has 150\."),
    ],
)
@pytest.mark.parametrize("check_it", [check_name, check_room])
def test_a_refused_name_is_cited_with_the_character_that_is_wrong(check_it: Any, name: str, why: str) -> None:
    with pytest.raises(ProtocolError, match=why):
        check_it(name)


@pytest.mark.parametrize("name", ["👩\u200d💻 Ada", "क्\u200dष", "Ada Lovelace"], ids=ascii)
def test_the_beginning_of_a_name_is_a_name_and_something_can_follow_it(name: str) -> None:
    for length in range(1, len(name) + 1):
        check_name(shortened(name, length))
        check_name(f"{shortened(name, length)} (Python)")
