"""The ICE servers that aiortc is given: it uses one STUN and one TURN address, so one of each that answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...errors import RtcWidgetError
from ...ice.ice_servers import IceServers
from ...ice.inquiry import Outcome, ask
from ...ice.urls import IceUrl

# The others of a room wait meanwhile. aioice itself would wait five seconds for a server that does not answer.
_SECONDS: Final = 2.0
# For a better one, once another has answered.
_GRACE_SECONDS: Final = 0.3
_ORDER: Final = ("udp", "tcp", "tls")

_REFUSED: Final = RtcWidgetError(
    "turn_refused",
    "The TURN server refuses the credentials, so this peer connects without it: the secret or password is another one "
    "than the server's, they have expired, or the two machines' clocks differ.",
)
_FULL: Final = RtcWidgetError(
    "turn_failed",
    "The TURN server is full, so this peer connects without it: try later, or name another one.",
)
_SILENT: Final = RtcWidgetError(
    "turn_failed",
    "The TURN server does not answer this peer, which connects without it: check its address; where UDP is blocked it "
    "has to be reached by TCP or TLS.",
)


@dataclass(frozen=True)
class _Address:
    text: str
    url: IceUrl
    username: str
    credential: str


class UsableIceServers:
    """Chooses among the servers that are named. Used on the loop.

    Parameters
    ----------
    own : IceServers
        Those that this peer was given; the relay's come in addition.
    report : callable
        Takes an entry of the report to the room's observers, where a TURN server is named and there is none.
    ask : callable
        Asks a server whether it serves us; see `rtc_widget.ice.inquiry.ask`.

    Attributes
    ----------
    of_relay : list of dict
        ``RTCIceServer`` dictionaries that the relay has sent last.
    """

    def __init__(
        self,
        own: IceServers,
        report: Callable[[dict[str, Any]], None],
        ask: Callable[[IceUrl, str, str, float], Awaitable[Outcome]] = ask,
    ) -> None:
        self._own, self._report, self._ask = own, report, ask
        self.of_relay: list[dict[str, Any]] = []
        self._asked: frozenset[str] = frozenset()
        self._chosen: frozenset[str] = frozenset()

    def current(self) -> list[dict[str, Any]]:
        """Return the servers that have been chosen, with their newest credentials.

        Returns
        -------
        list of dict
            ``RTCIceServer`` dictionaries with one URL each.
        """
        servers = []
        for each in self._addresses():
            if each.text in self._chosen:
                access = {"username": each.username, "credential": each.credential}
                servers.append({"urls": [each.text], **(access if each.url.service == "turn" else {})})
                # Browsers ask a TURN server as a STUN server, too.
                if each.url.service == "turn" and each.url.transport == "udp":
                    servers.append({"urls": [each.text.replace("turn:", "stun:", 1).partition("?")[0]]})
        return servers

    async def choose(self, *, anew: bool = False) -> None:
        """Ask the servers that have not been asked yet.

        Parameters
        ----------
        anew : bool
            Ask all of them, because the network may have changed.
        """
        addresses = self._addresses()
        named = frozenset(each.text for each in addresses)
        if named == self._asked and not anew:
            return
        stun = [each for each in addresses if each.url.service == "stun"]
        turn = [each for each in addresses if each.url.service == "turn"]
        (chosen_stun, _), (chosen_turn, outcomes) = await asyncio.gather(self._first(stun), self._first(turn))
        self._asked = named
        self._chosen = frozenset(each.text for each in (chosen_stun, chosen_turn) if each is not None)
        if turn and chosen_turn is None:
            error = _REFUSED if "refuses" in outcomes else _FULL if "full" in outcomes else _SILENT
            self._report({"type": "error", **error.info()})

    def _addresses(self) -> list[_Address]:
        return _usable([*self.of_relay, *self._own.current()])

    async def _first(self, addresses: Sequence[_Address]) -> tuple[_Address | None, list[Outcome]]:
        """Return the first that serves, and what is known of all."""
        asking = [
            asyncio.ensure_future(self._ask(each.url, each.username, each.credential, _SECONDS))
            for each in addresses
        ]
        loop = asyncio.get_running_loop()
        until = loop.time() + _SECONDS + _GRACE_SECONDS
        waiting = set(asking)
        try:
            while waiting:
                done, waiting = await asyncio.wait(
                    waiting, timeout=max(0.0, until - loop.time()), return_when=asyncio.FIRST_COMPLETED
                )
                best = next(
                    (each for each in asking if each not in waiting and each.result() == "serves"), None
                )
                if best is not None and (not done or waiting.isdisjoint(asking[: asking.index(best)])):
                    return addresses[asking.index(best)], []
                if not done:
                    break
                if best is not None:
                    until = min(until, loop.time() + _GRACE_SECONDS)
            return None, [each.result() for each in asking if each.done()]
        finally:
            for each in waiting:
                each.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)


def _usable(servers: list[dict[str, Any]]) -> list[_Address]:
    """Return what aiortc can use, the best first: it knows neither STUN over TLS nor TURN over DTLS."""
    found = [
        _Address(text, url, server.get("username") or "", server.get("credential") or "")
        for server in servers
        for text in ([server["urls"]] if isinstance(server["urls"], str) else server["urls"])
        if (url := IceUrl.parse(text)) is not None and (url.service == "turn" or url.transport == "udp")
    ]
    return sorted(found, key=lambda each: _ORDER.index(each.url.transport))
