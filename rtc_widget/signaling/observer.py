"""Observes one room for everything in this kernel that needs it, over one connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import ProtocolError, RtcWidgetError
from ..runtime.tasks import TaskSet
from .client import RelayClient
from .reconnecting_connection import ReconnectingConnection, Resolve

Event = tuple[str, dict[str, Any]]


@dataclass(frozen=True, eq=False)
class ObserverListener:
    """The callbacks of an observer. All are called on the RTC loop and must return at once.

    Attributes
    ----------
    on_snapshot : callable
        Takes the acknowledgement of ``watch_room``, at the beginning and after each reconnection.
    on_event : callable
        Takes each event's name and payload.
    on_lost : callable
        The connection was lost, and will be made again.
    on_failed : callable
        Takes the error of an attempt to connect; one that `errors.is_fatal` names is the last.
    """

    on_snapshot: Callable[[dict[str, Any]], None]
    on_event: Callable[[str, dict[str, Any]], None] = lambda _event, _payload: None
    on_lost: Callable[[], None] = lambda: None
    on_failed: Callable[[RtcWidgetError], None] = lambda _error: None


class Observer:
    """An observer connection to one room, open while it has listeners. Used on the RTC loop.

    Parameters
    ----------
    room : str
        The room to observe.
    owner_key : str
        The widget's secret key: when this connection ends with the kernel, the relay removes the widget's
        participants from the room.
    resolve : callable
        Coroutine function that returns (url, token), and finds or starts the relay if necessary.
    """

    def __init__(self, room: str, owner_key: str, resolve: Resolve) -> None:
        self._room, self._owner_key, self._resolve = room, owner_key, resolve
        self._listeners: list[ObserverListener] = []
        # Listeners that wait for a snapshot of their own, with the events that arrived meanwhile.
        self._early: dict[ObserverListener, list[Event]] = {}
        self._connection: ReconnectingConnection | None = None
        self._running: asyncio.Task[None] | None = None
        self._joining = TaskSet()

    @property
    def connected(self) -> bool:
        """Whether the room is being observed now."""
        return self._connection is not None and self._connection.connected

    def add(self, listener: ObserverListener) -> None:
        """Add a listener, which gets a snapshot first. The first listener opens the connection.

        Parameters
        ----------
        listener : ObserverListener
            The listener.
        """
        if self.connected:
            self._early[listener] = []
            self._joining.spawn(self._join_late(listener))
            return
        self._listeners.append(listener)
        if self._running is None or self._running.done():
            self._connection = ReconnectingConnection(
                self._room,
                self._owner_key,
                resolve=self._resolve,
                enter=self._enter,
                on_event=self._on_event,
                on_lost=self._on_lost,
                on_failed=self._on_failed,
            )
            self._running = asyncio.get_running_loop().create_task(self._run(self._connection))

    async def remove(self, listener: ObserverListener) -> None:
        """Remove a listener. The last one closes the connection.

        Parameters
        ----------
        listener : ObserverListener
            The listener.
        """
        self._early.pop(listener, None)
        if listener in self._listeners:
            self._listeners.remove(listener)
        running = self._running
        if running is not None and not self._listeners and not self._early:
            self._running = None
            running.cancel()
            await asyncio.gather(running, self._joining.close(), return_exceptions=True)

    async def request(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Send a request to the relay; see `ReconnectingConnection.request`.

        Parameters
        ----------
        event : str
            The event's name on the wire.
        payload : dict
            Its payload.

        Returns
        -------
        dict
            The acknowledgement.

        Raises
        ------
        ProtocolError
            The relay's refusal, ``timeout``, or ``relay_unreachable``.
        """
        if self._connection is None:
            raise ProtocolError(
                "relay_unreachable", "This room is not being observed: there is no connection to its relay."
            )
        return await self._connection.request(event, payload)

    async def _run(self, connection: ReconnectingConnection) -> None:
        try:
            await connection.run()
        except RtcWidgetError as error:
            self._on_failed(error)

    async def _enter(self, client: RelayClient) -> Callable[[], None]:
        snapshot = await self._watch(client.request)
        # Before any other event arrives, and before any request is sent.
        for listener in list(self._listeners):
            listener.on_snapshot(snapshot)
        return _ignore

    async def _watch(self, request: Callable[[str, dict[str, Any]], Any]) -> dict[str, Any]:
        try:
            snapshot: dict[str, Any] = await request("watch_room", {"roomId": self._room, "trace": True})
        except ProtocolError as error:
            if error.code != "forbidden":
                raise
            # With a student's token: roster and reports, but not the messages of others.
            snapshot = await request("watch_room", {"roomId": self._room})
        return snapshot

    async def _join_late(self, listener: ObserverListener) -> None:
        """Give a listener that was added to an open connection a snapshot of its own."""
        try:
            snapshot = await self._watch(self.request)
        except ProtocolError:
            # The connection was just lost: the next one's snapshot is for everybody.
            if self._early.pop(listener, None) is not None:
                self._listeners.append(listener)
            return
        early = self._early.pop(listener, None)
        if early is None:
            return
        self._listeners.append(listener)
        listener.on_snapshot(snapshot)
        for event, payload in early:
            # Earlier events are part of the snapshot.
            if payload.get("at", snapshot["time"]) >= snapshot["time"]:
                listener.on_event(event, payload)

    def _on_event(self, event: str, payload: dict[str, Any]) -> None:
        for listener in list(self._listeners):
            listener.on_event(event, payload)
        for early in self._early.values():
            early.append((event, payload))

    def _on_lost(self) -> None:
        for listener in list(self._listeners):
            listener.on_lost()

    def _on_failed(self, error: RtcWidgetError) -> None:
        for listener in list(self._listeners):
            listener.on_failed(error)


def _ignore() -> None:
    pass
