"""A relay's parts without its server: what would be sent is kept, and time passes only where a test lets it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from rtc_widget.errors import ProtocolError
from rtc_widget.relay.clients import Client
from rtc_widget.relay.handlers import Handlers
from rtc_widget.relay.intercept.interceptor import Interceptor
from rtc_widget.relay.recording_router import RecordingRouter
from rtc_widget.relay.room_service import RoomService
from rtc_widget.relay.roster import Member, Rooms
from rtc_widget.relay.token_ledger import TokenLedger
from rtc_widget.relay.waiting_rooms import WaitingRooms
from rtc_widget.runtime.timers import KeyedTimers

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Hashable, Iterable

SECRET = "a secret of the tests"


class HandTimers(KeyedTimers):
    """Timers that come due when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: dict[Hashable, tuple[float, Callable[[], Coroutine[Any, Any, Any]]]] = {}

    def set(self, key: Hashable, after: float, act: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Remember what is to happen."""
        self.waiting[key] = (after, act)

    def cancel(self, key: Hashable) -> None:
        """Forget it."""
        self.waiting.pop(key, None)

    async def fire(self, key: Hashable) -> None:
        """Let it happen."""
        _after, act = self.waiting.pop(key)
        await act()


class RelayParts:
    """Everything of a relay but its sockets."""

    def __init__(self, capacity: int = 16, ice_servers: Iterable[dict[str, Any]] = ()) -> None:
        self.sent: list[tuple[frozenset[str], str, dict[str, Any]]] = []
        self.disconnected: list[str] = []
        self.rooms = Rooms(capacity)
        self.clients: dict[str, Client] = {}
        self.timers = HandTimers()
        # What the interceptor delays is over in a moment.
        self.real_timers = KeyedTimers()
        self.interceptor = Interceptor(self.emit, self.disconnect, self.real_timers)
        self.service = RoomService(
            self.rooms,
            self.clients,
            emit=self.emit,
            disconnect=self.disconnect,
            interceptor=self.interceptor,
            timers=self.timers,
        )
        self.recordings = RecordingRouter(self.emit, self.timers)
        self.ledger = TokenLedger()
        self.waiting = WaitingRooms(
            SECRET, self.rooms, self.clients, emit=self.emit, timers=self.timers, ledger=self.ledger
        )
        self.handlers = Handlers(
            SECRET,
            lambda: list(ice_servers),
            clients=self.clients,
            rooms=self.rooms,
            service=self.service,
            interceptor=self.interceptor,
            recordings=self.recordings,
            ledger=self.ledger,
            waiting=self.waiting,
            emit=self.emit,
        )

    async def emit(self, to: Iterable[str], event: str, payload: dict[str, Any]) -> None:
        """Keep what would be sent. As with a real socket, others get a turn meanwhile."""
        await asyncio.sleep(0)
        self.sent.append((frozenset(to), event, payload))

    async def disconnect(self, sid: str) -> None:
        """Keep who would be disconnected."""
        self.disconnected.append(sid)

    def client(self, sid: str, *, owner: str | None = None, **claims: Any) -> Client:
        """Connect a client with a student's token for the room "demo", unless its claims are others."""
        said = {"room": "demo", "role": "student", "exp": 2e9, **claims}
        self.clients[sid] = Client(sid, said, owner)
        return self.clients[sid]

    async def say(self, client: Client, event: str, **fields: Any) -> dict[str, Any]:
        """Let a client send an event, to the room "demo" unless it says another."""
        payload = fields if event == "clock" else {"roomId": "demo", **fields}
        answer = await self.handlers.receive(event, client.sid, payload)
        if not answer.pop("ok"):
            raise ProtocolError(**answer["error"])
        return answer

    async def join(self, sid: str, *, owner: str | None = None, **said: Any) -> Client:
        """Connect a client and let it join."""
        client = self.client(sid, owner=owner)
        await self.say(client, "join_room", name=sid.title(), **said)
        return client

    async def watch(self, sid: str, *, owner: str | None = None, role: str = "teacher") -> Client:
        """Connect a teacher's observer."""
        client = self.client(sid, owner=owner, role=role)
        await self.say(client, "watch_room", trace=role == "teacher")
        return client

    def member(self, client: Client) -> Member:
        """Return whom a client speaks for."""
        assert client.member is not None
        return client.member

    def told(self, sid: str, event: str | None = None) -> list[dict[str, Any]]:
        """Return what somebody was sent, of one event or all."""
        return [payload for to, name, payload in self.sent if sid in to and event in (None, name)]

    def names(self, sid: str) -> list[str]:
        """Return the names of the events that somebody was sent."""
        return [name for to, name, _payload in self.sent if sid in to]

    async def end(self) -> None:
        """End what waits."""
        await self.real_timers.close()
