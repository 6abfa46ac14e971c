"""The others in a room, by place, name and id."""

from __future__ import annotations

import pytest
from traitlets import TraitError

from rtc_widget.errors import InvalidArgumentError, UnknownParticipantError, UnknownPlaceError
from rtc_widget.room.participants import Participants, find, matching
from tests.support.fakes import participant

ADA, BOB = participant("Ada", "id-1"), participant("Bob", "id-2")
BOTH = Participants([ADA, BOB])


def test_a_participant_is_found_by_place_name_and_id() -> None:
    assert BOTH[0] is BOTH["Ada"] is BOTH["id-1"] is ADA
    assert BOTH[-1] is BOB
    assert BOTH[:1] == (ADA,)


def test_an_id_never_means_who_is_called_that() -> None:
    eve, ada = participant("id-of-ada", "id-of-eve"), participant("Ada", "id-of-ada")
    here = Participants([eve, ada])

    assert here["id-of-ada"] is ada
    assert here.get("id-of-ada") is ada
    assert matching(here, "id-of-ada") == [ada]
    assert find(here, ada) is ada


def test_who_has_left_is_not_found_as_somebody_who_is_called_like_their_id() -> None:
    eve, ada = participant("id-of-ada", "id-of-eve"), participant("Ada", "id-of-ada")

    with pytest.raises(InvalidArgumentError, match="unknown_participant"):
        find(Participants([eve]), ada)
    assert matching(Participants([eve]), ada) == []


def test_of_two_of_one_name_the_first_is_meant() -> None:
    first = participant("Ada", "id-3")

    assert Participants([first, ADA])["Ada"] is first


def test_who_is_not_here_is_an_error_that_says_who_is() -> None:
    with pytest.raises(
        UnknownParticipantError, match=r"^There is no .*'Ada', 'Bob'.*\[unknown_participant\]$"
    ):
        BOTH["Eve"]
    with pytest.raises(KeyError, match="nobody"):
        Participants()["Eve"]
    assert BOTH.get("Eve") is None


def test_a_place_at_which_nobody_is_says_which_there_are() -> None:
    with pytest.raises(
        UnknownPlaceError, match=r"^There is no participant 7: they are numbered from 0 to 1\."
    ) as refused:
        BOTH[7]
    assert isinstance(refused.value, IndexError)
    assert refused.value.code == "unknown_participant"
    with pytest.raises(UnknownPlaceError, match=r"participant -2: there is only 0\."):
        Participants([ADA])[-2]
    with pytest.raises(UnknownPlaceError, match=r"participant 0: there is none\."):
        Participants()[0]


def test_names_and_participants_are_in_it() -> None:
    assert "Ada" in BOTH
    assert "id-2" in BOTH
    assert ADA in BOTH
    assert "Eve" not in BOTH
    assert participant("Ada", "id-1") not in BOTH


def test_a_participant_is_meant_by_name_id_or_itself() -> None:
    assert find(BOTH, "Ada") is find(BOTH, "id-1") is find(BOTH, ADA) is ADA


@pytest.mark.parametrize("key", [None, 1.0, ("Ada",)])
def test_what_is_neither_place_nor_name_is_refused(key: object) -> None:
    with pytest.raises(InvalidArgumentError, match="has a place, which is a number"):
        BOTH[key]  # type: ignore[call-overload]


def test_meaning_nobody_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match=r"Nobody else .* In the room: 'Ada', 'Bob'") as refused:
        find(BOTH, participant("Eve"))
    assert refused.value.code == "unknown_participant"


def test_only_the_observer_thread_sets_what_is_shown() -> None:
    with pytest.raises(TraitError):
        ADA.connection_state = "connected"


def test_what_is_not_known_yet_is_none() -> None:
    assert (ADA.selected_candidate_pair, ADA.stats) == (None, None)
