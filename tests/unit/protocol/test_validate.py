"""Checks of what clients send to the relay."""

from __future__ import annotations

from typing import Any

import pytest

from rtc_widget.errors import ProtocolError
from rtc_widget.protocol.limits import LIMITS
from rtc_widget.protocol.signaling import SHAPES
from rtc_widget.protocol.validate import check

OFFER = {"type": "offer", "sdp": "v=0\r\n"}
CANDIDATE = {"candidate": "candidate:1 1 udp 1 192.0.2.7 9 typ host", "sdpMid": "0", "sdpMLineIndex": 0}
PIECE = {"track": "camera", "number": 0, "offset": 0, "data": "AAAA", "at": 1.5, "mime": "video/webm"}
FULL: dict[str, dict[str, Any]] = {
    "join_room": {
        "name": "Ada",
        "kind": "browser",
        "media": {"audio": True, "screen": False},
        "caps": {"records": True},
        "resume": "token",
        "session": "life-1",
    },
    "leave_room": {},
    "offer": {"to": "bob", "session": "now", "offer": OFFER},
    "answer": {"to": "bob", "session": "now", "answer": {"type": "answer", "sdp": "v=0"}},
    "description": {"to": "bob", "session": "now", "description": OFFER},
    "ice_candidate": {"to": "bob", "session": "now", "candidate": {**CANDIDATE, "usernameFragment": "abcd"}},
    "request_offer": {"to": "bob", "session": "now"},
    "media_state": {"audio": True, "video": False, "screen": False},
    "report": {"entries": [{"type": "step", "step": "createOffer"}]},
    "watch_room": {"trace": True},
    "control_room": {"action": "pause", "options": {"count": 2, "probability": 0.5, "kind": "offer"}},
    "remove_participant": {"participant": "ada", "revoke": True},
    "knock": {"name": "Ada", "kind": "browser", "resume": "a-token"},
    "withdraw_knock": {},
    "answer_knock": {"participant": "ada", "admit": False, "revoke": True},
    "record_room": {"recording": "r-1", "on": True, "name": "Ada", "by": "ada"},
    "recorded": {"recording": "r-1", "piece": {**PIECE, "last": True, "video": True, "audio": False}},
    "received": {
        "recording": "r-1",
        "to": "bob",
        "pieces": [{"track": "screen", "number": 1, "offset": 2**53 - 1}],
    },
    "clock": {},
}
"""Of each event, a payload with all of its fields."""


def payload_of(event: str) -> dict[str, Any]:
    room = {"roomId": "demo"} if "roomId" in SHAPES[event] else {}
    return {**room, **FULL[event]}


def refusal(event: str, payload: object) -> str:
    with pytest.raises(ProtocolError) as refused:
        check(event, payload)
    return refused.value.code


PAYLOADS = {event: payload_of(event) for event in SHAPES}


def test_a_payload_with_all_of_its_fields_passes_as_it_is() -> None:
    fields = {event: {field.removesuffix("?") for field in shape} for event, shape in SHAPES.items()}

    assert {event: set(payload) for event, payload in PAYLOADS.items()} == fields
    assert {event: check(event, payload) for event, payload in PAYLOADS.items()} == PAYLOADS


def test_fields_that_nobody_knows_are_taken_out() -> None:
    more = {"from": "somebody else", "order": 1}

    assert {event: check(event, {**payload, **more}) for event, payload in PAYLOADS.items()} == PAYLOADS


def test_a_field_is_needed_unless_it_is_marked() -> None:
    for event, field in ((event, field) for event, shape in SHAPES.items() for field in shape):
        name = field.removesuffix("?")
        payload = {key: value for key, value in PAYLOADS[event].items() if key != name}

        if field.endswith("?"):
            assert check(event, payload) == payload, (event, field)
            assert check(event, {**payload, name: None}) == payload, (event, field)
        else:
            code = "bad_room" if name == "roomId" else "bad_request"
            assert refusal(event, payload) == code, (event, field)


@pytest.mark.parametrize("payload", [None, [], "demo", 7])
def test_a_payload_is_an_object(payload: object) -> None:
    assert refusal("leave_room", payload) == "bad_request"


def test_an_event_that_there_is_not_is_refused_and_quoted_in_part() -> None:
    assert refusal("eval", {}) == "unknown_event"
    with pytest.raises(ProtocolError) as refused:
        check("x" * 10_000, {})
    assert len(refused.value.message) < 120


def test_what_is_not_of_its_kind_is_refused() -> None:
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("leave_room", {"roomId": "\x00"}, "bad_room"),
        ("leave_room", {"roomId": "a" * (LIMITS["room_length"] + 1)}, "bad_room"),
        ("leave_room", {"roomId": 7}, "bad_room"),
        ("join_room", {"name": "   "}, "bad_name"),
        ("join_room", {"name": "a" * (LIMITS["name_length"] + 1)}, "bad_name"),
        ("join_room", {"kind": "a word"}, "bad_request"),
        ("join_room", {"media": {"audio": 1}}, "bad_request"),
        ("join_room", {"media": {"smell": True}}, "bad_request"),
        ("join_room", {"caps": {str(n): True for n in range(17)}}, "bad_request"),
        ("join_room", {"resume": "a" * 2_049}, "bad_request"),
        ("join_room", {"session": "ä"}, "bad_request"),
        ("offer", {"offer": {"type": "rollback", "sdp": "v=0"}}, "bad_description"),
        ("offer", {"offer": {"type": "offer", "sdp": "o=-"}}, "bad_description"),
        (
            "offer",
            {"offer": {"type": "offer", "sdp": "v=0" + " " * LIMITS["description_length"]}},
            "bad_description",
        ),
        ("offer", {"offer": "v=0"}, "bad_description"),
        ("ice_candidate", {"candidate": {"sdpMid": "0"}}, "bad_candidate"),
        ("ice_candidate", {"candidate": {**CANDIDATE, "sdpMLineIndex": True}}, "bad_candidate"),
        ("ice_candidate", {"candidate": {**CANDIDATE, "sdpMid": 0}}, "bad_candidate"),
        (
            "ice_candidate",
            {"candidate": {"candidate": "x" * (LIMITS["candidate_length"] + 1)}},
            "bad_candidate",
        ),
        ("media_state", {"audio": 1}, "bad_request"),
        ("report", {"entries": []}, "bad_request"),
        ("report", {"entries": [{"type": "step"}] * (LIMITS["report_entries"] + 1)}, "bad_request"),
        ("report", {"entries": [{"step": "createOffer"}]}, "bad_request"),
        ("control_room", {"options": {str(n): 1 for n in range(17)}}, "bad_request"),
        ("control_room", {"options": {"kind": ["offer"]}}, "bad_request"),
        ("control_room", {"options": {"kind": "x" * 257}}, "bad_request"),
        ("recorded", {"piece": {**PIECE, "track": "microphone"}}, "bad_request"),
        ("recorded", {"piece": {**PIECE, "number": -1}}, "bad_request"),
        ("recorded", {"piece": {**PIECE, "offset": True}}, "bad_request"),
        ("recorded", {"piece": {**PIECE, "data": "A" * (LIMITS["piece_bytes"] * 4 // 3 + 5)}}, "bad_request"),
        ("recorded", {"piece": {**PIECE, "at": float("nan")}}, "bad_request"),
        ("recorded", {"piece": {**PIECE, "mime": None}}, "bad_request"),
        ("recorded", {"piece": "declined"}, "bad_request"),
        ("received", {"pieces": []}, "bad_request"),
        ("received", {"pieces": [{"track": "camera", "number": 0, "offset": 2**53}]}, "bad_request"),
    ]

    for event, fields, code in wrong:
        assert refusal(event, {**PAYLOADS[event], **fields}) == code, (event, fields)


def test_the_end_of_candidates_is_null() -> None:
    assert check("ice_candidate", {"roomId": "demo", "to": "bob", "candidate": None})["candidate"] is None


@pytest.mark.parametrize("word", ["declined", "done"])
def test_a_piece_may_be_a_word(word: str) -> None:
    said = {"roomId": "demo", "recording": "r", "piece": {word: True, "data": 7}}

    assert check("recorded", said)["piece"] == {word: True}


def test_only_a_segments_first_piece_says_what_it_is() -> None:
    piece = {"track": "camera", "number": 0, "offset": 9, "data": "", "mime": "x", "at": "never"}

    checked = check("recorded", {"roomId": "demo", "recording": "r", "piece": piece})["piece"]

    assert checked == {"track": "camera", "number": 0, "offset": 9, "data": "", "last": False}
