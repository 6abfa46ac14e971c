"""A relay in this process and a recording client, for tests over real sockets."""

from __future__ import annotations

from typing import Any, Self

import aiohttp
import socketio
from aiohttp import web

from rtc_widget.relay.app import RelayServer
from rtc_widget.relay.tokens import entry_token
from tests.support.waiting import wait_for

SECRET = "a secret of the tests"
ORIGIN = "http://notebooks.example.org"

OFFER = {"type": "offer", "sdp": "v=0\r\n"}
ANSWER = {"type": "answer", "sdp": "v=0\r\n"}
CANDIDATE = {
    "candidate": "candidate:1 1 udp 2122260223 127.0.0.1 50000 typ host",
    "sdpMid": "0",
    "sdpMLineIndex": 0,
    "usernameFragment": "abcd",
}


class RunningRelay:
    """A `RelayServer` behind a real socket."""

    def __init__(self, server: RelayServer, runner: web.AppRunner) -> None:
        self.server = server
        self._runner = runner
        self.port: int = runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}"

    @classmethod
    async def start(cls, port: int = 0, **options: Any) -> Self:
        """Serve on 127.0.0.1; ``options`` go to `RelayServer`."""
        options = {"allow_origin": lambda origin, _: origin in (None, ORIGIN), **options}
        server = RelayServer(SECRET, **options)
        runner = web.AppRunner(server.app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
        return cls(server, runner)

    async def stop(self) -> None:
        """Stop serving; everybody is disconnected."""
        await self._runner.cleanup()

    def token(self, room: str = "demo", **options: Any) -> str:
        """Make an entry token."""
        return entry_token(SECRET, room, **options)


class Client:
    """A Socket.IO client that keeps what it hears, in order."""

    def __init__(self, room: str = "demo") -> None:
        self.room = room
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.refusal: Any = None
        self.joined: dict[str, Any] = {}
        self._http: aiohttp.ClientSession | None = None

    async def _hear(self, event: str, payload: dict[str, Any]) -> None:
        self.heard.append((event, payload))

    async def _refused(self, refusal: Any) -> None:
        self.refusal = refusal

    async def connect(
        self,
        url: str,
        token: object,
        *,
        owner: str | None = None,
        query: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        """Connect by WebSocket, as every participant does."""
        # The library forgets to close a session of its own when a connection is refused.
        self._http = aiohttp.ClientSession()
        self._sio = socketio.AsyncClient(reconnection=False, http_session=self._http)
        self._sio.on("*", self._hear)
        self._sio.on("connect_error", self._refused)
        auth = {"token": token} | ({"owner": owner} if owner else {})
        await self._sio.connect(
            f"{url}{query}", auth=auth, headers=headers or {}, transports=["websocket"], wait_timeout=30
        )

    async def connect_code(self, url: str, token: object, **options: Any) -> str:
        """Try to connect, and return the code with which the relay refuses."""
        try:
            await self.connect(url, token, **options)
        except socketio.exceptions.ConnectionError:
            # The error says only "one or more namespaces failed"; why comes in an event of its own.
            await wait_for(lambda: self.refusal is not None, 30, "the reason of the refusal")
            return str(self.refusal["data"]["code"])
        finally:
            await self.disconnect()
        return "connected"

    @property
    def connected(self) -> bool:
        """Whether the relay keeps this connection."""
        return bool(self._sio.connected)

    async def disconnect(self) -> None:
        """Close the connection, as ending the program would; doing it twice is fine."""
        if self._http is not None:
            await self._sio.disconnect()
            await self._http.close()

    async def vanish(self) -> None:
        """Cut the connection without a word, as a killed browser does."""
        self._sio.eio.ws._response.connection.transport.abort()
        await wait_for(lambda: not self.connected, 30, "the cut connection's end")

    async def call(self, event: str, *args: Any) -> dict[str, Any]:
        """Send an event and return the relay's acknowledgement."""
        data: Any = tuple(args) if len(args) > 1 else (args[0] if args else None)
        ack: dict[str, Any] = await self._sio.call(event, data, timeout=20)
        return ack

    async def emit(self, event: str, payload: Any) -> None:
        """Send an event without asking for an acknowledgement."""
        await self._sio.emit(event, payload)

    async def say(self, event: str, **fields: Any) -> dict[str, Any]:
        """Send an event to this client's room and expect it to be accepted."""
        ack = await self.call(event, {"roomId": self.room, **fields})
        assert ack["ok"], ack
        return ack

    async def code(self, event: str, payload: Any = None, /, **fields: Any) -> str:
        """Send an event and return the code with which it was refused, or "ok"."""
        ack = await self.call(event, {"roomId": self.room, **fields} if payload is None else payload)
        if ack["ok"]:
            return "ok"
        assert ack["error"]["message"]
        return str(ack["error"]["code"])

    async def join(self, **said: Any) -> dict[str, Any]:
        """Join the room."""
        self.joined = await self.say("join_room", **said)
        return self.joined

    @property
    def id(self) -> str:
        """This participant's id."""
        return str(self.joined["socketId"])

    async def hears(self, event: str, timeout: float = 30, **fields: Any) -> dict[str, Any]:
        """Wait until this event with these fields has been heard; return its payload."""

        def found() -> list[dict[str, Any]]:
            return [
                payload
                for name, payload in self.heard
                if name == event and all(payload.get(key) == value for key, value in fields.items())
            ]

        return (await wait_for(found, timeout, f"{event} {fields} among {self.names()}"))[0]

    def names(self) -> list[str]:
        """Names of all events heard so far."""
        return [name for name, _ in self.heard]

    async def caught_up(self) -> list[str]:
        """Return the names of all events that the relay had sent to this client when this was called.

        An acknowledgement comes over the same socket after them, so nothing needs to be waited for by time.
        """
        await self.call("watch_room")
        return self.names()

    def forget(self) -> None:
        """Forget what has been heard."""
        self.heard.clear()
