"""One client cannot take the relay from the others."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import time

import aiohttp

from rtc_widget.relay import app, engine
from tests.support.relays import ANSWER, OFFER, Client, RunningRelay
from tests.support.waiting import wait_for


async def test_a_megabyte_is_refused_and_everybody_goes_on(join):
    ada, bob = await join(), await join()

    huge = {"type": "offer", "sdp": "v=0" + "x" * 1_000_000}
    code = await ada.code("offer", to=bob.id, offer=huge)

    assert code == "payload_too_large"
    await ada.say("offer", to=bob.id, offer=OFFER)
    await bob.say("answer", to=ada.id, answer=ANSWER)
    await ada.hears("answer")
    assert bob.names() == ["offer"]


async def test_more_than_the_transport_takes_ends_that_connection_only(join):
    ada, bob, eve = [await join() for _ in range(3)]

    await ada.emit("offer", {"roomId": "demo", "to": bob.id, "offer": "x" * 3_000_000})

    await bob.hears("user_away", socketId=ada.id)
    await bob.say("request_offer", to=eve.id)
    await eve.hears("request_offer")


async def test_binary_is_refused_and_everybody_goes_on(join):
    ada, bob = await join(), await join()

    assert await ada.code("offer", to=bob.id, offer=b"\x00" * 100) == "bad_request"
    await ada.say("request_offer", to=bob.id)
    assert await bob.caught_up() == ["request_offer"]


async def test_packets_that_are_not_socketio_harm_nobody(join, caplog):
    ada, bob = await join(), await join()

    for packet in (
        "",
        "9",
        "2",
        "2[",
        "2{}",
        "2[]",
        "2[7]",
        "3",
        "4",
        "2/other,[]",
        "0{",
        "1e9",
        "2" + "[" * 5_000,
    ):
        await ada._sio.eio.send(packet)

    await bob.say("request_offer", to=ada.id)
    await ada.hears("request_offer")
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_flood_is_refused_and_the_others_hardly_notice(join):
    ada, bob, eve = [await join() for _ in range(3)]

    flood = asyncio.gather(*(ada.code("request_offer", to="nobody") for _ in range(2_000)))
    began = time.monotonic()
    await bob.say("request_offer", to=eve.id)
    await eve.hears("request_offer")
    waited = time.monotonic() - began
    codes = await flood

    assert codes[0] == "unknown_participant"
    assert "rate_limited" in codes
    assert set(codes) == {"unknown_participant", "rate_limited"}
    assert waited < 10

    async def accepted():
        return await ada.code("request_offer", to=bob.id) == "ok"

    await wait_for(accepted, 30, "the flooder's own allowance to come back")


async def test_a_connection_that_joins_and_leaves_all_the_time_is_slowed_down(join):
    ada = await join()
    bob = await join()
    codes = []
    for _ in range(30):
        await ada.call("leave_room", {"roomId": "demo"})
        codes.append(await ada.code("join_room"))

    assert "rate_limited" in codes
    assert set(codes) <= {"ok", "rate_limited"}
    assert (await bob.caught_up()).count("user_joined") <= 15


async def test_a_thousand_joins_at_once_leave_the_relay_alive(relay, join):
    """Many are refused, with a code; whoever is in a call stays in it."""
    ada, bob = await join("call"), await join("call")
    clients = [Client(f"room {number % 100}") for number in range(1_000)]
    # A machine has fewer sockets to give at one moment than this wants.
    gate = asyncio.Semaphore(50)

    async def come(client: Client) -> str:
        async with gate:
            try:
                await client.connect(relay.url, relay.token(client.room))
                return await client.code("join_room")
            except Exception:
                await wait_for(lambda: client.refusal is not None, 30, "a reason")
                return str(client.refusal["data"]["code"])
            finally:
                await client.disconnect()

    crowd = asyncio.gather(*map(come, clients))
    waits = []
    while not crowd.done():
        began = time.monotonic()
        await ada.say("request_offer", to=bob.id)
        await bob.hears("request_offer")
        bob.forget()
        waits.append(time.monotonic() - began)
        await asyncio.sleep(0.05)
    codes = await crowd

    assert set(codes) <= {"ok", "rate_limited", "room_full"}
    assert codes.count("ok") >= 400
    assert max(waits) < 10
    await wait_for(lambda: len(relay.server._rooms) == 1, 30, "the crowd's rooms to go")


async def test_connections_beyond_the_allowance_are_refused_with_a_code(monkeypatch):
    monkeypatch.setattr(app, "_CONNECTIONS", (0.1, 3))
    relay = await RunningRelay.start()

    codes = [await Client().connect_code(relay.url, relay.token()) for _ in range(4)]

    assert codes == ["connected"] * 3 + ["rate_limited"]
    await relay.stop()


# -- before any token


async def test_who_does_not_become_a_client_is_put_out(relay, monkeypatch):
    monkeypatch.setattr(engine, "_CONNECT_SECONDS", 0.1)
    address = f"{relay.url}/socket.io/?EIO=4&transport=polling"
    async with aiohttp.ClientSession() as http:
        async with http.get(address) as answer:
            session = json.loads((await answer.text())[1:])["sid"]

        async def is_out() -> bool:
            async with http.post(f"{address}&sid={session}", data="3") as answer:
                return answer.status == 400

        await wait_for(is_out, 30, "the end of the session")
    assert relay.server._sio.eio.sockets == {}
    assert session not in relay.server._sio.environ


async def test_large_json_without_a_token_is_not_even_parsed(relay, monkeypatch):
    parsed = []
    loads = json.loads
    monkeypatch.setattr(
        json,
        "loads",
        lambda text, *given, **options: parsed.append(len(text)) or loads(text, *given, **options),
    )
    address = f"{relay.url}/socket.io/?EIO=4&transport=polling"
    async with aiohttp.ClientSession() as http:
        async with http.get(address) as answer:
            session = loads((await answer.text())[1:])["sid"]
        async with http.post(
            f"{address}&sid={session}", data=io.BytesIO(f"4[{'{},' * 300_000}0]".encode())
        ) as answer:
            await answer.text()
        async with http.post(
            f"{address}&sid={session}", data=io.BytesIO(f"4[{'{},' * 5_000_000}0]".encode())
        ) as answer:
            assert answer.status == 400

    assert max(parsed, default=0) < 5_000


async def test_nothing_is_kept_of_a_client_that_begins_after_its_end(relay):
    address = f"{relay.url}/socket.io/?EIO=4&transport=polling"
    async with aiohttp.ClientSession() as http:
        for _ in range(3):
            async with http.get(address) as answer:
                session = json.loads((await answer.text())[1:])["sid"]
            begin = "40" + json.dumps({"token": relay.token()})
            async with http.post(f"{address}&sid={session}", data=f"1\x1e{begin}") as answer:
                await answer.text()

    await wait_for(lambda: not relay.server._sio.environ, 30, "the end of all sessions")
    assert relay.server._clients == {}
    assert relay.server._sio._buckets == {}
