"""A relay goes on for everybody else, whatever one of them does with its connections."""

from __future__ import annotations

import asyncio
import logging

import aiohttp

from rtc_widget.relay import __main__ as main
from rtc_widget.relay import app, engine, silent_connections
from rtc_widget.relay.app import RelayServer
from rtc_widget.relay.tokens import entry_token
from tests.support.relays import SECRET, Client, RunningRelay
from tests.support.waiting import wait_for


async def test_who_has_no_token_keeps_nobody_out_who_has_one(monkeypatch):
    monkeypatch.setattr(app, "_CONNECTIONS", (0.1, 2))
    relay = await RunningRelay.start()

    codes = [await Client().connect_code(relay.url, "nonsense") for _ in range(5)]
    codes.append(await Client("another").connect_code(relay.url, relay.token("another")))
    codes += [await Client().connect_code(relay.url, relay.token()) for _ in range(3)]

    assert codes == ["bad_token"] * 5 + ["connected"] * 3 + ["rate_limited"]
    await relay.stop()


async def test_who_does_not_read_is_put_out_and_nothing_is_kept_for_it(join, relay, monkeypatch):
    monkeypatch.setattr(engine, "_OUTBOX_BYTES", 1_000_000)
    ada, bob = await join(), await join()
    # A socket that is not read: what is sent to it fills its buffers, and then waits.
    sockets = relay.server._sio.eio.sockets
    deaf = await join()
    transport = deaf._sio.eio.ws._response.connection.transport
    transport.pause_reading()
    filler = {"type": "offer", "sdp": "v=0\r\n" + "a=filler\r\n" * 10_000}

    async def is_out() -> bool:
        if deaf.id not in relay.server._rooms.get("demo").members:
            return True
        await ada.say("offer", to=deaf.id, offer=filler)
        return relay.server._rooms.get("demo").members[deaf.id].sid is None

    await wait_for(is_out, 30, "the deaf one's end")

    assert all(socket.queue.size < 100_000 for socket in sockets.values())
    await ada.say("request_offer", to=bob.id)
    await bob.hears("request_offer")
    transport.resume_reading()


async def test_connections_that_say_nothing_are_ended_and_the_others_go_on(monkeypatch, caplog):
    monkeypatch.setattr(silent_connections, "_SILENT_SECONDS", 0.3)
    monkeypatch.setattr(silent_connections, "_LOOK_SECONDS", 0.05)
    server = RelayServer(SECRET, allow_origin=lambda *_: True)
    runner, port = await main._serve(server, "127.0.0.1", [0])
    ada = Client()
    await ada.connect(f"http://127.0.0.1:{port}", entry_token(SECRET, "demo"))
    await ada.join()
    caplog.set_level(logging.INFO)

    silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(300)]
    await wait_for(lambda: len(runner.server.connections) == 1, 20, "the silent ones' end")
    async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}/health") as answer:
        assert answer.status == 200

    assert ada.connected
    assert len(caplog.text) < 20_000
    await ada.disconnect()
    for _reader, writer in silent:
        writer.close()
    await runner.cleanup()
