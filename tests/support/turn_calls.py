"""Calls for which nothing is left but a TURN server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from tests.support.pages import beat, invitation, open_page, phase
from tests.support.relays import Client

if TYPE_CHECKING:
    from tests.support.chromium import Window
    from tests.support.relays import RunningRelay
    from tests.support.widget_page import Host, HostPage


class Teacher(Client):
    """Watches a room, in which no other way than by a TURN server is left."""

    @classmethod
    async def watching(cls, relay: RunningRelay, room: str) -> Self:
        """Return one who is in the room."""
        client = cls(room)
        await client.connect(relay.url, relay.token(room, role="teacher"))
        await client.say("watch_room", trace=True)
        options = {"fault": "no_candidates", "types": "host srflx prflx"}
        await client.say("control_room", action="fault", options=options)
        return client

    def pairs(self) -> set[tuple[str, str, str]]:
        """Return who has met whom, with the kind of the local candidate."""
        return {
            (payload["from"], entry["peer"], entry["local"])
            for name, payload in self.heard
            if name == "report"
            for entry in payload["entries"]
            if entry["type"] == "pair"
        }


async def enter(
    host: Host, window: Window, relay: RunningRelay, room: str, name: str, servers: list[dict[str, Any]]
) -> HostPage:
    """Show a widget that has these servers, and let it join."""
    page = await open_page(host, window, room, name, resolution=[320, 180])
    await beat(page, relay, room, invitation=invitation(relay, room, name), iceServers=servers)
    await phase(page, "joined")
    return page
