"""Calls through a real TURN server alone: credentials from a shared secret, over UDP, TCP and TLS, between Peers."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget import RoomWidget, TurnServer
from tests.support.coturn import SECRET, Coturn
from tests.support.peers import Peers, start_relay
from tests.support.relays import Client, RunningRelay
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rtc_widget import Peer

RELAYED = {"local": "relay", "remote": "relay", "protocol": "udp"}


@pytest.fixture(scope="module", autouse=True)
def coturn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    """A TURN server whose certificate the processes of this module trust."""
    server = Coturn(tmp_path_factory.mktemp("turn"))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SSL_CERT_FILE", str(server.authority))
        yield server.wait()
    server.stop()


@pytest.fixture(scope="module")
def without_udp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    """A TURN server that UDP does not reach."""
    server = Coturn(tmp_path_factory.mktemp("without udp"), "--no-udp")
    yield server.wait()
    server.stop()


@pytest.fixture
def teacher(peers: Peers) -> Iterator[RoomWidget]:
    """Somebody who watches the room, in which no other way than by a TURN server is left."""
    widget = RoomWidget(peers.room, relay=peers.relay)
    widget.fault.turn_only()
    yield widget
    widget.close()


def meet(ada: Peer, bob: Peer) -> None:
    """Wait until pictures come through the TURN server."""
    bob.wait_for("connected", 30)
    assert bob.frame("Ada", timeout=30).shape == (360, 640, 3)
    for peer, other in ((ada, "Bob"), (bob, "Ada")):
        seen = peer.participants[other]
        wait_until(lambda seen=seen: seen.selected_candidate_pair == RELAYED, 20, "the pair")


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_peers_meet_at_the_turn_server_where_no_other_way_is_left(
    peers: Peers, teacher: RoomWidget, coturn: Coturn, transport: str, tmp_path: Path
) -> None:
    turn = coturn.server(transport)
    ada = peers("Ada", source="pattern", turn=turn)
    ada.wait_for("joined")
    bob = peers("Bob", turn=turn)

    meet(ada, bob)

    assert (ada.error, bob.error) == (None, None)
    teacher.trace.save(tmp_path / "trace.json")
    saved = (tmp_path / "trace.json").read_text()
    assert " typ relay" in saved
    # A user's name for a TURN server begins with when it ends, as seconds since the epoch and a colon.
    assert not re.search(rf"{SECRET}|credential|username|[^0-9]1[0-9]{{9}}:", saved)


@pytest.mark.usefixtures("teacher")
def test_where_udp_is_blocked_peers_come_by_tcp(peers: Peers, without_udp: Coturn) -> None:
    turn = without_udp.server("udp", "tcp", "tls")
    ada = peers("Ada", source="pattern", turn=turn)
    ada.wait_for("joined")
    bob = peers("Bob", turn=turn)

    meet(ada, bob)


def test_a_wrong_secret_is_told_to_the_peer_and_in_the_trace_and_connects_nobody(
    peers: Peers, teacher: RoomWidget, coturn: Coturn
) -> None:
    ada = peers("Ada", turn=coturn.server("udp", "tcp", secret="another secret"))
    ada.wait_for(lambda peer: peer.error is not None, 20)

    assert ada.state == "joined"
    assert ada.error["code"] == "turn_refused"
    assert "refuses the credentials" in ada.error["message"]

    def told() -> list[Any]:
        return [event for event in teacher.trace if event.data.get("code") == "turn_refused"]

    wait_until(told, 20, "the error in the trace")
    assert "another secret" not in repr(told())


def test_without_a_server_at_its_address_peers_connect_directly_and_say_so(peers: Peers) -> None:
    turn = TurnServer("turn:127.0.0.1:9", secret=SECRET)
    ada = peers("Ada", source="pattern", turn=turn)
    ada.wait_for("joined")
    bob = peers("Bob")

    bob.wait_for("connected", 30)
    assert ada.error["code"] == "turn_failed"
    assert "does not answer" in ada.error["message"]


@pytest.mark.usefixtures("teacher")
def test_whoever_comes_after_the_first_credentials_have_ended_is_met_with_others(
    peers: Peers, coturn: Coturn
) -> None:
    turn = coturn.server("udp", lifetime=2)
    ada = peers("Ada", source="pattern", turn=turn)
    ada.wait_for("joined")
    asyncio.run(coturn.has_ended(turn.ice_server()))

    meet(ada, peers("Bob", turn=turn))


# -- the relay's


async def test_who_joins_gets_credentials_from_the_relay_and_new_ones_before_they_end(coturn: Coturn) -> None:
    relay = await RunningRelay.start(turn=coturn.server("udp", lifetime=2))
    ada, bob = Client(), Client()
    given = []
    for client in (ada, bob):
        await client.connect(relay.url, relay.token())
        given.append((await client.join())["iceServers"][0])

    (renewed,) = (await ada.hears("ice_servers"))["iceServers"]

    names = {server["username"] for server in (*given, renewed)}
    assert len(names) == 3
    assert await coturn.answer(renewed) == "serves"
    await coturn.has_ended(renewed)
    for client in (ada, bob):
        await client.disconnect()
    await relay.stop()


def test_a_relay_that_is_started_with_a_turn_server_gives_it_to_peers(tmp_path: Path, coturn: Coturn) -> None:

    (tmp_path / "turn.secret").write_text(SECRET + "\n")
    service, relay = start_relay(
        tmp_path, "--turn", coturn.url("udp"), "--turn-secret-file", str(tmp_path / "turn.secret")
    )
    peers = Peers(relay)
    teacher = RoomWidget(peers.room, relay=relay)
    teacher.fault.turn_only()
    try:
        ada = peers("Ada", source="pattern")
        ada.wait_for("joined")
        meet(ada, peers("Bob"))
    finally:
        teacher.close()
        peers.close()
        service.terminate()
        service.communicate(timeout=20)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--turn", "turn:turn.example.org"], "--turn and --turn-secret-file belong together"),
        (["--turn-secret-file", "missing"], "--turn and --turn-secret-file belong together"),
        (["--turn", "turn:turn.example.org", "--turn-secret-file", "missing"], "Cannot read missing"),
        (["--turn", "stun:x.example", "--turn-secret-file", "secret"], "A TURN server's address is"),
    ],
)
def test_the_service_says_what_is_wrong_with_its_turn_server(
    tmp_path: Path, options: list[str], says: str
) -> None:
    (tmp_path / "secret").write_text(SECRET)
    command = [sys.executable, "-m", "rtc_widget.relay", "--secret-file", "secret", *options]

    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode == 1
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr
