"""Watches one room for as long as it is wanted, over however many connections and relays that takes."""

from __future__ import annotations

import asyncio
import random
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from ..errors import ProtocolError, RtcWidgetError
from .client import RelayClient

_FIRST_RETRY_SECONDS = 0.05
_LAST_RETRY_SECONDS = 2.0
_CONNECTED_SECONDS = 8.0

# Refusals that trying again does not change.
_FINAL = frozenset({"bad_token", "wrong_room", "forbidden", "bad_room"})

Address = Callable[[], Awaitable[tuple[str, str]]]


class Observer:
    """An observer connection that is made again whenever it is lost.

    Parameters
    ----------
    room : str
        What to watch.
    owner : str
        The widget's secret key: when this connection ends with the kernel, the relay takes the widget's
        participants out of the room.
    find : callable
        Coroutine that returns (url, token), finding or starting the relay if need be.
    on_snapshot, on_event, on_lost, on_failed : callable
        Called on the RTC loop: after each connect with what ``watch_room`` was acknowledged with, with each event,
        when the connection is lost, and with the error when there is none to be had.
    """

    def __init__(
        self,
        room: str,
        owner: str,
        *,
        find: Address,
        on_snapshot: Callable[[dict[str, Any]], None],
        on_event: Callable[[str, dict[str, Any]], None],
        on_lost: Callable[[], None],
        on_failed: Callable[[RtcWidgetError], None],
    ) -> None:
        self._room = room
        self._owner = owner
        self._find = find
        self._on_snapshot = on_snapshot
        self._on_event = on_event
        self._on_lost = on_lost
        self._on_failed = on_failed
        self._client: RelayClient | None = None
        self._connected = asyncio.Event()

    @property
    def connected(self) -> bool:
        """Whether the room is being watched now."""
        return self._connected.is_set()

    async def run(self) -> None:
        """Watch until cancelled, or until the relay refuses for good."""
        pause = _FIRST_RETRY_SECONDS
        while True:
            client: RelayClient | None = None
            try:
                url, token = await self._find()
                client = await RelayClient.connect(
                    url, self._room, {"token": token, "owner": self._owner}, self._on_event
                )
                self._on_snapshot(await self._watch(client))
                self._client = client
                self._connected.set()
                pause = _FIRST_RETRY_SECONDS
                await client.gone.wait()
                self._on_lost()
            except RtcWidgetError as error:
                self._on_failed(error)
                if error.code in _FINAL:
                    return
            except Exception as error:
                traceback.print_exc()
                self._on_failed(
                    RtcWidgetError("relay_failed", f"Watching the room failed ({type(error).__name__}).")
                )
            finally:
                self._client = None
                self._connected.clear()
                if client is not None:
                    await client.close()
            # Everybody comes back at once after a relay was lost: spread them out.
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311
            pause = min(pause * 2, _LAST_RETRY_SECONDS)

    async def request(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Ask the relay for something over the connection that watches, as soon as there is one.

        Raises
        ------
        ProtocolError
            The relay's refusal, ``timeout``, or ``relay_unreachable`` when there is no connection for long.
        """
        try:
            async with asyncio.timeout(_CONNECTED_SECONDS):
                await self._connected.wait()
        except TimeoutError:
            msg = f"The room's relay could not be reached for {_CONNECTED_SECONDS:g} s."
            raise ProtocolError("relay_unreachable", msg) from None
        client = self._client
        if client is None:
            raise ProtocolError("relay_unreachable", "The room's relay has just been lost: try again.")
        return await client.request(event, payload)

    async def _watch(self, client: RelayClient) -> dict[str, Any]:
        try:
            return await client.request("watch_room", {"roomId": self._room, "trace": True})
        except ProtocolError as error:
            if error.code != "forbidden":
                raise
            # A student's token: the roster and the reports, without what others say to each other.
            return await client.request("watch_room", {"roomId": self._room})
