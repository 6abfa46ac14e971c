"""The two threads: who starts and ends them, and in which order what is posted runs."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.runtime import threads
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def acquired(no_leaks: None) -> Iterator[threads.Threads]:
    yield threads.acquire()
    threads.release()


def test_all_users_share_two_threads_and_the_last_ends_them(no_leaks: None) -> None:
    first, second = threads.acquire(), threads.acquire()

    threads.release()
    ran = threading.Event()
    first.post(ran.set)

    assert first is second
    assert ran.wait(10)
    threads.release()
    assert first.loop.is_closed()


def test_whoever_comes_after_the_end_gets_new_threads(no_leaks: None) -> None:
    first = threads.acquire()
    threads.release()

    second = threads.acquire()

    assert second is not first
    assert not second.loop.is_closed()
    threads.release()


def test_jobs_run_in_the_order_in_which_they_were_posted(acquired: threads.Threads) -> None:
    ran: list[int] = []
    for number in range(100):
        acquired.post(lambda number=number: ran.append(number))

    wait_until(lambda: len(ran) == 100, 10)

    assert ran == list(range(100))


def test_a_job_that_raises_is_shown_and_those_after_it_run(
    acquired: threads.Threads, capfd: pytest.CaptureFixture[str]
) -> None:
    ran = threading.Event()
    acquired.post(lambda: 1 // 0)
    acquired.post(ran.set)

    assert ran.wait(10)

    assert "ZeroDivisionError" in capfd.readouterr().err


def test_a_job_knows_that_it_must_not_wait(acquired: threads.Threads) -> None:
    told: list[bool] = []
    acquired.post(lambda: told.append(acquired.on_observer_thread()))

    wait_until(lambda: told, 10)

    assert told == [True]
    assert not acquired.on_observer_thread()


def test_a_coroutine_runs_on_the_rtc_thread(acquired: threads.Threads) -> None:
    async def where() -> str:
        return threading.current_thread().name

    assert acquired.spawn(where()).result(10) == "rtc_widget-rtc"


def test_the_end_comes_after_what_was_posted_before_it(no_leaks: None) -> None:
    ran: list[str] = []
    acquired = threads.acquire()
    acquired.post(lambda: ran.append("posted"))

    threads.release()

    assert ran == ["posted"]


def test_what_is_posted_before_the_end_may_still_spawn(no_leaks: None) -> None:
    used = threads.acquire()
    begun = threading.Event()
    spawned: list[Any] = []

    async def work() -> None:
        begun.set()

    def job() -> None:
        time.sleep(0.05)  # until the end is being waited for
        spawned.append(used.spawn(work()))
        spawned[0].result(5)

    used.post(job)
    threads.release()

    assert begun.is_set()


def test_what_still_runs_on_the_rtc_thread_is_cancelled_at_its_end(no_leaks: None) -> None:
    ended: list[str] = []
    began = threading.Event()

    async def wait_for_ever() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    acquired = threads.acquire()
    acquired.spawn(wait_for_ever())
    assert began.wait(10)
    threads.release()

    assert ended == ["cancelled"]


def test_a_job_may_end_the_threads_itself(no_leaks: None) -> None:
    acquired = threads.acquire()

    acquired.post(threads.release)

    wait_until(acquired.loop.is_closed, 10)
