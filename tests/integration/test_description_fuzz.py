"""Whatever descriptions and candidates a participant sends to a Peer, the Peer's calls with others go on."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from collections import Counter
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.relays import Client, RunningRelay
from tests.support.room_members import Member
from tests.support.sdp_grammar import candidates, descriptions
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    import pytest

# `make soak` asks for more, of new seeds.
BATCHES = max(15, int(os.environ.get("MESSAGES", "0")) // 200)


class Call:
    """Ada and Bob, who see each other, and strangers who join, send Ada what is drawn, and leave."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()

    async def open(self) -> None:
        self.relay = await RunningRelay.start()
        self.ada, self.bob = Member(self.relay, "Ada"), Member(self.relay, "Bob")
        await self.goes_on()
        self.tasks = len(asyncio.all_tasks())

    async def close(self) -> None:
        await asyncio.gather(self.ada.close(), self.bob.close())
        await self.relay.stop()

    async def goes_on(self) -> None:
        """Wait for new pictures of each at the other."""
        for member in (self.ada, self.bob):
            await member.other()
            before = member.count
            await wait_for(lambda member=member, before=before: member.count > before + 2, 30, "pictures")

    async def attack(self, messages: list[tuple[str, Any]]) -> None:
        stranger = Client()
        await stranger.connect(self.relay.url, self.relay.token())
        await stranger.join(caps={"rollback": True})
        for event, content in messages:
            field = "candidate" if event == "ice_candidate" else event
            payload = {"roomId": "demo", "to": self.ada.room.id, field: content}
            async with asyncio.timeout(10):
                ack = await stranger.call(event, payload)
            self.outcomes["ok" if ack["ok"] else ack["error"]["code"]] += 1
        await self.goes_on()
        await stranger.say("leave_room")
        await stranger.disconnect()

    async def is_as_before(self) -> None:
        """Wait until nothing runs any more that began with a stranger."""
        await wait_for(lambda: len(asyncio.all_tasks()) <= self.tasks + 1, 20, "the strangers' tasks to end")


def of(kind: str) -> st.SearchStrategy[tuple[str, Any]]:
    return st.builds(lambda sdp: (kind, {"type": kind, "sdp": sdp}), descriptions())


MESSAGES = st.one_of(
    of("offer"), of("offer"), of("answer"), st.tuples(st.just("ice_candidate"), candidates())
)


def test_a_peers_call_goes_on_whatever_a_stranger_describes(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    call = Call()
    with asyncio.Runner() as runner:
        runner.run(call.open())

        @settings(
            derandomize="MESSAGES" not in os.environ,
            database=None,
            deadline=None,
            max_examples=BATCHES,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        )
        @given(st.lists(MESSAGES, min_size=1, max_size=8))
        def send(messages: list[tuple[str, Any]]) -> None:
            runner.run(call.attack(messages))

        send()
        runner.run(call.is_as_before())
        runner.run(call.close())
    gc.collect()
    with capsys.disabled():
        print(f"\nfuzz: {call.outcomes.total()} descriptions and candidates survived: {dict(call.outcomes)}")
    # Most reach the Peer; and what it cannot use is no surprise to it.
    assert call.outcomes["ok"] > call.outcomes.total() / 2
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
