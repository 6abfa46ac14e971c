"""A Python peer's part in a room: the twin of ``js/src/room/room.ts``.

Who is there, a connection to each of them, and the signaling path underneath, which may come and go without touching
a connection that works.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final

from ...errors import ProtocolError, RtcWidgetError
from ...protocol.owner_key import owner_name
from ...signaling.client import RelayClient
from ...signaling.clock_sync import now
from ...signaling.reconnecting_connection import Address, Path
from .connection import Connection, Link
from .incoming import Incoming
from .negotiation import Waiting
from .outgoing import AudioHub, VideoHub
from .self_recorder import Recordings
from .voice import Voice

_CAPS: Final = {"rollback": False, "endOfCandidates": False, "records": True}
# How long a participant that was here may take to come back to a new relay.
_RETURN_SECONDS: Final = 5.0
_STATS_SECONDS: Final = 1.0
_REPAIR_SECONDS: Final = (0.2, 1.0, 3.0, 10.0)


@dataclass(frozen=True)
class Hooks:
    """Where a peer's news goes; all are called on the loop.

    Attributes
    ----------
    snapshot : callable
        Takes the roster, this peer included, after each time the room was entered.
    event : callable
        Takes an event's name and payload, as an observer of the room would see them.
    lost : callable
        The signaling path is lost and will be made again.
    ended : callable
        This peer is out of the room for good: takes the error, or None after `PeerRoom.leave`.
    message : callable
        Takes the sender's id and a data channel message.
    arrived : callable
        Takes the id of a participant whose `Incoming` is new.
    """

    snapshot: Callable[[list[dict[str, Any]]], None]
    event: Callable[[str, dict[str, Any]], None]
    lost: Callable[[], None]
    ended: Callable[[RtcWidgetError | None], None]
    message: Callable[[str, str | bytes], None]
    arrived: Callable[[str], None]


@dataclass
class _Member:
    entry: dict[str, Any]
    connection: Connection
    incoming: Incoming = field(default_factory=Incoming)
    away: bool = False
    describes: bool = False
    repairs: int = 0


class PeerRoom:
    """One peer in one room. Used on one event loop.

    Parameters
    ----------
    room, name : str
        Where, and as whom.
    key : str
        Owner key; its public name is what the roster shows.
    find : callable
        Coroutine that returns (url, token), finding or starting the relay if need be.
    ice_servers : list of dict
        ``RTCIceServer`` dictionaries, beside those that the relay names.
    hooks : Hooks
        Where news goes.
    """

    def __init__(
        self,
        room: str,
        name: str,
        key: str,
        *,
        find: Address,
        ice_servers: list[dict[str, Any]],
        hooks: Hooks,
    ) -> None:
        self._room, self._name = room, name
        self._ice_servers = ice_servers
        self._hooks = hooks
        self._key = key
        self._session = secrets.token_urlsafe(9)
        self._path = Path(room, key, find=find, enter=self._enter, receive=self._receive, lost=self._lost)
        self._voice = Voice(room, self._path, self._reported)
        self._early: list[tuple[str, dict[str, Any], float]] | None = None
        self._joined: dict[str, Any] | None = None
        self._resume: str | None = None
        self._members: dict[str, _Member] = {}
        self._media = {"audio": False, "video": False, "screen": False}
        self._closings: set[asyncio.Task[None]] = set()
        self._removal: RtcWidgetError | None = None
        self.video = VideoHub()
        self.audio = AudioHub()
        self.recordings = Recordings(self.video, self.audio, self._tell_recorder)

    @property
    def id(self) -> str | None:
        """The peer's id as a participant, None before it has joined."""
        return self._joined["socketId"] if self._joined else None

    def incoming(self, participant: str) -> Incoming | None:
        """Return what comes from a participant, None when it is not here."""
        member = self._members.get(participant)
        return member.incoming if member else None

    def entry(self, participant: str) -> dict[str, Any] | None:
        """Return a participant's roster entry."""
        member = self._members.get(participant)
        return member.entry if member else None

    def connection(self, participant: str) -> Connection | None:
        """Return the connection to a participant."""
        member = self._members.get(participant)
        return member.connection if member else None

    @property
    def participants(self) -> list[str]:
        """Ids of the others, in the order in which they came."""
        return sorted(self._members, key=lambda key: self._members[key].entry["order"])

    async def run(self) -> None:
        """Be in the room until `leave`, or until the relay refuses for good."""
        measuring = asyncio.create_task(self._measure())
        error: RtcWidgetError | None = None
        try:
            await self._path.run()
        except RtcWidgetError as refusal:
            error = refusal
        except Exception as problem:
            error = RtcWidgetError("peer_failed", f"The peer failed ({type(problem).__name__}).")
        finally:
            measuring.cancel()
            await asyncio.gather(measuring, return_exceptions=True)
            await self._close()
            self._hooks.ended(self._removal or error)

    def leave(self) -> None:
        """Leave the room: `run` says goodbye, closes everything and returns."""
        self._voice.flush()
        self._spawn(self._leave())

    async def _leave(self) -> None:
        # What has been recorded goes first: who is not in the room any more sends nothing.
        await self.recordings.leave()
        self._path.leave()

    def set_media(self, **flags: bool) -> None:
        """Tell everybody what is on."""
        media = {**self._media, **flags}
        if media == self._media:
            return
        self._media = media
        self.recordings.set_media(video=media["video"], audio=media["audio"])
        self._path.post("media_state", {"roomId": self._room, **media})

    async def send(self, data: str | bytes, to: str | None, timeout: float) -> None:  # noqa: ASYNC109
        """Send a data channel message to one participant or to all; returns when there was room for it.

        Raises
        ------
        ProtocolError
            ``unknown_participant``; ``timeout`` when somebody's channel did not open or did not drain.
        """
        if to is not None:
            targets = [self._member(to)]
        else:
            targets = [m for m in self._members.values() if m.connection.open]
            for member in self._members.values():
                if member not in targets:
                    member.connection.send_later(data)
        sent = await asyncio.gather(*(m.connection.send(data, timeout) for m in targets))
        slow = [m.entry["name"] for m, ok in zip(targets, sent, strict=True) if not ok]
        if slow:
            message = f"The data channel to {', '.join(slow)} did not take the message in {timeout:g} s."
            raise ProtocolError("timeout", message)

    def _member(self, participant: str) -> _Member:
        member = self._members.get(participant)
        if member is None:
            raise ProtocolError("unknown_participant", "Nobody of that id is in this room any more.")
        return member

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
        if self._resume is not None:
            request["resume"] = self._resume
        told = dict(self._media)
        joined = await client.request("join_room", request)

        def begin() -> None:
            self._entered(request, joined, told)
            self._voice.use(client)
            known = joined.get("recordings", [])
            self.recordings.entered(known)
            for entry in known:
                self._hooks.event("recording", {"roomId": self._room, **entry, "on": True})

        return begin

    def _lost(self) -> None:
        self.recordings.lost()
        self._hooks.lost()

    def _tell_recorder(self, recording: str, piece: dict[str, Any]) -> None:
        self._path.post("recorded", {"roomId": self._room, "recording": recording, "piece": piece})

    def _entered(self, request: dict[str, Any], joined: dict[str, Any], told: dict[str, bool]) -> None:
        self._joined, self._resume = joined, joined["resume"]
        me = {
            **{key: request[key] for key in ("name", "kind", "media", "caps", "session")},
            "socketId": joined["socketId"],
            "order": joined["order"],
            "away": False,
            "owner": owner_name(self._key),
        }
        self._hooks.snapshot([*joined["participants"], me])
        here = set()
        for entry in joined["participants"]:
            here.add(entry["socketId"])
            self._welcome(entry)
        for key, member in list(self._members.items()):
            if key not in here:
                member.away = True
                asyncio.get_running_loop().call_later(_RETURN_SECONDS, self._part_if_away, key, member)
            member.connection.resume()
        early, self._early = self._early or [], None
        for event, payload, at in early:
            self._receive(event, payload, at)
        if told != self._media:
            self._path.post("media_state", {"roomId": self._room, **self._media})
        self._voice.flush()

    def _part_if_away(self, key: str, member: _Member) -> None:
        if self._members.get(key) is member and member.away:
            self._part(key)
            self._hooks.event("user_left", {"roomId": self._room, "socketId": key, "reason": "lost"})

    # -- events of the relay's

    def _receive(self, event: str, payload: dict[str, Any], at: float | None = None) -> None:
        at = now() if at is None else at
        if self._early is not None:
            self._early.append((event, payload, at))
            return
        self._voice.heard(event, payload, at)
        handler = getattr(self, f"_on_{event}", None)
        if handler is not None:
            handler(payload)
        self._hooks.event(event, payload)

    def _on_user_joined(self, payload: dict[str, Any]) -> None:
        self._welcome(payload)

    def _on_user_left(self, payload: dict[str, Any]) -> None:
        self._part(payload["socketId"])

    def _on_user_away(self, payload: dict[str, Any]) -> None:
        member = self._members.get(payload["socketId"])
        if member is not None:
            member.away = True

    def _on_user_back(self, payload: dict[str, Any]) -> None:
        member = self._members.get(payload["socketId"])
        if member is not None:
            member.away = False
            member.connection.resume()

    def _on_media_state(self, payload: dict[str, Any]) -> None:
        member = self._members.get(payload["from"])
        if member is not None:
            if not payload["video"]:
                member.incoming.video.forget()
            if not payload["screen"]:
                member.incoming.screen.forget()
            member.entry["media"] = {key: payload[key] for key in ("audio", "video", "screen")}

    def _on_offer(self, payload: dict[str, Any]) -> None:
        self._described(payload["from"], payload["offer"], False, payload.get("id"))

    def _on_answer(self, payload: dict[str, Any]) -> None:
        self._described(payload["from"], payload["answer"], False, payload.get("id"))

    def _on_description(self, payload: dict[str, Any]) -> None:
        self._described(payload["from"], payload["description"], True, payload.get("id"))

    def _described(
        self, key: str, description: dict[str, str], as_one_event: bool, message: str | None
    ) -> None:
        member = self._members.get(key)
        if member is None:
            return
        member.describes = as_one_event
        if description["type"] == "offer" and not member.connection.is_of(description):
            self._replace(key, member, first=False)
        member.connection.receive(description, message)

    def _on_ice_candidate(self, payload: dict[str, Any]) -> None:
        member = self._members.get(payload["from"])
        if member is not None:
            member.connection.candidate(payload["candidate"], payload.get("id"))

    def _on_request_offer(self, payload: dict[str, Any]) -> None:
        member = self._members.get(payload["from"])
        if member is None:
            return
        if member.connection.unanswered:
            member.connection.resume()  # ours is a new one too, and its first offer was lost
        elif member.entry["caps"].get("rollback"):
            # Who may offer by itself asks only when its connection is a new one.
            self._replace(payload["from"], member, first=True)
        else:
            member.connection.renegotiate()

    def _on_recording(self, payload: dict[str, Any]) -> None:
        self.recordings.announced(payload["recording"], on=payload["on"])
        # Who records has only just begun to listen.
        for member in self._members.values():
            member.connection.report_all()

    def _on_received(self, payload: dict[str, Any]) -> None:
        self.recordings.received(payload["recording"], payload["pieces"])

    def _on_removed(self, payload: dict[str, Any]) -> None:
        self._removal = ProtocolError(str(payload["code"]), str(payload["message"]))
        self._path.leave(goodbye=False)

    # -- participants

    def _welcome(self, entry: dict[str, Any]) -> None:
        """Take in somebody who is new, or who is back on a new relay or in a new page."""
        key = entry["socketId"]
        if key == self.id:
            return
        known = self._members.get(key)
        if known is not None and known.entry["session"] == entry["session"]:
            known.entry, known.away = entry, entry["away"]
            known.connection.resume()
            return
        if known is not None:
            self._part(key)
        incoming = Incoming()
        if known is not None:
            # Who reads the newest by its number need not know that there is another page now.
            incoming.video.number = known.incoming.video.number
            incoming.screen.number = known.incoming.screen.number
        connection = self._open(entry, incoming, self._offers_first(entry))
        self._members[key] = _Member(entry, connection, incoming, entry["away"])
        self._hooks.arrived(key)

    def _offers_first(self, entry: dict[str, Any]) -> bool:
        """Tell who makes the first offer: always we towards a browser of ours, else who was there before."""
        if entry["caps"].get("rollback"):
            return True
        return bool(self._joined and self._joined["order"] < entry["order"])

    def _open(self, entry: dict[str, Any], incoming: Incoming, first: bool) -> Connection:
        key = entry["socketId"]
        servers = [*(self._joined or {}).get("iceServers", ()), *self._ice_servers]
        connection: Connection

        def broken() -> None:
            self._repair(key, connection)

        def collided(offer: dict[str, str], message: str | None, candidates: list[Waiting]) -> None:
            member = self._members.get(key)
            if member is not None and member.connection is connection:
                # Who never gives way has ignored our offer, and waits for an answer to this one.
                self._replace(key, member, first=False)
                member.connection.receive(offer, message)
                for waiting in candidates:
                    member.connection.candidate(waiting.candidate, waiting.message)

        connection = Connection(
            caps=entry["caps"],
            first=first,
            ice_servers=servers,
            video=self.video,
            audio=self.audio,
            incoming=incoming,
            link=Link(
                send=lambda description: self._describe(key, description),
                ask=lambda: self._voice.say("request_offer", key),
                report=lambda line: self._report({**line, "peer": key}, connection),
                message=lambda data: self._hooks.message(key, data),
                collided=collided,
                broken=broken,
            ),
        )
        return connection

    def _describe(self, key: str, description: dict[str, str]) -> None:
        member = self._members.get(key)
        event = "description" if member is not None and member.describes else description["type"]
        self._voice.say(event, key, **{event: description})

    def _repair(self, key: str, connection: Connection) -> None:
        """Make another connection in place of one that failed: aiortc cannot restart ICE."""
        member = self._members.get(key)
        if member is None or member.connection is not connection:
            return
        pause = _REPAIR_SECONDS[min(member.repairs, len(_REPAIR_SECONDS) - 1)]
        member.repairs += 1

        def again() -> None:
            if self._members.get(key) is member and member.connection is connection:
                first = self._offers_first(member.entry)
                self._replace(key, member, first=first)
                if not first:
                    self._voice.say("request_offer", key)

        asyncio.get_running_loop().call_later(pause, again)

    def _replace(self, key: str, member: _Member, *, first: bool) -> None:
        old = member.connection
        member.connection = self._open(member.entry, member.incoming, first)
        self._spawn(old.close())

    def _part(self, key: str) -> None:
        member = self._members.pop(key, None)
        if member is not None:
            self._spawn(member.connection.close())

    # -- reports

    def _report(self, entry: dict[str, Any], connection: Connection | None = None) -> None:
        peer = self._members.get(str(entry.get("peer")))
        if peer is not None and connection is not None and peer.connection is not connection:
            return  # the last words of one that has been replaced
        if entry.get("value") == "connected" and peer is not None:
            peer.repairs = 0
        self._voice.report(entry)

    def _reported(self, entries: list[dict[str, Any]]) -> None:
        self._hooks.event("report", {"roomId": self._room, "from": self.id, "entries": entries})

    async def _measure(self) -> None:
        while True:
            await asyncio.sleep(_STATS_SECONDS)
            for member in list(self._members.values()):
                await member.connection.measure()

    # -- the end

    def _spawn(self, closing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(closing)
        self._closings.add(task)
        task.add_done_callback(self._closings.discard)

    async def _close(self) -> None:
        self.recordings.close()
        for key in list(self._members):
            self._part(key)
        await self._path.close()
        await asyncio.gather(*self._closings, return_exceptions=True)
        await self._voice.close()
