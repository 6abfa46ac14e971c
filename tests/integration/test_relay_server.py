"""The relay over real sockets: what participants, observers and refused clients see."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from unittest.mock import ANY

import aiohttp
import pytest
import socketio

from rtc_widget.errors import CODES
from rtc_widget.protocol.limits import LIMITS
from rtc_widget.protocol.signaling import PROTOCOL_VERSION
from rtc_widget.relay import app
from rtc_widget.relay.tokens import entry_token, proof, resume_token
from tests.support.relays import ANSWER, CANDIDATE, OFFER, ORIGIN, SECRET, Client, RunningRelay
from tests.support.waiting import free_port, wait_for

OWNER = "the secret key of one widget"


# -- joining and the roster


async def test_a_newcomer_learns_who_is_there_and_the_others_hear_of_it(join):
    ada = await join(name="Ada", kind="browser", media={"video": False}, caps={"rollback": True})

    bob = await join(name="Bob", kind="python", session="life-1")

    assert ada.joined["participants"] == []
    assert bob.joined["participants"] == [
        {
            "socketId": ada.id,
            "order": ada.joined["order"],
            "name": "Ada",
            "kind": "browser",
            "media": {"audio": True, "video": False, "screen": False},
            "caps": {"rollback": True},
            "session": bob.joined["participants"][0]["session"],
            "away": False,
        }
    ]
    told = await ada.hears("user_joined")
    assert (told["socketId"], told["name"], told["kind"], told["session"]) == (
        bob.id,
        "Bob",
        "python",
        "life-1",
    )
    assert told["roomId"] == "demo"
    assert told["order"] == bob.joined["order"]
    assert await bob.caught_up() == []


async def test_whoever_came_first_has_the_lower_order(join):
    clients = [await join() for _ in range(5)]

    orders = [client.joined["order"] for client in clients]

    assert orders == sorted(set(orders))
    assert [entry["socketId"] for entry in clients[-1].joined["participants"]] == [c.id for c in clients[:-1]]


async def test_a_client_that_says_only_the_room_gets_a_name_and_a_kind(join):
    ada = await join()
    await join()

    told = await ada.hears("user_joined")

    assert told["name"]
    assert told["kind"] == "browser"
    assert told["caps"] == {}
    assert told["media"] == {"audio": True, "video": True, "screen": False}


async def test_a_name_with_markup_or_right_to_left_letters_is_carried_unchanged(join):
    ada = await join()

    for name in ("<img src=x onerror=alert(1)>", "עדה", "Łukasz 🎥"):
        await join(name=name)
        await ada.hears("user_joined", name=name)


async def test_rooms_hear_nothing_of_each_other(join):
    here = await join("here")
    there = await join("there")

    assert there.joined["participants"] == []
    await there.say("media_state", audio=False, video=False, screen=False)
    await there.say("description", description=OFFER)
    assert await there.code("offer", to=here.id, offer=OFFER) == "unknown_participant"
    await there.say("leave_room")
    assert await here.caught_up() == []


async def test_everyone_who_joins_gets_the_relays_ice_servers():
    servers = [{"urls": "turn:turn.example.org", "username": "u", "credential": "c"}]
    relay = await RunningRelay.start(ice_servers=servers)
    client = Client()
    await client.connect(relay.url, relay.token())

    joined = await client.join()

    assert joined["iceServers"] == servers
    await client.disconnect()
    await relay.stop()


async def test_joining_twice_is_refused_and_leaving_allows_it_again(join):
    ada = await join()

    assert await ada.code("join_room") == "already_joined"
    await ada.say("leave_room")
    assert await ada.code("leave_room") == "not_joined"
    assert await ada.code("join_room") == "ok"


async def test_a_full_room_refuses_until_somebody_leaves(join, connect):
    clients = [await join() for _ in range(LIMITS["room_capacity"])]
    late = await connect()

    assert await late.code("join_room") == "room_full"
    await join("another room")
    await clients[3].say("leave_room")
    assert await late.code("join_room") == "ok"


# -- signaling


@pytest.mark.parametrize(
    ("event", "body"),
    [
        ("offer", {"offer": OFFER}),
        ("answer", {"answer": ANSWER}),
        ("description", {"description": ANSWER}),
        ("ice_candidate", {"candidate": CANDIDATE}),
        ("ice_candidate", {"candidate": None}),
        ("request_offer", {}),
    ],
    ids=["offer", "answer", "description", "candidate", "end-of-candidates", "request_offer"],
)
async def test_signaling_reaches_its_target_and_nobody_else(join, event, body):
    ada, bob, eve = [await join() for _ in range(3)]
    bob.forget()
    eve.forget()

    acknowledged = await ada.say(event, to=bob.id, **body)

    assert await bob.hears(event) == {"roomId": "demo", "from": ada.id, "id": acknowledged["id"], **body}
    assert await eve.caught_up() == []


async def test_a_description_without_a_target_goes_to_everyone_else(join):
    ada, bob, eve = [await join() for _ in range(3)]
    ada.forget()

    await ada.say("description", description=OFFER)

    for client in (bob, eve):
        assert (await client.hears("description"))["from"] == ada.id
    assert await ada.caught_up() == []


async def test_fields_that_no_one_knows_are_not_forwarded(join):
    ada, bob = await join(), await join()

    said = {"offer": {**OFFER, "extra": 1}, "from": "somebody else", "id": "mine", "more": 2}

    acknowledged = await ada.say("offer", to=bob.id, **said)

    expected = {"roomId": "demo", "from": ada.id, "id": acknowledged["id"], "offer": OFFER}
    assert await bob.hears("offer") == expected


async def test_an_offer_is_never_overtaken_by_its_candidates(join):
    ada, bob = await join(), await join()
    await ada.emit("offer", {"roomId": "demo", "to": bob.id, "offer": OFFER})
    for number in range(100):
        candidate = {**CANDIDATE, "candidate": f"candidate:{number}"}
        await ada.emit("ice_candidate", {"roomId": "demo", "to": bob.id, "candidate": candidate})

    await ada.say("request_offer", to=bob.id)

    await bob.hears("request_offer")
    assert bob.names() == ["offer", *["ice_candidate"] * 100, "request_offer"]
    received = [payload["candidate"]["candidate"] for name, payload in bob.heard if name == "ice_candidate"]
    assert received == [f"candidate:{number}" for number in range(100)]


async def test_a_message_to_nobody_or_oneself_is_refused(join):
    ada = await join()

    assert await ada.code("offer", to="nobody", offer=OFFER) == "unknown_participant"
    assert await ada.code("offer", to=ada.id, offer=OFFER) == "unknown_participant"


async def test_media_state_reaches_everyone_else_and_latecomers(join):
    ada, bob = await join(), await join()

    await ada.say("media_state", audio=False, video=True, screen=True)

    expected = {"audio": False, "video": True, "screen": True}
    assert await bob.hears("media_state") == {"roomId": "demo", "from": ada.id, "at": ANY, **expected}
    late = await join()
    assert late.joined["participants"][0]["media"] == expected


# -- watching


async def test_an_observer_sees_the_roster_and_every_report_but_is_not_in_it(relay, join, connect):
    ada = await join(name="Ada")
    observer = await connect(token=relay.token(role="observer"))

    snapshot = await observer.say("watch_room")
    bob = await join(name="Bob")
    entries = [{"type": "connection", "at": 1, "state": "connected"}]
    await bob.say("report", entries=entries)

    assert [entry["name"] for entry in snapshot["participants"]] == ["Ada"]
    assert (await observer.hears("user_joined"))["name"] == "Bob"
    assert await observer.hears("report") == {"roomId": "demo", "from": bob.id, "entries": entries}
    assert [entry["name"] for entry in bob.joined["participants"]] == ["Ada"]
    assert "report" not in await ada.caught_up()


async def test_an_observers_token_can_neither_join_nor_send(relay, join, connect):
    ada = await join()
    observer = await connect(token=relay.token(role="observer"))
    await observer.say("watch_room")

    assert await observer.code("join_room") == "forbidden"
    assert await observer.code("offer", to=ada.id, offer=OFFER) == "not_joined"
    assert await observer.code("media_state", audio=True, video=True, screen=True) == "not_joined"


@pytest.mark.parametrize("role", ["student", "teacher", "observer"])
async def test_every_role_may_watch_its_own_room_only(relay, connect, role):
    client = await connect(token=relay.token(role=role))

    assert await client.code("watch_room") == "ok"
    assert await client.code("watch_room", {"roomId": "another room"}) == "wrong_room"


# -- leaving, and coming back


async def test_leaving_is_told_at_once_and_as_such(join):
    ada, bob = await join(), await join()

    await bob.say("leave_room")

    assert await ada.hears("user_left") == {"roomId": "demo", "socketId": bob.id, "reason": "left", "at": ANY}
    assert "user_away" not in ada.names()


async def test_a_vanished_participant_is_away_first_and_lost_then(join):
    ada, bob = await join(), await join()

    await bob.vanish()
    away = await ada.hears("user_away")
    assert "user_left" not in ada.names()
    late = await join()
    left = await ada.hears("user_left")

    assert away == {"roomId": "demo", "socketId": bob.id, "at": ANY}
    assert left == {"roomId": "demo", "socketId": bob.id, "reason": "lost", "at": ANY}
    assert [(entry["socketId"], entry["away"]) for entry in late.joined["participants"]] == [
        (ada.id, False),
        (bob.id, True),
    ]


async def test_a_participant_that_resumes_keeps_its_id_and_its_place_and_misses_nothing(join, connect):
    ada, bob = await join(), await join(session="life-1", name="Bob")
    await bob.vanish()
    await ada.hears("user_away")
    await ada.say("offer", to=bob.id, offer=OFFER)
    await ada.say("ice_candidate", to=bob.id, candidate=CANDIDATE)
    await ada.say("media_state", audio=False, video=False, screen=False)

    back = await connect()
    joined = await back.join(session="life-1", resume=bob.joined["resume"])

    assert (joined["socketId"], joined["order"]) == (bob.id, bob.joined["order"])
    assert [entry["socketId"] for entry in joined["participants"]] == [ada.id]
    assert await ada.hears("user_back") == {"roomId": "demo", "socketId": bob.id, "at": ANY}
    assert await back.caught_up() == ["offer", "ice_candidate", "media_state"]
    await asyncio.sleep(LIMITS["away_ms"] / 1000)  # nothing may follow: there is no condition to wait for
    assert "user_left" not in await ada.caught_up()
    assert ada.names().count("user_joined") == 1


async def test_a_reloaded_page_leaves_and_joins_under_its_old_id_and_order(join, connect):
    ada, bob = await join(), await join(session="life-1")
    await bob.vanish()

    back = await connect()
    joined = await back.join(session="life-2", resume=bob.joined["resume"])

    assert (joined["socketId"], joined["order"]) == (bob.id, bob.joined["order"])
    await wait_for(lambda: ada.names().count("user_joined") == 2, what="the second user_joined")
    assert ada.names() == ["user_joined", "user_away", "user_left", "user_joined"]
    assert ada.heard[-1][1]["session"] == "life-2"


async def test_resuming_over_a_second_path_closes_the_first_and_nobody_notices(join, connect):
    ada, bob = await join(), await join(session="life-1")

    second = await connect()
    await second.join(session="life-1", resume=bob.joined["resume"])

    await wait_for(lambda: not bob.connected, what="the first path's end")
    assert await ada.caught_up() == ["user_joined"]
    await ada.say("offer", to=second.id, offer=OFFER)
    await second.hears("offer")


async def test_the_same_participant_in_a_second_page_takes_over(join, connect):
    ada, bob = await join(), await join(session="life-1")

    second = await connect()
    await second.join(session="life-2", resume=bob.joined["resume"])

    assert (await bob.hears("removed"))["code"] == "taken_over"
    assert await bob.code("media_state", audio=True, video=True, screen=True) == "not_joined"
    await ada.say("offer", to=second.id, offer=OFFER)
    await second.hears("offer")
    assert "offer" not in await bob.caught_up()


async def test_participants_resume_on_a_relay_that_was_started_anew():
    port = free_port()
    relay = await RunningRelay.start(port)
    ada, bob = Client(), Client()
    for client in (ada, bob):
        await client.connect(relay.url, relay.token())
        await client.join(session=f"life of {id(client)}".replace(" ", "-"))
    await relay.stop()

    relay = await RunningRelay.start(port)
    again = [Client(), Client()]
    for old, new in zip((bob, ada), again, strict=True):
        await new.connect(relay.url, relay.token())
        await new.join(session=f"life of {id(old)}".replace(" ", "-"), resume=old.joined["resume"])

    assert [client.id for client in again] == [bob.id, ada.id]
    assert [client.joined["order"] for client in again] == [bob.joined["order"], ada.joined["order"]]
    newcomer = Client()
    await newcomer.connect(relay.url, relay.token())
    assert (await newcomer.join())["order"] > bob.joined["order"]
    for client in (ada, bob, *again, newcomer):
        await client.disconnect()
    await relay.stop()


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("nonsense", "bad_token"),
        (entry_token(SECRET, "demo"), "bad_token"),
        (resume_token("another secret", "demo", "id", 1), "bad_token"),
        (resume_token(SECRET, "another room", "id", 1), "wrong_room"),
        ("x" * 3_000, "bad_request"),
        (7, "bad_request"),
    ],
    ids=["nonsense", "entry-token", "forged", "other-room", "too-long", "number"],
)
async def test_only_a_genuine_resume_token_of_the_room_resumes(connect, token, code):
    client = await connect()

    assert await client.code("join_room", resume=token) == code
    assert await client.code("join_room") == "ok"


# -- widgets and their kernels


async def test_when_a_widgets_kernel_ends_its_pages_are_removed_and_no_others(relay, join, connect):
    mine, other = await join(owner=OWNER), await join()
    kernel = await connect(token=relay.token(role="observer"), owner=OWNER)
    await kernel.say("watch_room")

    await kernel.disconnect()

    assert (await mine.hears("removed"))["code"] == "kernel_gone"
    assert (await other.hears("user_left"))["reason"] == "removed"
    assert await mine.code("media_state", audio=True, video=True, screen=True) == "not_joined"
    assert await other.code("media_state", audio=True, video=True, screen=True) == "ok"


async def test_a_kernel_that_comes_back_in_time_removes_nobody(relay, join, connect):
    mine = await join(owner=OWNER)
    kernel = await connect(token=relay.token(role="observer"), owner=OWNER)
    await kernel.say("watch_room")
    await kernel.vanish()

    again = await connect(token=relay.token(role="observer"), owner=OWNER)
    await again.say("watch_room")

    await asyncio.sleep(1.5)  # longer than a kernel's grace; nothing may follow
    assert await mine.caught_up() == []


async def test_a_widget_that_is_still_watched_from_elsewhere_loses_nobody(relay, join, connect):
    mine = await join(owner=OWNER)
    watching = [await connect(token=relay.token(role="observer"), owner=OWNER) for _ in range(2)]
    for connection in watching:
        await connection.say("watch_room")

    await watching[0].disconnect()

    await asyncio.sleep(1.5)  # longer than a kernel's grace; nothing may follow
    assert await mine.caught_up() == []


async def test_the_roster_names_owners_but_not_their_keys(join):
    await join(owner=OWNER)

    bob = await join()

    entry = bob.joined["participants"][0]
    assert entry["owner"]
    assert OWNER not in str(entry)


# -- refusals


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


async def test_a_token_opens_no_other_room(connect):
    client = await connect("demo")

    assert await client.code("join_room", {"roomId": "another room"}) == "wrong_room"


async def test_a_single_use_token_admits_one_participant(relay, join, connect):
    token = relay.token(once=True)
    await join(token=token)

    second = await connect(token=token)

    assert await second.code("join_room") == "token_used"


async def test_the_participant_of_a_single_use_token_can_still_resume(relay, join, connect):
    token = relay.token(once=True)
    ada = await join(token=token, session="life-1")
    await ada.vanish()

    back = await connect(token=token)

    assert await back.code("join_room", session="life-1", resume=ada.joined["resume"]) == "ok"


async def test_a_full_room_does_not_use_up_a_single_use_token(relay, join, connect):
    clients = [await join() for _ in range(LIMITS["room_capacity"])]
    late = await connect(token=relay.token(once=True))
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


# -- one client cannot take the relay from the others


async def test_ten_megabytes_are_refused_and_everybody_goes_on(join):
    ada, bob = await join(), await join()

    huge = {"type": "offer", "sdp": "v=0" + "x" * 10_000_000}
    code = await ada.code("offer", to=bob.id, offer=huge)

    assert code == "payload_too_large"
    await ada.say("offer", to=bob.id, offer=OFFER)
    await bob.say("answer", to=ada.id, answer=ANSWER)
    await ada.hears("answer")
    assert bob.names() == ["offer"]


async def test_more_than_the_transport_takes_ends_that_connection_only(join):
    ada, bob, eve = [await join() for _ in range(3)]

    await ada.emit("offer", {"roomId": "demo", "to": bob.id, "offer": "x" * 20_000_000})

    await bob.hears("user_away", socketId=ada.id)
    await bob.say("request_offer", to=eve.id)
    await eve.hears("request_offer")


async def test_binary_is_refused_and_everybody_goes_on(join):
    ada, bob = await join(), await join()

    assert await ada.code("offer", to=bob.id, offer=b"\x00" * 100) == "bad_request"
    await ada.say("request_offer", to=bob.id)
    assert await bob.caught_up() == ["request_offer"]


async def test_packets_that_are_not_socketio_harm_nobody(join, caplog):
    ada, bob = await join(), await join()

    for packet in (
        "",
        "9",
        "2",
        "2[",
        "2{}",
        "2[]",
        "2[7]",
        "3",
        "4",
        "2/other,[]",
        "0{",
        "1e9",
        "2" + "[" * 5_000,
    ):
        await ada._sio.eio.send(packet)

    await bob.say("request_offer", to=ada.id)
    await ada.hears("request_offer")
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_flood_is_refused_and_the_others_hardly_notice(join):
    ada, bob, eve = [await join() for _ in range(3)]

    flood = asyncio.gather(*(ada.code("request_offer", to="nobody") for _ in range(2_000)))
    began = time.monotonic()
    await bob.say("request_offer", to=eve.id)
    await eve.hears("request_offer")
    waited = time.monotonic() - began
    codes = await flood

    assert codes[0] == "unknown_participant"
    assert "rate_limited" in codes
    assert set(codes) == {"unknown_participant", "rate_limited"}
    assert waited < 10

    async def accepted():
        return await ada.code("request_offer", to=bob.id) == "ok"

    await wait_for(accepted, 30, "the flooder's own allowance to come back")


async def test_a_connection_that_joins_and_leaves_all_the_time_is_slowed_down(join):
    ada = await join()
    bob = await join()
    codes = []
    for _ in range(30):
        await ada.call("leave_room", {"roomId": "demo"})
        codes.append(await ada.code("join_room"))

    assert "rate_limited" in codes
    assert set(codes) <= {"ok", "rate_limited"}
    assert (await bob.caught_up()).count("user_joined") <= 15


async def test_a_thousand_joins_at_once_leave_the_relay_alive(relay, join):
    """Many are refused, with a code; whoever is in a call stays in it."""
    ada, bob = await join("call"), await join("call")
    clients = [Client(f"room {number % 100}") for number in range(1_000)]
    # A machine has fewer sockets to give at one moment than this wants.
    gate = asyncio.Semaphore(50)

    async def come(client: Client) -> str:
        async with gate:
            try:
                await client.connect(relay.url, relay.token(client.room))
                return await client.code("join_room")
            except Exception:
                await wait_for(lambda: client.refusal is not None, 30, "a reason")
                return str(client.refusal["data"]["code"])
            finally:
                await client.disconnect()

    crowd = asyncio.gather(*map(come, clients))
    waits = []
    while not crowd.done():
        began = time.monotonic()
        await ada.say("request_offer", to=bob.id)
        await bob.hears("request_offer")
        bob.forget()
        waits.append(time.monotonic() - began)
        await asyncio.sleep(0.05)
    codes = await crowd

    assert set(codes) <= {"ok", "rate_limited", "room_full"}
    assert codes.count("ok") >= 400
    assert max(waits) < 10
    await wait_for(lambda: len(relay.server._rooms) == 1, 30, "the crowd's rooms to go")


async def test_connections_beyond_the_allowance_are_refused_with_a_code(monkeypatch):
    monkeypatch.setattr(app, "_CONNECTIONS", (0.1, 3))
    relay = await RunningRelay.start()

    codes = [await Client().connect_code(relay.url, relay.token()) for _ in range(4)]

    assert codes == ["connected"] * 3 + ["rate_limited"]
    await relay.stop()


# -- health


async def test_health_needs_no_token_and_proves_the_secret(relay):
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{relay.url}/health") as response:
            plain = await response.json()
        async with session.get(f"{relay.url}/health", params={"challenge": "abc"}) as response:
            challenged = await response.json()

    assert plain == {"ok": True, "service": "rtc_widget.relay", "protocol": PROTOCOL_VERSION}
    assert challenged["proof"] == proof(SECRET, "abc")
    assert SECRET not in str(challenged)


async def test_an_unused_relay_becomes_idle_and_a_used_one_does_not():
    relay = await RunningRelay.start(idle_seconds=0.3)
    client = Client()
    await client.connect(relay.url, relay.token())
    # A client that connects twice over one socket must not count as two.
    await client._sio.eio.send("0" + json.dumps({"token": relay.token()}))

    await asyncio.sleep(0.6)  # longer than the relay waits; it must not
    assert not relay.server.idle.is_set()
    await client.disconnect()
    await asyncio.wait_for(relay.server.idle.wait(), 5)
    await relay.stop()
