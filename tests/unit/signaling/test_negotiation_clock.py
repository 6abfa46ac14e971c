"""The time of negotiations: its pauses do not count."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from rtc_widget.signaling.negotiation_clock import NegotiationClock


class Loop:
    """Timers that come due when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[Timer] = []

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, act: Any) -> Timer:
        self.timers.append(Timer(self.now + seconds, act))
        return self.timers[-1]

    def advance(self, seconds: float) -> None:
        self.now += seconds
        for timer in [each for each in self.timers if each.due <= self.now]:
            self.timers.remove(timer)
            if not timer.cancelled:
                timer.act()


class Timer:
    def __init__(self, due: float, act: Any) -> None:
        self.due, self.act, self.cancelled = due, act, False

    def when(self) -> float:
        return self.due

    def cancel(self) -> None:
        self.cancelled = True


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Loop:
    made = Loop()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: made)
    return made


def test_it_stands_still_during_a_pause_and_goes_on_with_what_was_left(loop: Loop) -> None:
    clock, happened = NegotiationClock(), []
    clock.later(4, lambda: happened.append("act"))
    loop.advance(3)
    clock.set_paused(True)
    loop.advance(60)
    clock.set_paused(False)
    loop.advance(0.9)
    assert happened == []

    loop.advance(0.2)

    assert happened == ["act"]


def test_nothing_begins_before_a_pause_ends(loop: Loop) -> None:
    clock, happened = NegotiationClock(), []
    clock.set_paused(True)
    clock.later(0.1, lambda: happened.append("act"))
    loop.advance(60)
    assert happened == []

    clock.set_paused(False)
    loop.advance(0.2)

    assert happened == ["act"]


def test_what_waits_for_running_happens_at_once_or_when_the_pause_ends(loop: Loop) -> None:
    clock, happened = NegotiationClock(), []
    assert clock.when_running(lambda: happened.append("at once")) is None
    clock.set_paused(True)
    assert clock.when_running(lambda: happened.append("after the pause")) is not None
    assert happened == ["at once"]

    clock.set_paused(False)
    loop.advance(0)

    assert happened == ["at once", "after the pause"]


def test_what_is_cancelled_is_forgotten_running_or_not(loop: Loop) -> None:
    clock, happened = NegotiationClock(), []
    clock.later(0.1, lambda: happened.append("running")).cancel()
    clock.set_paused(True)
    stopped = clock.later(0.1, lambda: happened.append("stopped"))
    stopped.cancel()
    stopped.cancel()
    clock.set_paused(False)

    loop.advance(60)

    assert happened == []
