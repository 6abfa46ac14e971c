"""Calls over the networks of a test: a relay and a TURN server in the middle, a participant in each home."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Literal, Protocol

from aiohttp import web

from rtc_widget.relay.app import RelayServer
from tests.support.coturn import SECRET as TURN_SECRET
from tests.support.coturn import Coturn
from tests.support.networks import INTERNET, Home, Networks, Router
from tests.support.relays import SECRET
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

HOLD_SECONDS = 2.0
"""For so long pictures have to go on coming, for a call to be back."""
_GAP_SECONDS = 1.0

Servers = Literal["none", "stun", "turn"]


class Member(Protocol):
    """A participant in a home."""

    name: str

    async def frames(self) -> dict[str, int]:
        """Return how many pictures have come, by sender."""

    async def pair(self, other: str) -> dict[str, str] | None:
        """Return the kinds of the candidates in use."""

    async def is_connected(self) -> bool:
        """Tell whether it says that it is connected."""

    async def close(self) -> None:
        """Leave."""


class Way:
    """Leads from a home to a socket in the file system."""

    def __init__(self, networks: Networks, home: Home, path: str) -> None:
        command = [sys.executable, "-m", "tests.support.forwarder", path]
        self._process = networks.start(home, command, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}"

    def close(self) -> None:
        """Close it."""
        self._process.kill()
        self._process.communicate()


class PeerMember:
    """A `Peer` in a process in a home."""

    def __init__(self, networks: Networks, home: Home, name: str, options: dict[str, Any]) -> None:
        self.name = name
        self._way = Way(networks, home, options["relay"])
        options = {**options, "name": name, "relay": self._way.url}
        self._process = networks.start(
            home,
            [sys.executable, "-m", "tests.support.network_peer", json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def _ask(self) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    async def status(self) -> dict[str, Any]:
        """Return all that it says of itself."""
        return await asyncio.wait_for(asyncio.to_thread(self._ask), 20)

    async def frames(self) -> dict[str, int]:
        people = (await self.status())["people"]
        return {name: each["frames"] for name, each in people.items()}

    async def pair(self, other: str) -> dict[str, str] | None:
        found: dict[str, str] | None = (await self.status())["people"][other]["pair"]
        return found

    async def is_connected(self) -> bool:
        people = (await self.status())["people"]
        return any(each["state"] == "connected" for each in people.values())

    async def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(self._process.wait, 10)
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._way.close()


class Call:
    """Participants, each in a home of its own, and what is in the middle."""

    def __init__(self, networks: Networks, members: Sequence[Member]) -> None:
        self.networks, self.members = networks, members

    @property
    def home(self) -> Home:
        """The first one's, on whose line faults are made."""
        return self.networks.homes[0]

    async def _watched(self) -> list[int]:
        counts = await asyncio.gather(*(each.frames() for each in self.members))
        return [
            found.get(other.name, 0)
            for member, found in zip(self.members, counts, strict=True)
            for other in self.members
            if other is not member
        ]

    async def comes_back(self, most: float) -> float:
        """Wait until pictures come at all ends and go on coming; return after how many seconds they did."""
        began = time.monotonic()
        counts = await self._watched()
        grown = [0.0] * len(counts)
        since: list[float | None] = [None] * len(counts)
        while True:
            await asyncio.sleep(0.1)
            now = time.monotonic() - began
            latest = await self._watched()
            for i, (before, after) in enumerate(zip(counts, latest, strict=True)):
                if now - grown[i] > _GAP_SECONDS:
                    since[i] = None
                if after > before:
                    grown[i] = now
                    since[i] = now if since[i] is None else since[i]
            counts = latest
            if all(each is not None and now - each > HOLD_SECONDS for each in since):
                return max(each for each in since if each is not None)
            if now > most + HOLD_SECONDS:
                message = f"no call after {most:g} s: {counts}, {since}"
                raise TimeoutError(message)

    async def stops(self, most: float = 30) -> None:
        """Wait until no picture comes at an end."""
        before = await self._watched()
        last = time.monotonic()
        until = last + most
        while time.monotonic() - last < _GAP_SECONDS:
            await asyncio.sleep(0.1)
            now = await self._watched()
            if all(new > old for new, old in zip(now, before, strict=True)):
                before, last = now, time.monotonic()
            assert time.monotonic() < until, "pictures go on coming"

    async def is_given_up(self, most: float) -> float:
        """Wait until nobody says to be connected; return after how many seconds that was."""
        began = time.monotonic()

        async def given_up() -> bool:
            pairs = [await member.is_connected() for member in self.members]
            return not any(pairs)

        await wait_for(given_up, most, "everybody to see that there is no connection")
        return time.monotonic() - began

    async def kinds(self) -> set[str]:
        """Return the kinds of the candidates in use, of either end."""
        found = [
            await member.pair(other.name)
            for member in self.members
            for other in self.members
            if other is not member
        ]
        return {pair[end] for pair in found if pair for end in ("local", "remote")}


@contextlib.asynccontextmanager
async def middle(
    folder: Path,
    *routers: Router,
    servers: Servers = "none",
    transports: Sequence[str] = ("udp",),
    delay: str = "",
) -> AsyncIterator[tuple[Networks, dict[str, Any]]]:
    """Make networks with a relay and, where that is wanted, a TURN server in the middle; yield how they are used."""
    async with contextlib.AsyncExitStack() as outside:
        networks = outside.enter_context(Networks(*routers, delay=delay))
        path = str(folder / "relay")
        runner = web.AppRunner(RelayServer(SECRET, allow_origin=lambda *_: True).app, access_log=None)
        await runner.setup()
        outside.push_async_callback(runner.cleanup)
        await web.UnixSite(runner, path).start()
        options: dict[str, Any] = {
            "room": "networks",
            "relay": path,
            "secret": SECRET,
            "ice_servers": [],
            "turn": [],
            "turn_secret": TURN_SECRET,
        }
        if servers != "none":
            coturn = Coturn(folder, host=INTERNET, prefix=networks.internet.prefix)
            outside.callback(coturn.stop)
            await asyncio.to_thread(coturn.wait)
            if servers == "stun":
                options["ice_servers"] = [{"urls": [f"stun:{INTERNET}:{coturn.port}"]}]
            else:
                options["turn"] = [coturn.url(each) for each in transports]
        yield networks, options


@contextlib.asynccontextmanager
async def peers(folder: Path, *routers: Router, **terms: Any) -> AsyncIterator[Call]:
    """Put two Peers into a call, each in a home of its own."""
    async with middle(folder, *routers, **terms) as (networks, options):
        members = [
            PeerMember(networks, home, name, options)
            for home, name in zip(networks.homes, ("Ada", "Bob"), strict=True)
        ]
        try:
            await wait_for(lambda: all_see(members), 60, "both in the room")
            yield Call(networks, members)
        finally:
            await asyncio.gather(*(member.close() for member in members))


async def all_see(members: Sequence[Member]) -> bool:
    """Tell whether everybody knows of somebody."""
    return all([await member.frames() for member in members])
