"""What plain aiortc gets wrong between two Python peers, and that this package does not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.support.peer_sides import Message, Plain, connected, sees
from tests.support.room_members import Member

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.relays import RunningRelay

    Pair = tuple[Plain, Plain] | tuple[Member, Member]


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
