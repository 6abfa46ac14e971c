"""What a call was, for whoever opens the notebook when it is over."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.room.participants import Participants
from rtc_widget.widget import call_summary
from rtc_widget.widget.call_summary import CallSummary
from tests.support.fakes import fake_member, participant

if TYPE_CHECKING:
    from collections.abc import Mapping

PICTURE = "data:image/jpeg;base64,AAAA"
BEGAN = datetime(2026, 3, 4, 17, 5).timestamp()


class Summarized:
    """A call, its summary, and a clock that stands still unless it is moved."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = BEGAN
        monkeypatch.setattr(call_summary.time, "time", lambda: self.now)
        self.published: list[Mapping[str, str]] = []
        self.member: Any = fake_member()
        self.summary = CallSummary(self.member, self.published.append)

    def is_in(self, *names: str) -> None:
        """Be in the room with others."""
        self.member.me = participant("Me")
        self.member.participants = Participants(map(participant, names))
        self.summary.update()

    def leave(self) -> None:
        """Go out of the room."""
        self.member.me = None
        self.member.participants = Participants()
        self.summary.update()


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Summarized:
    return Summarized(monkeypatch)


def test_it_says_who_was_there_and_when(call: Summarized) -> None:
    call.is_in("Ada", "Bob")

    assert call.published == [{"who": "Me, Ada and Bob", "when": "4 March 2026, 17:05, less than a minute"}]


def test_whoever_was_there_stays_in_it_and_nobody_is_in_it_twice(call: Summarized) -> None:
    call.is_in("Ada")
    call.is_in("Bob")
    call.is_in("Ada")

    assert call.published[-1]["who"] == "Me, Ada and Bob"


def test_two_of_one_name_are_two_where_they_were_there_at_once(call: Summarized) -> None:
    call.is_in("Ada", "Ada")
    call.is_in("Ada")

    assert call.published[-1]["who"] == "Me, Ada and Ada (2)"


@pytest.mark.parametrize(
    ("seconds", "lasted"), [(29, "less than a minute"), (60, "1 minute"), (150, "2 minutes")]
)
def test_the_end_of_a_call_says_how_long_it_was(call: Summarized, seconds: float, lasted: str) -> None:
    call.is_in("Ada")
    call.now += seconds
    call.leave()

    assert call.published[-1]["when"] == f"4 March 2026, 17:05, {lasted}"


def test_as_long_as_nothing_changes_it_is_told_every_few_seconds_only(call: Summarized) -> None:
    for _second in range(25):
        call.is_in("Ada")
        call.now += 1

    assert len(call.published) == 3


def test_outside_of_a_room_there_is_nothing_to_tell(call: Summarized) -> None:
    call.leave()

    assert call.published == []


def test_another_call_begins_anew(call: Summarized) -> None:
    call.is_in("Ada")
    call.leave()
    call.now += 3600
    call.is_in("Bob")

    assert call.published[-1] == {"who": "Me and Bob", "when": "4 March 2026, 18:05, less than a minute"}


def test_a_picture_is_kept_beside_the_words(call: Summarized) -> None:
    call.is_in("Ada")
    call.summary.set_picture(PICTURE)

    assert call.published[-1]["picture"] == PICTURE
    assert call.published[-1]["who"] == "Me and Ada"


@pytest.mark.parametrize(
    "data",
    [
        None,
        "https://example.org/x.jpg",
        "data:image/svg+xml;base64,AAAA",
        f'{PICTURE}"><script>',
        PICTURE + "A" * 120_000,
    ],
)
def test_what_is_no_small_jpeg_is_dropped(call: Summarized, data: object) -> None:
    call.summary.set_picture(data)

    assert call.published == []


def test_the_card_quotes_names_and_never_lets_them_be_markup(call: Summarized) -> None:
    call.member.room = "<b>demo</b>"
    call.is_in("<i>Ada</i>")
    call.summary.set_picture(PICTURE)

    card = call.summary.card()

    assert "&lt;b&gt;demo&lt;/b&gt;" in card
    assert "Me and &lt;i&gt;Ada&lt;/i&gt;. 4 March 2026" in card
    assert f'<img src="{PICTURE}"' in card
    assert "<i>" not in card


def test_the_card_of_a_call_that_never_was_says_how_to_join_it(call: Summarized) -> None:
    assert call.summary.card() == (
        '<div dir="ltr"><strong>A call in the room “demo”</strong><div>Run this cell to join it.</div></div>'
    )
