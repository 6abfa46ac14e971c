"""People who wait to be let in, at a real relay, and a widget that lets them in or does not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from rtc_widget import Relay, RoomWidget
from rtc_widget.errors import InvalidArgumentError
from tests.support.relays import SECRET, Client, RunningRelay
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

LINK = {"watch": False, "wait": True}


async def test_a_widget_is_told_who_waits_lets_in_or_declines_and_is_told_again_by_the_next_relay(
    relay: RunningRelay, connect: Callable[..., Awaitable[Client]]
) -> None:
    link = relay.token(max_uses=5, **LINK)
    bob, eve, carol = [await connect(token=link) for _ in range(3)]
    place = (await bob.say("knock", name="Bob"))["resume"]
    widget = await asyncio.to_thread(RoomWidget, "demo", name="Ada", relay=Relay(relay.url, secret=SECRET))
    stopped, again = False, relay
    try:

        async def waiting(*names: str) -> None:
            await wait_for(lambda: [each.name for each in widget.waiting] == [*names], 30, f"{names} waiting")

        await waiting("Bob")
        eves = (await eve.say("knock", name="Eve"))["resume"]
        carols = (await carol.say("knock", name="Carol"))["resume"]
        await waiting("Bob", "Eve", "Carol")
        with pytest.raises(InvalidArgumentError, match="Did you mean 'Carol'"):
            await asyncio.to_thread(widget.admit, "Carl")

        # Eve's page is loaded anew, and is where it was.
        await eve.vanish()
        eve = await connect(token=eves)
        assert (await eve.say("knock", name="Eve", resume=eves))["waiting"]

        await asyncio.to_thread(widget.admit, "Bob")
        resume = (await bob.hears("admitted"))["resume"]
        await bob.join(name="Bob", resume=resume)
        await wait_for(lambda: "Bob" in widget.participants, 30, "Bob in the room")
        await waiting("Eve", "Carol")
        assert await bob.code("knock", name="Bob", resume=place) == "already_joined"

        await asyncio.to_thread(widget.decline, "Eve")
        await eve.hears("removed", code="not_admitted")
        await waiting("Carol")

        # Bob comes back without asking.
        await bob.vanish()
        back = await connect(token=bob.joined["resume"])
        await back.join(name="Bob", resume=bob.joined["resume"])
        assert back.id == bob.id
        # All the while, who waited has heard of nothing.
        assert await carol.caught_up() == []

        await relay.stop()
        stopped = True
        again = await RunningRelay.start(relay.port)
        await waiting()
        late = Client("demo")
        try:
            await late.connect(again.url, carols)
            assert (await late.say("knock", name="Carol", resume=carols))["waiting"]
            await waiting("Carol")
            await asyncio.to_thread(widget.admit)
            await late.join(name="Carol", resume=(await late.hears("admitted"))["resume"])
            await wait_for(lambda: "Carol" in widget.participants, 30, "Carol in the room")
        finally:
            await late.disconnect()
    finally:
        await asyncio.to_thread(widget.close)
        if stopped:
            await again.stop()
