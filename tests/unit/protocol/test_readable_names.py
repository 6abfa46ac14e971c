"""What participants and rooms may be called."""

from __future__ import annotations

from typing import Any

import pytest

from rtc_widget.errors import ProtocolError
from rtc_widget.protocol.readable_names import shortened
from rtc_widget.protocol.validate import check_name, check_room


@pytest.mark.parametrize("check_it", [check_name, check_room])
@pytest.mark.parametrize(
    "name",
    [
        *("Ada", "Ada Lovelace", "x", "7", "山田", "😀", "(:", "e\u0301"),
        *("👩\u200d💻 Ada", "👩🏽\u200d💻", "🏳\ufe0f\u200d🌈", "❤\ufe0f"),
        *("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "क्\u200dष", "র\u200d্যাম"),
    ],
)
def test_what_people_are_called_is_a_name(check_it: Any, name: str) -> None:
    assert check_it(name) == name


@pytest.mark.parametrize("check_it", [check_name, check_room])
@pytest.mark.parametrize(
    "name",
    [
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
    ],
    ids=ascii,
)
def test_what_looks_empty_or_begins_or_ends_in_nothing_is_no_name(check_it: Any, name: str) -> None:
    with pytest.raises(ProtocolError, match="can be seen"):
        check_it(name)


@pytest.mark.parametrize("name", ["👩\u200d💻 Ada", "क्\u200dष", "Ada Lovelace"], ids=ascii)
def test_the_beginning_of_a_name_is_a_name_and_something_can_follow_it(name: str) -> None:
    for length in range(1, len(name) + 1):
        check_name(shortened(name, length))
        check_name(f"{shortened(name, length)} (Python)")
