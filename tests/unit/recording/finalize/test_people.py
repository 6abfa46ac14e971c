"""Who was there while it was recorded, and the made-up names of those who declined."""

from __future__ import annotations

from typing import Any

from rtc_widget.recording.finalize.people import Masks, people_of
from rtc_widget.trace.events import Event
from rtc_widget.trace.trace import Trace


def join(time: float, who: str, name: str = "") -> Event:
    return Event(time, who, "join", data={"name": name or who.title(), "kind": "browser"})


def leave(time: float, who: str) -> Event:
    return Event(time, who, "leave")


def trace(*events: Event, **names: str) -> Trace:
    return Trace(events, names=names, room="demo")


def test_people_are_listed_as_they_came_with_when_they_were_there() -> None:
    told = trace(
        join(101.0, "ada"), join(102.0, "bob"), leave(105.0, "ada"), join(107.0, "ada"), ada="Ada", bob="Bob"
    )

    people = people_of(told, 100.0, 10.0, ())

    assert [(each.name, each.here) for each in people] == [
        ("Ada", ((1.0, 5.0), (7.0, None))),
        ("Bob", ((2.0, None),)),
    ]


def test_times_are_within_the_recording_and_a_second_coming_is_none() -> None:
    told = trace(
        join(50.0, "ada"), join(60.0, "ada"), leave(900.0, "ada"), leave(901.0, "ada"), leave(1.0, "eve")
    )

    ((ada),) = people_of(told, 100.0, 10.0, ())

    assert ada.here == ((0.0, 10.0),)


def test_who_declined_is_said_to_have() -> None:
    people = people_of(trace(join(1.0, "ada"), join(2.0, "bob")), 0.0, 9.0, ["bob"])

    assert [each.declined for each in people] == [False, True]


def test_the_names_of_those_who_declined_are_nowhere_in_words() -> None:
    told = trace(join(1.0, "ada", "Ada"), join(2.0, "bob", "Ada Lovelace"), ada="Ada", bob="Ada Lovelace")
    masks = Masks(told, ["bob", "ada"])

    assert (
        masks.text("Ada Lovelace and ada met; Adamant stays.")
        == "Somebody 2 and Somebody met; Adamant stays."
    )
    assert masks.value({"Ada": ["Ada Lovelace", 7]}) == {"Somebody": ["Somebody 2", 7]}
    assert (masks.name("ada", "Ada"), masks.name("eve", "Eve")) == ("Somebody", "Eve")


def test_a_made_up_name_is_nobodys() -> None:
    told = trace(join(1.0, "ada"), join(2.0, "bob", "Somebody"), ada="Ada", bob="Somebody")

    assert Masks(told, ["ada"]).name("ada", "Ada") == "Somebody 2"


def test_earlier_names_are_masked_too() -> None:
    told = trace(join(1.0, "ada", "Ada"), leave(2.0, "ada"), join(3.0, "ada", "Countess"), ada="Countess")

    assert Masks(told, ["ada"]).text("Ada is the Countess") == "Somebody is the Somebody"


def test_no_number_says_that_who_declined_has_the_same_name() -> None:
    joined = (
        join(1.0, "ada", "Ada"),
        join(2.0, "bob", "Ada"),
        join(3.0, "eve", "Eve"),
        join(4.0, "eva", "Eve"),
    )
    names = {"ada": "Ada", "bob": "Ada (2)", "eve": "Eve", "eva": "Eve (2)"}

    masked = Masks(trace(*joined, **names), ["ada"]).trace(trace(*joined, **names))

    assert masked.names == {"ada": "Somebody", "bob": "Ada", "eve": "Eve", "eva": "Eve (2)"}


def test_a_trace_keeps_everything_but_the_names() -> None:
    error = Event(3.0, "bob", "error", data={"message": "Ada is away", "code": "timeout", "sdp": "Ada"})
    told = trace(join(1.0, "ada"), error, ada="Ada", bob="Bob")

    masked = Masks(told, ["ada"]).trace(told)

    assert masked.names == {"ada": "Somebody", "bob": "Bob"}
    events: list[Any] = list(masked)
    assert events[0].data["name"] == "Somebody"
    assert events[1].data == {"message": "Somebody is away", "code": "timeout", "sdp": "Ada"}


def test_where_nobody_declined_nothing_is_changed() -> None:
    told = trace(join(1.0, "ada"), ada="Ada")
    masks = Masks(told, [])

    assert masks.trace(told) is told
    assert masks.text("Ada") == "Ada"
