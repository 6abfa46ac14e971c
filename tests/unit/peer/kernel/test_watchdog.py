"""Noticing that something does not answer, and that it does again."""

from __future__ import annotations

import concurrent.futures
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.errors import RtcWidgetError
from rtc_widget.peer.kernel import watchdog
from rtc_widget.peer.kernel.watchdog import Watchdog
from tests.support.fakes import done
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

FAILED = RtcWidgetError("peer_failed", "It has ended.")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, no_leaks: None) -> None:
    monkeypatch.setattr(watchdog, "_EVERY_SECONDS", 0.005)
    monkeypatch.setattr(watchdog, "_PATIENCE_SECONDS", 0.02)


class Watched:
    """Something that is asked, and what its watchdog tells."""

    def __init__(self, ask: Callable[[], concurrent.futures.Future[Any]]) -> None:
        self.ask = ask
        self.asked = 0
        self.told: list[bool] = []
        self.watchdog = Watchdog(self._ask, self.told.append)

    def _ask(self) -> concurrent.futures.Future[Any]:
        self.asked += 1
        return self.ask()

    def asked_again(self, times: int = 3) -> None:
        """Wait until it was asked so often once more."""
        before = self.asked
        wait_until(lambda: self.asked > before + times, 10)


def test_as_long_as_answers_come_nothing_is_told() -> None:
    watched = Watched(done)
    watched.asked_again()
    watched.watchdog.stop()

    assert watched.told == []


@pytest.mark.parametrize("answer", [concurrent.futures.Future, lambda: done(FAILED)], ids=["none", "refusal"])
def test_each_answer_that_does_not_come_is_told_and_the_first_that_comes_again(
    answer: Callable[[], concurrent.futures.Future[Any]],
) -> None:
    watched = Watched(answer)
    wait_until(lambda: len(watched.told) > 1, 10)
    watched.ask = done
    wait_until(lambda: watched.told[-1], 10)
    watched.asked_again()
    watched.watchdog.stop()

    assert watched.told.count(True) == 1
    assert watched.told[-1]


def test_after_it_was_stopped_nothing_is_asked_or_told() -> None:
    watched = Watched(done)
    watched.asked_again()
    watched.watchdog.stop()
    asked = watched.asked

    control = Watched(done)
    control.asked_again()
    control.watchdog.stop()

    assert watched.asked == asked


def test_an_answer_that_is_missing_when_it_is_stopped_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting: list[concurrent.futures.Future[Any]] = []
    monkeypatch.setattr(watchdog, "_PATIENCE_SECONDS", 10.0)

    def ask() -> concurrent.futures.Future[Any]:
        waiting.append(concurrent.futures.Future())
        return waiting[-1]

    watched = Watched(ask)
    wait_until(lambda: waiting, 10)
    stopping = threading.Thread(target=watched.watchdog.stop)
    stopping.start()
    wait_until(watched.watchdog._over.is_set, 10)
    waiting[0].set_exception(FAILED)
    stopping.join(10)

    assert watched.told == []


def test_who_is_told_may_stop_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "_PATIENCE_SECONDS", 0.01)
    made: list[Watchdog] = []
    took: list[float] = []

    def stop(_now: bool) -> None:
        wait_until(lambda: made, 10)
        monkeypatch.setattr(watchdog, "_PATIENCE_SECONDS", 600.0)
        began = time.monotonic()
        made[0].stop()
        took.append(time.monotonic() - began)

    made.append(Watchdog(concurrent.futures.Future, stop))
    wait_until(lambda: took, 10)

    assert took[0] < 60
