"""Completion offers what is ours."""

from __future__ import annotations

from rtc_widget.room.participants import Participant
from rtc_widget.room.room_member import RoomMember


def test_a_participant_lists_its_traits_and_nothing_of_traitlets_insides():
    names = dir(Participant())

    assert {"name", "connection_state", "stats", "observe"} <= {*names}
    assert not {"cross_validation_lock", "class_own_trait_events", "trait_names"} & {*names}


def test_a_users_own_class_lists_its_names_too():
    class Mine(Participant):
        colour = "blue"

    mine = Mine()
    mine.mood = "good"

    assert {"colour", "mood", "name"} <= {*dir(mine)}


def test_what_can_be_observed_and_waited_for_is_listed():
    assert {"participants", "state", "wait_for", "observe"} <= {*dir(RoomMember())}
