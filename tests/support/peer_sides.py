"""The Python end of one peer connection, twice: as plain aiortc is used in its examples, and as this package does it.

Messages are dictionaries with one key: ``description``, ``candidate`` (None at their end) or ``request``.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import av
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from aiortc.sdp import candidate_from_sdp

from rtc_widget.ice.ice_servers import IceServers
from rtc_widget.peer import Peer
from rtc_widget.peer.process.connection import Connection, ConnectionEvents
from rtc_widget.peer.process.incoming import Incoming
from rtc_widget.peer.process.outgoing import AudioHub, VideoHub
from rtc_widget.peer.process.room import PeerRoom
from rtc_widget.peer.process.room_events import RoomEvents
from rtc_widget.protocol.owner_key import new_owner_key
from rtc_widget.relay.address import Relay
from rtc_widget.signaling.negotiation_clock import NegotiationClock
from rtc_widget.signaling.peer_signaling import PeerSignaling
from tests.support.moving_pictures import FPS, Pictures, Track, moving, picture
from tests.support.relays import SECRET, Client, RunningRelay
from tests.support.waiting import wait_for

Message = dict[str, Any]
Say = Callable[[Message], None]


class Plain:
    """Plain aiortc: what to say is said at once, what is heard is applied at once."""

    # Perfect negotiation gives the one who comes later the polite part, and aiortc accepts the type "rollback".
    polite = True
    # It fails in a moment or never works.
    patience = 2.0

    cure = "call.state.pc.restartIce();"

    def __init__(self, say: Say, _relay: RunningRelay | None = None) -> None:
        self._say = say
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.pc.on("track", self._heard)
        self._tracks: list[MediaStreamTrack] = []
        self._draining: list[asyncio.Task[None]] = []
        self.count = self.width = 0
        self.widths: list[int] = []

    async def sends(self, pictures: Pictures | None = None) -> None:
        """Send these pictures from now on."""
        track = Track(pictures or moving())
        if self.pc.getSenders():
            self.pc.getSenders()[0].replaceTrack(track)
        else:
            self.pc.addTrack(track)

    async def offer(self) -> None:
        await self.pc.setLocalDescription(await self.pc.createOffer())
        self._tell()

    async def hear(self, message: Message) -> None:
        if "description" in message:
            await self._describe(RTCSessionDescription(**message["description"]))
        elif (candidate := message["candidate"]) is None:
            await self.pc.addIceCandidate(None)
        elif candidate["candidate"]:
            parsed = candidate_from_sdp(candidate["candidate"].removeprefix("candidate:"))
            parsed.sdpMid, parsed.sdpMLineIndex = candidate["sdpMid"], candidate["sdpMLineIndex"]
            await self.pc.addIceCandidate(parsed)

    async def _describe(self, description: RTCSessionDescription) -> None:
        if description.type == "offer" and self.pc.signalingState != "stable":
            await self.pc.setLocalDescription(RTCSessionDescription("", "rollback"))
        await self.pc.setRemoteDescription(description)
        if description.type == "offer":
            await self.pc.setLocalDescription(await self.pc.createAnswer())
            self._tell()

    def _tell(self) -> None:
        local = self.pc.localDescription
        self._say({"description": {"type": local.type, "sdp": local.sdp}})

    def _heard(self, track: MediaStreamTrack) -> None:
        self._tracks.append(track)

    def watch(self) -> None:
        """Look at the pictures that come, from now on."""
        self._draining += [asyncio.create_task(self._drain(track)) for track in self._tracks]

    async def _drain(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                self.count, self.width = self.count + 1, frame.width
                self.widths.append(frame.width)

    async def look(self) -> int:
        """Return the brightness of the picture that is there."""
        return brightness(await self._tracks[-1].recv())

    async def close(self) -> None:
        for task in self._draining:
            task.cancel()
        await asyncio.gather(*self._draining, return_exceptions=True)
        await self.pc.close()


class Ours:
    """This package's connection.

    Parameters
    ----------
    say : callable
        Takes messages for the other side.
    first : bool
        Whether it makes the first offer, as it does towards browsers that run our front end.
    """

    polite = False
    patience = 20.0

    cure = "say({ request: true });"

    def __init__(self, say: Say, _relay: RunningRelay | None = None, *, first: bool = False) -> None:
        self._first = first
        self._say = say
        self._video, self._incoming = VideoHub(), Incoming()
        self._connection: Connection | None = None
        self._signaling = PeerSignaling(
            "a room",
            "the page",
            session="now",
            post=self._post,
            report=lambda _entry: None,
            flush_reports=lambda: None,
            clock=NegotiationClock(),
        )
        self._sending: asyncio.Task[None] | None = None
        self.count = self.width = 0
        self.widths: list[int] = []
        self.problems: list[Message] = []

    @property
    def connection(self) -> Connection:
        if self._connection is None:
            self._connection = Connection(
                caps={"rollback": True} if self._first else {},
                first=self._first,
                polite=not self._first,
                gone=set(),
                ice_servers=[],
                video=self._video,
                audio=AudioHub(),
                incoming=self._incoming,
                signaling=self._signaling,
                events=ConnectionEvents(
                    report=self._report,
                    on_message=lambda _data: None,
                    on_superseded=lambda *_offer: self.problems.append({"code": "collided"}),
                    on_crossed=lambda: self.problems.append({"code": "crossed"}),
                    on_silent=lambda: None,
                    on_broken=lambda: self.problems.append({"code": "broken"}),
                ),
            )
        return self._connection

    @property
    def pc(self) -> RTCPeerConnection:
        return self.connection.pc

    def _post(self, event: str, payload: Message, _on_acknowledge: object) -> None:
        self._say({"request": True} if event == "request_offer" else {"description": payload[event]})

    def _report(self, entry: Message) -> None:
        if entry["type"] == "error":
            self.problems.append(entry)

    async def sends(self) -> None:
        """Send pictures from now on."""
        self._sending = asyncio.create_task(publish(self._video))

    async def offer(self) -> None:
        if self._connection is None:
            self._first = True
            assert self.connection
        else:
            self.connection.renegotiate()

    async def hear(self, message: Message) -> None:
        if "description" in message:
            assert self.connection
            description = message["description"]
            self._signaling.receive(description["type"], {description["type"]: description}, 0.0)
        else:
            self._signaling.receive("ice_candidate", {"candidate": message["candidate"]}, 0.0)

    def watch(self) -> None:
        """Look at the pictures that come, from now on."""

        def see(frame: av.VideoFrame, _number: int, _time: float) -> None:
            self.count, self.width = self.count + 1, frame.width
            self.widths.append(frame.width)

        self._incoming.video.listen(see)

    async def look(self) -> int:
        """Return the brightness of the picture that is there."""
        seen: list[int] = []
        end = self._incoming.video.listen(lambda frame, _number, _time: seen.append(brightness(frame)))
        await wait_for(lambda: seen, 30, "a picture")
        end()
        return seen[0]

    async def close(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
        if self._connection is not None:
            await self._connection.close()


class InRoom:
    """This package's peer in a room of a real relay; the other side speaks through a client of the relay's."""

    polite = False
    patience = 20.0
    cure = Ours.cure

    def __init__(self, say: Say, relay: RunningRelay) -> None:
        self._relay, self._name = relay, "a room"
        self._client = _Voice(self._name, say)
        self._sending: asyncio.Task[None] | None = None
        self.count = self.width = 0
        parts = {"resolve": self._resolve, "ice_servers": IceServers(), "events": no_events()}
        self.room = PeerRoom(self._name, "Python", new_owner_key(), **parts)
        self._running: asyncio.Task[None] | None = None

    async def _resolve(self) -> tuple[str, str]:
        return self._relay.url, self._relay.token(self._name)

    async def enter(self, *, first: bool = False, **caps: bool) -> None:
        """Bring both into the room, the other side ``first`` or second."""
        if not first:
            await self._enter()
        await self._client.connect(self._relay.url, self._relay.token(self._name))
        joined = await self._client.join(name="page", caps=caps)
        if first:
            await self._enter()
        else:
            self._client.other = joined["participants"][0]["socketId"]
        await wait_for(lambda: self.room.participants, 30, "the other side in the room")

    async def _enter(self) -> None:
        self._running = asyncio.create_task(self.room.run())
        await wait_for(lambda: self.room.id, 30, "the peer in the room")

    @property
    def connection(self) -> Connection:
        found = self.room.remote(self._client.id).connection
        assert found is not None
        return found

    @property
    def pc(self) -> RTCPeerConnection:
        return self.connection.pc

    async def sends(self) -> None:
        """Send pictures from now on."""
        self._sending = asyncio.create_task(publish(self.room.video))

    async def hear(self, message: Message) -> None:
        await self._client.tell(message)

    def watch(self) -> None:
        """Look at the pictures that come, from now on."""

        def see(frame: av.VideoFrame, _number: int, _time: float) -> None:
            self.count, self.width = self.count + 1, frame.width

        incoming = self.room.incoming(self._client.id)
        assert incoming is not None
        incoming.video.listen(see)

    async def close(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
        self.room.leave()
        if self._running is not None:
            await self._running
        await self._client.disconnect()


class InKernel:
    """This package's `Peer`, as a notebook uses it."""

    polite = False
    patience = 20.0

    def __init__(self, say: Say, relay: RunningRelay) -> None:
        self._relay, self._name = relay, "a room"
        self._client = _Voice(self._name, say)
        self._peer: Peer | None = None

    async def enter(self) -> None:
        """Bring both into the room."""
        relay = Relay(self._relay.url, secret=SECRET)
        self._peer = await asyncio.to_thread(Peer, self._name, relay=relay)
        await self._peer.wait_for_async("joined", 10)
        await self._client.connect(self._relay.url, self._relay.token(self._name))
        joined = await self._client.join(name="page", caps={"rollback": True})
        self._client.other = joined["participants"][0]["socketId"]

    async def sends(self, pictures: Pictures | None = None) -> None:
        """Send these pictures from now on."""
        if self._peer is None:
            await self.enter()
        await asyncio.to_thread(self._peer.use, pictures or moving(), fps=FPS)

    async def hear(self, message: Message) -> None:
        await self._client.tell(message)

    async def close(self) -> None:
        if self._peer is not None:
            await asyncio.to_thread(self._peer.close)
        await self._client.disconnect()


class _Voice(Client):
    """A participant of a room who says what another one says."""

    def __init__(self, room: str, say: Say) -> None:
        super().__init__(room)
        self._say = say
        self.other = ""

    async def _hear(self, event: str, payload: Message) -> None:
        await super()._hear(event, payload)
        if event == "user_joined":
            self.other = payload["socketId"]
        elif event in ("offer", "answer"):
            self._say({"description": payload[event]})
        elif event == "ice_candidate":
            self._say({"candidate": payload["candidate"]})

    async def tell(self, message: Message) -> None:
        if "description" in message:
            kind = message["description"]["type"]
            await self.say(kind, to=self.other, **{kind: message["description"]})
        elif "candidate" in message:
            await self.say("ice_candidate", to=self.other, candidate=message["candidate"])
        else:
            await self.say("request_offer", to=self.other)


def no_events(**listening: Callable[..., None]) -> RoomEvents:
    """Return what a `PeerRoom` tells when nobody listens to anything else."""

    def nothing(*_given: object) -> None:
        pass

    return RoomEvents(**{event.name: listening.get(event.name, nothing) for event in fields(RoomEvents)})


async def publish(hub: VideoHub) -> None:
    """Send pictures for ever."""
    number = 0
    while True:
        number += 1
        hub.publish(picture(number))
        await asyncio.sleep(1 / FPS)


Side = Plain | Ours | InRoom | InKernel


def brightness(frame: av.VideoFrame) -> int:
    """Return the mean of a picture's luma."""
    return int(frame.to_ndarray(format="gray").mean())


async def sees(side: Side, count: int = 5) -> None:
    """Wait until new pictures come, from now on."""
    before = side.count
    await wait_for(lambda: side.count >= before + count, side.patience, f"{count} pictures in Python")


async def connected(side: Side, timeout: float | None = None) -> None:
    """Wait until a side is connected."""
    await wait_for(lambda: side.pc.connectionState == "connected", timeout or side.patience, "the connection")
