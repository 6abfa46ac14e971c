"""Leaving a relay and coming back to it, over real sockets; and widgets whose kernel ends."""

from __future__ import annotations

import asyncio
from unittest.mock import ANY

import pytest

from rtc_widget.protocol.limits import seconds
from rtc_widget.relay.tokens import entry_token, resume_token
from tests.support.processes import free_port
from tests.support.relays import CANDIDATE, OFFER, SECRET, Client, RunningRelay
from tests.support.waiting import wait_for

OWNER = "the secret key of one widget"


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
    assert joined["participants"][0]["media"] == {"audio": False, "video": False, "screen": False}
    assert await back.caught_up() == ["offer", "ice_candidate"]
    await asyncio.sleep(seconds("away"))  # nothing may follow: there is no condition to wait for
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
