"""Exercises 10.1 to 12.2, done rightly, wrongly and not at all."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.lesson_rooms import LessonRoom, judged
from tests.support.traces import candidate, sdp

ROOM = LessonRoom("Ada", "Bob")
UNTOUCHED = [None, ..., "?"]


# -- 10.1


def apart(local: str, remote: str) -> LessonRoom:
    room = LessonRoom("Cy", "Di")
    room.message("ice_candidate", "Cy", "Di", "dropped", forwarded=False, content={"candidate": candidate()})
    room.message("ice_candidate", "Cy", "Di", content={"candidate": candidate("relay")})
    room.connects("Cy", "Di")
    room.uses("Cy", "Di", local, remote)
    return room


@pytest.mark.parametrize(
    "stun",
    [
        *(
            "no",
            "No, they are not.",
            "they don't connect",
            "it fails",
            False,
            "nope",
            "n",
            "they don\u2019t connect",
        ),
        *(
            "impossible",
            "disconnected",
            "unconnected",
            "cant",
            "no, TURN is needed",
            "not without TURN",
            "time out",
        ),
    ],
)
def test_10_1_is_done_through_turn_and_with_what_stun_alone_does_not_do(stun: Any) -> None:
    assert judged("10.1", ROOM, stun=stun).verdict == "not yet"
    assert judged("10.1", LessonRoom("Cy", "Di"), stun=stun).verdict == "not yet"
    assert judged("10.1", apart("relay", "relay"), stun=stun)
    assert judged("10.1", apart("relay", "prflx"), stun=stun)


@pytest.mark.parametrize("stun", UNTOUCHED)
def test_10_1_is_not_done_without_a_prediction(stun: Any) -> None:
    assert judged("10.1", apart("relay", "relay"), stun=stun).verdict == "not yet"


@pytest.mark.parametrize(
    ("stun", "reason"),
    [
        ("yes", "for the STUN server alone"),
        ("they connect", "for the STUN server alone"),
        (True, "alone"),
        ("yes, no TURN is needed", "alone"),
        ("no problem, it works", "alone"),
        ("they won't need TURN: it works", "alone"),
        (3, "yes"),
        ("yes or no", '"yes" or "no"'),
        ("yes/no", '"yes" or "no"'),
        ("not sure", '"yes" or "no"'),
        ("no idea", '"yes" or "no"'),
        ("I don't know", '"yes" or "no"'),
        ("maybe not", '"yes" or "no"'),
    ],
)
def test_10_1_says_what_is_wrong_with_a_prediction(stun: Any, reason: str) -> None:
    assert reason in judged("10.1", apart("relay", "relay"), stun=stun).reason


def test_10_1_says_why_it_is_not_so() -> None:
    def reason(room: LessonRoom) -> str:
        return judged("10.1", room, stun="no").reason

    assert "at the addresses that the STUN server saw" in reason(apart("srflx", "srflx"))
    assert "without any router" in reason(apart("host", "prflx"))
    room = apart("relay", "relay")
    room.message("ice_candidate", "Di", "Cy", content={"candidate": candidate("host")})
    assert "Host candidates have gone" in reason(room)
    room = apart("relay", "relay")
    described = sdp("Kp3c") + f"a={candidate('host')}\r\n"
    room.message("offer", "Di", "Cy", content={"type": "offer", "sdp": described})
    assert "Host candidates have gone" in reason(room)


def test_10_1_says_who_has_left() -> None:
    room = apart("relay", "relay")
    room.leaves("Di")

    assert "Di has left" in judged("10.1", room, stun="no").reason
    room.comes("Di")
    assert judged("10.1", room, stun="no").verdict == "not yet"
    room.connects("Cy", "Di")
    assert judged("10.1", room, stun="no")


def test_10_1_is_about_those_who_are_there_when_a_cell_is_run_twice() -> None:
    room = apart("host", "host")
    room.message("ice_candidate", "Cy", "Di", content={"candidate": candidate("host")})
    room.comes("Cy", key="again", label="Cy (2)")
    room.leaves("Cy")
    assert judged("10.1", room, stun="no").verdict == "not yet"

    room.message("ice_candidate", "again", "Di", content={"candidate": candidate("relay")})
    room.connects("again", "Di")
    room.uses("again", "Di", "relay", "prflx")
    assert judged("10.1", room, stun="no")


# -- 10.2


def test_10_2_is_done_with_the_priority_of_a_relay_candidate() -> None:
    assert judged("10.2", ROOM, 16777215)
    assert judged("10.2", ROOM, 2**24 * 0 + 2**8 * 65535 + (256 - 1))
    for text in ("16777215", "16,777,215", "16 777 215", "16.777.215", "= 16777215"):
        assert judged("10.2", ROOM, text)


@pytest.mark.parametrize("answer", UNTOUCHED)
def test_10_2_is_not_done_untouched(answer: Any) -> None:
    assert judged("10.2", ROOM, answer).verdict == "not yet"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (2130706431, "host"),
        (1694498815, "srflx"),
        (2**24, "256 - 1"),
        (0, "first of three"),
        (1, "table of types above"),
    ],
)
def test_10_2_says_why_it_is_not_so(answer: int, reason: str) -> None:
    assert reason in judged("10.2", ROOM, answer).reason


# -- 11.1


def offer_of(*directions: str) -> dict[str, str]:
    """An offer with three m-lines as every call has, and a video m-line for each of these."""
    head, video = sdp("Kp3c").split("m=", 1)
    lines = ["m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", f"m={video}", "m=application 9 UDP/DTLS/SCTP x\r\n"]
    lines += [f"m={video}".replace("sendrecv", each) for each in directions]
    return {"type": "offer", "sdp": head + "".join(lines)}


def screens(*offers: tuple[str, ...], sender: str = "Bob") -> LessonRoom:
    room = LessonRoom("Ada", "Bob")
    other = "Ada" if sender == "Bob" else "Bob"
    for directions in ((), *offers):
        room.message("offer", sender, other, content=offer_of(*directions))
    return room


SHARED = screens(("inactive", "sendonly"), ("inactive", "inactive"))


def test_11_1_is_done_when_bob_has_shared_and_stopped_and_nothing_was_taken_out() -> None:
    assert judged("11.1", screens(("inactive", "sendonly")), mlines=5).verdict == "not yet"
    assert judged("11.1", SHARED, mlines=5)
    assert judged("11.1", screens(("sendonly",), ("inactive",)), mlines=4)
    for text in ("5", "five", "5 m-lines", "5 lines"):
        assert judged("11.1", SHARED, mlines=text)


def test_11_1_is_about_what_bob_tells_ada_whoever_else_is_there() -> None:
    room = screens(("sendonly",), ("inactive",))
    room.comes("Carol")
    room.message("offer", "Bob", "Carol", content=offer_of())

    assert judged("11.1", room, mlines=4)
    assert "first offer" in judged("11.1", room, mlines=3).reason


def test_11_1_knows_which_screen_is_whose() -> None:
    # Ada has shared after Bob, and goes on.
    assert judged("11.1", screens(("sendonly",), ("inactive", "recvonly")), mlines=5)
    # Her screen has ended, and his has not.
    assert judged("11.1", screens(("sendonly",), ("sendonly", "inactive")), mlines=5).verdict == "not yet"


def test_11_1_is_about_the_bob_who_is_there_when_a_cell_is_run_twice() -> None:
    room = screens(("inactive", "sendonly"), ("inactive", "inactive"))
    room.comes("Bob", key="again", label="Bob (2)")
    room.leaves("Bob")
    assert judged("11.1", room, mlines=5).verdict == "not yet"

    for directions in (("sendonly",), ("inactive",)):
        room.message("offer", "again", "Ada", content=offer_of(*directions))
    assert judged("11.1", room, mlines=4)


def test_11_1_says_that_a_screen_is_offered_only_when_there_is_time_before_it_ends() -> None:
    assert "before he stops" in judged("11.1", ROOM, mlines=5).reason


@pytest.mark.parametrize("mlines", UNTOUCHED)
def test_11_1_is_not_done_untouched_nor_by_ada(mlines: Any) -> None:
    assert judged("11.1", ROOM, mlines=mlines).verdict == "not yet"
    assert judged("11.1", SHARED, mlines=mlines).verdict == "not yet"
    assert judged("11.1", screens(("sendonly",), ("inactive",), sender="Ada"), mlines=4).verdict == "not yet"


@pytest.mark.parametrize(
    ("mlines", "reason"),
    [(4, "keeps its place"), (3, "first offer"), (6, "adds none"), (9, "Count the lines")],
)
def test_11_1_says_why_it_is_not_so(mlines: int, reason: str) -> None:
    assert reason in judged("11.1", SHARED, mlines=mlines).reason


# -- 12


def test_12_1_is_done_with_both_figures() -> None:
    assert judged("12.1", ROOM, mesh=8.4, sfu=1.2)
    assert judged("12.1", ROOM, mesh=7 * 1.2, sfu=1.2)
    assert judged("12.1", ROOM, mesh="8.4 Mbit/s", sfu="1,2 Mbps")
    assert judged("12.1", ROOM, mesh="8400 kbit/s", sfu="1.2 megabits per second")
    assert judged("12.1", ROOM, mesh="7 * 1.2 = 8.4", sfu="1.2 Mbit/s each")


@pytest.mark.parametrize("given", [{}, {"mesh": ..., "sfu": ...}, {"mesh": 8.4}, {"sfu": 1.2}])
def test_12_1_is_not_done_untouched_nor_by_half_of_it(given: dict[str, Any]) -> None:
    assert judged("12.1", ROOM, **given).verdict == "not yet"


@pytest.mark.parametrize(
    ("mesh", "sfu", "reason"),
    [
        (9.6, 1.2, "to themselves"),
        (67.2, 1.2, "everybody sends together"),
        (1.2, 1.2, "one receiver"),
        (8.4, 8.4, "comes down"),
        (8.4, 9.6, "one connection"),
        (8.4, 3, "how often"),
        (8_400, 1.2, "give it in Mbit/s"),
        (8.4, 1_200_000, "give it in Mbit/s"),
        ("8.4 MB/s", 1.2, "a byte has eight bits: give it in Mbit/s"),
        ("8.4 kbit/s", 1.2, "give it in Mbit/s"),
    ],
)
def test_12_1_says_why_it_is_not_so(mesh: float, sfu: float, reason: str) -> None:
    assert reason in judged("12.1", ROOM, mesh=mesh, sfu=sfu).reason


@pytest.mark.parametrize("answer", UNTOUCHED)
def test_12_2_is_done_with_the_next_estimate_and_not_untouched(answer: Any) -> None:
    assert judged("12.2", ROOM, 900)
    for text in ("900 kbit/s", "900 kbps", "0.9 Mbit/s", "900k"):
        assert judged("12.2", ROOM, text)
    assert judged("12.2", ROOM, answer).verdict == "not yet"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (800, "half"),
        (1050, "does not grow"),
        (1000, "between"),
        (5, "Put a loss"),
        (0.9, "give it in kbit/s"),
        (900_000, "give it in kbit/s"),
    ],
)
def test_12_2_says_why_it_is_not_so(answer: float, reason: str) -> None:
    assert reason in judged("12.2", ROOM, answer).reason
