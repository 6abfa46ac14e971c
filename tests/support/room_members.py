"""This package's peers in a room for two, on the test's own event loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from rtc_widget.ice.ice_servers import IceServers
from rtc_widget.peer.process.room import PeerRoom
from rtc_widget.protocol.owner_key import new_owner_key
from tests.support.peer_sides import no_events, publish
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from rtc_widget.peer.process.connection import Connection
    from tests.support.relays import RunningRelay


class Member:
    """One of them, who sends pictures.

    Attributes
    ----------
    heard
        The messages that have come.
    """

    patience = 6.0

    def __init__(self, relay: RunningRelay, name: str) -> None:
        async def find() -> tuple[str, str]:
            return relay.url, relay.token()

        self.heard: list[str | bytes] = []
        events = no_events(on_message=lambda _sender, data: self.heard.append(data))
        self.room = PeerRoom(
            "demo", name, new_owner_key(), resolve=find, ice_servers=IceServers(), events=events
        )
        self.tasks = [asyncio.create_task(publish(self.room.video)), asyncio.create_task(self.room.run())]

    async def other(self) -> str:
        """Return who else is here."""
        return (await wait_for(lambda: self.room.participants, self.patience, "the other one"))[0]

    @property
    def connection(self) -> Connection:
        """The present connection to the other one."""
        connection = self.room.remote(self.room.participants[0]).connection
        assert connection is not None
        return connection

    @property
    def count(self) -> int:
        """How many pictures have come."""
        incoming = self.room.incoming(self.room.participants[0])
        return incoming.video.number if incoming is not None else 0

    async def close(self) -> None:
        """Leave."""
        self.tasks[0].cancel()
        self.room.leave()
        await asyncio.gather(*self.tasks, return_exceptions=True)
