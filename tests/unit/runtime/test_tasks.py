"""Tasks that are held until they end."""

from __future__ import annotations

import asyncio
import gc

from rtc_widget.runtime.tasks import TaskSet


async def test_a_task_that_nobody_else_holds_runs_to_its_end() -> None:
    tasks, ended = TaskSet(), asyncio.Event()

    async def run() -> None:
        await asyncio.sleep(0)
        ended.set()

    tasks.spawn(run())
    gc.collect()

    async with asyncio.timeout(10):
        await ended.wait()


async def test_waiting_ends_when_all_tasks_have_those_that_fail_too() -> None:
    tasks, ran = TaskSet(), []

    async def run(number: int) -> None:
        await asyncio.sleep(0)
        ran.append(number)
        if number == 1:
            raise ValueError(number)

    for number in range(3):
        tasks.spawn(run(number))
    await tasks.wait()

    assert ran == [0, 1, 2]


async def test_closing_cancels_what_runs_and_waits_until_it_has_ended() -> None:
    tasks, ended = TaskSet(), []

    async def run() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append(1)

    task = tasks.spawn(run())
    await asyncio.sleep(0)
    await tasks.close()

    assert ended == [1]
    assert task.cancelled()


async def test_a_task_may_close_the_set_that_it_is_in() -> None:
    tasks = TaskSet()

    async def close() -> str:
        await tasks.close()
        return "closed"

    async with asyncio.timeout(10):
        assert await tasks.spawn(close()) == "closed"
