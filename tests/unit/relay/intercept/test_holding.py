"""What a teacher does with the messages that are held. Without sockets."""

from __future__ import annotations

import itertools

import pytest

from rtc_widget.errors import ProtocolError
from rtc_widget.relay.intercept.acts import Changed, Forward, Tell
from rtc_widget.relay.intercept.holding import Holding
from rtc_widget.relay.intercept.signaling_messages import Message, Party

ADA, BOB = Party("ada", "Ada"), Party("bob", "Bob")
SDP = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
HOST = "candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host"


def message(kind="offer", key=None, text=HOST, sender=ADA, sdp=SDP):
    if kind == "ice_candidate":
        payload = {"candidate": text and {"candidate": text, "sdpMid": "0"}}
    else:
        payload = {kind: {"type": kind, "sdp": sdp}} if kind != "request_offer" else {}
    return Message(key or kind, kind, payload, sender, BOB)


def arrive(holding, *messages):
    return [act for each in messages for act in holding.arrive(each)]


def went_on(acts):
    return [act.message.id for act in acts if isinstance(act, Forward)]


def stages(acts):
    return [act.stage for act in acts if isinstance(act, Tell)]


@pytest.fixture
def holding():
    return Holding(itertools.count(1))


def test_a_held_message_says_what_it_carries_and_no_address(holding):
    holding.pause("teacher")
    odd = "candidate:1 1 udp 5 192.0.2.1 5 typ 192.0.2.1"
    arrive(holding, message(), message("ice_candidate"), message("ice_candidate", "end", None))
    arrive(holding, message("ice_candidate", "odd", odd), message("request_offer"))

    carried = [each["carries"] for each in holding.describe()["held"]]

    assert carried == ["audio", "host udp", "end of candidates", "", ""]


def test_a_held_message_can_be_dropped_and_never_arrives(holding):
    holding.pause("teacher")
    arrive(holding, message())

    acts = holding.drop("offer")

    assert (stages(acts), went_on(acts)) == (["dropped"], [])
    assert went_on(holding.resume()) == []


def test_a_held_message_can_be_duplicated_and_its_copy_follows_it(holding):
    holding.pause("teacher")
    arrive(holding, message(), message("ice_candidate"))

    acts = holding.duplicate("offer")

    assert stages(acts) == ["arrived", "duplicated", "held"]
    assert [each["kind"] for each in holding.describe()["held"]] == ["offer", "offer", "ice_candidate"]
    gone = went_on(holding.resume())
    assert (gone[0], gone[2], len(set(gone))) == ("offer", "ice_candidate", 3)


@pytest.mark.parametrize("action", ["drop", "duplicate", "release"])
def test_what_is_not_held_can_be_neither_dropped_nor_duplicated_nor_released(holding, action):
    with pytest.raises(ProtocolError, match="nothing_held"):
        getattr(holding, action)("offer")


def test_a_breakpoint_can_be_removed_alone(holding):
    for kind in ("offer", "answer"):
        holding.break_on("teacher", {"kind": kind})
    first, second = holding.describe()["breaks"]

    assert isinstance(holding.clear_breaks(first["id"])[0], Changed)

    assert holding.describe()["breaks"] == [second]
    assert went_on(arrive(holding, message())) == ["offer"]
    with pytest.raises(ProtocolError, match="bad_request"):
        holding.clear_breaks(first["id"])
    holding.clear_breaks()
    assert holding.describe()["breaks"] == []


# -- how much is held


def candidates(count, sender=ADA):
    return [message("ice_candidate", f"{sender.id} {number}", sender=sender) for number in range(count)]


def test_one_who_sends_without_end_ends_nobodys_pause_and_takes_no_room_of_others(holding):
    holding.pause("teacher")

    acts = arrive(holding, *candidates(1_000))
    others = arrive(holding, *candidates(300, BOB))

    assert holding.paused
    assert went_on([*acts, *others]) == []
    assert stages(acts) == ["held"] * 320 + ["dropped"] * 680
    assert stages(others) == ["held"] * 300


def test_large_descriptions_fill_a_share_sooner(holding):
    holding.pause("teacher")
    large = SDP + "a=x\r\n" * 20_000

    acts = arrive(holding, *(message(key=str(number), sdp=large) for number in range(30)))

    assert 8 <= stages(acts).count("held") <= 10


@pytest.mark.parametrize("let_go", ["release", "drop", "gone", "resume", "lease_ends"])
def test_what_is_let_go_makes_room_again(holding, let_go):
    holding.pause("teacher")
    arrive(holding, *candidates(320))
    match let_go:
        case "release" | "drop":
            getattr(holding, let_go)("ada 0")
        case "gone":
            holding.gone("ada")
        case "resume":
            holding.resume()
        case "lease_ends":
            holding.lease_ends("teacher")
    holding.pause("teacher")

    assert stages(arrive(holding, message("ice_candidate", "one more"))) == ["held"]


def test_a_copy_for_which_there_is_no_room_is_refused_and_nothing_is_lost(holding):
    holding.pause("teacher")
    arrive(holding, *candidates(320))

    with pytest.raises(ProtocolError) as refused:
        holding.duplicate("ada 0")

    assert refused.value.code == "rate_limited"
    assert len(holding.describe()["held"]) == 320
    assert holding.paused
