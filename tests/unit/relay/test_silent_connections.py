"""Connections that are opened and then say nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from rtc_widget.relay import silent_connections
from rtc_widget.relay.silent_connections import SilentConnections
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Connection:
    """One connection of a server."""

    def __init__(self, *, is_closed: bool = False) -> None:
        self.aborted = 0
        self.transport = None if is_closed else SimpleNamespace(abort=self._abort)

    def _abort(self) -> None:
        self.aborted += 1


class Watched:
    """A server's connections, and a clock that the test moves."""

    def __init__(self) -> None:
        self.now, self.looks = 100.0, 0
        self.connections: list[Connection] = []
        self.silent = SilentConnections()

    def monotonic(self) -> float:
        self.looks += 1
        return self.now

    async def look(self) -> None:
        """Wait for one whole look."""
        before = self.looks
        await wait_for(lambda: self.looks > before + 1, 10)

    async def asks(self, connection: Connection) -> Any:
        """Let a connection make a request."""

        async def handler(_request: object) -> str:
            return "an answer"

        return await self.silent.hear(cast("Any", SimpleNamespace(protocol=connection)), cast("Any", handler))


@pytest.fixture
async def watched(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watched]:
    made = Watched()
    monkeypatch.setattr(silent_connections, "_LOOK_SECONDS", 0.001)
    monkeypatch.setattr(silent_connections, "time", SimpleNamespace(monotonic=made.monotonic))
    made.silent.watch(cast("Any", made))
    yield made
    await made.silent.close()


async def test_who_says_nothing_is_ended_after_ten_seconds_and_not_before(watched: Watched) -> None:
    silent = Connection()
    watched.connections = [silent]
    await watched.look()
    watched.now += 10.0
    await watched.look()
    assert silent.aborted == 0

    watched.now += 0.1
    await wait_for(lambda: silent.aborted, 10)


async def test_who_has_made_a_request_is_left_alone(watched: Watched) -> None:
    heard, silent = Connection(), Connection()
    watched.connections = [heard, silent]
    await watched.look()

    assert await watched.asks(heard) == "an answer"
    watched.now += 60.0
    await wait_for(lambda: silent.aborted, 10)

    assert heard.aborted == 0


async def test_each_is_counted_from_its_own_beginning(watched: Watched) -> None:
    first, second = Connection(), Connection()
    watched.connections = [first]
    await watched.look()
    watched.now += 9.0
    watched.connections = [first, second]
    await watched.look()

    watched.now += 2.0
    await wait_for(lambda: first.aborted, 10)

    assert second.aborted == 0


async def test_of_those_that_are_gone_nothing_is_kept(watched: Watched) -> None:
    heard, silent = Connection(), Connection()
    watched.connections = [heard, silent]
    await watched.asks(heard)
    await watched.look()

    watched.connections = []
    await watched.look()

    assert not watched.silent._heard
    assert not watched.silent._since


async def test_one_that_is_just_closing_is_passed_over(watched: Watched) -> None:
    closing, silent = Connection(is_closed=True), Connection()
    watched.connections = [closing, silent]
    await watched.look()

    watched.now += 60.0

    await wait_for(lambda: silent.aborted > 1, 10)


async def test_after_the_end_nobody_is_ended(watched: Watched) -> None:
    await watched.silent.close()
    looks = watched.looks

    await SilentConnections().close()

    assert watched.looks == looks
    assert watched.silent._watching is not None
    assert watched.silent._watching.done()
