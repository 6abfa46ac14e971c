"""`HomeRouters`: for a lesson, everybody on this machine is at home, behind a router of their own."""

from __future__ import annotations

import asyncio
from collections import Counter
from types import TracebackType
from typing import Any, Final, Self, get_args

from ...errors import RtcWidgetError
from ...ice.stun_message import BINDING, MAPPED_ADDRESS, SUCCESS, Address, StunMessage, xor_address
from ...runtime import cell_registry, threads
from ...runtime.validation import check_choice
from .datagrams import Datagrams, own_address
from .lesson_turn_server import LessonTurnServer
from .nat import Mapping, Nat

_START_SECONDS: Final = 5.0


class HomeRouters:
    """Routers (NATs), a STUN server and a TURN server, as they are between two homes, on this machine.

    Whoever asks the STUN server gets a router of its own, and hears from it the address that the router has given it
    outside. With ``room.fault.no_candidates("host")`` the two sides of a call then meet as they would from two homes.
    Nothing of it can be reached from another machine, and it relays to none.

    Parameters
    ----------
    mapping : {"endpoint-independent", "address-and-port-dependent"}
        How the routers choose an address outside (RFC 4787, section 4.1): the same one for everybody, as most do at
        home, or another one for every destination ("symmetric"), so that the one that a STUN server saw is good for
        nobody else.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` for another mapping.

    Examples
    --------
    >>> routers = HomeRouters()
    >>> routers
    HomeRouters('endpoint-independent', asked=0, passed=0, blocked=0, relayed=0)
    >>> routers.close()
    """

    def __init__(self, mapping: Mapping = "endpoint-independent") -> None:
        check_choice("mapping", mapping, get_args(Mapping))
        self._mapping = mapping
        self._counts: Counter[str] = Counter()
        self._answering: set[asyncio.Task[None]] = set()
        self._closed = False
        self._threads = threads.acquire()
        try:
            self._threads.spawn(self._open()).result(_START_SECONDS)
        except BaseException:
            threads.release()
            raise
        self._url = ":".join(map(str, self._socket.address))
        cell_registry.replace_earlier(self)

    async def _open(self) -> None:
        host = own_address()
        self._nat = Nat(host, self._mapping, self._counts)
        self._socket = await Datagrams.open(host, self._receive)
        self._turn = LessonTurnServer(host, self._counts, self._socket.send)

    @property
    def stun(self) -> list[dict[str, Any]]:
        """The STUN server, for ``ice_servers=``."""
        self._check_open()
        return [{"urls": f"stun:{self._url}"}]

    @property
    def turn(self) -> list[dict[str, Any]]:
        """The TURN server with its credentials, for ``ice_servers=``; it is a STUN server, too."""
        self._check_open()
        credentials = {"username": self._turn.username, "credential": self._turn.password}
        return [{"urls": f"turn:{self._url}?transport=udp", **credentials}]

    def _check_open(self) -> None:
        if self._closed:
            msg = "These routers are closed, as they are once the cell that made them is run again: make new ones."
            raise RtcWidgetError("closed", msg)

    @property
    def counts(self) -> dict[str, int]:
        """How often the STUN server was asked, and how many packets the routers passed or blocked, and TURN relayed."""
        return {kind: self._counts[kind] for kind in ("asked", "passed", "blocked", "relayed")}

    def close(self) -> None:
        """End routers and servers; calls that need them break off. May be called twice."""
        if self._closed:
            return
        self._closed = True
        self._threads.spawn(self._close()).result(_START_SECONDS)
        threads.release()

    async def _close(self) -> None:
        self._socket.close()
        for task in self._answering:
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)
        self._turn.close()
        self._nat.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._closed:
            return f"HomeRouters({self._mapping!r}, closed)"
        counts = ", ".join(f"{kind}={count}" for kind, count in self.counts.items())
        return f"HomeRouters({self._mapping!r}, {counts})"

    # -- on the RTC thread

    def _receive(self, data: bytes, sender: Address) -> None:
        if self._turn.take(data, sender):
            return
        message = StunMessage.parse(data)
        if message is not None:
            task = asyncio.ensure_future(self._answer(message, sender))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)

    async def _answer(self, message: StunMessage, sender: Address) -> None:
        if message.kind == BINDING:
            outside = await self._nat.outside(sender)
            if outside is not None:
                self._counts["asked"] += 1
                attributes = ((MAPPED_ADDRESS, xor_address(outside)),)
                self._socket.send(
                    StunMessage(BINDING | SUCCESS, message.transaction, attributes).pack(), sender
                )
            return
        response = await self._turn.respond(message, sender)
        if response is not None:
            self._socket.send(response, sender)
