"""The widget's signaling session on the RTC thread: observes the room, sends heartbeats to front ends, proxies their
connections.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import dataclasses
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..errors import RtcWidgetError, is_fatal
from ..ice.ice_servers import IceServers
from ..protocol.comm import TunnelFromKernel
from ..protocol.heartbeat import Heartbeat
from ..protocol.limits import seconds
from ..relay.address import Relay
from ..runtime.threads import Threads
from ..signaling.observer import Observer, ObserverListener
from ..signaling.page_origins import PAGE_ORIGINS
from ..signaling.resolver import RelayResolver
from ..signaling.tunnel import Tunnels

_INVITATION_SECONDS: Final = 24 * 3600.0
# A new relay's roster fills as participants return; who has not by then is no longer expected.
_STALE_SECONDS: Final = 4.0
# A relay that is slow to let the observer in, or does not, keeps no page out for longer.
_WATCH_SECONDS: Final = 5.0
# What a cell waits, once, for who is in a room that has not been watched yet.
_FIRST_SECONDS: Final = 5.0

Send = Callable[..., None]


@dataclass(frozen=True)
class Invitation:
    """Allows one tab to join by itself: the one whose Jupyter session ran the cell, where a tab can tell.

    Attributes
    ----------
    key : str
        Identifies it, so that a tab tries it once.
    session : str or None
        The Jupyter client that ran the cell.
    now : bool
        Even before the tab displays the widget, because Python is waiting for the call.
    client : str or None
        The front end that has asked for the call.
    """

    key: str
    session: str | None
    now: bool
    client: str | None


class KernelSession:
    """Keeps the widget connected from `open` to `close`, any number of times.

    All methods may be called from any thread.

    Parameters
    ----------
    room : str
        The room's name.
    owner_key : str
        The widget's secret key, which its pages and its kernel share.
    resolver : RelayResolver
        Finds the relay, and makes tokens for it.
    ice_servers : IceServers
        Sent to the front ends, in addition to the relay's.
    threads : Threads
        Of this process.
    send : callable
        Sends a comm message: ``send(message, to=…)``.
    is_joined : callable
        Returns whether a tab of the widget is in the room.
    peers : callable
        Returns the ids of Peers to which front ends may open media channels.
    listeners : sequence of ObserverListener
        Callbacks for the room's events, on the RTC loop; called in this order.
    on_stale : callable
        Called on the RTC loop when participants from before a lost connection have had time to return.
    """

    def __init__(
        self,
        room: str,
        owner_key: str,
        *,
        resolver: RelayResolver,
        ice_servers: IceServers,
        threads: Threads,
        send: Send,
        is_joined: Callable[[], bool],
        peers: Callable[[], list[str]],
        listeners: Sequence[ObserverListener],
        on_stale: Callable[[], None],
    ) -> None:
        self._owner_key, self._resolver, self._ice_servers = owner_key, resolver, ice_servers
        self._threads, self._send, self._is_joined, self._peers = threads, send, is_joined, peers
        self._listeners = [*listeners, ObserverListener(self._on_snapshot, on_failed=self._on_failed)]
        self._on_stale = on_stale
        self._invitation: Invitation | None = None
        self._invitation_token = ""
        # Who will be invited, said before the loop, which may be importing, takes notice of it.
        self._expected: str | None = None
        self._due = asyncio.Event()
        self._watched = asyncio.Event()
        # The first snapshot has come, or is not waited for any more.
        self._is_known = threading.Event()
        self._running: concurrent.futures.Future[None] | None = None
        self._lock = threading.Lock()
        self._is_over = False
        self.is_inviting = False
        self.observer = Observer(room, owner_key, self._resolve)
        self._tunnels = Tunnels(room, self._url, self._send_tunnel)

    @property
    def is_open(self) -> bool:
        """Whether it is between `open` and `close`."""
        return self._running is not None

    def open(self) -> None:
        """Observe the room and send heartbeats, unless it does already or is closed for good."""
        with self._lock:
            if self._running is None and not self._is_over:
                self._running = self._threads.spawn(self._run())

    def close(self, *, for_good: bool = False) -> concurrent.futures.Future[None] | None:
        """Stop observing the room.

        Parameters
        ----------
        for_good : bool
            Whether it stays closed, also when something that was under way opens it later.

        Returns
        -------
        concurrent.futures.Future[None] or None
            Resolves when that is done; None when there was nothing to stop.
        """
        with self._lock:
            self._is_over = self._is_over or for_good
            running, self._running = self._running, None
        if running is not None:
            running.cancel()
        return running

    def invite_tab(self, session: str | None, *, now: bool, client: str | None = None) -> None:
        """Invite one tab, with a heartbeat that is sent at once.

        Parameters
        ----------
        session : str or None
            The Jupyter client that ran the cell, where it can tell.
        now : bool
            Even before the tab shows the widget.
        client : str, optional
            The front end that has asked for the call: no other is meant.
        """
        invitation = Invitation(secrets.token_urlsafe(9), session, now, client)
        self._expected, self.is_inviting = session, True
        self._threads.loop.call_soon_threadsafe(self._invite, invitation)

    def withdraw_invitation(self) -> None:
        """Invite nobody any more."""
        self._expected, self.is_inviting = None, False
        self._threads.loop.call_soon_threadsafe(self._invite, None)

    def greet(self, client_id: str, origin: object = None) -> None:
        """Answer a front end that has come: with a heartbeat as soon as that has something to say.

        Parameters
        ----------
        client_id : str
            The front end.
        origin : object
            Its page's, as it says.
        """
        PAGE_ORIGINS.add(origin)
        if self._expected is not None and self._resolver.found is None:
            self._send({"kind": "expect", "session": self._expected}, to=client_id)
        self.beat()

    def beat(self) -> None:
        """Send a heartbeat now."""
        self._threads.loop.call_soon_threadsafe(self._due.set)

    def receive_tunnel(self, client_id: str, content: dict[str, Any]) -> None:
        """Pass on a front end's tunnel message.

        Parameters
        ----------
        client_id : str
            The front end.
        content : dict
            A `TunnelFromPage`.
        """
        self._threads.loop.call_soon_threadsafe(self._tunnels.receive, client_id, content)

    def request(self, event: str, payload: dict[str, Any]) -> concurrent.futures.Future[dict[str, Any]]:
        """Send a request to the relay over the observer connection; see `Observer.request`.

        Parameters
        ----------
        event : str
            The event's name on the wire.
        payload : dict
            Its payload.

        Returns
        -------
        concurrent.futures.Future[dict[str, Any]]
            The acknowledgement.
        """
        self.open()
        return self._threads.spawn(self.observer.request(event, payload))

    def reach(self) -> concurrent.futures.Future[dict[str, Any]] | None:
        """Ask the relay what time it is: what it had sent before has come when it answers.

        Where the room has not been watched yet, this waits until it is: others may have joined it sooner.

        Returns
        -------
        concurrent.futures.Future[dict[str, Any]] or None
            The acknowledgement; None when there is no connection to the relay.
        """
        if self._running is None:
            return None
        if not self._is_known.wait(_FIRST_SECONDS):
            self._is_known.set()
        if not self.observer.connected:
            return None
        return self._threads.spawn(self.observer.request("clock", {}))

    # -- on the RTC loop

    async def _run(self) -> None:
        self._watched.clear()
        for listener in self._listeners:
            self.observer.add(listener)
        try:
            # Whoever joined before the room is watched would be in a trace that lacks its beginning.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_WATCH_SECONDS):
                    await self._watched.wait()
            while True:
                if self._resolver.found is not None:
                    self._send_heartbeat(self._resolver.found)
                self._due.clear()
                try:
                    async with asyncio.timeout(seconds("heartbeat")):
                        await self._due.wait()
                except TimeoutError:
                    pass
        finally:
            for listener in self._listeners:
                await self.observer.remove(listener)
            await self._tunnels.close()

    def _invite(self, invitation: Invitation | None) -> None:
        if invitation is None and self._invitation is None:
            return
        self._invitation = invitation
        self._invitation_token = ""
        self._due.set()

    async def _resolve(self) -> tuple[str, str]:
        before = self._resolver.found
        resolved = await self._resolver.resolve()
        if before is None or before.url != resolved[0]:
            if self._invitation is not None:
                # The one that was sent is good for the relay of before, and a tab tries each but once.
                self._invite(dataclasses.replace(self._invitation, key=secrets.token_urlsafe(9)))
            self._due.set()
        return resolved

    async def _url(self) -> str:
        return (await self._resolve())[0]

    def _on_snapshot(self, _watched: dict[str, Any]) -> None:
        self._watched.set()
        self._is_known.set()
        self._send({"kind": "command", "action": "report"})
        asyncio.get_running_loop().call_later(_STALE_SECONDS, self._on_stale)

    def _on_failed(self, error: RtcWidgetError) -> None:
        if is_fatal(error.code):
            self._is_known.set()

    def _send_heartbeat(self, relay: Relay) -> None:
        heartbeat: Heartbeat = {
            "kind": "heartbeat",
            "relay": relay.url,
            "local": self._resolver.is_local,
            "owner": self._owner_key,
            "token": self._resolver.token(relay),
            "iceServers": self._ice_servers.current(),
            "joined": self._is_joined(),
        }
        if self._resolver.is_local:
            heartbeat["proof"] = relay.challenge()
        if relay.can_sign:
            heartbeat["originTokens"] = PAGE_ORIGINS.tokens(relay)
        if peers := self._peers():
            heartbeat["peers"] = peers
        if self._invitation is not None:
            if not self._invitation_token:
                self._invitation_token = self._resolver.token(relay, expires=_INVITATION_SECONDS, max_uses=1)
            heartbeat["invitation"] = {
                "key": self._invitation.key,
                "token": self._invitation_token,
                "session": self._invitation.session,
                "now": self._invitation.now,
                "client": self._invitation.client,
            }
        self._send(heartbeat)

    def _send_tunnel(self, client_id: str, message: TunnelFromKernel) -> None:
        self._send(message, to=client_id)
