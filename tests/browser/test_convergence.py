"""Whatever happens in a room, in whatever order: afterwards everybody sees everybody."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from rtc_widget.protocol.limits import seconds
from tests.support.convergence.machine import Call, Loop

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.support.convergence.world import World

SCHEDULES = int(os.environ.get("SCHEDULES", "10"))


# A relay that is killed here, in the test's own process, while it accepts a connection leaves that to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_everybody_sees_everybody_after_any_schedule() -> None:
    Call.loop = Loop()
    try:
        run_state_machine_as_test(
            Call,
            settings=settings(
                max_examples=SCHEDULES,
                stateful_step_count=12 if SCHEDULES > 10 else 8,
                deadline=None,
                derandomize="SCHEDULES" not in os.environ,
                database=None,
                print_blob=True,
                phases=[Phase.generate] if "NOSHRINK" in os.environ else [Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        Call.loop.close()


def settles(story: Callable[[World], Coroutine[Any, Any, None]], times: int = 1) -> None:
    """Assert that after a story everybody sees everybody, and that nothing is left of them when they have left."""
    loop = Loop()
    try:
        for _again in range(times):
            loop.run(loop.world.begin())
            loop.run(story(loop.world))
            problems = loop.run(loop.world.settle())
            assert [*problems, *loop.run(loop.world.end())] == []
    finally:
        loop.close()


async def overtaken(world: World) -> None:
    """An answer of before Ada's page was loaded again, and a copy of the offer to it, arrive after that."""
    await world.join_page("Ada")
    world.delay(0.4)
    await world.join_page("Bob")
    world.delay(0.1)
    await world.reload("Ada")
    await world.turn("Ada", "video", on=False)
    await asyncio.sleep(0.2)
    await world.join_peer("Mel")
    await world.reload("Ada")
    world.double(6)
    await world.reload("Ada")


async def belated(world: World) -> None:
    """Bob answers twice, slowly, and meanwhile Ada's page is loaded again."""
    await world.join_peer("Nia")
    await world.join_page("Ada")
    await world.join_page("Bob")
    world.delay(0.1)
    await world.lose_path("Ada")
    await asyncio.sleep(0.05)
    await world.join_page("Cleo")
    await asyncio.sleep(0.2)
    world.delay(0.0)
    await world.reload("Ada")


@pytest.mark.parametrize("story", [overtaken, belated])
def test_what_is_for_an_earlier_life_of_a_page_is_not_taken_for_the_next_ones(
    story: Callable[[World], Coroutine[Any, Any, None]],
) -> None:
    settles(story, times=5)


@pytest.mark.parametrize("first", ["page", "peer"])
def test_a_screen_that_is_shared_while_the_first_offers_cross_is_seen(first: str) -> None:
    async def story(world: World) -> None:
        enter = {"page": lambda: world.join_page("Cleo"), "peer": lambda: world.join_peer("Nia")}
        await enter.pop(first)()
        # Longer than the second to come waits for the first one's offer: then both have made one.
        world.delay(6.0)
        await next(iter(enter.values()))()
        await asyncio.sleep(seconds("offer_patience") + 0.5)
        await world.turn("Cleo", "screen", on=True)
        world.delay(0.0)

    settles(story)


# Whose path is lost, and when, counted from when Ada shares her screen and with that offers; a message takes 0.3 s.
LOST = {
    "before the offer is through": ("Ada", 0.1),
    "while the answer comes": ("Bob", 0.45),
    "right after it": ("Bob", 0.7),
}


@pytest.mark.parametrize("moment", LOST)
def test_a_path_that_is_lost_in_a_negotiation_costs_nothing_that_is_added_meanwhile(moment: str) -> None:
    who, after = LOST[moment]

    async def story(world: World) -> None:
        await world.join_page("Ada")
        await world.join_page("Bob")
        assert await world.settle() == []
        world.delay(0.3)
        await world.turn("Ada", "screen", on=True)
        await asyncio.sleep(after)
        await world.lose_path(who)
        await world.turn("Bob", "screen", on=True)
        await world.turn("Ada", "video", on=False)
        world.delay(0.0)

    settles(story)


def test_who_comes_and_leaves_while_the_others_have_no_path_is_seen_by_nobody() -> None:
    async def story(world: World) -> None:
        await world.join_peer("Nia")
        await world.join_page("Ada")
        await asyncio.gather(world.lose_path("Nia"), world.lose_path("Ada"))
        await world.join_page("Bob")
        await world.leave("Bob")

    # They are back within a tenth of a second, before or after he has left.
    settles(story, times=4)
