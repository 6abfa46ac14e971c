"""How UDP fares between this process and the STUN and TURN servers: what is lost, how long it takes, how much passes, and
what a router makes of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from ..ice.stun_message import BINDING, ERROR, MAPPED_ADDRESS, SUCCESS, Address, StunMessage
from ..ice.urls import IceUrl
from . import line_rate
from .finding import Finding

# As fast as ICE sends its checks (RFC 8445, section 14.2: Ta is 50 ms), so that no server takes it for a flood.
_PACE: Final = 0.05
_PACKETS: Final = 60
_LAST_ANSWER: Final = 1.0
# The first packet may be the one that is lost.
_GREETINGS: Final = 3
_GREETING_SECONDS: Final = 0.4
_MOST_SERVERS: Final = 4
# One may get lost anywhere; of a call's several hundred a second, two in sixty are heard and seen.
_MANY_LOST: Final = 2
# ITU-T G.114: beyond 150 ms each way people begin to talk at once.
_SLOW: Final = 0.3
# What a server does not know of these attributes, it ignores (RFC 8489, section 14); nobody has been given this one.
_PADDING: Final = 0xFFFE
# Of a request with one attribute: what is not that attribute's value.
_HEADERS_BYTES: Final = 24


@dataclass
class Measured:
    """What came of asking one server.

    Attributes
    ----------
    url : str
        The server's.
    sent : int
        How many requests were sent to it.
    trips : list of float
        How long each took that was answered, seconds.
    seen_as : (str, int) or None
        As whom it saw this process's socket; None where it did not say.
    own : (str, int) or None
        That socket's own address, towards that server.
    trains : list of list of float
        Of packets that were sent at once: when each was answered, seconds of one clock.
    """

    url: str
    sent: int = 0
    trips: list[float] = field(default_factory=list)
    seen_as: Address | None = None
    own: Address | None = None
    trains: list[list[float]] = field(default_factory=list)


async def check(urls: Iterable[str]) -> list[Finding]:
    """Send some packets to each server that is reached over UDP, the most of them to the first that answers.

    Parameters
    ----------
    urls : iterable of str
        Addresses of STUN and TURN servers; those over TCP and TLS are left out.

    Returns
    -------
    list of Finding
        Nothing where no server answers over UDP. Takes three seconds, or up to seven.
    """
    read = [
        (text, url) for text in urls if (url := IceUrl.parse(text)) is not None and url.transport == "udp"
    ]
    return conclude(await _measure(read[:_MOST_SERVERS])) if read else []


def conclude(measured: Iterable[Measured]) -> list[Finding]:
    """Say what measurements mean.

    Parameters
    ----------
    measured : iterable of Measured
        Of all servers, by one socket.

    Returns
    -------
    list of Finding
        One of the way, one of its rate if that shows, and one of the router; nothing where nobody answered.
    """
    answered = [each for each in measured if each.trips]
    if not answered:
        return []
    most = max(answered, key=lambda each: each.sent)
    return [_way(most), *line_rate.conclude(most.url, most.trains), *_router(answered)]


def _way(measured: Measured) -> Finding:
    lost = measured.sent - len(measured.trips)
    middle, least, longest = statistics.median(measured.trips), min(measured.trips), max(measured.trips)
    took = f"a round trip took {middle * 1000:.0f} ms ({least * 1000:.0f} to {longest * 1000:.0f})"
    if lost >= _MANY_LOST:
        return Finding(
            "UDP path",
            "warning",
            f"{lost} of {measured.sent} packets were lost on the way to {measured.url} or back ({lost / measured.sent:.0%}); {took}.",
            "Where packets are lost, pictures freeze and sound breaks up: use a cable, or come nearer to the access point.",
        )
    arrived = f"{measured.sent - lost} of {measured.sent} packets came back from {measured.url}; {took}."
    if middle > _SLOW:
        return Finding(
            "UDP path",
            "warning",
            arrived,
            "Beyond 300 ms people begin to talk at once: leave a VPN, or use servers that are nearer.",
        )
    return Finding("UDP path", "good", arrived)


def _router(answered: list[Measured]) -> list[Finding]:
    known = [each for each in answered if each.seen_as is not None and each.own is not None]
    if not known:
        return []
    # A server on this side of the router, as on a campus, sees the machine as it is, and says nothing of the router.
    translated = [each for each in known if each.seen_as != each.own]
    if not translated:
        return [
            Finding("Router", "good", "Servers see this machine as it is: no router translates its address.")
        ]
    if len(translated) < 2:
        text = "A router translates this machine's address (a NAT). Whether STUN leads through it shows with a second server beyond it."
        return [Finding("Router", "good", text)]
    if len({each.seen_as for each in translated}) == 1:
        text = "A router translates this machine's address, to the same one for each server beyond it: STUN leads through it."
        return [Finding("Router", "good", text)]
    return [
        Finding(
            "Router",
            "warning",
            "A router translates this machine's address to another one for each server (a symmetric NAT):"
            " what STUN finds is of no use to somebody else.",
            "Name a TURN server (turn=TurnServer(…)), by which calls go then.",
        )
    ]


class _Answers(asyncio.DatagramProtocol):
    """Sends requests on one socket, and notes what comes back."""

    def __init__(self) -> None:
        self._waiting: dict[bytes, Callable[[StunMessage], None]] = {}
        self._all_come = asyncio.Event()
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport = transport

    def send(self, measured: Measured, address: Address) -> None:
        began = time.perf_counter()

        def answered(answer: StunMessage) -> None:
            measured.trips.append(time.perf_counter() - began)
            measured.seen_as = next(iter(answer.addresses(MAPPED_ADDRESS)), measured.seen_as)

        measured.sent += 1
        self._request((), address, answered)

    def send_train(self, measured: Measured, address: Address) -> None:
        # What has not come by now is lost.
        self._waiting.clear()
        train: list[float] = []
        measured.trains.append(train)
        padding = ((_PADDING, bytes(line_rate.PACKET_BYTES - _HEADERS_BYTES)),)
        for _ in range(line_rate.PACKETS):
            self._request(padding, address, lambda _answer: train.append(time.perf_counter()))

    def _request(
        self,
        attributes: Sequence[tuple[int, bytes]],
        address: Address,
        answered: Callable[[StunMessage], None],
    ) -> None:
        request = StunMessage(BINDING, secrets.token_bytes(12), attributes)
        self._all_come.clear()
        self._waiting[request.transaction] = answered
        if self.transport is not None:
            self.transport.sendto(request.pack(), address)

    def datagram_received(self, data: bytes, _address: object) -> None:
        answer = StunMessage.parse(data)
        if answer is None or answer.kind not in (BINDING | SUCCESS, BINDING | ERROR):
            return
        answered = self._waiting.pop(answer.transaction, None)
        if answered is None:
            return
        answered(answer)
        if not self._waiting:
            self._all_come.set()

    async def have_come(self, seconds: float) -> None:
        """Wait until every request is answered, or no longer than that."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._all_come.wait(), seconds)

    def error_received(self, _error: Exception) -> None:
        """A port that is closed answers like this; nothing came back, which is all that counts."""


async def _measure(servers: list[tuple[str, IceUrl]]) -> list[Measured]:
    loop = asyncio.get_running_loop()
    found: list[tuple[Measured, Address]] = []
    for text, url in servers:
        try:
            info = await loop.getaddrinfo(url.host, url.port, family=socket.AF_INET, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError):
            continue
        host, port, *_ = info[0][4]
        found.append((Measured(text), (str(host), int(port))))
    if not found:
        return []
    transport, answers = await loop.create_datagram_endpoint(_Answers, family=socket.AF_INET)
    try:
        for _ in range(_GREETINGS):
            for measured, address in found:
                if not measured.trips:
                    answers.send(measured, address)
            await answers.have_come(_GREETING_SECONDS)
        # The system has chosen it with the first packet.
        local: int = transport.get_extra_info("socket").getsockname()[1]
        for measured, address in found:
            measured.own = _own(address, local)
        first = next((each for each in found if each[0].trips), None)
        if first is not None:
            measured, address = first
            for _ in range(_PACKETS - measured.sent):
                answers.send(measured, address)
                await asyncio.sleep(_PACE)
        await answers.have_come(_LAST_ANSWER)
        if first is not None:
            measured, address = first
            for _ in range(line_rate.TRAINS):
                answers.send_train(measured, address)
                await answers.have_come(_LAST_ANSWER)
                if line_rate.is_enough(measured.trains[-1]):
                    break
    finally:
        transport.close()
    return [measured for measured, _address in found]


def _own(address: Address, port: int) -> Address | None:
    """Return the address that a socket of ours has towards a server; nothing is sent for it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(address)
        except OSError:
            return None
        return (probe.getsockname()[0], port)
