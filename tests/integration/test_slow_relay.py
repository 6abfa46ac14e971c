"""A relay on a machine that is busy with something else."""

from __future__ import annotations

import asyncio
from typing import Any

import socketio
from aiohttp import web

from rtc_widget.signaling.client import RelayClient


async def test_a_relay_that_takes_more_than_a_second_to_let_somebody_in_is_waited_for() -> None:
    server = socketio.AsyncServer(async_mode="aiohttp")
    app = web.Application()
    server.attach(app)

    async def let_in(_sid: str, _environ: dict[str, Any], _auth: object) -> None:
        await asyncio.sleep(1.5)  # a second is what python-socketio would wait

    server.on("connect", let_in)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"

        client = await RelayClient.connect(url, "demo", {"token": "one"}, lambda _event, _payload: None)
        assert not client.gone.is_set()
        await client.close()
    finally:
        await runner.cleanup()
