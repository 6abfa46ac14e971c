"""Clients of a relay's engine without a connection: what would come over it is said, what would go over it is kept."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from engineio import packet
from engineio.async_socket import AsyncSocket

if TYPE_CHECKING:
    from rtc_widget.relay.engine import Engine


class Wire:
    """One session of Engine.IO."""

    def __init__(self, engine: Engine, name: str = "e1", query: str = "") -> None:
        self.engine, self.name = engine, name
        self.aborted = 0
        transport = SimpleNamespace(abort=self._abort, get_extra_info=lambda _what: ("127.0.0.1", 50_001))
        self.environ: dict[str, Any] = {
            "QUERY_STRING": query,
            "aiohttp.request": SimpleNamespace(
                transport=transport, remote="127.0.0.1", query=dict(parse_qsl(query))
            ),
        }
        self.session: Any = AsyncSocket(engine.eio, name)
        engine.eio.sockets[name] = self.session

    def _abort(self) -> None:
        self.aborted += 1

    async def open(self) -> Wire:
        """Begin the session."""
        await self.engine.eio._trigger_event("connect", self.name, self.environ, run_async=False)
        return self

    async def say(self, text: str | bytes) -> None:
        """Let a message come."""
        await self.session.receive(packet.Packet(packet.MESSAGE, text))

    def hear(self) -> list[str]:
        """Take out the messages that would go."""
        heard = []
        while not self.session.queue.empty():
            sent = self.session.queue.get_nowait()
            if sent is not None and sent.packet_type == packet.MESSAGE:
                heard.append(sent.data)
        return heard

    async def connect(self, auth: Any = None, namespace: str = "") -> Any:
        """Become a client, and return what is answered."""
        await self.say(f"0{namespace}{json.dumps(auth)}")
        [answer] = self.hear()
        return json.loads(answer.lstrip("04").removeprefix(namespace))

    async def request(self, event: str, *payload: Any, namespace: str = "") -> dict[str, Any]:
        """Send an event, and return its acknowledgement."""
        await self.say(f"2{namespace}7{json.dumps([event, *payload])}")
        return acknowledged(self.hear()[-1].replace(namespace, "", 1))

    async def close(self, reason: str = "transport close") -> None:
        """End the session, as a socket that is closed does."""
        await self.session.close(wait=False, abort=True, reason=reason)
        self.engine.eio.sockets.pop(self.name, None)


def acknowledged(text: str) -> dict[str, Any]:
    """Return what an acknowledgement says."""
    assert text.startswith("37"), text
    answer: dict[str, Any] = json.loads(text[2:])[0]
    return answer
