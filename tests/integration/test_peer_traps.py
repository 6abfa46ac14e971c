"""What plain aiortc gets wrong between two Python peers, and that this package does not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from rtc_widget.peer.process.room import PeerRoom
from rtc_widget.protocol.owner_key import new_owner_key
from tests.support.peer_sides import Message, Plain, connected, no_events, publish, sees
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.relays import RunningRelay

    Pair = tuple[Plain, Plain] | tuple["Member", "Member"]


class Member:
    """One of this package's peers in a room for two."""

    patience = 6.0

    def __init__(self, relay: RunningRelay, name: str) -> None:
        async def find() -> tuple[str, str]:
            return relay.url, relay.token()

        self.room = PeerRoom("demo", name, new_owner_key(), resolve=find, ice_servers=[], events=no_events())
        self.tasks = [asyncio.create_task(publish(self.room.video)), asyncio.create_task(self.room.run())]

    async def other(self) -> str:
        """Return who else is here."""
        return (await wait_for(lambda: self.room.participants, self.patience, "the other one"))[0]

    @property
    def count(self) -> int:
        """How many pictures have come."""
        incoming = self.room.incoming(self.room.participants[0])
        return incoming.video.number if incoming is not None else 0

    async def close(self) -> None:
        self.tasks[0].cancel()
        self.room.leave()
        await asyncio.gather(*self.tasks, return_exceptions=True)


@pytest.fixture
async def pair(implementation: str, relay: RunningRelay) -> AsyncIterator[Pair]:
    """Two who want to be seen by each other and begin at the same moment."""
    if implementation == "ours":
        members = Member(relay, "Ada"), Member(relay, "Bob")
        yield members
        await asyncio.gather(*(member.close() for member in members))
        return
    wires: list[list[Message]] = [[], []]
    sides = Plain(wires[0].append), Plain(wires[1].append)
    for side in sides:
        await side.sends()
        await side.offer()
    for side, said in zip(sides, reversed(wires), strict=True):
        for message in list(said):
            # Its rollback was accepted: the connection is not what it says any more.
            with pytest.raises(Exception, match="have-local-offer"):
                await side.hear(message)
    yield sides
    for side in sides:
        await side.close()


@pytest.mark.parametrize(
    "implementation",
    [
        pytest.param(
            "plain",
            marks=pytest.mark.xfail(
                raises=TimeoutError, strict=True, reason="neither can take its own offer back"
            ),
        ),
        "ours",
    ],
)
async def test_two_who_begin_at_the_same_moment_see_each_other(pair: Pair) -> None:
    if isinstance(pair[0], Plain):
        await connected(pair[0])
    else:
        for member in pair:
            await member.other()
    for side in pair:
        await sees(side)
