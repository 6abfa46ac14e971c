"""The media process' peers: holds every one of a kernel's, so that nothing which the kernel computes touches the media."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from typing import Any, Final

from ...errors import RtcWidgetError
from ...protocol import media_process as wire
from ...protocol.media_process import Notification, Reply, Request
from ...runtime.tasks import TaskSet
from ..ipc.pipe import Unreadable
from .hosted_peer import HostedPeer, Send
from .kernel_backlog import KernelBacklog

_GOODBYE_SECONDS: Final = 1.5


class MediaHost:
    """Runs the kernel's requests, each peer's in the order in which they came. Used on the event loop.

    Parameters
    ----------
    answer : callable
        Takes what is for the kernel.
    make_peer : callable
        Takes the command that makes a peer, and what takes the peer's events.
    """

    def __init__(
        self,
        answer: Callable[[Reply | Notification], None],
        make_peer: Callable[[wire.Open, Send], HostedPeer] = HostedPeer,
    ) -> None:
        self._answer, self._make_peer = answer, make_peer
        self._backlog = KernelBacklog(answer, self._name_of, lambda key: self._peers[key].room.tell_again())
        self._peers: dict[int, HostedPeer] = {}
        self._queues: dict[int, asyncio.Queue[Request]] = {}
        self._tasks = TaskSet()

    async def close(self) -> None:
        """Leave all rooms, and end everything; what does not end within 1.5 s is left."""
        try:
            async with asyncio.timeout(_GOODBYE_SECONDS):
                await asyncio.gather(*(peer.close() for peer in self._peers.values()), return_exceptions=True)
        except TimeoutError:
            pass
        await self._tasks.close()

    def receive(self, request: Request) -> None:
        """Begin to run a request, which is answered when it has been run.

        Parameters
        ----------
        request : Request
            The request.
        """
        key = request.peer
        match request.command:
            case wire.Open() as options:
                self._open(request, options)
            case wire.Ping():
                self._answer(Reply(request.number))
            case wire.Handled(end):
                self._backlog.handled(end)
            case wire.FrameReady():
                # Not queued behind slow commands: only the newest frame matters.
                peer = self._peers.get(key)
                if peer is not None:
                    peer.take_frame()
            case wire.Send():
                # Only a sender that exceeds its receiver's capacity waits.
                self._tasks.spawn(self._run(request))
            case _ if key in self._queues:
                self._queues[key].put_nowait(request)
            case _:
                self._tasks.spawn(self._run(request))

    def refuse(self, message: Unreadable) -> None:
        """Answer what came in the place of a request that cannot be read.

        Parameters
        ----------
        message : Unreadable
            Whose request it was.
        """
        error = message.info()
        if message.number:
            self._answer(Reply(message.number, None, ("RtcWidgetError", error["code"], error["message"])))
        elif message.peer in self._peers:
            self._answer(Notification(message.peer, wire.Problem(error["code"], error["message"])))
        else:
            self._answer(Notification(message.peer, wire.Ended(error)))

    def _open(self, request: Request, options: wire.Open) -> None:
        key = request.peer
        try:
            peer = self._make_peer(options, lambda event: self._backlog.tell(key, event))
        # It costs this peer alone, not those of the others that are in this process.
        except Exception as problem:
            error = _error(problem)
            self._answer(Notification(key, wire.Ended({"code": error[1], "message": error[2]})))
            self._answer(Reply(request.number, None, error))
            return
        self._peers[key], self._queues[key] = peer, asyncio.Queue()
        self._tasks.spawn(self._work(key))
        self._answer(Reply(request.number))

    def _name_of(self, key: int, participant: str) -> str:
        entry = self._peers[key].room.entry(participant)
        return str(entry["name"]) if entry else "a participant"

    async def _work(self, key: int) -> None:
        queue = self._queues[key]
        while True:
            request = await queue.get()
            await self._run(request)
            if isinstance(request.command, wire.Close):
                del self._peers[key], self._queues[key]
                self._backlog.forget(key)
                return

    async def _run(self, request: Request) -> None:
        value: Any = None
        error: tuple[str, str, str] | None = None
        peer = self._peers.get(request.peer)
        try:
            if peer is not None:
                value = await peer.run(request.command)
            elif not isinstance(request.command, wire.Close):  # which may be sent twice
                raise RtcWidgetError("closed", "This peer has left the room: create a new one.")
        except Exception as problem:
            error = _error(problem)
        self._answer(Reply(request.number, value, error))


def _error(problem: Exception) -> tuple[str, str, str]:
    """Return the class name, code and message of an exception, while it is handled."""
    if isinstance(problem, RtcWidgetError):
        return type(problem).__name__, problem.code, problem.message
    return "RtcWidgetError", "peer_failed", traceback.format_exc(limit=-3)
