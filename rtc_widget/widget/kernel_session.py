"""A widget's presence on the RTC thread: it watches the room, beats for its front ends and carries their tunnels."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import RtcWidgetError
from ..relay.address import Relay
from ..signaling.observer import Observer
from ..signaling.tunnel import Tunnels

_BEAT_SECONDS = 2.0
_TOKEN_SECONDS = 600.0
_INVITATION_SECONDS = 24 * 3600.0
_BACK_SECONDS = 4.0


@dataclass(frozen=True)
class Invitation:
    """Lets one tab join by itself: the one whose Jupyter session ran the cell, where it can tell.

    ``now`` means even before it shows the widget, because Python is waiting for the call.
    """

    key: str
    session: str | None
    now: bool

    @classmethod
    def make(cls, session: str | None, now: bool) -> Invitation:
        """Make a fresh one."""
        return cls(secrets.token_urlsafe(9), session, now)


@dataclass(frozen=True)
class Hooks:
    """Where a session's news goes; all are called on the RTC loop and must return at once."""

    send: Callable[[dict[str, Any]], None]
    snapshot: Callable[[dict[str, Any]], None]
    stale: Callable[[], None]
    event: Callable[[str, dict[str, Any]], None]
    lost: Callable[[], None]
    failed: Callable[[RtcWidgetError], None]


class Session:
    """Everything that one widget has on the RTC loop, from `run` until that is cancelled.

    Parameters
    ----------
    room, owner : str
        The room's name and the widget's secret key.
    relay : Relay or None
        None for the user's own, found or started.
    token : str or None
        For a relay whose secret is not known.
    ice_servers : sequence of dict
        Handed to the front ends, beside those that the relay names.
    """

    def __init__(
        self,
        room: str,
        owner: str,
        *,
        relay: Relay | None,
        token: str | None,
        ice_servers: Sequence[dict[str, Any]],
        hooks: Hooks,
    ) -> None:
        self._room = room
        self._owner = owner
        self._given = relay
        self._token = token
        self._ice_servers = list(ice_servers)
        self._hooks = hooks
        self._relay: Relay | None = None
        self._invitation: Invitation | None = None
        self._invitation_token = ""
        self._beat_now = asyncio.Event()
        self._observer = Observer(
            room,
            owner,
            find=self._find,
            on_snapshot=self._snapshot,
            on_event=hooks.event,
            on_lost=hooks.lost,
            on_failed=hooks.failed,
        )
        self.tunnels = Tunnels(room, self._url, self._send_tunnel)

    async def run(self) -> None:
        """Live until cancelled."""
        watching = asyncio.create_task(self._observer.run())
        try:
            while True:
                if self._relay is not None:
                    self._beat(self._relay)
                self._beat_now.clear()
                try:
                    async with asyncio.timeout(_BEAT_SECONDS):
                        await self._beat_now.wait()
                except TimeoutError:
                    pass
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await self.tunnels.close()

    def invite(self, invitation: Invitation | None) -> None:
        """Offer an invitation from the next beat on, which is at once; None withdraws it."""
        if invitation is None and self._invitation is None:
            return
        self._invitation = invitation
        self._invitation_token = ""
        self.beat()

    def beat(self) -> None:
        """Send a heartbeat without waiting for its time."""
        self._beat_now.set()

    async def _find(self) -> tuple[str, str]:
        relay = self._given if self._given is not None else await asyncio.to_thread(Relay.local)
        moved = self._relay is None or self._relay.url != relay.url
        self._relay = relay
        if moved:
            self.beat()
        return relay.url, self._sign(relay, role="teacher")

    async def _url(self) -> str:
        return (await self._find())[0]

    def _sign(self, relay: Relay, **options: Any) -> str:
        return self._token or relay.token(self._room, **{"expires": _TOKEN_SECONDS, **options})

    async def request(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Ask the relay for something; see `Observer.request`."""
        return await self._observer.request(event, payload)

    def _snapshot(self, watched: dict[str, Any]) -> None:
        self._hooks.snapshot(watched)
        self._hooks.send({"kind": "command", "to": "*", "action": "report"})
        asyncio.get_running_loop().call_later(_BACK_SECONDS, self._hooks.stale)

    def _beat(self, relay: Relay) -> None:
        beat: dict[str, Any] = {
            "kind": "heartbeat",
            "to": "*",
            "relay": relay.url,
            "local": self._given is None,
            "owner": self._owner,
            "token": self._sign(relay),
            "iceServers": self._ice_servers,
        }
        if self._invitation is not None:
            if not self._invitation_token:
                self._invitation_token = self._sign(relay, expires=_INVITATION_SECONDS, once=True)
            beat["invitation"] = {
                "key": self._invitation.key,
                "token": self._invitation_token,
                "session": self._invitation.session,
                "now": self._invitation.now,
            }
        self._hooks.send(beat)

    def _send_tunnel(self, client_id: str, content: dict[str, Any]) -> None:
        self._hooks.send({"kind": "tunnel", "to": client_id, **content})
