"""What packets that were lost, late, or seen as somebody else's are told to mean."""

from __future__ import annotations

import pytest

from rtc_widget.preflight.udp_path import Measured, conclude

OWN = ("192.168.0.2", 40_000)
ONE, OTHER = "stun:one.example", "stun:other.example"


def measured(
    url: str = ONE, *, lost: int = 0, trip: float = 0.02, seen_as: tuple[str, int] | None = OWN
) -> Measured:
    return Measured(url, 60, [trip] * (60 - lost), seen_as, OWN)


def texts(*given: Measured) -> dict[str, tuple[str, str]]:
    return {finding.check: (finding.state, finding.text) for finding in conclude(given)}


@pytest.mark.parametrize(("lost", "state"), [(0, "good"), (1, "good"), (2, "warning"), (30, "warning")])
def test_packets_that_are_lost_are_counted_and_more_than_one_of_them_is_too_many(
    lost: int, state: str
) -> None:
    told, text = texts(measured(lost=lost))["UDP path"]

    assert told == state
    assert text.startswith(
        f"{lost} of 60 packets were lost" if state == "warning" else f"{60 - lost} of 60 packets came back"
    )
    assert "20 ms" in text


@pytest.mark.parametrize(("trip", "state"), [(0.29, "good"), (0.31, "warning")])
def test_a_way_on_which_people_would_talk_at_once_is_too_long(trip: float, state: str) -> None:
    assert texts(measured(trip=trip))["UDP path"][0] == state


@pytest.mark.parametrize(
    ("seen", "state", "words"),
    [
        ([OWN], "good", "no router"),
        ([OWN, OWN], "good", "no router"),
        ([("203.0.113.1", 5000)], "good", "shows with a second server"),
        ([("203.0.113.1", 5000), ("203.0.113.1", 5000)], "good", "STUN leads through it"),
        ([("203.0.113.1", 5000), ("203.0.113.1", 5001)], "warning", "symmetric"),
        ([("203.0.113.1", 5000), None], "good", "shows with a second server"),
        # One server is on this side of the router.
        ([OWN, ("203.0.113.1", 5000)], "good", "shows with a second server"),
    ],
)
def test_a_router_is_told_by_what_the_servers_see(
    seen: list[tuple[str, int] | None], state: str, words: str
) -> None:
    told, text = texts(*(measured(url, seen_as=each) for url, each in zip((ONE, OTHER), seen, strict=False)))[
        "Router"
    ]

    assert told == state
    assert words in text


def test_servers_that_say_nothing_of_whom_they_see_leave_out_the_router() -> None:
    assert [*texts(measured(seen_as=None))] == ["UDP path"]


def test_no_address_of_this_machine_is_told() -> None:
    told = repr(
        conclude([measured(seen_as=("203.0.113.1", 5000)), measured(OTHER, seen_as=("203.0.113.1", 5001))])
    )

    assert "203.0.113" not in told
    assert OWN[0] not in told


def test_where_nobody_answers_nothing_is_concluded() -> None:
    assert conclude([measured(lost=60)]) == []


def test_the_way_is_told_of_the_server_to_which_most_was_sent() -> None:
    few = Measured(OTHER, 1, [0.5], OWN, OWN)

    assert ONE in texts(few, measured())["UDP path"][1]
