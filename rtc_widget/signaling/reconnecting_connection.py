"""A peer's signaling path: to the relay, over however many connections and relays that takes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any, Final

from ..errors import RtcWidgetError
from .client import RelayClient

_FIRST_RETRY_SECONDS: Final = 0.05
_LAST_RETRY_SECONDS: Final = 1.5

# Refusals that trying again does not change.
_FINAL: Final = frozenset(
    {
        "bad_token",
        "token_expired",
        "token_used",
        "wrong_room",
        "forbidden",
        "taken_over",
        "bad_room",
        "bad_name",
    }
)

Address = Callable[[], Awaitable[tuple[str, str]]]


class Path:
    """A connection to the relay that is made again whenever it is lost.

    Parameters
    ----------
    room, key : str
        The room's name and the peer's owner key.
    find : callable
        Coroutine that returns (url, token), finding or starting the relay if need be.
    enter : callable
        Coroutine that joins the room over a new connection; returns what to do once `post` uses that.
    receive : callable
        Takes each event's name and payload.
    lost : callable
        Called when the connection is lost and will be made again.
    """

    def __init__(
        self,
        room: str,
        key: str,
        *,
        find: Address,
        enter: Callable[[RelayClient], Awaitable[Callable[[], None]]],
        receive: Callable[[str, dict[str, Any]], None],
        lost: Callable[[], None],
    ) -> None:
        self._room, self._key = room, key
        self._find, self._enter, self._receive, self._lost = find, enter, receive, lost
        self._client: RelayClient | None = None
        self._left = asyncio.Event()
        self._goodbye = True
        self._posts: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Stay connected until `leave`.

        Raises
        ------
        RtcWidgetError
            What refuses for good; before the room was entered for the first time, anything that goes wrong.
        """
        pause, entered = _FIRST_RETRY_SECONDS, False
        while not self._left.is_set():
            client: RelayClient | None = None
            try:
                url, token = await self._find()
                auth = {"token": token, "owner": self._key}
                client = await RelayClient.connect(url, self._room, auth, self._receive)
                begin = await self._enter(client)
                pause, entered, self._client = _FIRST_RETRY_SECONDS, True, client
                begin()
                await self._until_gone(client)
            except RtcWidgetError as error:
                if error.code in _FINAL or not entered:
                    raise
            finally:
                self._client = None
                if client is not None:
                    await client.close()
            if not self._left.is_set():
                self._lost()
                # Everybody comes back at once after a relay was lost: spread them out.
                await self._wait(pause * random.uniform(0.5, 1.5))  # noqa: S311
                pause = min(pause * 2, _LAST_RETRY_SECONDS)

    def leave(self, *, goodbye: bool = True) -> None:
        """Let `run` say goodbye and return."""
        self._goodbye = goodbye
        self._left.set()

    def post(
        self, event: str, payload: dict[str, Any], told: Callable[[dict[str, Any]], None] | None = None
    ) -> bool:
        """Send an event and do not wait; tell whether there is a connection now.

        Parameters
        ----------
        event, payload : str, dict
            What to send.
        told : callable, optional
            Takes the acknowledgement as it is, once it comes.
        """
        if self._client is None:
            return False
        task = asyncio.create_task(_forward(self._client, event, payload, told))
        self._posts.add(task)
        task.add_done_callback(self._posts.discard)
        return True

    async def close(self) -> None:
        """Drop what is still on its way: nobody acknowledges it any more."""
        for post in self._posts:
            post.cancel()
        await asyncio.gather(*self._posts, return_exceptions=True)

    async def _until_gone(self, client: RelayClient) -> None:
        waits = [asyncio.create_task(event.wait()) for event in (self._left, client.gone)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if self._left.is_set() and not client.gone.is_set() and self._goodbye:
            await client.forward("leave_room", {"roomId": self._room})

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._left.wait()
        except TimeoutError:
            pass


async def _forward(
    client: RelayClient,
    event: str,
    payload: dict[str, Any],
    told: Callable[[dict[str, Any]], None] | None,
) -> None:
    answer = await client.forward(event, payload)
    if told is not None:
        told(answer)
