"""The user's own relay as a process: found or started, one for all, gone by itself; and the relay as a service."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import http.client
import io
import json
import os
import re
import resource
import signal
import socket
import stat
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from rtc_widget.errors import RelayError
from rtc_widget.relay import discovery
from rtc_widget.relay.address import Relay
from rtc_widget.relay.tokens import entry_token
from tests.support.processes import free_port
from tests.support.relay_processes import run_service as service
from tests.support.relays import Client
from tests.support.waiting import wait_for, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable


FIND = "from rtc_widget.relay.discovery import find_or_start; relay = find_or_start(); print(relay.port, relay.secret)"


def the_only(relays: Callable[[], list[psutil.Process]]) -> psutil.Process:
    # The process that starts a relay hands over to its child; for a moment there are two.
    return wait_until(lambda: len(found := relays()) == 1 and found[0], 30, "exactly one relay process")


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def joins(url: str, token: str, room: str = "demo") -> bool:
    client = Client(room)
    await client.connect(url, token)
    code = await client.code("join_room")
    await client.disconnect()
    return code == "ok"


def test_the_first_call_starts_the_relay_and_the_second_finds_it(relays):
    first = discovery.find_or_start()
    process = the_only(relays)
    second = discovery.find_or_start()

    assert first == second
    assert the_only(relays) == process


def test_the_local_relay_admits_who_has_a_token(relays):
    relay = Relay.local()

    assert asyncio.run(joins(relay.url, relay.token("demo")))
    assert asyncio.run(Client().connect_code(relay.url, entry_token("another secret", "demo"))) == "bad_token"


def test_processes_that_look_for_a_relay_at_once_get_the_same_one(relays):
    seekers = [
        subprocess.Popen([sys.executable, "-c", FIND], stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    answers = {seeker.communicate(timeout=60)[0] for seeker in seekers}

    assert len(answers) == 1
    assert re.fullmatch(r"\d+ \S+\n", answers.pop())
    the_only(relays)


def test_after_kill_9_the_next_relay_has_the_same_port_and_secret(relays):
    before = discovery.find_or_start()
    process = the_only(relays)
    process.kill()
    wait_until(lambda: not relays(), 30, "the relay's end")

    after = discovery.find_or_start()

    assert after == before
    assert the_only(relays) != process
    assert asyncio.run(joins(after.url, entry_token(before.secret, "demo")))


def test_after_kill_9_a_token_that_was_used_up_admits_nobody(relays):
    relay = Relay.local()
    once = relay.token("demo", max_uses=1)
    assert asyncio.run(joins(relay.url, once))
    the_only(relays).kill()
    wait_until(lambda: not relays(), 30, "the relay's end")

    again = Relay.local()

    assert not asyncio.run(joins(again.url, once))


def test_another_program_on_the_old_port_is_not_taken_for_the_relay(relays):
    before = discovery.find_or_start()
    the_only(relays).kill()
    wait_until(lambda: not listens(before.port), 30, "the port to be free")
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", before.port))
        other.listen()

        after = discovery.find_or_start()

    assert after.port != before.port
    assert after.secret == before.secret


async def test_a_relay_in_whose_place_there_is_another_ends(relays):
    before = discovery.find_or_start()
    hung = await asyncio.to_thread(the_only, relays)
    client = Client("demo")
    await client.connect(before.url, entry_token(before.secret, "demo"))
    await client.join()
    hung.suspend()
    after = await asyncio.to_thread(discovery.find_or_start)
    hung.resume()

    assert after.port != before.port
    await wait_for(lambda: not client.connected, 30, "the end of those whom it had")
    await wait_for(lambda: hung not in relays(), 30, "its end")
    assert discovery.read_runtime_file() == after
    await client.disconnect()


def test_a_relay_out_of_descriptors_says_so_once_and_serves_whom_it_has(relays, tmp_path):
    ours = service("--secret-file", str(tmp_path / "secret"))
    port = int(re.search(r":(\d+)", ours.stdout.readline())[1])
    process = psutil.Process(ours.pid)
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port)) as known:
        assert health(known)
        process.rlimit(resource.RLIMIT_NOFILE, (process.num_fds(),) * 2)
        with socket.socket() as stranger:
            stranger.connect(("127.0.0.1", port))
            # Two seconds in which it tries again and again.
            assert all(health(known) and not time.sleep(0.5) for _ in range(4))
    ours.terminate()

    _, said = ours.communicate(timeout=30)
    assert said.count("No connection can be accepted") == 1
    assert "Traceback" not in said


def health(connection: http.client.HTTPConnection) -> bool:
    connection.request("GET", "/health")
    return bool(json.loads(connection.getresponse().read())["ok"])


def test_a_relay_with_another_secret_on_the_port_is_not_taken_for_ours(relays, tmp_path):
    secret_file = tmp_path / "another secret"
    theirs = service("--secret-file", str(secret_file))
    port = int(re.search(r":(\d+)", theirs.stdout.readline())[1])
    discovery.write_runtime_file(discovery.LocalRelay(port, "the secret of ours"))

    ours = discovery.find_or_start()

    assert ours.port != port
    assert ours.secret == "the secret of ours"
    theirs.terminate()
    theirs.communicate(timeout=30)


def test_a_damaged_runtime_file_is_replaced(relays):
    discovery.runtime_file().parent.mkdir()
    for damage in ("", "{", "[]", '{"port": "x"}', '{"secret": "x"}'):
        discovery.runtime_file().write_text(damage)
        assert discovery.read_runtime_file() is None

    relay = discovery.find_or_start()

    assert discovery.read_runtime_file() == relay


def test_the_runtime_file_is_for_the_user_alone(relays):
    os.umask(0)
    try:
        relay = discovery.find_or_start()
    finally:
        os.umask(0o022)

    file = discovery.runtime_file()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert json.loads(file.read_text()) == {"port": relay.port, "secret": relay.secret}
    assert relay.secret not in repr(relay)


def test_nothing_but_the_runtime_file_holds_the_secret(relays):
    relay = discovery.find_or_start()

    process = the_only(relays)

    assert relay.secret not in " ".join(process.cmdline())
    assert relay.secret not in str(process.environ())
    for file in discovery.runtime_file().parent.iterdir():
        if file != discovery.runtime_file():
            assert relay.secret not in file.read_text()


def test_the_relay_listens_on_loopback_only(relays):
    discovery.find_or_start()

    listening = [c for c in the_only(relays).net_connections() if c.status == psutil.CONN_LISTEN]

    assert [connection.laddr.ip for connection in listening] == ["127.0.0.1"]


def test_the_relay_outlives_the_interruption_of_whoever_started_it(relays):
    seeker = subprocess.Popen(
        [sys.executable, "-c", f"{FIND}; import time; print(flush=True); time.sleep(600)"],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    port = int(seeker.stdout.readline().split()[0])

    os.killpg(seeker.pid, signal.SIGINT)
    seeker.wait(10)
    seeker.stdout.close()

    assert discovery.find_or_start().port == port


def test_a_relay_told_to_end_removes_its_file(relays):
    discovery.find_or_start()

    the_only(relays).terminate()

    wait_until(lambda: not relays(), 30, "the relay's end")
    assert not discovery.runtime_file().exists()


def test_an_unused_relay_stops_by_itself(relays):
    impatient = (
        "import sys, rtc_widget.relay.__main__ as m; m._LOCAL_IDLE_SECONDS = 0.3;"
        "sys.argv = ['rtc_widget.relay', '--local']; m.main()"
    )
    subprocess.run([sys.executable, "-c", impatient], stdout=subprocess.DEVNULL, check=True, timeout=20)

    relay = discovery.read_runtime_file()

    wait_until(lambda: not listens(relay.port), 30, "the relay to stop listening")
    wait_until(lambda: not discovery.runtime_file().exists(), 30, "the runtime file to go")


def test_a_relay_that_cannot_start_says_where_its_log_is(relays, monkeypatch, tmp_path):
    broken = tmp_path / "broken-python"
    broken.write_text("#!/bin/sh\necho 'no such module' >&2\nexit 1\n")
    broken.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(broken))

    with pytest.raises(RelayError, match=r"\.log") as failed:
        discovery.find_or_start()

    assert failed.value.code == "relay_failed"
    logs = list(discovery.runtime_file().parent.glob("*.log"))
    assert [log.read_text() for log in logs] == ["no such module\n"]


@pytest.mark.parametrize("reason", [errno.EACCES, errno.ENOSPC])
def test_a_runtime_directory_that_cannot_be_written_is_named(relays, monkeypatch, reason):
    class Full(io.BytesIO):
        def write(self, _data):
            raise OSError(reason, os.strerror(reason))

    monkeypatch.setattr(discovery.tempfile, "TemporaryFile", lambda **_: Full())

    with pytest.raises(RelayError, match=rf"{os.strerror(reason)}.*JUPYTER_RUNTIME_DIR") as failed:
        discovery.find_or_start()

    assert failed.value.code == "relay_failed"


def test_the_service_makes_its_secret_says_its_address_and_ends_on_sigterm(relays, tmp_path):
    secret_file = tmp_path / "relay.secret"
    ice = tmp_path / "ice.json"
    ice.write_text('[{"urls": "stun:127.0.0.1"}]')
    process = service("--secret-file", str(secret_file), "--ice-servers", str(ice))
    url = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())[0]
    secret = secret_file.read_text().strip()

    assert stat.S_IMODE(secret_file.stat().st_mode) == 0o600
    assert len(secret) >= 32
    assert asyncio.run(joins(url, entry_token(secret, "demo")))
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == 0


def test_the_service_keeps_its_secret_and_its_port(relays, tmp_path):
    secret_file = tmp_path / "relay.secret"
    secret_file.write_text("a secret that was here before\n")
    port = free_port()
    process = service("--secret-file", str(secret_file), "--port", str(port))
    process.stdout.readline()

    assert asyncio.run(
        joins(f"http://127.0.0.1:{port}", entry_token("a secret that was here before", "demo"))
    )
    process.terminate()
    process.communicate(timeout=30)
    assert secret_file.read_text() == "a secret that was here before\n"


def test_the_service_says_what_is_missing(relays, tmp_path):
    short = tmp_path / "short"
    short.write_text("short")
    same = tmp_path / "same"
    same.write_text("secret" * 8)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for arguments, said in (
            ([], "--secret-file"),
            (["--secret-file", str(short)], "at least 16"),
            (["--secret-file", str(same)], "8 of them different"),
            (["--secret-file", str(tmp_path / "nowhere" / "secret")], "name one in a folder that exists"),
            (["--secret-file", str(tmp_path / "secret"), "--port", str(port)], f"127.0.0.1:{port}"),
        ):
            process = service(*arguments)
            _, errors = process.communicate(timeout=20)
            assert process.returncode == 1
            assert said in errors
            assert "Traceback" not in errors
