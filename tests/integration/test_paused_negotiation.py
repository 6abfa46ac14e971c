"""While a teacher holds the signaling, the peers' timers stand still: nothing is sent again, asked for or given up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from rtc_widget.peer.process import connection, negotiation
from tests.support.relays import Client
from tests.support.room_members import Member
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    import pytest

    from tests.support.relays import RunningRelay

# Instead of 4, 10 and 15 s: what a pause of a minute has to outlast.
SHORT, LONGER = 0.2, 2.0


async def teacher(relay: RunningRelay) -> Client:
    client = Client()
    await client.connect(relay.url, relay.token(role="teacher"))
    await client.say("watch_room")
    return client


async def held(watching: Client) -> list[str]:
    """Return the kinds of what is held."""
    said: dict[str, Any] = await watching.call("watch_room", {"roomId": "demo"})
    return [each["kind"] for each in said["control"]["held"]]


async def test_a_pause_of_any_length_changes_nothing_of_what_is_held(
    relay: RunningRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(negotiation, "seconds", lambda _name: SHORT)
    monkeypatch.setattr(connection, "CONNECT_SECONDS", SHORT)
    watching = await teacher(relay)
    await watching.say("control_room", action="pause")
    ada = Member(relay, "Ada")
    await wait_for(lambda: ada.room.id, 30, "Ada in the room")
    bob = Member(relay, "Bob")
    await ada.other()
    await bob.other()
    await wait_for(lambda: held(watching), 30, "a held message")
    before = await held(watching)
    made = ada.connection, bob.connection

    # A sleep, because that nothing happens cannot be waited for.
    await asyncio.sleep(LONGER)

    assert await held(watching) == before == ["offer"]
    assert (ada.connection, bob.connection) == made
    monkeypatch.undo()
    await watching.say("control_room", action="resume")
    for member in (ada, bob):
        await wait_for(lambda member=member: member.connection.connected, 20, "the connection")
    await asyncio.gather(ada.close(), bob.close())
    await watching.disconnect()


async def test_who_joins_or_is_there_is_told_of_a_pause_and_of_its_end(relay: RunningRelay) -> None:
    watching, there = await teacher(relay), Client()
    await there.connect(relay.url, relay.token())
    await there.join()
    assert there.joined["paused"] is False

    await watching.say("control_room", action="pause")
    await there.hears("paused", on=True)
    late = Client()
    await late.connect(relay.url, relay.token())
    await late.join()
    assert late.joined["paused"] is True

    # A teacher who vanishes pauses nothing any more.
    await watching.disconnect()
    for client in (there, late):
        await client.hears("paused", on=False)
        await client.disconnect()
