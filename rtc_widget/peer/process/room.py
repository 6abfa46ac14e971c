"""A Python peer's part in a room: the twin of ``js/src/room/room.ts``.

Who is there, and the signaling path underneath, which may come and go without touching a connection that works.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Any, Final

from ...errors import ProtocolError, RtcWidgetError
from ...ice.ice_servers import IceServers
from ...protocol.limits import LIMITS, seconds
from ...protocol.signaling import SIGNALS
from ...runtime.tasks import TaskSet
from ...signaling.client import RelayClient
from ...signaling.clock_sync import now
from ...signaling.event_reporter import EventReporter
from ...signaling.negotiation_clock import NegotiationClock
from ...signaling.reconnecting_connection import ReconnectingConnection, Resolve
from .incoming import Incoming
from .outgoing import AudioHub, VideoHub
from .own_entry import own_entry
from .remote_peer import RemoteContext, RemotePeer
from .room_events import RoomEvents
from .self_recorder import SelfRecorder
from .untold_reports import UntoldReports
from .usable_ice_servers import UsableIceServers

_CAPS: Final = {"rollback": False, "endOfCandidates": False, "records": True}


class PeerRoom:
    """One peer in one room. Used on one event loop.

    Parameters
    ----------
    room, name : str
        The room, and the peer's name in it.
    owner_key : str
        Its public name appears in the roster.
    resolve : callable
        Coroutine function that returns (url, token), and finds or starts the relay if necessary.
    ice_servers : IceServers
        Used in addition to the relay's.
    events : RoomEvents
        Callbacks of the peer.
    """

    def __init__(
        self,
        room: str,
        name: str,
        owner_key: str,
        *,
        resolve: Resolve,
        ice_servers: IceServers,
        events: RoomEvents,
    ) -> None:
        self._room, self._name, self._owner_key = room, name, owner_key
        self._events = events
        self._session = secrets.token_urlsafe(9)
        self._path = ReconnectingConnection(
            room,
            owner_key,
            resolve=resolve,
            enter=self._enter,
            on_event=self._receive,
            on_lost=self._on_lost,
            persistent=False,
        )
        self._reporter = EventReporter(self._send_report)
        self._untold = UntoldReports(lambda report: events.on_event("report", report))
        # Events that arrived before the acknowledgement of our own join; None while not joining.
        self._early: list[tuple[str, dict[str, Any], float]] | None = None
        self._joined: dict[str, Any] | None = None
        self._remotes: dict[str, RemotePeer] = {}
        self._missing: set[RemotePeer] = set()  # not listed since the path was lost; may return
        self._media = {"audio": False, "video": False, "screen": False}
        self._tasks, self._clock = TaskSet(), NegotiationClock()
        self._removal: RtcWidgetError | None = None
        self.video, self.audio = VideoHub(), AudioHub()
        self.recorder = SelfRecorder(self.video, self.audio, self._send_recorded)
        self._servers = UsableIceServers(ice_servers, self._reporter.add)
        self._context = RemoteContext(
            room=room,
            order=lambda: None if self._joined is None else int(self._joined["order"]),
            ice_servers=self._servers.current,
            choose_servers=lambda: self._servers.choose(anew=True),
            video=self.video,
            audio=self.audio,
            post=self._path.post,
            report=self._reporter.add,
            flush_reports=self._reporter.flush,
            on_message=events.on_message,
            clock=self._clock,
            closing=self._tasks,
        )

    @property
    def id(self) -> str | None:
        """The peer's id as a participant, None before it has joined."""
        return self._joined["socketId"] if self._joined else None

    def incoming(self, participant: str) -> Incoming | None:
        """Return the media of a participant.

        Parameters
        ----------
        participant : str
            The participant's id.

        Returns
        -------
        Incoming or None
            None when it is not in the room.
        """
        remote = self._remotes.get(participant)
        return remote.incoming if remote else None

    def entry(self, participant: str) -> dict[str, Any] | None:
        """Return the roster entry of a participant.

        Parameters
        ----------
        participant : str
            The participant's id.

        Returns
        -------
        dict or None
            None when it is not in the room.
        """
        remote = self._remotes.get(participant)
        return remote.entry if remote else None

    def remote(self, participant: str) -> RemotePeer:
        """Return another participant.

        Parameters
        ----------
        participant : str
            The participant's id.

        Returns
        -------
        RemotePeer
            The participant.

        Raises
        ------
        ProtocolError
            ``unknown_participant``.
        """
        remote = self._remotes.get(participant)
        if remote is None:
            raise ProtocolError("unknown_participant", "There is no participant with that id in this room.")
        return remote

    @property
    def participants(self) -> list[str]:
        """Ids of the others, in the order in which they came."""
        return sorted(self._remotes, key=lambda key: self._remotes[key].entry["order"])

    async def run(self) -> None:
        """Be in the room until `leave`, or until the relay refuses for good."""
        measuring = asyncio.create_task(self._measure())
        error: RtcWidgetError | None = None
        try:
            await self._path.run()
        except RtcWidgetError as refusal:
            error = refusal
        except Exception as problem:
            error = RtcWidgetError("peer_failed", f"The peer has failed: {type(problem).__name__}.")
        finally:
            measuring.cancel()
            await asyncio.gather(measuring, return_exceptions=True)
            await self._close()
        self._events.on_ended(self._removal or error)  # not when cancelled: the whole process ends

    def leave(self) -> None:
        """Leave the room: `run` informs the others, closes everything and returns."""
        self._reporter.flush()
        self._tasks.spawn(self._leave())

    async def _leave(self) -> None:
        # Send what was recorded first: a participant who has left cannot send anything.
        await self.recorder.leave()
        self._path.leave()

    def set_media(self, **flags: bool) -> None:
        """Inform everybody which media are on.

        Parameters
        ----------
        **flags : bool
            By kind.
        """
        if (media := {**self._media, **flags}) == self._media:
            return
        self._media = media
        self.recorder.set_media(video=media["video"], audio=media["audio"])
        self._path.post("media_state", {"roomId": self._room, **media})
        if self.id is not None:
            # The relay informs everybody else.
            told = {"roomId": self._room, **media, "from": self.id, "at": now()}
            self._events.on_event("media_state", told)

    def tell_again(self) -> None:
        """Tell who is here and every state anew, for a kernel that has missed changes."""
        me = {**(self._joined or {})["me"], "media": self._media}
        self._events.on_entered([*({**each.entry, "away": each.away} for each in self._remotes.values()), me])
        for remote in self._remotes.values():
            remote.report_all()

    async def send(self, data: str | bytes, to: str | None, timeout: float) -> None:  # noqa: ASYNC109
        """Send a data channel message; returns when there was room for it.

        Parameters
        ----------
        data : str or bytes
            The message.
        to : str or None
            A participant's id; None for everybody.
        timeout : float
            Seconds.

        Raises
        ------
        ProtocolError
            ``unknown_participant``; ``timeout`` when a channel did not open or did not drain; ``message_dropped`` when
            too many others wait for a channel to open. The message is sent to everybody else.
        """
        full: list[str] = []
        if to is not None:
            targets = [self.remote(to)]
        else:
            targets = [remote for remote in self._remotes.values() if remote.takes_messages]
            waiting = [remote for remote in self._remotes.values() if remote not in targets]
            full = [each.entry["name"] for each in waiting if not each.send_later(data)]
        sent = await asyncio.gather(*(remote.send(data, timeout) for remote in targets))
        slow = [remote.entry["name"] for remote, ok in zip(targets, sent, strict=True) if not ok]
        if slow:
            message = (
                f"The data channel to {', '.join(slow)} did not accept the message within {timeout:g} s."
            )
            raise ProtocolError("timeout", message)
        if full:
            message = f"A message was not sent to {', '.join(full)}: {LIMITS['queued_messages']} others wait for the connection."
            raise ProtocolError("message_dropped", message)

    # -- the signaling path

    async def _enter(self, client: RelayClient) -> Callable[[], None]:
        self._early = []
        request: dict[str, Any] = {
            "roomId": self._room,
            "name": self._name,
            "kind": "python",
            "media": self._media,
            "caps": _CAPS,
            "session": self._session,
        }
        if self._joined is not None:
            request["resume"] = self._joined["resume"]
        joined = await client.request("join_room", request)
        self._servers.of_relay = joined.get("iceServers", [])
        # Before connections are made, whose servers stay as they are.
        await self._servers.choose()

        def begin() -> None:
            self._on_entered(request, joined)
            self._reporter.use(client)
            recordings = joined.get("recordings", [])
            self.recorder.on_entered(recordings)
            for entry in recordings:
                self._events.on_event("recording", {"roomId": self._room, **entry, "on": True})

        return begin

    def _on_lost(self) -> None:
        self._untold.lost()
        self.recorder.on_lost()
        self._events.on_lost()

    def _on_entered(self, request: dict[str, Any], joined: dict[str, Any]) -> None:
        self._joined = {**joined, "me": own_entry(request, joined, self._owner_key)}
        self._events.on_entered([*joined["participants"], self._joined["me"]])
        self._clock.set_paused(joined.get("paused", False))
        here = {entry["socketId"] for entry in joined["participants"]}
        for entry in joined["participants"]:
            self._welcome(entry)
        for key, remote in list(self._remotes.items()):
            if key not in here:
                remote.away = True
                self._missing.add(remote)
                asyncio.get_running_loop().call_later(seconds("return"), self._part_if_missing, remote)
                remote.report_all()
        early, self._early = self._early or [], None
        for event, payload, at in early:
            self._receive(event, payload, at)
        if request["media"] != self._media:
            self._path.post("media_state", {"roomId": self._room, **self._media})
        self._reporter.flush()

    def _part_if_missing(self, remote: RemotePeer) -> None:
        if remote in self._missing and self._remotes.get(remote.id) is remote:
            self._part(remote.id)
            self._events.on_event(
                "user_left", {"roomId": self._room, "socketId": remote.id, "reason": "lost"}
            )
        self._missing.discard(remote)

    # -- from the relay

    def _receive(self, event: str, payload: dict[str, Any], at: float | None = None) -> None:
        at = now() if at is None else at
        if self._early is not None:
            self._early.append((event, payload, at))
            return
        remote = self._remotes.get(str(payload.get("from", payload.get("socketId"))))
        if event in SIGNALS:
            if remote is not None:
                remote.signaling.receive(event, payload, at)
            return
        match event:
            case "user_joined":
                self._welcome(payload)
            case "user_left":
                self._part(payload["socketId"])
            case "user_away" | "user_back":
                if remote is not None:
                    remote.set_away(event == "user_away")
            case "media_state":
                if remote is not None:
                    remote.set_media({key: payload[key] for key in ("audio", "video", "screen")})
            case "recording":
                self.recorder.on_recording(payload["recording"], on=payload["on"])
                for other in self._remotes.values() if payload["on"] else ():  # it has only just begun
                    other.report_all()
            case "received":
                self.recorder.on_received(payload["recording"], payload["pieces"])
            case "ice_servers":
                self._servers.of_relay = payload["iceServers"]
            case "paused":
                self._clock.set_paused(payload["on"])
            case "removed":
                self._removal = ProtocolError(str(payload["code"]), str(payload["message"]))
                self._path.leave(goodbye=False)
        self._events.on_event(event, payload)

    # -- participants

    def _welcome(self, entry: dict[str, Any]) -> None:
        """Add a participant who is new, or who has returned on a new relay or in a new page."""
        key = entry["socketId"]
        if key == self.id:
            return
        known = self._remotes.get(key)
        if known is not None and known.entry["session"] == entry["session"]:
            self._missing.discard(known)
            known.update(entry)
            return
        if known is not None:
            self._part(key)
        self._remotes[key] = RemotePeer(entry, self._context, known)
        self._events.on_arrived(key)

    def _part(self, key: str) -> None:
        remote = self._remotes.pop(key, None)
        if remote is not None:
            remote.close()

    # -- to the relay

    def _send_report(self, entries: list[dict[str, Any]]) -> bool:
        report = {"roomId": self._room, "from": self.id, "entries": entries}
        sent = {"roomId": self._room, "entries": entries}
        if not self._path.post("report", sent, lambda _answer: self._untold.acknowledged(report)):
            return False
        self._untold.add(report)
        return True

    def _send_recorded(self, recording: str, piece: dict[str, Any]) -> None:
        self._path.post("recorded", {"roomId": self._room, "recording": recording, "piece": piece})

    async def _measure(self) -> None:
        while True:
            await asyncio.sleep(seconds("stats"))
            for remote in list(self._remotes.values()):
                await remote.measure()

    async def _close(self) -> None:
        self.recorder.close()
        for key in list(self._remotes):
            self._part(key)
        await self._tasks.wait()
        await self._reporter.close()
