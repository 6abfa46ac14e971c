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


def message(kind="offer", key=None, text=HOST):
    if kind == "ice_candidate":
        payload = {"candidate": text and {"candidate": text, "sdpMid": "0"}}
    else:
        payload = {kind: {"type": kind, "sdp": SDP}} if kind != "request_offer" else {}
    return Message(key or kind, kind, payload, ADA, BOB)


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
