"""Waiting for a condition: from a thread and from a coroutine."""

from __future__ import annotations

import asyncio
import threading

import pytest

from rtc_widget.errors import RtcWidgetError
from rtc_widget.runtime.waiters import Waiters


class Light:
    """Something that may come true."""

    is_on = False


def test_a_wait_ends_when_what_is_waited_for_has_come() -> None:
    light = Light()
    waiters = Waiters(light)
    future = waiters.add(lambda light: light.is_on)
    waiters.notify()
    assert not future.done()

    light.is_on = True
    thread = threading.Thread(target=waiters.notify)
    thread.start()

    assert waiters.wait(future, 10)
    thread.join()


def test_a_wait_that_is_in_vain_says_so_and_is_forgotten() -> None:
    waiters = Waiters(Light())
    asked: list[int] = []
    future = waiters.add(lambda _light: asked.append(1))

    assert not waiters.wait(future, 0.0)

    waiters.notify()
    assert asked == []


def test_what_a_predicate_raises_is_raised_where_it_is_waited_for() -> None:
    waiters = Waiters(Light())
    future = waiters.add(lambda light: light.nonsense)

    waiters.notify()

    with pytest.raises(AttributeError, match="nonsense"):
        waiters.wait(future, 1)


def test_an_end_fails_those_that_are_not_true_and_no_others() -> None:
    waiters = Waiters(Light())
    true, false = waiters.add(lambda _light: True), waiters.add(lambda _light: False)

    waiters.notify(RtcWidgetError("closed", "It is over."))

    assert waiters.wait(true, 1)
    with pytest.raises(RtcWidgetError, match="It is over"):
        waiters.wait(false, 1)


def test_several_wakes_settle_a_wait_once() -> None:
    waiters = Waiters(Light())
    future = waiters.add(lambda _light: True)

    waiters.notify()
    waiters.notify(RtcWidgetError("closed", "It is over."))

    assert waiters.wait(future, 1)


async def test_a_coroutine_waits_without_its_loop_standing_still() -> None:
    light = Light()
    waiters = Waiters(light)
    future = waiters.add(lambda light: light.is_on)

    def switch() -> None:
        light.is_on = True
        waiters.notify()

    asyncio.get_running_loop().call_soon(switch)

    assert await waiters.wait_async(future, 10)


async def test_a_coroutine_that_waits_in_vain_is_told_so() -> None:
    waiters = Waiters(Light())
    asked: list[int] = []

    assert not await waiters.wait_async(waiters.add(lambda _light: asked.append(1)), 0.001)

    waiters.notify()
    assert asked == []
