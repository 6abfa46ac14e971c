"""A connection on which nothing comes any more: whether the other side is still there."""

from __future__ import annotations

import asyncio

import pytest

from rtc_widget.peer.process.liveness import Liveness


@pytest.mark.parametrize(
    ("bitrates", "answer", "told"),
    [
        ((900, 0, 0, 0), False, ["silent", "asked", "dead"]),
        # Somebody with nothing to send.
        ((900, 0, 0, 0, 0, 0, 0), True, ["silent", "asked", "silent", "asked"]),
        ((900, 0, 0, 900, 0, 0), False, []),
    ],
)
async def test_whoever_is_silent_is_asked_and_is_dead_without_an_answer(
    bitrates: tuple[int, ...], answer: bool, told: list[str]
) -> None:
    happened: list[str] = []

    async def ask() -> bool:
        happened.append("asked")
        return answer

    liveness = Liveness(
        ask, on_silent=lambda: happened.append("silent"), on_dead=lambda: happened.append("dead")
    )
    for bitrate in bitrates:
        await liveness.measured(bitrate)

    assert happened == told


async def test_what_comes_while_it_is_asked_is_a_sign_of_life() -> None:
    dead: list[bool] = []
    asked, over = asyncio.Event(), asyncio.Event()

    async def ask() -> bool:
        asked.set()
        await over.wait()
        return False

    liveness = Liveness(ask, on_silent=lambda: None, on_dead=lambda: dead.append(True))
    for _ in range(2):
        await liveness.measured(0)
    looking = asyncio.create_task(liveness.measured(0))
    await asked.wait()
    await liveness.measured(900)
    over.set()
    await looking

    assert not dead
