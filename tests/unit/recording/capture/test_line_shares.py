"""Whose lines take how much of a recording."""

from __future__ import annotations

import pytest

from rtc_widget.recording.capture.line_shares import LineShares


class Shares:
    """Shares of a recording of 800 bytes, and what is said of them."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.shares = LineShares(800, self.problems.append)

    def taken(self, participant: str | None, size: int = 10, times: int = 1) -> int:
        """Return how many of so many lines are taken."""
        return sum(self.shares.take(participant, size) for _ in range(times))


@pytest.fixture
def shares() -> Shares:
    return Shares()


def test_of_one_an_eighth_is_kept_and_nothing_after_it_whatever_its_size(shares: Shares) -> None:
    shares.shares.introduce("ada", "Ada")

    assert shares.taken("ada", 30, 9) == 3
    assert shares.taken("ada", 1) == 0
    assert shares.taken("bob", times=5) == 5
    assert shares.problems == [
        "What was noted of Ada took an eighth of the recording's limit: of the rest there are only media."
    ]


def test_whose_name_is_not_known_is_a_participant_and_nobody_is_the_room(shares: Shares) -> None:
    assert (shares.taken("eve", 101), shares.taken(None, 101)) == (0, 0)
    assert "of a participant took" in shares.problems[0]
    assert "of the room as a whole took" in shares.problems[1]


def test_of_all_together_a_quarter_is_kept_however_many_they_are(shares: Shares) -> None:
    assert [shares.taken(f"p{number}", times=5) for number in range(9)] == [5, 5, 5, 5, 0, 0, 0, 0, 0]
    assert shares.problems == [
        "What was noted of all that was said and done took a quarter of the recording's limit: "
        "of the rest there are only media."
    ]
