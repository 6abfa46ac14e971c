"""What forwarding costs: our relay beside a bare python-socketio server and Node's socket.io, in one run.

- latency: one client sends a candidate of 1.5 KB every 2 ms to another, for some seconds: p50 and p99 one-way;
- throughput: messages per second of the server's own CPU time, at full speed;
- the same latency of our relay, with the kernel that started it in a pure-Python loop.

    python benchmarks/relay.py
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator

import psutil
import socketio
from common import need_node_modules, node_servers, percentile, relay_service

SECONDS = 6
PERIOD = 0.002
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


async def latency(url: str, token: str) -> tuple[float, float]:
    """Return p50 and p99 of the way from one client to the other, in milliseconds."""
    sender, receiver, target = await pair(url, token)
    times: list[float] = []
    receiver.on(
        "ice_candidate",
        lambda message: times.append(time.perf_counter() - float(message["candidate"]["sdpMid"])),
    )
    count = int(SECONDS / PERIOD)
    start = time.perf_counter()
    for number in range(count):
        await asyncio.sleep(max(0.0, start + number * PERIOD - time.perf_counter()))
        candidate = {**CANDIDATE, "sdpMid": str(time.perf_counter())}
        await sender.emit("ice_candidate", {"roomId": "bench", "to": target, "candidate": candidate})
    await asyncio.sleep(0.5)
    for client in (sender, receiver):
        await client.disconnect()
    assert len(times) == count, f"{len(times)} of {count} messages arrived"
    return percentile(times, 50) * 1000, percentile(times, 99) * 1000


async def throughput(url: str, token: str, pid: int, count: int = 4_000) -> float:
    """Return how many messages the server forwards per second of its CPU time, at the rate limit of ours."""
    sender, receiver, target = await pair(url, token)
    arrived = asyncio.Semaphore(0)
    receiver.on("ice_candidate", lambda _message: arrived.release())
    before = psutil.Process(pid).cpu_times()
    start = time.perf_counter()
    for number in range(count):
        await asyncio.sleep(max(0.0, start + number * PERIOD - time.perf_counter()))
        await sender.emit("ice_candidate", {"roomId": "bench", "to": target, "candidate": CANDIDATE})
    for _ in range(count):
        await asyncio.wait_for(arrived.acquire(), 10)
    after = psutil.Process(pid).cpu_times()
    for client in (sender, receiver):
        await client.disconnect()
    return count / (after.user + after.system - before.user - before.system)


async def main() -> None:
    need_node_modules()
    async with relay_service() as (relay, relay_pid), bare_server() as bare, node_servers() as ports:
        contenders = {
            "rtc_widget": (relay.url, relay_pid),
            "python-socketio": bare,
            "node socket.io": (f"http://127.0.0.1:{ports['socketio']}", ports["pid"]),
        }
        token = relay.token("bench")
        results = {}
        for name, (url, pid) in contenders.items():
            p50, p99 = await latency(url, token)
            results[name] = (p50, p99, await throughput(url, token, pid))
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
            "from rtc_widget.widget import RoomWidget; from rtc_widget import Relay; import sys\n"
            f"room = RoomWidget('bench', relay=Relay({relay.url!r}), token={token!r})\nprint(flush=True)\nwhile True: pass",
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            assert busy.stdout is not None
            await busy.stdout.readline()
            p50, p99 = await latency(relay.url, token)
        finally:
            busy.kill()
            await busy.wait()
        idle = results["rtc_widget"]
        print(
            f"{'kernel busy':16} p50 {p50:5.2f} ms  p99 {p99:5.2f} ms   ratio to idle: p99 {p99 / idle[1]:.2f}"
        )


if __name__ == "__main__":
    asyncio.run(main())
