"""Timers by key."""

from __future__ import annotations

import asyncio

from rtc_widget.runtime.timers import KeyedTimers


async def test_what_is_set_happens_once_and_is_forgotten() -> None:
    timers, done = KeyedTimers(), asyncio.Event()

    async def act() -> None:
        done.set()

    timers.set("key", 0.0, act)
    assert "key" in timers
    assert len(timers) == 1

    async with asyncio.timeout(10):
        await done.wait()
    assert "key" not in timers


async def test_setting_a_key_again_replaces_what_it_stood_for() -> None:
    timers, ran, last = KeyedTimers(), [], asyncio.Event()

    async def act(number: int) -> None:
        ran.append(number)
        last.set()

    timers.set("key", 0.0, lambda: act(1))
    timers.set("key", 0.0, lambda: act(2))
    async with asyncio.timeout(10):
        await last.wait()

    assert ran == [2]


async def test_keys_do_not_disturb_each_other() -> None:
    timers, ran, both = KeyedTimers(), set(), asyncio.Event()

    async def act(key: object) -> None:
        ran.add(key)
        if len(ran) == 2:
            both.set()

    for key in (("away", "ada"), ("kernel", "ada")):
        timers.set(key, 0.0, lambda key=key: act(key))
    async with asyncio.timeout(10):
        await both.wait()

    assert ran == {("away", "ada"), ("kernel", "ada")}


async def test_what_was_cancelled_does_not_happen_and_an_unknown_key_is_none_to_cancel() -> None:
    timers, ran = KeyedTimers(), []

    async def act() -> None:
        ran.append(1)

    timers.set("key", 0.0, act)
    timers.cancel("key")
    timers.cancel("another")
    await asyncio.sleep(0.001)

    assert ran == []


async def test_closing_ends_what_is_to_come_and_what_has_begun() -> None:
    timers, began, ended = KeyedTimers(), asyncio.Event(), []

    async def act() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(1)

    timers.set("later", 1_000.0, act)
    timers.set("now", 0.0, act)
    async with asyncio.timeout(10):
        await began.wait()
    await timers.close()

    assert ended == [1]
    assert len(timers) == 0
