"""Which STUN and TURN servers a peer uses: aiortc takes the first of each, whether that answers or not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.ice.ice_servers import IceServers
from rtc_widget.ice.turn_server import TurnServer
from rtc_widget.peer.process import usable_ice_servers
from rtc_widget.peer.process.usable_ice_servers import UsableIceServers

if TYPE_CHECKING:
    from rtc_widget.ice.inquiry import Outcome
    from rtc_widget.ice.urls import IceUrl

ACCESS = {"username": "ada", "credential": "pw"}
UDP, TCP, TLS = "turn:t.example?transport=udp", "turn:t.example?transport=tcp", "turns:t.example"


class Network:
    """Servers that answer, each with what it says and after how long."""

    def __init__(self, **answers: tuple[Outcome, float]) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.reported: list[dict[str, Any]] = []

    async def ask(self, url: IceUrl, username: str, credential: str, seconds: float) -> Outcome:
        key = f"{url.service}_{url.transport}"
        self.asked.append(key)
        if url.service == "turn":
            assert (username, credential) == ("ada", "pw")
        outcome, after = self.answers.get(key, ("silent", 0.0))
        await asyncio.sleep(after)
        return outcome

    def servers(self, *urls: str) -> UsableIceServers:
        given = [{"urls": [url for url in urls if url.startswith("turn")], **ACCESS}]
        given += [{"urls": url} for url in urls if url.startswith("stun")]
        return UsableIceServers(IceServers(given), self.reported.append, self.ask)


@pytest.mark.parametrize(
    ("answers", "chosen"),
    [
        ({"turn_udp": ("serves", 0.0), "turn_tcp": ("serves", 0.0), "turn_tls": ("serves", 0.0)}, UDP),
        # The better one may be a little slower.
        ({"turn_udp": ("serves", 0.05), "turn_tls": ("serves", 0.0)}, UDP),
        ({"turn_udp": ("silent", 0.0), "turn_tcp": ("serves", 0.05), "turn_tls": ("serves", 0.0)}, TCP),
        ({"turn_udp": ("serves", 9.0), "turn_tcp": ("refuses", 0.0), "turn_tls": ("serves", 0.0)}, TLS),
    ],
)
async def test_the_first_that_serves_is_used_udp_before_tcp_before_tls(
    answers: dict[str, tuple[Outcome, float]], chosen: str
) -> None:
    network = Network(**answers)
    servers = network.servers(TLS, TCP, UDP)

    await servers.choose()

    turn, *stun = servers.current()
    assert turn == {"urls": [chosen], **ACCESS}
    # As browsers do: a TURN server says which address we have.
    assert stun == ([{"urls": ["stun:t.example"]}] if chosen == UDP else [])
    assert network.reported == []


async def test_of_stun_servers_one_that_answers_is_used() -> None:
    network = Network(stun_udp=("serves", 0.0))
    servers = network.servers(
        "stuns:s.example", "stun:a.example", "stun:b.example", "stun:c.example?transport=tcp"
    )

    await servers.choose()

    assert servers.current() == [{"urls": ["stun:a.example"]}]
    assert network.asked == ["stun_udp", "stun_udp"]


@pytest.mark.parametrize(
    ("answers", "code", "says"),
    [
        ({"turn_udp": ("refuses", 0.0)}, "turn_refused", "refuses the credentials"),
        ({"turn_tcp": ("full", 0.0)}, "turn_failed", "is full"),
        ({}, "turn_failed", "does not answer"),
    ],
)
async def test_without_a_turn_server_it_is_said_why_and_none_is_waited_for(
    answers: dict[str, tuple[Outcome, float]], code: str, says: str
) -> None:
    network = Network(**answers)
    servers = network.servers(UDP, TCP)

    await servers.choose()

    assert servers.current() == []
    (entry,) = network.reported
    assert (entry["type"], entry["code"]) == ("error", code)
    assert says in entry["message"]


async def test_servers_that_never_answer_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usable_ice_servers, "_SECONDS", 0.01)
    monkeypatch.setattr(usable_ice_servers, "_GRACE_SECONDS", 0.01)
    network = Network(turn_udp=("serves", 60.0))

    await network.servers(UDP).choose()

    assert network.reported[0]["code"] == "turn_failed"


async def test_they_are_asked_again_only_when_others_are_named_or_the_network_may_have_changed() -> None:
    network = Network(turn_udp=("serves", 0.0))
    servers = network.servers(UDP)

    await servers.choose()
    await servers.choose()
    assert len(network.asked) == 1
    await servers.choose(anew=True)
    assert len(network.asked) == 2
    servers.of_relay = [{"urls": "stun:s.example"}]
    await servers.choose()
    assert len(network.asked) == 4


async def test_new_credentials_are_used_without_asking() -> None:
    async def ask(*_given: Any) -> Outcome:
        return "serves"

    servers = UsableIceServers(IceServers(), list[Any]().append, ask)
    turn = TurnServer("turns:t.example", secret="the secret of the tests")
    servers.of_relay = [turn.ice_server()]
    await servers.choose()
    servers.of_relay = [turn.ice_server()]

    assert servers.current() == servers.of_relay
