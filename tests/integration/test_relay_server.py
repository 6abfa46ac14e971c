"""The relay over real sockets: what participants, observers and refused clients see."""

from __future__ import annotations

import asyncio
import json
from unittest.mock import ANY

import aiohttp
import pytest

from rtc_widget.protocol.limits import LIMITS
from rtc_widget.protocol.signaling import PROTOCOL_VERSION
from rtc_widget.relay.tokens import proof
from tests.support.relays import ANSWER, CANDIDATE, OFFER, SECRET, Client, RunningRelay

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


# -- health


async def test_health_needs_no_token_and_proves_the_secret(relay):
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{relay.url}/health") as response:
            plain = await response.json()
        async with session.get(f"{relay.url}/health", params={"challenge": "abc"}) as response:
            challenged = await response.json()

    assert plain == {"ok": True, "service": "rtc_widget.relay", "protocol": PROTOCOL_VERSION}
    assert challenged["proof"] == proof(SECRET, "abc", relay.port)
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
    await asyncio.wait_for(relay.server.idle.wait(), 30)
    await relay.stop()
