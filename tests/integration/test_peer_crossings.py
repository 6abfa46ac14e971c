"""Two Python peers whose offers cross, or whose messages meet a connection that is replaced."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.peer.process.connection import CONNECT_SECONDS
from tests.support.relays import Client
from tests.support.room_members import Member
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.relays import RunningRelay

    Pair = tuple[Member, Member]


async def connect(members: Pair) -> None:
    """Wait until both see each other."""
    for member in members:
        await member.other()
        await wait_for(lambda member=member: member.connection.connected, 20, "the connection")
        await sees(member)


async def sees(member: Member) -> None:
    """Wait until new pictures have come."""
    before = member.count
    await wait_for(lambda: member.count > before + 3, 20, "pictures")


@pytest.fixture
async def members(relay: RunningRelay) -> AsyncIterator[Pair]:
    """Ada, who was there first, and Bob."""
    ada = Member(relay, "Ada")
    await wait_for(lambda: ada.room.id, 30, "Ada in the room")
    bob = Member(relay, "Bob")
    yield ada, bob
    await asyncio.gather(ada.close(), bob.close())


async def test_first_offers_that_cross_are_settled(
    relay: RunningRelay, members: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = members
    interceptor = relay.server._interceptor
    forward, crossed = interceptor.forward, asyncio.Event()
    offers: list[str] = []

    async def cross(room: Any, sender: Any, receivers: Any, event: str, content: Any) -> Any:
        if event == "offer" and not crossed.is_set():
            offers.append(sender.name)
            if offers == ["Ada"]:
                # Bob, who would only answer, is asked for an offer of his own as well.
                [other] = receivers
                await relay.server._emit(
                    [other.sid], "request_offer", {"roomId": room.name, "from": sender.id}
                )
            else:
                crossed.set()
        if event == "offer":
            asyncio.get_running_loop().create_task(later(room, sender, receivers, event, content))
            return None
        return await forward(room, sender, receivers, event, content)

    async def later(*message: Any) -> None:
        await crossed.wait()
        await forward(*message)

    monkeypatch.setattr(interceptor, "forward", cross)
    await connect((ada, bob))

    assert set(offers) == {"Ada", "Bob"}


async def test_offers_that_cross_in_a_call_are_settled(members: Pair) -> None:
    ada, bob = members
    await connect(members)
    before = ada.connection, bob.connection

    for member in members:
        member.connection.renegotiate()
    await wait_for(
        lambda: ada.connection is not before[0] and bob.connection is not before[1], 10, "new ones"
    )
    await connect(members)

    assert [str(member.connection.pc.signalingState) for member in members] == ["stable", "stable"]


async def begin(member: Member, how: str, relay: RunningRelay) -> None:
    """Let a side begin a negotiation, or a search for another way, which takes aiortc another connection."""
    other = await member.other()
    match how:
        case "offers":
            member.connection.renegotiate()
        case "restarts":
            sids = [each.sid for each in relay.server._rooms.get("demo").members.values() if each.id != other]
            await relay.server._emit(sids, "request_offer", {"roomId": "demo", "from": other})
        case _:
            member.connection._break()


@pytest.mark.parametrize("comes_first", ["Ada", "Bob"])
@pytest.mark.parametrize(
    ("ada_does", "bob_does"),
    [
        ("restarts", "restarts"),
        ("fails", "fails"),
        ("offers", "restarts"),
        ("restarts", "offers"),
        ("offers", "fails"),
        ("fails", "offers"),
    ],
)
async def test_restarts_that_cross_another_or_an_offer_are_settled(
    relay: RunningRelay,
    members: Pair,
    monkeypatch: pytest.MonkeyPatch,
    ada_does: str,
    bob_does: str,
    comes_first: str,
) -> None:
    await connect(members)
    before = [member.connection for member in members]
    forward, held = relay.server._interceptor.forward, {}

    async def hold(room: Any, sender: Any, receivers: Any, event: str, content: Any) -> Any:
        if event in ("offer", "request_offer") and sender.name not in held and len(held) < 2:
            held[sender.name] = room, sender, receivers, event, content
            return None
        return await forward(room, sender, receivers, event, content)

    monkeypatch.setattr(relay.server._interceptor, "forward", hold)
    for member, how in zip(members, (ada_does, bob_does), strict=True):
        await begin(member, how, relay)
    await wait_for(lambda: len(held) == 2, 20, "what crosses")
    for name in sorted(held, reverse=comes_first == "Bob"):
        await forward(*held[name])

    # Whatever one side has replaced, the other has to replace as well, and not only once connecting has taken too long.
    async with asyncio.timeout(CONNECT_SECONDS - 5):
        for member, old in zip(members, before, strict=True):
            await wait_for(lambda member=member, old=old: member.connection is not old, 20, "another one")
        await connect(members)
        for member in members:
            await wait_for(
                lambda member=member: str(member.connection.pc.signalingState) == "stable", 20, "rest"
            )


async def test_a_fault_that_lets_offers_cross_again_and_again_keeps_nobody_apart(relay: RunningRelay) -> None:
    teacher, ada = Client(), Member(relay, "Ada")
    await wait_for(lambda: ada.room.id, 30, "Ada in the room")
    await teacher.connect(relay.url, relay.token(role="teacher"))
    await teacher.say("watch_room")
    await teacher.say(
        "control_room", action="fault", options={"fault": "glare", "sender": "Ada", "to": "Bob"}
    )
    bob = Member(relay, "Bob")

    room: Any = relay.server._rooms.get("demo")
    [fault] = room.rules._faults

    try:
        await connect((ada, bob))
        # An offer of who was there first, and one of who was not; the other's begins while it is on its way.
        for member in (ada, bob):
            # One offer passes where it follows soon.
            await wait_for(lambda: time.monotonic() > fault._truce[1], 30, "the end of the truce")
            before = fault.done
            assert before >= 2
            member.connection.renegotiate()
            await wait_for(lambda before=before: fault.done >= before + 2, 30, "offers that cross")
            await connect((ada, bob))
            for each in (ada, bob):
                await wait_for(
                    lambda each=each: str(each.connection.pc.signalingState) == "stable", 30, "rest"
                )
    finally:
        await asyncio.gather(ada.close(), bob.close(), teacher.disconnect())


async def test_messages_that_are_sent_before_a_connection_is_replaced_arrive_in_order(members: Pair) -> None:
    ada, bob = members
    await ada.other()
    bob_id = await ada.other()
    sending = [asyncio.create_task(ada.room.send(f"to one {n}", bob_id, 20)) for n in range(10)]
    for n in range(10):
        await ada.room.send(f"to all {n}", None, 20)
    # As when it failed: the one that is there then takes what waits.
    ada.room._remotes[bob_id]._replace(first=True)
    await asyncio.gather(*sending)
    await connect(members)
    await wait_for(lambda: len(bob.heard) == 20, 30, "all messages")

    assert [each for each in bob.heard if "one" in str(each)] == [f"to one {n}" for n in range(10)]
    assert [each for each in bob.heard if "all" in str(each)] == [f"to all {n}" for n in range(10)]


async def test_messages_during_offers_that_cross_all_arrive_in_order(members: Pair) -> None:
    await connect(members)
    sent: list[str] = []

    async def send() -> None:
        sent.append(str(len(sent)))
        await asyncio.gather(
            *(member.room.send(sent[-1], member.room.participants[0], 20) for member in members)
        )

    for _ in range(3):
        before = [member.connection for member in members]
        for member in members:
            member.connection.renegotiate()
        # Some go over the old connections, some wait for the new ones.
        async with asyncio.timeout(20):
            while any(member.connection in before for member in members):
                await send()
        await send()
        await connect(members)
    await wait_for(lambda: all(len(member.heard) >= len(sent) for member in members), 20, "all messages")

    for member in members:
        assert [str(each) for each in member.heard] == sent


async def test_an_answer_that_is_lost_although_the_path_holds_is_asked_for_again(
    relay: RunningRelay, members: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    await connect(members)
    ada, _bob = members
    forward, dropped = relay.server._interceptor.forward, []

    async def lose_one(room: Any, sender: Any, receivers: Any, event: str, content: Any) -> Any:
        if event == "answer" and not dropped:
            dropped.append(event)
            return None
        return await forward(room, sender, receivers, event, content)

    monkeypatch.setattr(relay.server._interceptor, "forward", lose_one)
    monkeypatch.setattr("rtc_widget.peer.process.negotiation.seconds", lambda _name: 0.5)
    before = ada.connection
    before.renegotiate()
    await wait_for(lambda: dropped, 30, "the lost answer")
    await wait_for(lambda: str(before.pc.signalingState) == "stable", 30, "the second answer")

    assert ada.connection is before
    await sees(ada)
