"""A connection to the relay that is reestablished whenever it is lost, for observers, peers and recorders alike."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any, Final

from ..errors import ProtocolError, RtcWidgetError, is_fatal
from ..protocol.limits import seconds
from ..runtime.tasks import TaskSet
from .client import RelayClient

_REQUEST_SECONDS: Final = 8.0
# In which the relay may have to be started; on a busy machine that takes as long as `relay.discovery` lets it.
_FIRST_SECONDS: Final = 25.0

Resolve = Callable[[], Awaitable[tuple[str, str]]]
Enter = Callable[[RelayClient], Awaitable[Callable[[], None]]]
OnAcknowledge = Callable[[dict[str, Any]], None]

log = logging.getLogger(__name__)


class ReconnectingConnection:
    """Stays connected to a room's relay, over as many connections and relays as necessary. Used on one loop.

    A refusal that `errors.is_fatal` names ends it; after anything else it retries, with the pauses of
    `limits.TIMES_MS`.

    Parameters
    ----------
    room : str
        The room's name.
    owner_key : str
        When this connection ends with its process, the relay removes the participants of this key from the room.
    resolve : callable
        Coroutine function that returns (url, token), and finds or starts the relay if necessary.
    enter : callable
        Coroutine function that joins or observes the room over a new connection; returns what to call once `post`
        and `request` use that connection.
    on_event : callable
        Takes each event's name and payload.
    on_lost : callable
        Called when the connection was lost, or could not be made, and will be retried.
    on_failed : callable, optional
        Takes the error of an attempt that will be repeated, but for a relay that the very first has not reached: it
        may have ended since it was found.
    persistent : bool
        Whether to go on until there is a relay. A `Peer` reports after two attempts that there is none.
    """

    def __init__(
        self,
        room: str,
        owner_key: str,
        *,
        resolve: Resolve,
        enter: Enter,
        on_event: Callable[[str, dict[str, Any]], None],
        on_lost: Callable[[], None],
        on_failed: Callable[[RtcWidgetError], None] | None = None,
        persistent: bool = True,
    ) -> None:
        self._room, self._owner_key = room, owner_key
        self._resolve, self._enter = resolve, enter
        self._on_event, self._on_lost, self._on_failed = on_event, on_lost, on_failed
        self._persistent = persistent
        self._client: RelayClient | None = None
        self._connected = asyncio.Event()
        self._attempted = asyncio.Event()
        self._left = asyncio.Event()
        self._goodbye = True
        self._tasks = TaskSet()

    @property
    def connected(self) -> bool:
        """Whether the room has been entered over a connection that is open now."""
        return self._connected.is_set()

    async def run(self) -> None:
        """Stay connected until `leave` is called or the task is cancelled.

        Raises
        ------
        RtcWidgetError
            A fatal refusal; unless ``persistent``, also any error before the room was entered.
        """
        pause, entered, is_first = seconds("retry_first"), False, True
        try:
            while not self._left.is_set():
                client: RelayClient | None = None
                try:
                    url, token = await self._resolve()
                    auth = {"token": token, "owner": self._owner_key}
                    client = await RelayClient.connect(url, self._room, auth, self._on_event)
                    begin = await self._enter(client)
                    pause, entered, self._client = seconds("retry_first"), True, client
                    self._connected.set()
                    self._attempted.set()
                    begin()
                    await self._until_gone(client)
                    log.info("The connection to the relay has ended.")
                except Exception as problem:
                    error = _as_error(problem)
                    # A relay may end just as it has been found, and on a busy machine be late: once is nothing.
                    is_nothing = is_first and not entered and error.code == "relay_unreachable"
                    is_first = False
                    if not is_nothing:
                        self._attempted.set()
                        if is_fatal(error.code) or not (entered or self._persistent):
                            raise error from None
                        if self._on_failed is not None:
                            self._on_failed(error)
                    log.info("Connecting to the relay failed: %s.", error.code)
                finally:
                    self._client = None
                    self._connected.clear()
                    if client is not None:
                        await client.close()
                if not self._left.is_set():
                    if entered:
                        self._on_lost()
                    # All clients reconnect when a relay was lost: spread them out.
                    await self._wait(pause * random.uniform(0.5, 1.5))  # noqa: S311
                    pause = min(pause * 2, seconds("retry_last"))
        finally:
            # No acknowledgement can arrive any more.
            await self._tasks.close()

    def leave(self, *, goodbye: bool = True) -> None:
        """Make `run` leave the room and return.

        Parameters
        ----------
        goodbye : bool
            False when the room has been left already.
        """
        self._goodbye = goodbye
        self._left.set()

    def post(self, event: str, payload: dict[str, Any], on_acknowledge: OnAcknowledge | None = None) -> bool:
        """Send an event without waiting.

        Parameters
        ----------
        event, payload : str, dict
            What to send.
        on_acknowledge : callable, optional
            Takes the acknowledgement, refusals included.

        Returns
        -------
        bool
            Whether there is a connection; without one nothing is sent, nor by who has left: the relay would refuse it.
        """
        if self._client is None or self._left.is_set():
            return False
        self._tasks.spawn(_forward(self._client, event, payload, on_acknowledge))
        return True

    async def request(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Send an event as soon as there is a connection, and wait for its acknowledgement.

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
            The relay's refusal, ``timeout``, or ``relay_unreachable`` when there is no connection for too long.
        """
        try:
            async with asyncio.timeout(_FIRST_SECONDS):
                await self._attempted.wait()
            async with asyncio.timeout(_REQUEST_SECONDS):
                await self._connected.wait()
        except TimeoutError:
            msg = "The room's relay could not be reached: it may be starting, or have ended. Try again."
            raise ProtocolError("relay_unreachable", msg) from None
        client = self._client
        if client is None:
            raise ProtocolError(
                "relay_unreachable", "The connection to the room's relay was just lost: try again."
            )
        return await client.request(event, payload)

    async def _until_gone(self, client: RelayClient) -> None:
        waits = [asyncio.create_task(event.wait()) for event in (self._left, client.gone)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if self._left.is_set() and not client.gone.is_set() and self._goodbye:
            await client.forward("leave_room", {"roomId": self._room})

    async def _wait(self, pause: float) -> None:
        try:
            async with asyncio.timeout(pause):
                await self._left.wait()
        except TimeoutError:
            pass


def _as_error(problem: Exception) -> RtcWidgetError:
    if isinstance(problem, RtcWidgetError):
        return problem
    # A program that ends shuts its executors before anybody is told.
    if isinstance(problem, RuntimeError) and "interpreter shutdown" in str(problem):
        return RtcWidgetError("closed", "The program ends.")
    log.error("The connection to the relay failed.", exc_info=problem)
    return RtcWidgetError("relay_failed", f"The connection to the relay failed ({type(problem).__name__}).")


async def _forward(
    client: RelayClient, event: str, payload: dict[str, Any], on_acknowledge: OnAcknowledge | None
) -> None:
    answer = await client.forward(event, payload)
    if on_acknowledge is not None:
        on_acknowledge(answer)
