"""What forwarding costs: our relay beside a bare python-socketio server and Node's socket.io, in one run.

Five clients send a candidate of 1.5 KB each to five others, 500 messages a second together, for some seconds: p50 and
p99 one-way, and messages per second of the server's own CPU time. The contenders take turns, the median of the rounds
counts. Then the same for our relay with a kernel that has
a widget on it in a pure-Python loop. One more client process measures on the same machine throughout.

    python benchmarks/relay.py
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import sys
import time
from collections.abc import AsyncIterator

import psutil
import socketio
from common import need_node_modules, node_servers, percentile, relay_service

SECONDS = 6
ROUNDS = 3
PERIOD = 0.002
PAIRS = 5
CANDIDATE = {"candidate": "x" * 1_500, "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": "abcd"}

BARE = """
import socketio
from aiohttp import web
server = socketio.AsyncServer(async_mode="aiohttp", async_handlers=False)
async def join_room(sid, payload):
    await server.enter_room(sid, payload["roomId"])
    return {"ok": True, "socketId": sid}
async def ice_candidate(sid, payload):
    await server.emit("ice_candidate", {"roomId": payload["roomId"], "from": sid, "candidate": payload["candidate"]}, to=payload["to"])
    return {"ok": True}
server.on("join_room", join_room)
server.on("ice_candidate", ice_candidate)
app = web.Application()
server.attach(app)
async def main():
    import asyncio
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()
import asyncio
asyncio.run(main())
"""


@contextlib.asynccontextmanager
async def bare_server() -> AsyncIterator[tuple[str, int]]:
    """Run python-socketio with nothing around it."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", BARE, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}", process.pid
    finally:
        process.terminate()
        await process.wait()


async def pair(url: str, token: str) -> tuple[socketio.AsyncClient, socketio.AsyncClient, str]:
    """Connect two clients to a room; return them with the second one's id."""
    clients, last = [], ""
    for _ in range(2):
        client = socketio.AsyncClient(reconnection=False)
        await client.connect(url, auth={"token": token}, transports=["websocket"])
        last = (await client.call("join_room", {"roomId": "bench"}))["socketId"]
        clients.append(client)
    return clients[0], clients[1], last


async def measure(url: str, token: str, pid: int) -> tuple[float, float, float]:
    """Return p50 and p99 of the way from one client to the other in ms, and messages per CPU-second of the server."""
    pairs = [await pair(url, token) for _ in range(PAIRS)]
    times: list[float] = []
    for _, receiver, _ in pairs:
        receiver.on(
            "ice_candidate",
            lambda message: times.append(time.perf_counter() - float(message["candidate"]["sdpMid"])),
        )
    count = int(SECONDS / PERIOD)
    process = psutil.Process(pid)
    before = process.cpu_times()
    start = time.perf_counter()
    for number in range(count):
        await asyncio.sleep(max(0.0, start + number * PERIOD - time.perf_counter()))
        sender, _, target = pairs[number % PAIRS]
        candidate = {**CANDIDATE, "sdpMid": str(time.perf_counter())}
        await sender.emit("ice_candidate", {"roomId": "bench", "to": target, "candidate": candidate})
    await asyncio.sleep(0.5)
    after = process.cpu_times()
    clients = [client for sender, receiver, _ in pairs for client in (sender, receiver)]
    for client in clients:
        # A goodbye, so that the next round does not find the room full of the lost.
        await client.emit("leave_room", {"roomId": "bench"})
    await asyncio.sleep(0.3)
    for client in clients:
        await client.disconnect()
    assert len(times) == count, f"{len(times)} of {count} messages arrived"
    rate = count / (after.user + after.system - before.user - before.system)
    return percentile(times, 50) * 1000, percentile(times, 99) * 1000, rate


def middle(figures: list[tuple[float, float, float]]) -> tuple[float, float, float]:
    """Return the median of each figure over the rounds."""
    p50, p99, rate = (statistics.median(column) for column in zip(*figures, strict=True))
    return p50, p99, rate


async def main() -> None:
    need_node_modules()
    async with relay_service() as (relay, relay_pid), bare_server() as bare, node_servers() as ports:
        contenders = {
            "rtc_widget": (relay.url, relay_pid),
            "python-socketio": bare,
            "node socket.io": (f"http://127.0.0.1:{ports['socketio']}", ports["pid"]),
        }
        token = relay.token("bench")
        rounds: dict[str, list[tuple[float, float, float]]] = {name: [] for name in contenders}
        for _ in range(ROUNDS):
            for name, (url, pid) in contenders.items():
                rounds[name].append(await measure(url, token, pid))
        results = {name: middle(figures) for name, figures in rounds.items()}
        base = results["python-socketio"]
        for name, (p50, p99, rate) in results.items():
            print(
                f"{name:16} p50 {p50:5.2f} ms  p99 {p99:5.2f} ms  {rate:6.0f} messages per CPU-second"
                f"   ratio to python-socketio: p50 {p50 / base[0]:.2f}, p99 {p99 / base[1]:.2f}, rate {rate / base[2]:.2f}"
            )
        # The kernel's loop competes for a core but shares nothing with the relay.
        busy = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "from rtc_widget import Relay, RoomWidget; import sys\n"
            f"room = RoomWidget('bench', relay=Relay({relay.url!r}), token={token!r})\nprint(flush=True)\nwhile True: pass",
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            assert busy.stdout is not None
            await busy.stdout.readline()
            p50, p99, _ = middle([await measure(relay.url, token, relay_pid) for _ in range(ROUNDS)])
        finally:
            busy.kill()
            await busy.wait()
        idle = results["rtc_widget"]
        print(
            f"{'kernel busy':16} p50 {p50:5.2f} ms  p99 {p99:5.2f} ms   ratio to idle: p99 {p99 / idle[1]:.2f}"
        )


if __name__ == "__main__":
    asyncio.run(main())
