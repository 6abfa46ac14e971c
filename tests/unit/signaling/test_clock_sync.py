"""How far this process's clock is from the relay's."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from rtc_widget.errors import ProtocolError
from rtc_widget.signaling import clock_sync
from rtc_widget.signaling.clock_sync import Offset, keep_time, measure_offset
from tests.support.fakes import FakeClient
from tests.support.waiting import wait_for


class ClockClient(FakeClient):
    """A relay whose clock is ahead, and which takes its time to say so."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, *, ahead: float, there: list[float], back: list[float]
    ) -> None:
        super().__init__()
        self._now, self._ahead = 1_000.0, ahead
        self._ways = iter(zip(there, back, strict=True))
        monkeypatch.setattr(clock_sync, "now", lambda: self._now)

    async def request(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        there, back = next(self._ways)
        self._now += there
        answer = {"ok": True, "time": self._now + self._ahead}
        self._now += back
        return answer


async def test_the_quickest_answer_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    client = ClockClient(
        monkeypatch, ahead=5_000.0, there=[50.0, 1.0, 9.0, 80.0, 3.0], back=[10.0, 1.0, 90.0, 2.0, 60.0]
    )

    assert await measure_offset(client.as_client) == Offset(5_000.0, 1.0)


async def test_the_error_covers_a_way_that_is_not_the_same_there_and_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = ClockClient(monkeypatch, ahead=-70.0, there=[20.0] * 5, back=[4.0] * 5)

    measured = await measure_offset(client.as_client)

    assert abs(measured.offset - -70.0) <= measured.error == 12.0


async def test_the_clock_is_compared_again_and_again_while_the_client_is_connected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clock_sync, "_FIRST_SECONDS", 0.001)
    monkeypatch.setattr(clock_sync, "_EVERY_SECONDS", 0.001)
    client, told = FakeClient({"clock": {"ok": True, "time": 0.0}}), []
    keeping = asyncio.create_task(keep_time(client.as_client, told.append))

    await wait_for(lambda: len(told) >= 3, 10)
    client.gone.set()

    async with asyncio.timeout(10):
        await keeping


async def test_a_question_that_fails_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_sync, "_FIRST_SECONDS", 0.001)
    monkeypatch.setattr(clock_sync, "_EVERY_SECONDS", 0.001)
    client, told = FakeClient({"clock": ProtocolError("timeout", "No answer.")}), []
    keeping = asyncio.create_task(keep_time(client.as_client, told.append))
    await wait_for(lambda: len(client.sent) >= 2, 10)
    assert told == []

    client.answers["clock"] = {"ok": True, "time": 0.0}

    await wait_for(lambda: told, 10)
    client.gone.set()
    await keeping


async def test_a_relay_without_a_clock_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_sync, "_FIRST_SECONDS", 0.001)
    client = FakeClient({"clock": ProtocolError("unknown_event", "What?")})

    async with asyncio.timeout(10):
        await keep_time(client.as_client, lambda _offset: None)

    assert len(client.sent) == 1
