"""Who is named before they are there."""

from __future__ import annotations

from typing import Any

import pytest

from rtc_widget.errors import InvalidArgumentError, WaitTimeoutError
from rtc_widget.room.coming import find_coming
from rtc_widget.room.participants import Participant, Participants
from tests.support.fakes import fake_member, participant


class Room:
    """A room into which people come one after the other while somebody waits.

    Parameters
    ----------
    here : sequence of Participant
        Who is there.
    coming : sequence of (float, Participant)
        Who comes, and after how many seconds.
    """

    def __init__(self, *here: Participant, coming: tuple[tuple[float, Participant], ...] = ()) -> None:
        self.coming, self.waited = list(coming), list[float]()
        self.member: Any = fake_member(*here, wait_for=self.wait_for)

    def wait_for(self, condition: Any, timeout: float) -> None:
        left = timeout
        while not condition(self.member):
            after, who = self.coming[0] if self.coming else (float("inf"), None)
            if who is None or after > left:
                self.waited.append(timeout)
                raise WaitTimeoutError("timeout", "Nobody has come.")
            left -= after
            self.coming.pop(0)
            self.waited.append(after)
            self.member.participants = Participants((*self.member.participants, who))

    def find(self, key: str, timeout: float = 30.0) -> Participant:
        return find_coming(self.member, lambda: self.member.participants, key, timeout)


ADA, BOB = participant("Ada", "id-1"), participant("Bob", "id-2")


def test_who_is_there_is_waited_for_by_nobody() -> None:
    room = Room(ADA)
    assert room.find("Ada") is ADA
    assert room.waited == []


def test_into_an_empty_room_somebody_may_come_as_late_as_one_waits() -> None:
    assert Room(coming=((25.0, ADA),)).find("Ada") is ADA

    with pytest.raises(InvalidArgumentError, match="In the room: nobody"):
        Room(coming=((31.0, ADA),)).find("Ada")


def test_where_somebody_is_another_name_is_waited_for_a_moment() -> None:
    assert Room(coming=((25.0, ADA), (1.5, BOB))).find("Bob") is BOB

    room = Room(ADA, coming=((2.5, BOB),))
    with pytest.raises(InvalidArgumentError, match="In the room: 'Ada'"):
        room.find("Bob")
    assert room.waited == [2.0]


@pytest.mark.parametrize("state", ["left", "failed"])
def test_out_of_the_room_nobody_is_waited_for(state: str) -> None:
    room = Room()
    room.member.state = state

    with pytest.raises(InvalidArgumentError, match="unknown_participant"):
        room.find("Ada")

    assert room.waited == []


def test_who_waits_for_no_time_is_told_at_once() -> None:
    with pytest.raises(InvalidArgumentError, match="unknown_participant"):
        Room(ADA, coming=((0.5, BOB),)).find("Bob", 0.0)


@pytest.mark.parametrize("timeout", [None, "3", float("nan"), -1])
def test_what_is_no_timeout_is_refused_with_a_code(timeout: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="timeout must be a number of seconds"):
        Room(ADA).find("Ada", timeout)
