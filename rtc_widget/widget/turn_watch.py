"""Notices when a page gets nothing from the TURN server that its kernel has named, and says why."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from ..ice.ice_servers import IceServers
from ..ice.inquiry import Outcome, ask
from ..ice.urls import IceUrl
from ..room.room_member import RoomMember
from ..room.room_state import assign
from ..runtime.threads import Threads

_SECONDS: Final = 5.0

_REFUSED: Final = {
    "code": "turn_refused",
    "message": "The TURN server refuses the credentials, so the call has to do without it: the secret or password is "
    "another one than the server's, they have expired, or the two machines' clocks differ.",
}
_MISSING: Final = {
    "code": "turn_failed",
    "message": "This page has got no address from the TURN server, so the call has to do without it: check the server's "
    "address, and name one by TCP or TLS where UDP is blocked. doctor() tries each.",
}


class TurnWatch:
    """Looks at the steps that a widget's page reports. Used on the observer thread.

    Not all browsers say why a server has given nothing, and none says it of a page that works without; so the kernel
    asks the server itself.

    Parameters
    ----------
    member : RoomMember
        The widget, whose `error` is set.
    threads : Threads
        Of this process.
    servers : IceServers
        Those that the page uses.
    ask : callable
        See `rtc_widget.ice.inquiry.ask`.
    """

    def __init__(
        self,
        member: RoomMember,
        threads: Threads,
        servers: IceServers,
        ask: Callable[[IceUrl, str, str, float], Awaitable[Outcome]] = ask,
    ) -> None:
        self._member, self._threads, self._servers, self._ask = member, threads, servers, ask
        self._relayed: set[str] = set()
        self._told: set[str] = set()
        # Of whose connections the steps have been heard: a page that joins before its room is watched says only its states again.
        self._followed: set[str] = set()

    def take(self, entry: Mapping[str, Any]) -> None:
        """Take an entry of the page's report.

        Parameters
        ----------
        entry : mapping
            Of any type.
        """
        peer = str(entry.get("peer"))
        match entry.get("step", entry.get("name")), entry.get("kind", entry.get("value")):
            case (("createOffer" | "createAnswer"), _):
                self._followed.add(peer)
                self._relayed.discard(peer)
            case "gathered", "relay":
                self._relayed.add(peer)
                self._told.discard(peer)
            # Firefox marks the end twice.
            case "gathered", None if peer not in self._relayed and peer not in self._told:
                self._look(peer, is_missing=True)
            case "ice_gathering_state", "complete" if peer not in self._followed and peer not in self._told:
                self._look(peer, is_missing=False)

    def _look(self, peer: str, *, is_missing: bool) -> None:
        self._told.add(peer)
        asked = self._turn_servers()
        if asked:
            self._threads.spawn(self._say_why(asked, is_missing=is_missing))

    def _turn_servers(self) -> list[tuple[IceUrl, str, str]]:
        return [
            (url, str(server.get("username", "")), str(server.get("credential", "")))
            for server in self._servers.current()
            for text in server["urls"]
            if (url := IceUrl.parse(text)) is not None and url.service == "turn"
        ]

    async def _say_why(self, servers: list[tuple[IceUrl, str, str]], *, is_missing: bool) -> None:
        """Ask the servers, and say what is wrong; where it is not known that a candidate is missing, only that they refuse."""
        outcomes = await asyncio.gather(*(self._ask(*server, _SECONDS) for server in servers))
        refused = "refuses" in outcomes and "serves" not in outcomes
        if not refused and not is_missing:
            return
        error = dict(_REFUSED if refused else _MISSING)
        self._threads.post(lambda: assign(self._member, error=error))
