"""Asking a STUN server whether it can be reached."""

from __future__ import annotations

import asyncio
import struct
from typing import TYPE_CHECKING, Any

import pytest
from aioice import stun as another

from rtc_widget.ice import inquiry
from rtc_widget.preflight import stun
from rtc_widget.preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "stun:stun.example:3479"
COOKIE = 0x2112A442


def answer_to(request: bytes, kind: int = 0x0101) -> bytes:
    return struct.pack("!HHI12s", kind, 0, COOKIE, request[8:20])


class Network:
    """Where a server is, or none."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent: list[bytes] = []
        self.asked: list[tuple[str, int]] = []
        self.closed = 0
        self.failure: Exception | None = None
        self.on_request: Callable[[Any, bytes], None] = lambda _protocol, _request: None
        self.protocol: Any = None
        monkeypatch.setattr(asyncio.get_running_loop(), "create_datagram_endpoint", self._open)

    async def _open(self, make: Callable[[], Any], remote_addr: tuple[str, int]) -> tuple[Network, Any]:
        self.asked.append(remote_addr)
        if self.failure is not None:
            raise self.failure
        self.protocol = make()
        return self, self.protocol

    def sendto(self, data: bytes) -> None:
        self.sent.append(data)
        self.on_request(self.protocol, data)

    def close(self) -> None:
        self.closed += 1

    def answers_with(self, *datagrams: Callable[[bytes], bytes]) -> None:
        """Let each request be answered with these."""

        def on_request(protocol: Any, request: bytes) -> None:
            for datagram in datagrams:
                protocol.datagram_received(datagram(request), ("192.0.2.1", 3478))

        self.on_request = on_request


@pytest.fixture
async def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    monkeypatch.setattr(inquiry, "_PAUSES", (0.01, 0.01, 0.01))
    return Network(monkeypatch)


async def test_a_server_that_answers_is_good_and_was_asked_as_others_ask(network: Network) -> None:
    network.answers_with(answer_to)

    finding = await stun.check(URL)

    assert (finding.check, finding.state) == (URL, "good")
    assert network.asked == [("stun.example", 3479)]
    message = another.parse_message(network.sent[0])
    assert (message.message_method, message.message_class) == (another.Method.BINDING, another.Class.REQUEST)
    assert (len(network.sent), network.closed) == (1, 1)


async def test_a_refusal_is_an_answer_too(network: Network) -> None:
    network.answers_with(lambda request: answer_to(request, 0x0111))

    assert (await stun.check(URL)).state == "good"


@pytest.mark.parametrize(
    "datagram",
    [
        lambda _request: b"",
        lambda request: answer_to(request)[:-1],
        lambda request: request,
        lambda request: answer_to(bytes(20)) if request[8:20] != bytes(12) else b"",
        lambda request: answer_to(request)[:4] + bytes(4) + request[8:20],
    ],
    ids=["empty", "cut", "echo", "another transaction", "no cookie"],
)
async def test_what_is_no_answer_does_not_count_and_the_question_is_asked_again(
    network: Network, datagram: Callable[[bytes], bytes]
) -> None:
    network.answers_with(datagram)

    assert (await stun.check(URL)).state == "warning"
    assert len(network.sent) == 3
    assert len(set(network.sent)) == 1
    assert network.closed == 1


async def test_an_answer_to_a_later_question_is_good(network: Network) -> None:
    def on_request(protocol: Any, request: bytes) -> None:
        if len(network.sent) == 3:
            protocol.datagram_received(answer_to(request), None)

    network.on_request = on_request

    assert (await stun.check(URL)).state == "good"


async def test_where_nothing_listens_it_is_not_asked_again(network: Network) -> None:
    network.on_request = lambda protocol, _request: protocol.error_received(ConnectionRefusedError())

    assert (await stun.check(URL)).state == "warning"
    assert (len(network.sent), network.closed) == (1, 1)


@pytest.mark.parametrize(
    "failure",
    [OSError("No such host"), TimeoutError(), UnicodeError("label empty or too long")],
    ids=["unknown", "slow", "no name"],
)
async def test_a_host_that_cannot_be_found_is_a_warning(network: Network, failure: Exception) -> None:
    network.failure = failure

    finding = await stun.check("stun:a..b")

    assert finding.state == "warning"
    assert "Check the address" in finding.advice


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [("stun:a.example", "a.example", 3478), ("stun:[2001:db8::1]:19302", "2001:db8::1", 19302)],
)
async def test_an_address_may_leave_out_its_port_and_be_one_of_ipv6(
    network: Network, url: str, host: str, port: int
) -> None:
    await stun.check(url)

    assert network.asked == [(host, port)]


@pytest.mark.parametrize(
    ("outcome", "state", "says"),
    [
        ("serves", "good", "Gave the kernel a relayed address in"),
        ("refuses", "problem", "refuses the credentials"),
        ("full", "problem", "is full"),
        ("silent", "warning", "Did not answer the kernel"),
    ],
)
async def test_a_turn_server_is_asked_for_an_address_with_its_credentials(
    monkeypatch: pytest.MonkeyPatch, outcome: str, state: str, says: str
) -> None:
    asked: list[Any] = []

    async def ask(*given: Any) -> str:
        asked.append(given)
        return outcome

    monkeypatch.setattr(stun, "ask", ask)
    servers = [{"urls": ["stun:x"]}, {"urls": ["turns:a.example"], "username": "ada", "credential": "pw"}]

    finding = await stun.check("turns:a.example", *stun.credentials(servers, "turns:a.example"))

    assert (finding.check, finding.state) == ("turns:a.example", state)
    assert says in finding.text
    assert asked[0][1:3] == ("ada", "pw")
    assert "pw" not in repr(finding)


@pytest.mark.parametrize(
    ("states", "conclusion"),
    [
        ({"stun:a": "warning", "turn:a": "warning", "turn:a?transport=tcp": "good"}, ["UDP"]),
        ({"turn:a": "warning", "turns:a": "good"}, ["UDP"]),
        ({"turn:a": "good", "turns:a": "good"}, []),
        ({"turn:a": "warning", "turns:a": "warning"}, ["Network"]),
        ({"turn:a": "warning"}, []),
        ({"turn:a": "problem", "turns:a": "good"}, []),
        ({"Relay": "good", "stun:a": "warning"}, []),
    ],
)
def test_servers_that_answer_over_tcp_alone_or_not_at_all_say_what_the_network_is_like(
    states: dict[str, Any], conclusion: list[str]
) -> None:
    found = stun.concluded([Finding(url, state, "") for url, state in states.items()])

    assert [finding.check for finding in found] == conclusion


@pytest.mark.parametrize(
    "url", ["", "a.example", "http://a.example", "stun://a.example", "stun:a b", "stun:a:123456"]
)
async def test_what_is_no_address_is_a_problem_and_is_not_repeated(network: Network, url: str) -> None:
    finding = await stun.check(url)

    assert finding.state == "problem"
    assert finding.check == "ICE server"
    assert network.asked == []


def test_addresses_are_taken_from_everything_that_may_be_given() -> None:
    servers = [
        {"urls": "stun:a"},
        {"urls": ["stun:b", "stun:a"]},
        {"urls": ("turn:c",), "username": "ada"},
        *({"urls": []}, {"urls": [1]}, {}, "stun:d", None),
    ]

    assert stun.urls_of(servers) == ["stun:a", "stun:b", "turn:c", ""]
    assert stun.usable(servers) == servers[:3]
