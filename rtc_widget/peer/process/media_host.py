"""The media process: holds every peer of one kernel, so that nothing which the kernel computes touches the media.

It obeys what comes on standard input and answers on standard output (`pipe`). It runs in a session of its own, which
an interrupt of the kernel does not reach; the end of standard input is the end of the kernel, and its own.
"""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import sys
import traceback
from typing import Any, Final

from ...errors import RtcWidgetError
from ..ipc.pipe import LENGTH_BYTES, Message, body_length, pack
from .hosted_peer import Seat
from .outgoing import tune_encoders

_GOODBYE_SECONDS: Final = 1.5


class Host:
    """Reads the kernel's commands and runs them, each peer's in the order in which they came."""

    def __init__(self) -> None:
        self._seats: dict[int, Seat] = {}
        self._queues: dict[int, asyncio.Queue[Message]] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._writer: asyncio.StreamWriter | None = None

    async def run(self) -> None:
        """Obey until standard input ends, then say goodbye everywhere."""
        loop = asyncio.get_running_loop()
        # Whatever prints must not end up among the messages.
        commands, answers = os.dup(0), os.dup(1)
        os.dup2(2, 1)
        reader = asyncio.StreamReader(limit=1 << 24)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(commands, "rb"))
        transport, protocol = await loop.connect_write_pipe(
            asyncio.streams.FlowControlMixin, os.fdopen(answers, "wb")
        )
        self._writer = asyncio.StreamWriter(transport, protocol, None, loop)
        try:
            while True:
                header = await reader.readexactly(LENGTH_BYTES)
                self._obey(pickle.loads(await reader.readexactly(body_length(header))))  # noqa: S301
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        try:
            async with asyncio.timeout(_GOODBYE_SECONDS):
                await asyncio.gather(*(peer.close() for peer in self._seats.values()), return_exceptions=True)
        except TimeoutError:
            pass
        for worker in self._workers:
            worker.cancel()

    def send(self, message: Message) -> None:
        """Write to the kernel; what a kernel that has ended does not read is dropped."""
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(pack(message))

    def _obey(self, message: Message) -> None:
        key, command = message[0], message[1]
        if command == "open":
            self._seats[key] = Seat(key, message[3], self.send)
            self._queues[key] = asyncio.Queue()
            worker = asyncio.create_task(self._work(key))
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
            self.send((key, "reply", message[2], None, None))
        elif command == "picture":
            # Not in turn with what takes time: a picture is only ever the newest.
            peer = self._seats.get(key)
            if peer is not None:
                peer.picture()
        elif command == "send":
            self._spawn(self._do(key, message))
        elif key in self._queues:
            self._queues[key].put_nowait(message)
        else:
            self._spawn(self._do(key, message))

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._workers.add(task)
        task.add_done_callback(self._workers.discard)

    async def _work(self, key: int) -> None:
        queue = self._queues[key]
        while True:
            message = await queue.get()
            await self._do(key, message)
            if message[1] == "close":
                del self._seats[key], self._queues[key]
                return

    async def _do(self, key: int, message: Message) -> None:
        _key, command, number, *arguments = message
        value: Any = None
        error: tuple[str, str, str] | None = None
        peer = self._seats.get(key)
        try:
            if peer is not None:
                result = getattr(peer, command)(*arguments)
                value = await result if asyncio.iscoroutine(result) else result
            elif command != "close":  # which may be said twice
                raise RtcWidgetError("closed", "This peer has left the room: make a new one.")
        except RtcWidgetError as refusal:
            error = (type(refusal).__name__, refusal.code, refusal.message)
        except Exception:
            error = ("RtcWidgetError", "peer_failed", traceback.format_exc(limit=-3))
        self.send((key, "reply", number, value, error))


def main() -> None:
    """Run the media process."""
    # aioice and aiortc log addresses and descriptions, which are nobody's business.
    logging.disable(logging.CRITICAL)
    sys.setswitchinterval(0.001)
    tune_encoders()
    asyncio.run(Host().run())
    # A transform that does not return, or a device that does not close, must not keep the process.
    os._exit(0)


if __name__ == "__main__":
    main()
