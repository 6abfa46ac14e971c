"""The roster's rules alone: no sockets."""

from __future__ import annotations

import pytest

from rtc_widget.errors import ProtocolError
from rtc_widget.protocol.limits import LIMITS
from rtc_widget.relay import roster as rules
from rtc_widget.relay.roster import Rooms


def enter(rooms: Rooms, room: str = "demo", **said):
    defaults = {
        "sid": "s",
        "display_name": "Ada",
        "kind": "browser",
        "media": {},
        "caps": {},
        "session": "life",
        "owner": None,
    }
    return rooms.join(room, **{**defaults, **said})


def test_members_are_listed_in_the_order_in_which_they_came():
    rooms = Rooms()
    members = [enter(rooms, sid=f"s{number}") for number in range(5)]

    assert list(rooms.get("demo").members.values()) == members
    assert [m.order for m in members] == sorted({m.order for m in members})
    assert len({m.id for m in members}) == 5


def test_an_order_is_above_all_before_even_when_the_clock_stands_or_goes_back(monkeypatch):
    rooms = Rooms()
    clock = iter([1_000.0, 1_000.0, 500.0, 2_000.0])
    monkeypatch.setattr(rules.time, "time", lambda: next(clock))

    assert [rooms.next_order() for _ in range(4)] == [1_000_000, 1_000_001, 1_000_002, 2_000_000]


def test_a_room_exists_only_while_somebody_is_in_it_or_watches_it():
    rooms = Rooms()
    member = enter(rooms)
    rooms.watch("demo", "observer")

    rooms.remove(member)
    assert rooms.get("demo") is not None
    rooms.unwatch("demo", "observer")
    assert rooms.get("demo") is None
    assert len(rooms) == 0


def test_a_full_room_refuses_and_stays_as_it_is():
    rooms = Rooms(capacity=2)
    enter(rooms)
    enter(rooms)

    with pytest.raises(ProtocolError) as refused:
        enter(rooms)

    assert refused.value.code == "room_full"
    assert len(rooms.get("demo").members) == 2
    assert enter(rooms, "another room")


def test_a_room_that_takes_nobody_is_not_kept():
    rooms = Rooms(capacity=0)

    with pytest.raises(ProtocolError):
        enter(rooms)

    assert len(rooms) == 0


def test_there_is_an_end_to_the_number_of_rooms(monkeypatch):
    monkeypatch.setattr(rules, "_MAX_ROOMS", 3)
    rooms = Rooms()
    member = enter(rooms, "0")
    enter(rooms, "1")
    rooms.watch("2", "observer")

    for attempt in (lambda: enter(rooms, "3"), lambda: rooms.watch("3", "observer")):
        with pytest.raises(ProtocolError) as refused:
            attempt()
        assert refused.value.code == "too_many_rooms"
    assert enter(rooms, "1")
    rooms.remove(member)
    assert enter(rooms, "3")


def test_whoever_comes_back_has_its_id_and_order_again():
    rooms = Rooms()

    member = enter(rooms, identity=("old id", 7))

    assert (member.id, member.order) == ("old id", 7)


def test_removing_a_member_twice_or_its_successor_does_nothing():
    rooms = Rooms()
    old = enter(rooms, identity=("id", 7))
    rooms.remove(old)
    successor = enter(rooms, identity=("id", 7))

    rooms.remove(old)

    assert rooms.get("demo").members["id"] is successor


def test_messages_for_someone_away_are_kept_and_the_oldest_go_first():
    member = enter(Rooms())
    for number in range(1_000):
        member.keep("offer", {"number": number})

    kept = member.take_kept()
    assert len(kept) == rules._MAX_WAITING
    assert kept[-1] == ("offer", {"number": 999})
    assert member.take_kept() == []


def test_who_sends_without_end_to_someone_away_takes_the_place_of_nobody_s_messages():
    member = enter(Rooms())
    member.keep("recording", {"recording": "r"})
    member.keep("offer", {"from": "bob"})
    for number in range(1_000):
        member.keep("ice_candidate", {"from": "ada", "number": number})

    kept = member.take_kept()
    assert [event for event, _ in kept][:3] == ["recording", "offer", "ice_candidate"]
    assert kept[-1][1]["number"] == 999


def test_the_roster_shows_who_is_away_and_no_connection_ids():
    member = enter(Rooms(), sid="secret connection")

    assert member.entry()["away"] is False
    member.sid = None
    assert member.entry()["away"] is True
    assert "secret connection" not in str(member.entry())


def test_the_default_capacity_is_the_protocols():
    rooms = Rooms()
    for _ in range(LIMITS["room_capacity"]):
        enter(rooms)

    with pytest.raises(ProtocolError):
        enter(rooms)
