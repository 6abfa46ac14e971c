"""Comings and goings: who is told, and who may come back."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from rtc_widget.errors import ProtocolError
from rtc_widget.protocol.limits import seconds
from rtc_widget.relay.tokens import resume_token
from tests.support.relay_parts import SECRET, RelayParts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from rtc_widget.relay.clients import Client
    from rtc_widget.relay.roster import Member


@pytest.fixture
async def relay() -> AsyncIterator[RelayParts]:
    parts = RelayParts()
    yield parts
    await parts.end()


def resume_of(relay: RelayParts, client: Client) -> str:
    member = relay.member(client)
    return resume_token(SECRET, "demo", member.id, member.order)


async def test_who_comes_back_is_told_who_is_there_and_not_who_was_meanwhile(relay: RelayParts) -> None:
    ada = await relay.join("ada", session="life")
    member, resume = relay.member(ada), resume_of(relay, ada)
    await relay.service.path_lost(member)
    await relay.join("bob")
    cy = await relay.join("cy")
    await relay.say(cy, "leave_room")

    told = await relay.say(relay.client("ada again"), "join_room", resume=resume, session="life")

    assert [entry["name"] for entry in told["participants"]] == ["Bob"]
    # News of before would be believed after that: somebody who has left would be seen for ever.
    assert relay.names("ada") == relay.names("ada again") == []


async def test_what_was_turned_off_without_a_path_is_off_for_everybody_on_coming_back(
    relay: RelayParts,
) -> None:
    ada, _bob = await relay.join("ada", session="life"), await relay.join("bob")
    member, resume = relay.member(ada), resume_of(relay, ada)
    await relay.service.path_lost(member)

    again = relay.client("ada again")
    off = {"audio": False, "video": True, "screen": False}
    await relay.say(again, "join_room", resume=resume, session="life", media=off)

    (told,) = relay.told("bob", "media_state")
    assert {**told, "at": 0} == {"roomId": "demo", "from": member.id, "at": 0, **off}


async def test_a_lost_path_is_told_at_once_and_the_end_after_a_while(relay: RelayParts) -> None:
    ada, _bob = await relay.join("ada"), await relay.join("bob")
    member = relay.member(ada)

    await relay.service.path_lost(member)
    key = ("away", member.id)
    assert relay.names("bob") == ["user_away"]
    assert relay.timers.waiting[key][0] == seconds("away")
    await relay.timers.fire(key)

    (left,) = relay.told("bob", "user_left")
    assert (left["socketId"], left["reason"]) == (member.id, "lost")


async def test_after_an_outage_there_is_time_to_come_back_when_it_is_over(relay: RelayParts) -> None:
    ada = await relay.join("ada")
    room = relay.rooms.get("demo")
    assert room is not None
    room.down_until = time.monotonic() + 20

    await relay.service.path_lost(relay.member(ada))

    after = relay.timers.waiting[("away", relay.member(ada).id)][0]
    assert after == pytest.approx(seconds("away") + 20 + seconds("return"), abs=5)


async def test_the_same_life_comes_back_to_its_place_and_keeps_its_connections(relay: RelayParts) -> None:
    ada, _bob = await relay.join("ada", session="life"), await relay.join("bob")
    member, resume = relay.member(ada), resume_of(relay, ada)
    await relay.service.path_lost(member)

    again = relay.client("ada again")
    await relay.say(again, "join_room", resume=resume, session="life", name="Ada L.")

    assert again.member is member
    assert (member.sid, member.name) == ("ada again", "Ada L.")
    assert relay.names("bob") == ["user_away", "user_back"]
    assert relay.timers.waiting == {}


async def test_a_second_path_of_the_same_life_ends_the_first(relay: RelayParts) -> None:
    ada, _bob = await relay.join("ada", session="life"), await relay.join("bob")

    await relay.say(relay.client("ada again"), "join_room", resume=resume_of(relay, ada), session="life")

    assert ada.member is None
    assert relay.disconnected == ["ada"]
    assert relay.names("bob") == []


async def test_another_life_under_the_same_id_is_a_leaving_and_a_coming(relay: RelayParts) -> None:
    ada, _bob = await relay.join("ada", session="page"), await relay.join("bob")
    member, resume = relay.member(ada), resume_of(relay, ada)

    again = relay.client("ada again")
    await relay.say(again, "join_room", resume=resume, session="next-page")

    assert relay.names("bob") == ["user_left", "user_joined"]
    assert again.member is not member
    assert (relay.member(again).id, relay.member(again).order) == (member.id, member.order)
    assert [told["code"] for told in relay.told("ada", "removed")] == ["taken_over"]


async def test_who_leaves_is_gone_for_everybody_once(relay: RelayParts) -> None:
    ada, _bob = await relay.join("ada"), await relay.join("bob")
    await relay.watch("teacher")
    member = relay.member(ada)

    await relay.service.take_out(member, "left")
    await relay.service.take_out(member, "left")

    assert len(relay.told("bob", "user_left")) == len(relay.told("teacher", "user_left")) == 1
    assert relay.told("ada", "user_left") == []
    assert ada.member is None


async def test_a_widget_leaves_when_its_kernel_does_not_come_back(relay: RelayParts) -> None:
    await relay.watch("kernel", owner="widget")
    tab, _bob = await relay.join("tab", owner="widget"), await relay.join("bob")
    relay.clients.pop("kernel")

    relay.service.observer_lost("widget", "demo")
    await relay.timers.fire(("kernel", "widget"))

    assert tab.member is None
    assert [told["reason"] for told in relay.told("bob", "user_left")] == ["removed"]
    assert [told["code"] for told in relay.told("tab", "removed")] == ["kernel_gone"]


async def test_a_widget_stays_when_its_kernel_comes_back_in_time(relay: RelayParts) -> None:
    tab = await relay.join("tab", owner="widget")
    relay.service.observer_lost("widget", "demo")
    assert ("kernel", "widget") in relay.timers.waiting

    await relay.watch("kernel again", owner="widget")

    assert relay.timers.waiting == {}
    assert tab.member is not None


async def test_a_widget_stays_while_another_connection_of_its_kernel_watches(relay: RelayParts) -> None:
    await relay.watch("kernel", owner="widget")
    tab = await relay.join("tab", owner="widget")

    relay.service.observer_lost("widget", "demo")
    await relay.timers.fire(("kernel", "widget"))

    assert tab.member is not None


async def test_other_peoples_participants_stay_when_a_kernel_ends(relay: RelayParts) -> None:
    ada = await relay.join("ada", owner="another")

    relay.service.observer_lost("widget", "demo")
    await relay.timers.fire(("kernel", "widget"))

    assert ada.member is not None


async def test_nobody_is_called_like_somebodys_id(relay: RelayParts) -> None:
    ada = await relay.join("ada")

    with pytest.raises(ProtocolError, match="id of somebody"):
        await relay.say(relay.client("eve"), "join_room", name=relay.member(ada).id)


# -- several things at once, as a client may do over polling


def here(relay: RelayParts) -> list[Member]:
    room = relay.rooms.get("demo")
    return list(room.members.values()) if room else []


async def test_a_client_that_joins_several_times_at_once_is_one_participant(relay: RelayParts) -> None:
    client = relay.client("ada")

    outcomes = await asyncio.gather(
        *(relay.say(client, "join_room", name="Ada") for _ in range(5)), return_exceptions=True
    )

    assert [getattr(outcome, "code", "joined") for outcome in outcomes] == ["joined", *["already_joined"] * 4]
    assert here(relay) == [relay.member(client)]


async def test_of_several_pages_that_are_one_participant_the_last_one_is(relay: RelayParts) -> None:
    ada, _bob = await relay.join("ada", session="life"), await relay.join("bob")
    resume = resume_of(relay, ada)
    pages = [relay.client(f"page-{number}") for number in range(5)]

    await asyncio.gather(
        *(relay.say(page, "join_room", resume=resume, session=page.sid, name="Ada") for page in pages)
    )

    there = [member for member in here(relay) if member.name == "Ada"]
    assert [client.sid for client in relay.clients.values() if client.member in there] == [there[0].sid]
    assert len(there) == 1
    # Whoever is not is told so.
    assert {sid for sid in relay.clients if "removed" in relay.names(sid)} == {
        "ada",
        *(p.sid for p in pages),
    } - {there[0].sid}


async def test_a_client_that_goes_while_it_joins_leaves_nobody_behind(relay: RelayParts) -> None:
    await relay.join("bob")
    client = relay.client("ada")

    joining = asyncio.create_task(relay.say(client, "join_room", name="Ada"))
    await asyncio.sleep(0)
    del relay.clients["ada"]
    await joining

    [key] = relay.timers.waiting
    await relay.timers.fire(key)
    assert [member.name for member in here(relay)] == ["Bob"]
    assert relay.names("bob")[-2:] == ["user_away", "user_left"]


async def test_who_comes_back_while_others_are_told_of_the_loss_stays(relay: RelayParts) -> None:
    ada, _bob = await relay.join("ada", session="life"), await relay.join("bob")
    member, resume = relay.member(ada), resume_of(relay, ada)

    again = relay.client("ada again")
    await asyncio.gather(
        relay.service.path_lost(member), relay.say(again, "join_room", resume=resume, session="life")
    )

    assert ("away", member.id) not in relay.timers.waiting
    assert again.member is member
