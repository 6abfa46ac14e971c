"""The user's own relay on the network: what others reach there, and what stays the user's own."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import socket
import ssl
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import psutil
import pytest

from rtc_widget.errors import InvalidArgumentError, RelayError
from rtc_widget.relay import discovery, tls_listener
from rtc_widget.relay.address import Relay
from rtc_widget.relay.certificate import make_certificate, server_context
from rtc_widget.relay.tls_listener import listen_by_tls
from rtc_widget.relay.tokens import entry_token, share_token
from tests.support.relay_processes import run_service
from tests.support.relays import Client, RunningRelay
from tests.support.waiting import wait_for, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = "127.0.0.1"


def fingerprint_of(port: int) -> str:
    """Return what a browser would show: the SHA-256 of whatever certificate is there."""
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((HERE, port)))).hexdigest()
    return ":".join(re.findall("..", digest.upper()))


async def answer(url: str, method: str = "GET", **options: Any) -> tuple[int, Any]:
    async with (
        aiohttp.ClientSession() as http,
        http.request(method, url, ssl=False, allow_redirects=False, **options) as said,
    ):
        text = await said.text()
        return said.status, json.loads(text) if text.startswith("{") else text


def test_a_relay_is_shared_when_that_is_asked_for_and_keeps_whom_it_has(
    relays: Callable[[], list[psutil.Process]],
) -> None:
    async def scene() -> None:
        own = await asyncio.to_thread(Relay.local)
        assert own.shared_url is None
        client = Client()
        await client.connect(own.url, own.token("demo"))
        await client.join()

        shared = await asyncio.to_thread(Relay.local, share=HERE)

        assert shared.url == own.url
        assert client.connected
        # Asked for again, also from another kernel, it is the same; and who does not ask finds it as it is.
        for again in (await asyncio.to_thread(Relay.local, share=HERE), await asyncio.to_thread(Relay.local)):
            assert (again.shared_url, again.fingerprint) == (shared.shared_url, shared.fingerprint)
        port = int(shared.shared_url.rpartition(":")[2])
        assert await asyncio.to_thread(fingerprint_of, port) == shared.fingerprint
        listening = [c.laddr.port for c in relays()[0].net_connections() if c.status == psutil.CONN_LISTEN]
        assert sorted(listening) == sorted([port, int(own.url.rpartition(":")[2])])
        assert (await answer(f"{shared.shared_url}/health"))[0] == 200
        await client.disconnect()

    asyncio.run(scene())
    assert discovery.runtime_file().with_suffix(".pem").stat().st_mode & 0o777 == 0o600


def test_with_a_certificate_of_ones_own_the_relay_shows_that(tmp_path: Path) -> None:
    make_certificate(tmp_path / "both.pem", ["call.example.org"])
    text = (tmp_path / "both.pem").read_text()
    head = "-----BEGIN CERTIFICATE-----"
    key, _, certificate = text.partition(head)
    (tmp_path / "own.key").write_text(key)
    (tmp_path / "own.pem").write_text(head + certificate)
    _, fingerprint = server_context(tmp_path / "both.pem")

    shared = Relay.local(share=HERE, certificate=tmp_path / "own.pem", key=str(tmp_path / "own.key"))

    assert shared.fingerprint == fingerprint
    assert fingerprint_of(int(shared.shared_url.rpartition(":")[2])) == fingerprint
    assert asyncio.run(answer(f"{shared.shared_url}/join/demo"))[0] == 200


def test_a_relay_in_the_place_of_one_that_was_shared_is_so_for_who_asked_and_at_the_same_address(
    relays: Callable[[], list[psutil.Process]],
) -> None:
    shared = Relay.local(share=HERE)
    relays()[0].kill()
    wait_until(lambda: not relays(), 30, "its end")

    again = shared.found_again()

    assert (again.shared_url, again.fingerprint) == (shared.shared_url, shared.fingerprint)
    relays()[0].kill()
    wait_until(lambda: not relays(), 30, "its end")
    # Nobody has asked the next one.
    assert Relay.local().shared_url is None


def test_a_stranger_on_the_network_reaches_a_page_and_nothing_that_is_the_owners(
    relays: Callable[[], list[psutil.Process]],
) -> None:
    relay = Relay.local(share=HERE)
    there = relay.shared_url
    secret = discovery.read_runtime_file().secret

    async def scene() -> None:
        assert await answer(f"{there}/health") == (
            200,
            {"ok": True, "service": "rtc_widget.relay", "protocol": 1},
        )
        status, page = await answer(f"{there}/join/demo")
        assert status == 200
        assert "demo" not in page
        for path in (
            "/",
            "/static/widget.js",
            "/static/..%2f..%2fsetup.py",
            "/join/",
        ):
            assert (await answer(f"{there}{path}"))[0] == 404, path
        assert await Client().connect_code(relay.url, None) == "bad_token"
        # Not even who has the secret has it listen elsewhere from there; here nobody does without.
        wish = {"host": HERE, "certificate": "/dev/null"}
        for address, token, code in (
            (there, share_token(secret), "forbidden"),
            (relay.url, entry_token(secret, "demo", role="teacher"), "bad_token"),
            (relay.url, "", "bad_token"),
        ):
            headers = {"Authorization": f"Bearer {token}"}
            refused, said = await answer(f"{address}/share", "POST", json=wish, headers=headers)
            assert (refused, said["error"]["code"]) == (403, code)

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"share": "192.0.2.1"}, "cannot listen at 192.0.2.1"),
        ({"share": HERE, "certificate": "missing.pem"}, "missing.pem cannot be used"),
    ],
)
def test_what_cannot_be_shared_says_why(
    relays: Callable[[], list[psutil.Process]], options: dict[str, Any], said: str
) -> None:
    with pytest.raises(RelayError, match=said) as refused:
        Relay.local(**options)

    assert refused.value.code == "relay_failed"
    assert Relay.local().shared_url is None


def test_a_certificate_is_for_who_shares() -> None:
    with pytest.raises(InvalidArgumentError, match="share=True"):
        Relay.local(certificate="relay.pem")
    with pytest.raises(InvalidArgumentError, match="an address of this machine"):
        Relay.local(share="")


async def test_connections_that_begin_no_tls_are_ended_and_too_many_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls_listener, "_HANDSHAKE_SECONDS", 0.3)
    monkeypatch.setattr(tls_listener, "_MOST_CONNECTIONS", 3)
    make_certificate(tmp_path / "relay.pem", [HERE])
    relay = await RunningRelay.start()
    server = relay._runner.server
    listener = await listen_by_tls(server, HERE, 0, server_context(tmp_path / "relay.pem")[0])
    port = listener.sockets[0].getsockname()[1]

    reader, writer = await asyncio.open_connection(HERE, port)
    began = time.monotonic()
    assert await asyncio.wait_for(reader.read(), 20) == b""
    assert time.monotonic() - began < 10
    writer.close()

    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    crowd = [await asyncio.open_connection(HERE, port, ssl=anybody) for _ in range(3)]
    await wait_for(lambda: len(server.connections) == 3, 20, "the crowd")
    with pytest.raises(aiohttp.ClientError):
        await answer(f"https://{HERE}:{port}/health")
    # The user's own get in all the same.
    assert (await answer(f"{relay.url}/health"))[0] == 200
    for _reader, writer in crowd:
        writer.close()
    listener.close()
    await relay.stop()


def test_a_service_makes_its_certificate_and_says_its_fingerprint(
    relays: Callable[[], list[psutil.Process]], tmp_path: Path
) -> None:
    pem = tmp_path / "relay.pem"
    process = run_service("--secret-file", str(tmp_path / "secret"), "--certificate", str(pem))
    port = int(re.search(r"https://127\.0\.0\.1:(\d+)", process.stdout.readline())[1])
    said = process.stdout.readline()

    assert fingerprint_of(port) in said
    status, _ = asyncio.run(answer(f"https://{HERE}:{port}/join/demo"))
    assert status == 200
    with socket.create_connection((HERE, port)) as plain:
        plain.sendall(b"GET /health HTTP/1.1\r\n\r\n")
        assert b"200 OK" not in plain.recv(1_000)
    process.terminate()
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors

    alone = run_service("--secret-file", str(tmp_path / "secret"), "--key", str(pem))
    assert "--certificate" in alone.communicate(timeout=20)[1]
