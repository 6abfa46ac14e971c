"""Whom and what a relay refuses, over real sockets."""

from __future__ import annotations

import json

import aiohttp
import pytest
import socketio

from rtc_widget.errors import CODES
from rtc_widget.protocol.limits import LIMITS
from rtc_widget.relay.tokens import entry_token, resume_token
from rtc_widget.signaling.client import RelayClient
from tests.support.relays import ANSWER, OFFER, ORIGIN, SECRET, Client


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (None, "bad_token"),
        ("", "bad_token"),
        ("nonsense", "bad_token"),
        ("ünïcode.ünïcode", "bad_token"),
        ("x" * 3_000, "bad_token"),
        (7, "bad_token"),
        (entry_token("another secret", "demo"), "bad_token"),
        (resume_token(SECRET, "demo", "id", 1), "bad_token"),
        (entry_token(SECRET, "demo", expires=-1), "token_expired"),
    ],
    ids=["missing", "empty", "nonsense", "unicode", "long", "number", "forged", "resume-token", "expired"],
)
async def test_a_connection_without_a_good_token_is_refused_with_the_reason(relay, token, code):
    assert await Client().connect_code(relay.url, token) == code


async def test_a_token_whose_room_is_not_that_of_the_address_is_refused(relay):
    token = relay.token("demo")

    assert await Client().connect_code(relay.url, token, query="?room=other") == "wrong_room"
    assert await Client().connect_code(relay.url, token, query="?room=demo") == "connected"


@pytest.mark.parametrize("room", ["%41", "a%20b", "100%25", "r%2Fx", "a+b", "a&b=c", "a/b?c#d", "%", "é ü"])
async def test_the_name_of_a_room_is_taken_as_it_is(relay, room):
    heard = []
    client = await RelayClient.connect(
        relay.url, room, {"token": relay.token(room)}, lambda *event: heard.append(event)
    )
    try:
        snapshot = await client.request("watch_room", {"roomId": room})
    finally:
        await client.close()

    assert snapshot["participants"] == []


async def test_a_token_opens_no_other_room(connect):
    client = await connect("demo")

    assert await client.code("join_room", {"roomId": "another room"}) == "wrong_room"


async def test_a_single_use_token_admits_one_participant(relay, join, connect):
    token = relay.token(max_uses=1)
    await join(token=token)

    second = await connect(token=token)

    assert await second.code("join_room") == "token_used"


async def test_the_participant_of_a_single_use_token_can_still_resume(relay, join, connect):
    token = relay.token(max_uses=1)
    ada = await join(token=token, session="life-1")
    await ada.vanish()

    back = await connect(token=token)

    assert await back.code("join_room", session="life-1", resume=ada.joined["resume"]) == "ok"


async def test_a_full_room_does_not_use_up_a_single_use_token(relay, join, connect):
    clients = [await join() for _ in range(LIMITS["room_capacity"])]
    late = await connect(token=relay.token(max_uses=1))
    assert await late.code("join_room") == "room_full"

    await clients[0].say("leave_room")

    assert await late.code("join_room") == "ok"


@pytest.mark.parametrize(
    ("headers", "outcome"),
    [
        ({}, "connected"),
        ({"Origin": ORIGIN}, "connected"),
        ({"Origin": "http://evil.example.com"}, "refused"),
    ],
    ids=["no-origin", "allowed", "foreign"],
)
async def test_a_page_of_a_foreign_origin_is_refused_even_with_a_token(relay, headers, outcome):
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(f"{relay.url}/socket.io/?EIO=4&transport=polling") as response,
    ):
        assert response.status == {"connected": 200, "refused": 400}[outcome]
        assert response.headers.get("Access-Control-Allow-Origin") in (None, ORIGIN)
    client = Client()
    if outcome == "connected":
        assert await client.connect_code(relay.url, relay.token(), headers=headers) == "connected"
    else:
        with pytest.raises(socketio.exceptions.ConnectionError, match=r"Connection error"):
            await client.connect(relay.url, relay.token(), headers=headers)
        await client.disconnect()


BAD_MESSAGES = {
    "no payload": ("join_room", None, "bad_request"),
    "a list": ("offer", [], "bad_request"),
    "a string": ("offer", "demo", "bad_request"),
    "no room": ("offer", {}, "bad_room"),
    "a room of spaces": ("media_state", {"roomId": "  "}, "bad_room"),
    "a room with a line end": ("media_state", {"roomId": "a\nb"}, "bad_room"),
    "a room too long": ("media_state", {"roomId": "x" * 129}, "bad_room"),
    "a room that is a number": ("media_state", {"roomId": 7}, "bad_room"),
    "no target": ("offer", {"roomId": "demo", "offer": OFFER}, "bad_request"),
    "a strange target": ("offer", {"roomId": "demo", "to": "../..", "offer": OFFER}, "bad_request"),
    "no offer": ("offer", {"roomId": "demo", "to": "x"}, "bad_request"),
    "an offer of text": ("offer", {"roomId": "demo", "to": "x", "offer": "v=0"}, "bad_description"),
    "an SDP of nothing": (
        "offer",
        {"roomId": "demo", "to": "x", "offer": {"type": "offer", "sdp": ""}},
        "bad_description",
    ),
    "an SDP too long": (
        "answer",
        {"roomId": "demo", "to": "x", "answer": {"type": "answer", "sdp": "v=0" + "x" * 131_072}},
        "bad_description",
    ),
    "a strange type": (
        "description",
        {"roomId": "demo", "description": {"type": "rollback", "sdp": "v=0"}},
        "bad_description",
    ),
    "no candidate": ("ice_candidate", {"roomId": "demo", "to": "x"}, "bad_request"),
    "a candidate of text": (
        "ice_candidate",
        {"roomId": "demo", "to": "x", "candidate": "c"},
        "bad_candidate",
    ),
    "a candidate too long": (
        "ice_candidate",
        {"roomId": "demo", "to": "x", "candidate": {"candidate": "c" * 5_000}},
        "bad_candidate",
    ),
    "a candidate with a flag as index": (
        "ice_candidate",
        {"roomId": "demo", "to": "x", "candidate": {"candidate": "c", "sdpMLineIndex": True}},
        "bad_candidate",
    ),
    "media of text": (
        "media_state",
        {"roomId": "demo", "audio": "yes", "video": True, "screen": True},
        "bad_request",
    ),
    "no entries": ("report", {"roomId": "demo", "entries": []}, "bad_request"),
    "too many entries": ("report", {"roomId": "demo", "entries": [{"type": "x"}] * 201}, "bad_request"),
    "an entry without a type": ("report", {"roomId": "demo", "entries": [{}]}, "bad_request"),
    "an event that there is not": ("teleport", {"roomId": "demo"}, "unknown_event"),
    "an event of the server's": ("user_joined", {"roomId": "demo"}, "unknown_event"),
    "an event named like a method": ("_forward", {"roomId": "demo"}, "unknown_event"),
}


@pytest.mark.parametrize(("event", "payload", "code"), BAD_MESSAGES.values(), ids=BAD_MESSAGES.keys())
async def test_a_malformed_message_is_refused_with_its_code(join, event, payload, code):
    ada = await join()

    ack = await ada.call(event, payload)

    assert (ack["ok"], ack["error"]["code"]) == (False, code)
    assert code in CODES
    assert await ada.code("media_state", audio=True, video=True, screen=True) == "ok"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"name": ""}, "bad_name"),
        ({"name": "x" * 65}, "bad_name"),
        ({"name": "a\u202eb"}, "bad_name"),
        ({"name": 7}, "bad_name"),
        ({"kind": "two words"}, "bad_request"),
        ({"media": {"smell": True}}, "bad_request"),
        ({"caps": {"rollback": "yes"}}, "bad_request"),
        ({"session": ""}, "bad_request"),
    ],
)
async def test_what_a_newcomer_says_of_itself_is_checked(connect, said, code):
    client = await connect()

    assert await client.code("join_room", **said) == code
    assert await client.code("join_room") == "ok"


async def test_naming_the_connect_or_disconnect_handler_does_not_call_it(join):
    ada, bob = await join(), await join()

    # The client library refuses these names, so the packets are written by hand.
    for packet in (
        '2["disconnect","client disconnect"]',
        '2["disconnect"]',
        '2["connect",{},{}]',
        '2["connect"]',
    ):
        await ada._sio.eio.send(packet)
    await ada.say("request_offer", to=bob.id)

    assert await bob.caught_up() == ["request_offer"]


async def test_connecting_twice_over_one_socket_changes_nothing(relay, join):
    ada, bob = await join(), await join()

    await ada._sio.eio.send("0" + json.dumps({"token": relay.token()}))
    await ada.say("request_offer", to=bob.id)

    await ada.vanish()
    await bob.hears("user_away", socketId=ada.id)
    await bob.hears("user_left", socketId=ada.id)


async def test_messages_before_joining_are_refused(connect):
    client = await connect()

    for event, fields in {
        "offer": {"to": "x", "offer": OFFER},
        "answer": {"to": "x", "answer": ANSWER},
        "description": {"description": OFFER},
        "ice_candidate": {"to": "x", "candidate": None},
        "request_offer": {"to": "x"},
        "media_state": {"audio": True, "video": True, "screen": True},
        "report": {"entries": [{"type": "x"}]},
        "leave_room": {},
    }.items():
        assert await client.code(event, **fields) == "not_joined"
