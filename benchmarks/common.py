"""What the benchmarks share: the servers, the pages, and how figures are printed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import secrets
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from rtc_widget import Relay

HERE = Path(__file__).parent
ROOT = HERE.parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@contextlib.contextmanager
def occupied(*, busy: bool) -> Iterator[None]:
    """Keep every core busy with something else, if so."""
    command = [sys.executable, "-c", "while True: pass"]
    hogs = [subprocess.Popen(command) for _core in range(os.cpu_count() or 1)] if busy else []
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


def need_node_modules() -> None:
    """Install the contenders, once."""
    if not (HERE / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=HERE, check=True)


@contextlib.asynccontextmanager
async def node_servers() -> AsyncIterator[dict[str, int]]:
    """Run ``servers.mjs`` and yield its ports."""
    process = await asyncio.create_subprocess_exec(
        "node",
        "servers.mjs",
        cwd=HERE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        ports = json.loads(await process.stdout.readline())
        yield {**ports, "pid": process.pid}
    finally:
        process.terminate()
        await process.wait()


@contextlib.asynccontextmanager
async def relay_service(*origins: str) -> AsyncIterator[tuple[Relay, int]]:
    """Run our relay as a service and yield it with its process id."""
    with tempfile.TemporaryDirectory() as folder:
        secret = Path(folder) / "secret"
        process = await asyncio.create_subprocess_exec(
            *[sys.executable, "-m", "rtc_widget.relay", "--secret-file", secret],
            *[word for origin in origins for word in ("--origin", origin)],
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            assert process.stdout is not None
            address = re.search(rb"http://[\d.:]+", await process.stdout.readline())
            assert address is not None
            yield Relay(address[0].decode(), secret=secret.read_text()), process.pid
        finally:
            process.terminate()
            await process.wait()


def _bundle(name: str) -> str:
    entry = HERE / "pages" / f"{name}.js"
    command = ["node_modules/.bin/esbuild", str(entry), "--bundle", "--format=iife", "--log-level=error"]
    return subprocess.run(command, cwd=HERE, check=True, capture_output=True, text=True).stdout


@contextlib.asynccontextmanager
async def page_server(names: Sequence[str], *, probed: bool = True) -> AsyncIterator[str]:
    """Serve a page per contender at ``/NAME.html``, with the probe's clock if so, and yield the server's address."""
    scripts = {name: _bundle(name) for name in names}
    probe = (HERE / "pages" / "probe.js").read_text() if probed else ""

    async def page(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        widget = (
            '<link rel="stylesheet" href="/widget.css">'
            '<script type="module">import make from "/widget.js"; window.widget = make;</script>'
        )
        html = f"<!doctype html><title>{name}</title>{widget if name == 'rtc_widget' else ''}"
        return web.Response(
            text=f"{html}<body><script>{probe}</script><script>{scripts[name]}</script>",
            content_type="text/html",
        )

    async def static(request: web.Request) -> web.FileResponse:
        return web.FileResponse(ROOT / "rtc_widget" / "static" / request.match_info["file"])

    app = web.Application()
    app.router.add_get("/{name}.html", page)
    app.router.add_get("/{file:widget[.](?:js|css)}", static)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def arguments(
    contender: str, relay: Relay, ports: dict[str, int], room: str, mine: str, other: str | None
) -> Any:
    """Return what a contender's ``start`` takes."""
    return {
        "relay": relay.url,
        "token": relay.token(room),
        "room": room,
        "owner": f"{mine}-{secrets.token_hex(12)}",
        "peerServer": ports["peer"],
        "nostr": f"ws://127.0.0.1:{ports['nostr']}",
        "id": f"{room}-{mine}",
        "other": f"{room}-{other}" if other else None,
    }


def summary(values: Sequence[float]) -> str:
    """Return median and quartiles."""
    low, middle, high = statistics.quantiles(values, n=4)
    return f"median {middle:7.1f}   quartiles {low:7.1f} to {high:7.1f}   n={len(values)}"


def percentile(values: Sequence[float], percent: float) -> float:
    """Return a percentile by the nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
