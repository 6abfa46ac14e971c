"""The kernel's checks: all of them, whatever happens in one."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from rtc_widget.preflight import kernel_checks
from rtc_widget.preflight.finding import Finding

GOOD = Finding("Quick", "good", "Fine.")


def _raise(error: Exception) -> Any:
    raise error


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    async def relay(*_given: object) -> list[Finding]:
        return [Finding("Relay", "good", ""), Finding("Clock", "good", "")]

    async def stun(url: str, *_access: str) -> list[Finding]:
        return [Finding(url, "good", "")]

    monkeypatch.setattr(kernel_checks, "_QUICK", (("Quick", lambda: GOOD),))
    monkeypatch.setattr(kernel_checks, "_relay", relay)
    monkeypatch.setattr(kernel_checks, "_stun", stun)


async def checks() -> list[tuple[str, str]]:
    found = await kernel_checks.examine(None, [{"urls": ["stun:a", "stun:b"]}], "room")
    return [(finding.check, finding.state) for finding in found]


async def test_findings_come_in_their_order() -> None:
    assert await checks() == [(name, "good") for name in ("Quick", "Relay", "Clock", "stun:a", "stun:b")]


async def test_a_check_that_fails_costs_no_other_and_tells_no_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = ("Broken", lambda: _raise(ValueError("192.0.2.7")))
    monkeypatch.setattr(kernel_checks, "_QUICK", (broken, ("Quick", lambda: GOOD)))

    async def fail(*_given: str) -> list[Finding]:
        raise OSError("192.0.2.7")

    monkeypatch.setattr(kernel_checks, "_stun", fail)

    found = await kernel_checks.examine(None, [{"urls": "stun:a"}], "room")

    assert [(finding.check, finding.state) for finding in found] == [
        *(("Broken", "not checked"), ("Quick", "good"), ("Relay", "good"), ("Clock", "good")),
        ("stun:a", "not checked"),
    ]
    assert found[0].text == "The check itself failed (ValueError)."
    assert "192.0.2.7" not in str(found)


async def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async def lacking(*_given: object) -> list[Finding]:
        raise ModuleNotFoundError("No module named 'aiohttp'", name="aiohttp")

    monkeypatch.setattr(kernel_checks, "_relay", lacking)

    found = await kernel_checks.examine(None, [], "room")

    assert (found[-1].state, found[-1].text) == ("problem", "aiohttp is not installed.")


async def test_a_check_that_hangs_ends_and_the_others_are_not_waited_for_in_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kernel_checks, "SECONDS", 0.01)
    hanging: list[asyncio.Task[Any] | None] = []

    async def hang(*_given: object) -> list[Finding]:
        hanging.append(asyncio.current_task())
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(kernel_checks, "_relay", hang)
    monkeypatch.setattr(kernel_checks, "_stun", hang)

    async with asyncio.timeout(10):
        found = await checks()

    assert found == [("Quick", "good"), ("Relay", "problem"), ("stun:a", "problem"), ("stun:b", "problem")]
    assert len(hanging) == 3
