"""What is made of the relay's events: rosters and connections."""

from __future__ import annotations

from typing import Any

import pytest

from rtc_widget.room.room_state import RoomState, assign
from tests.support.fakes import entry, participant

MINE = "widget"


def room(*entries: dict[str, Any]) -> RoomState:
    state = RoomState(MINE)
    state.snapshot(list(entries))
    return state


def own(key: str = "me", order: int = 2) -> dict[str, Any]:
    return entry(key, order, owner=MINE)


def names(state: RoomState) -> list[str]:
    return [each.id for each in state.others]


def report(state: RoomState, *entries: dict[str, Any], sender: str = "me") -> None:
    state.apply("report", {"from": sender, "entries": list(entries)})


def test_the_others_are_listed_in_the_order_in_which_they_came() -> None:
    state = room(entry("eve", 3), own(), entry("ada", 1))

    assert names(state) == ["ada", "eve"]
    assert state.me is not None
    assert state.me.id == "me"


def test_of_several_tabs_of_one_widget_the_first_is_me_and_the_rest_are_others() -> None:
    state = room(own("second", 2), own("first", 1))

    assert state.me is not None
    assert state.me.id == "first"
    assert names(state) == ["second"]


def test_a_number_means_the_same_person_to_everybody() -> None:
    roster = [entry(f"{order}", order, name="Ada", owner=f"widget {order}") for order in (1, 2, 3)]
    called = {"Ada": "1", "Ada (2)": "2", "Ada (3)": "3"}
    for owner in [None, *(each["owner"] for each in roster)]:
        state = RoomState(owner)
        state.snapshot(roster)
        mine = state.me and state.me.id
        seen = {label: each.id for label, each in state.others.labels.items()}
        assert seen == {label: key for label, key in called.items() if key != mine}
        assert mine or all(state.others[label].id == key for label, key in called.items())


def test_a_participant_of_another_widget_is_not_me() -> None:
    assert room(entry("ada", 1, owner="another")).me is None
    assert RoomState(None).me is None


def test_who_comes_and_goes_is_here_meanwhile() -> None:
    state = room(own())
    state.apply("user_joined", entry("ada", 3))
    ada = state.others["ada"]
    assert ada.connection_state == "new"

    state.apply("user_left", {"socketId": "ada"})

    assert names(state) == []
    assert ada.connection_state == "closed"
    assert ada.signaling_state == "closed"


def test_who_comes_back_under_the_same_id_is_the_same_object() -> None:
    state = room(own(), entry("ada", 1))
    before = state.others["ada"]

    state.apply("user_left", {"socketId": "ada"})
    state.apply("user_joined", entry("ada", 1, name="Ada Lovelace"))

    assert state.others["ada"] is before
    assert (before.name, before.connection_state) == ("Ada Lovelace", "new")


def test_who_loses_the_path_is_away_until_it_is_back() -> None:
    state = room(entry("ada", 1))
    ada = state.others["ada"]

    state.apply("user_away", {"socketId": "ada"})
    assert ada.away
    state.apply("user_back", {"socketId": "ada"})

    assert not ada.away


def test_what_somebody_has_on_follows_what_they_say() -> None:
    state = room(entry("ada", 1))

    state.apply("media_state", {"from": "ada", "audio": False, "video": False, "screen": True})

    ada = state.others["ada"]
    assert (ada.audio, ada.video, ada.screen) == (False, False, True)


def test_who_is_missing_from_a_later_snapshot_is_away_and_leaves_when_they_do_not_come_back() -> None:
    state = room(own(), entry("ada", 1), entry("bob", 3))

    missing = state.snapshot([own(), entry("bob", 3)])
    assert missing == {"ada"}
    assert state.others["ada"].away
    state.drop({"ada", "bob"})

    assert names(state) == ["bob"]


def test_our_own_reports_say_how_we_are_connected() -> None:
    state = room(own(), entry("ada", 1))

    report(
        state,
        {"type": "state", "peer": "ada", "name": "connection_state", "value": "connected"},
        {"type": "state", "peer": "ada", "name": "id", "value": "somebody else"},
        {"type": "stats", "peer": "ada", "fps": 30.0, "secret": 1},
        {
            "type": "pair",
            "peer": "ada",
            "local": "host",
            "remote": "srflx",
            "protocol": "udp",
            "address": "x",
        },
        {"type": "step", "peer": "ada", "step": "createOffer"},
        {"type": "state", "peer": "nobody", "name": "connection_state", "value": "failed"},
    )

    ada = state.others["ada"]
    assert (ada.id, ada.connection_state) == ("ada", "connected")
    assert ada.stats == {
        "bitrate": None,
        "fps": 30.0,
        "width": None,
        "height": None,
        "loss": None,
        "rtt": None,
    }
    assert ada.selected_candidate_pair == {"local": "host", "remote": "srflx", "protocol": "udp"}


def test_what_others_report_of_their_connections_is_not_ours() -> None:
    state = room(own(), entry("ada", 1), entry("bob", 3))

    report(
        state, {"type": "state", "peer": "ada", "name": "connection_state", "value": "failed"}, sender="bob"
    )

    assert state.others["ada"].connection_state == "new"


def test_a_state_that_there_is_not_is_shown_and_stops_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    state = room(own(), entry("ada", 1))

    report(
        state,
        {"type": "state", "peer": "ada", "name": "connection_state", "value": "splendid"},
        {"type": "state", "peer": "ada", "name": "signaling_state", "value": "have-local-offer"},
    )

    assert "TraitError" in capfd.readouterr().err
    assert state.others["ada"].connection_state == "new"
    assert state.others["ada"].signaling_state == "have-local-offer"


def test_when_we_leave_there_are_no_connections_and_when_we_come_they_begin_anew() -> None:
    state = room(own(), entry("ada", 1))
    report(state, {"type": "state", "peer": "ada", "name": "connection_state", "value": "connected"})
    ada = state.others["ada"]

    state.apply("user_left", {"socketId": "me"})
    assert ada.connection_state == "closed"
    state.apply("user_joined", own("me again", 4))

    assert ada.connection_state == "new"


def test_when_one_of_our_tabs_leaves_the_others_connections_stay() -> None:
    state = room(own("first", 1), own("second", 2), entry("ada", 3))
    report(
        state,
        {"type": "state", "peer": "ada", "name": "connection_state", "value": "connected"},
        sender="first",
    )

    state.apply("user_left", {"socketId": "second"})

    assert state.others["ada"].connection_state == "connected"


def test_a_room_that_is_watched_no_more_is_empty() -> None:
    state = room(own(), entry("ada", 1))

    state.clear()

    assert state.me is None
    assert names(state) == []


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("user_left", {"socketId": "nobody"}),
        ("user_away", {"socketId": "nobody"}),
        ("media_state", {"from": "nobody", "audio": True, "video": True, "screen": True}),
        ("signal", {"entries": []}),
    ],
)
def test_what_is_of_nobody_here_changes_nothing(event: str, payload: dict[str, Any]) -> None:
    state = room(own(), entry("ada", 1))

    state.apply(event, payload)

    assert names(state) == ["ada"]


def test_a_callback_that_raises_is_shown_and_the_other_traits_are_set(
    capfd: pytest.CaptureFixture[str],
) -> None:
    ada = participant("Ada")
    ada.observe(lambda _change: 1 // 0, "audio")

    assign(ada, audio=True, video=True)

    assert "ZeroDivisionError" in capfd.readouterr().err
    assert (ada.audio, ada.video) == (True, True)
