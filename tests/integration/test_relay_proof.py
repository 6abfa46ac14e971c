"""Before a page sends a token, the relay proves to be the one that the page's kernel named."""

from __future__ import annotations

from typing import Any

import aiohttp
import socketio

from rtc_widget.protocol.signaling import PROOF_NAMESPACE
from rtc_widget.relay import engine
from rtc_widget.relay.tokens import proof
from tests.support.relays import SECRET, RunningRelay
from tests.support.waiting import wait_for


async def answer_of(relay: RunningRelay, challenge: object) -> Any:
    async with aiohttp.ClientSession() as http:
        client = socketio.AsyncClient(reconnection=False, http_session=http)
        await client.connect(relay.url, namespaces=[PROOF_NAMESPACE], transports=["websocket"])
        try:
            return await client.call("prove", challenge, namespace=PROOF_NAMESPACE)
        finally:
            await client.disconnect()


async def test_a_relay_proves_itself_without_a_token(relay):
    assert await answer_of(relay, "abc") == {"proof": proof(SECRET, "abc", relay.port)}


async def test_what_is_no_challenge_is_not_answered(relay):
    assert await answer_of(relay, {"a": 1}) == {"proof": None}
    assert await answer_of(relay, None) == {"proof": None}


async def test_a_proof_is_good_for_the_port_of_who_gave_it_only(relay):
    other = await RunningRelay.start()
    try:
        assert await answer_of(other, "abc") != await answer_of(relay, "abc")
    finally:
        await other.stop()


async def test_who_only_lets_the_relay_prove_itself_is_put_out(relay, monkeypatch):
    monkeypatch.setattr(engine, "_CONNECT_SECONDS", 0.1)
    async with aiohttp.ClientSession() as http:
        client = socketio.AsyncClient(reconnection=False, http_session=http)
        await client.connect(relay.url, namespaces=[PROOF_NAMESPACE], transports=["websocket"])
        # A second time over the same connection, of which nothing may be left.
        await client.eio.send(f"0{PROOF_NAMESPACE},")
        await wait_for(lambda: not client.connected, 30, "the end of the connection")
    sio = relay.server._sio
    await wait_for(lambda: not sio.eio.sockets, 30, "the end of the session")
    assert not sio.environ
    assert not sio.manager.rooms.get(PROOF_NAMESPACE)
