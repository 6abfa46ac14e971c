"""The least that does a `Peer`'s work with plain aiortc, without our code: a kernel and a process with the media.

Pictures cross between the two as rgb24, in a ring of shared memory with a `multiprocessing.Pipe` to say which, or, with
"pipe", through the pipe themselves.

    python benchmarks/peer_bare.py [memory | pipe]
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import multiprocessing
import sys
import threading
from collections.abc import Callable
from fractions import Fraction
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np

SLOTS = 4
SLOT_BYTES = 1920 * 1080 * 3


class Way:
    """Pictures from one process to the other."""

    def __init__(self, connection: Connection, memory: SharedMemory | None) -> None:
        self._connection, self._memory = connection, memory
        self._numbers = itertools.count()

    def send(self, picture: np.ndarray[Any, Any]) -> None:
        """Send a picture."""
        if self._memory is None:
            self._connection.send(picture.shape)
            self._connection.send_bytes(picture.reshape(-1))
            return
        slot = next(self._numbers) % SLOTS
        self._view(slot, picture.shape)[:] = picture
        self._connection.send((slot, picture.shape))

    def receive(self) -> np.ndarray[Any, Any]:
        """Return the next picture; in shared memory it lasts until three more have come."""
        if self._memory is None:
            shape = self._connection.recv()
            return np.frombuffer(self._connection.recv_bytes(), np.uint8).reshape(shape)
        return self._view(*self._connection.recv())

    def _view(self, slot: int, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        assert self._memory is not None
        return np.ndarray(shape, np.uint8, self._memory.buf, slot * SLOT_BYTES)


def media_process(to_kernel: Way, from_kernel: Way, ports: Connection, bitrates: tuple[int, int]) -> None:
    """Be the process with the media: answer offers, hand on what comes, send what is handed over."""
    import aiortc.codecs.vpx
    import av
    from aiohttp import web
    from aiortc import (
        MediaStreamTrack,
        RTCConfiguration,
        RTCPeerConnection,
        RTCSessionDescription,
    )
    from aiortc.mediastreams import MediaStreamError

    # So that both contenders send pictures of the same quality.
    aiortc.codecs.vpx.DEFAULT_BITRATE, aiortc.codecs.vpx.MAX_BITRATE = bitrates

    class Track(MediaStreamTrack):
        kind = "video"

        def __init__(self) -> None:
            super().__init__()
            self._newest: asyncio.Queue[av.VideoFrame] = asyncio.Queue()
            self._loop = asyncio.get_running_loop()
            self._began = self._loop.time()
            threading.Thread(target=self._read, daemon=True).start()

        def _read(self) -> None:
            while True:
                frame = av.VideoFrame.from_ndarray(from_kernel.receive(), format="rgb24")
                self._loop.call_soon_threadsafe(self._newest.put_nowait, frame)

        async def recv(self) -> av.VideoFrame:
            frame = await self._newest.get()
            while not self._newest.empty():
                frame = self._newest.get_nowait()
            frame.pts = int((self._loop.time() - self._began) * 90_000)
            frame.time_base = Fraction(1, 90_000)
            return frame

    async def run() -> None:
        pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        pc.addTrack(Track())
        reading: set[asyncio.Task[None]] = set()

        async def read(track: MediaStreamTrack) -> None:
            loop = asyncio.get_running_loop()
            try:
                while True:
                    frame = await track.recv()
                    picture = frame.to_ndarray(format="rgb24")
                    if to_kernel._memory is None:
                        await loop.run_in_executor(None, to_kernel.send, picture)
                    else:
                        to_kernel.send(picture)
            except MediaStreamError:
                pass

        pc.on("track", lambda track: reading.add(asyncio.create_task(read(track))))

        async def answer(request: web.Request) -> web.Response:
            await pc.setRemoteDescription(RTCSessionDescription(**await request.json(loads=json.loads)))
            await pc.setLocalDescription(await pc.createAnswer())
            local = pc.localDescription
            return web.json_response(
                {"type": local.type, "sdp": local.sdp}, headers={"Access-Control-Allow-Origin": "*"}
            )

        app = web.Application()
        app.router.add_post("/offer", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ports.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


class Bare:
    """Plain aiortc."""

    def __init__(self, how: str) -> None:
        self._how = how

    def open(self, bitrates: tuple[int, int]) -> str:
        """Start the process; return where it answers offers."""
        spawn = multiprocessing.get_context("spawn")
        ways = []
        for _ in range(2):
            readable, writable = spawn.Pipe(duplex=False)
            memory = SharedMemory(create=True, size=SLOTS * SLOT_BYTES) if self._how == "memory" else None
            ways.append((Way(readable, memory), Way(writable, memory)))
        (self._incoming, to_kernel), (from_kernel, self._outgoing) = ways
        self._memories = [way._memory for way, _ in ways if way._memory is not None]
        ports, port = spawn.Pipe(duplex=False)
        self._process = spawn.Process(
            target=media_process, args=(to_kernel, from_kernel, port, bitrates), daemon=True
        )
        self._process.start()
        return f"http://127.0.0.1:{ports.recv()}/offer"

    def receive(self, take: Callable[[np.ndarray[Any, Any]], Any]) -> None:
        """Read on a thread."""

        def read() -> None:
            with contextlib.suppress(EOFError, OSError):
                while True:
                    picture = self._incoming.receive()
                    take(picture.copy() if self._how == "memory" else picture)

        threading.Thread(target=read, daemon=True).start()

    def first(self) -> None:
        """Return with the first picture."""
        self._incoming.receive()

    def send(self, picture: np.ndarray[Any, Any]) -> None:
        """Send one."""
        self._outgoing.send(picture)

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.join()
        for memory in self._memories:
            memory.close()
            memory.unlink()


if __name__ == "__main__":
    from peer_side import Kernel

    Kernel(Bare(sys.argv[1] if len(sys.argv) > 1 else "memory")).run()  # type: ignore[arg-type]
