"""Whatever descriptions and candidates a participant sends to a browser, its calls with others go on."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.pages import enter, holds, plays, tiles
from tests.support.relays import Client
from tests.support.sdp_grammar import candidates, descriptions

if TYPE_CHECKING:
    import pytest

    from tests.support.browser_fixtures import NewWindow
    from tests.support.relays import RunningRelay
    from tests.support.widget_page import Host, HostPage

# `make soak` asks for more, of new seeds.
BATCHES = max(10, int(os.environ.get("MESSAGES", "0")) // 200)
MESSAGES = st.one_of(
    st.tuples(st.sampled_from(["offer", "answer"]), descriptions()),
    st.tuples(st.just("candidate"), candidates()),
)


async def attack(
    page: HostPage, relay: RunningRelay, room: str, messages: list[tuple[str, Any]], outcomes: Counter[str]
) -> None:
    """Join a page's room, send it what was drawn, and leave."""
    stranger = Client(room)
    await stranger.connect(relay.url, relay.token(room))
    await stranger.join(caps={"rollback": True})
    [ada] = [each["socketId"] for each in stranger.joined["participants"] if each["name"] == "Ada"]
    for kind, content in messages:
        event = "ice_candidate" if kind == "candidate" else kind
        said = content if kind == "candidate" else {"type": kind, "sdp": content}
        ack = await stranger.call(event, {"roomId": room, "to": ada, kind: said})
        outcomes["ok" if ack["ok"] else ack["error"]["code"]] += 1
    await plays(page, "Bob", 2)
    await stranger.say("leave_room")
    await stranger.disconnect()


async def test_a_browsers_call_goes_on_whatever_a_stranger_describes(
    host: Host,
    new_window: NewWindow,
    relay: RunningRelay,
    room: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ada = await enter(host, await new_window(), relay, room, "Ada")
    await enter(host, await new_window(), relay, room, "Bob")
    await tiles(ada, "Ada (you), microphone off", "Bob, microphone off, connected")
    await plays(ada, "Bob")
    loop, outcomes = asyncio.get_running_loop(), Counter[str]()

    @settings(
        derandomize="MESSAGES" not in os.environ,
        database=None,
        deadline=None,
        max_examples=BATCHES,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(st.lists(MESSAGES, min_size=1, max_size=10))
    def send(messages: list[tuple[str, Any]]) -> None:
        asyncio.run_coroutine_threadsafe(attack(ada, relay, room, messages, outcomes), loop).result(60)

    # Hypothesis calls plain functions.
    await asyncio.to_thread(send)

    await tiles(ada, "Ada (you), microphone off", "Bob, microphone off, connected")
    await plays(ada, "Bob")
    await holds(ada, "probe.open() === 1")
    with capsys.disabled():
        print(f"\nfuzz: {outcomes.total()} descriptions and candidates survived: {dict(outcomes)}")
    assert outcomes["ok"] > outcomes.total() / 2
