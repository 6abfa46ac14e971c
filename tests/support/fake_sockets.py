"""Sockets that send nothing: what would be sent is kept, and what comes is what the test says."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from rtc_widget.ice.stun_message import Address
    from rtc_widget.teaching.routers.datagrams import Datagrams


class FakeSocket:
    """One socket."""

    def __init__(self, address: Address, receive: Callable[[bytes, Address], None]) -> None:
        self.address, self.receive = address, receive
        self.sent: list[tuple[bytes, Address]] = []
        self.is_closed = False

    def send(self, data: bytes, to: Address) -> None:
        """Keep what would be sent."""
        self.sent.append((data, to))

    def close(self) -> None:
        """Close it."""
        self.is_closed = True


class FakeSockets:
    """Opens sockets one after the other, when the test lets it."""

    def __init__(self) -> None:
        self.opened: list[FakeSocket] = []
        self.asked = 0
        self.failure: OSError | None = None
        self.may_open = asyncio.Event()
        self.may_open.set()

    async def open(self, host: str, receive: Callable[[bytes, Address], None]) -> Datagrams:
        """Open one, as `Datagrams.open`."""
        self.asked += 1
        await self.may_open.wait()
        if self.failure is not None:
            raise self.failure
        self.opened.append(FakeSocket((host, 40_000 + len(self.opened)), receive))
        return cast("Any", self.opened[-1])
