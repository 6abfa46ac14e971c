# The names of an RTCPeerConnection are the W3C's.
# ruff: noqa: N802
"""A peer connection with m-lines, tracks, a data channel and states, that sends nothing."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from rtc_widget.peer.process.connection import Connection, ConnectionEvents
from rtc_widget.peer.process.incoming import Incoming
from rtc_widget.peer.process.outgoing import AudioHub, VideoHub
from rtc_widget.signaling.negotiation_clock import NegotiationClock
from rtc_widget.signaling.peer_signaling import PeerSignaling
from tests.support.negotiations import FakePeerConnection, candidate, sdp
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiortc import RTCConfiguration, RTCSessionDescription


class FakeTrack:
    """A track of somebody else's, whose frames the test gives."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.frames: asyncio.Queue[Any] = asyncio.Queue()
        self._queue = self.frames

    async def recv(self) -> Any:
        """Return the next one, or raise it."""
        frame = await self.frames.get()
        if isinstance(frame, Exception):
            raise frame
        return frame


class FakeSender:
    """What sends a track."""

    def __init__(self, track: Any) -> None:
        self.track = track

    def replaceTrack(self, track: Any) -> None:
        """Send another track."""
        self.track = track


class FakeTransceiver:
    """One m-line: what is sent on it, and what the other side has offered for it."""

    def __init__(
        self, kind: str, track: Any, direction: str, transport: Any, offered: str | None = None
    ) -> None:
        self.kind, self.direction, self._offerDirection = kind, direction, offered
        self.sender = FakeSender(track)
        told = {"_RTCRtpReceiver__decoder_error": threading.Event()}
        self.receiver = SimpleNamespace(track=None, transport=transport, **told)
        self.mid: str | None = None
        self.stopped = False

    def _get_mline_index(self) -> None:
        """Return none: these descriptions have no m-lines."""


class FakeChannel:
    """A data channel that opens when the test says so."""

    def __init__(self) -> None:
        self.readyState = "connecting"
        self.bufferedAmount = 0
        self.sent: list[Any] = []
        self.send = self.sent.append
        self.listeners: dict[str, Callable[..., None]] = {}

    def on(self, event: str, listener: Callable[..., None]) -> None:
        """Keep a listener."""
        self.listeners[event] = listener

    def open(self) -> None:
        """Open it."""
        self.readyState = "open"
        self.listeners["open"]()


class FakeMediaConnection(FakePeerConnection):
    """An RTCPeerConnection whose events the test emits."""

    def __init__(self, configuration: RTCConfiguration) -> None:
        super().__init__()
        self.configuration = configuration
        self.iceConnectionState = self.iceGatheringState = "new"
        self.transceivers: list[FakeTransceiver] = []
        self.channels: list[FakeChannel] = []
        self.sctp: Any = None
        self.closed = 0
        self.ice = SimpleNamespace(_nominated={}, _check_list=[])
        self.transport = SimpleNamespace(transport=SimpleNamespace(_connection=self.ice))
        self._listeners: dict[str, list[Callable[..., None]]] = {}

    def on(self, event: str, listener: Callable[..., None]) -> None:
        """Keep a listener."""
        self._listeners.setdefault(event, []).append(listener)

    def emit(self, event: str, *given: Any) -> None:
        """Tell listeners of an event."""
        for listener in self._listeners.get(event, []):
            listener(*given)

    def becomes(self, state: str) -> None:
        """Enter a connection state."""
        self.connectionState = state
        self.emit("connectionstatechange")

    def getTransceivers(self) -> list[Any]:
        """Return the m-lines."""
        return self.transceivers

    def addTransceiver(self, track: Any, direction: str) -> FakeTransceiver:
        """Add an m-line of our own."""
        return self.add(FakeTransceiver(track.kind, track, direction, self.transport))

    def add(self, transceiver: FakeTransceiver) -> FakeTransceiver:
        """Add an m-line."""
        self.transceivers.append(transceiver)
        return transceiver

    def offers(self, kind: str, direction: str) -> FakeTransceiver:
        """Let the other side's offer have an m-line, with a direction from our point of view."""
        return self.add(FakeTransceiver(kind, None, "recvonly", self.transport, direction))

    def createDataChannel(self, *_label: str, **_options: Any) -> FakeChannel:
        """Make a channel."""
        self.channels.append(FakeChannel())
        return self.channels[-1]

    async def setLocalDescription(self, description: RTCSessionDescription | None = None) -> None:
        """Take our own offer, or answer; as with a real one, others get a turn meanwhile."""
        await asyncio.sleep(0)
        await super().setLocalDescription(description)

    def select(self, local: str = "host", remote: str = "srflx") -> None:
        """Let a candidate pair be in use."""
        self.ice._nominated = {1: _pair(local, remote)}

    async def close(self) -> None:
        """End it."""
        self.closed += 1
        self.connectionState = "closed"
        self.emit("connectionstatechange")


def _pair(local: str, remote: str) -> Any:
    def one(kind: str) -> Any:
        return SimpleNamespace(type=kind, transport="udp", priority=1)

    state = SimpleNamespace(name="SUCCEEDED")
    return SimpleNamespace(
        local_candidate=one(local), remote_candidate=one(remote), state=state, nominated=True
    )


class Connected:
    """A connection of ours around one that sends nothing, and what it tells whoever made it."""

    def __init__(
        self,
        *,
        caps: dict[str, bool] | None = None,
        first: bool = False,
        polite: bool = False,
        ice_servers: list[dict[str, Any]] | None = None,
        before: Callable[[FakeMediaConnection], None] = lambda _pc: None,
    ) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.reported: list[dict[str, Any]] = []
        self.told: list[str] = []
        self.superseded: list[Any] = []
        self.messages: list[str | bytes] = []
        self.clock, self.incoming = NegotiationClock(), Incoming()
        self.video, self.audio = VideoHub(), AudioHub()
        self.signaling = PeerSignaling(
            "demo",
            "bob",
            session="now",
            post=lambda event, payload, _ack: self.sent.append((event, payload)),
            report=len,
            flush_reports=lambda: None,
            clock=self.clock,
        )

        def make(configuration: RTCConfiguration) -> Any:
            self.pc = FakeMediaConnection(configuration)
            before(self.pc)
            return self.pc

        self.connection = Connection(
            caps=caps or {},
            first=first,
            polite=polite,
            gone=set(),
            ice_servers=ice_servers or [],
            video=self.video,
            audio=self.audio,
            incoming=self.incoming,
            signaling=self.signaling,
            events=ConnectionEvents(
                report=self.reported.append,
                on_message=self.messages.append,
                on_superseded=lambda *given: self.superseded.append(given),
                on_crossed=lambda: self.told.append("crossed"),
                on_silent=lambda: self.told.append("silent"),
                on_broken=lambda: self.told.append("broken"),
            ),
            make=make,
        )

    @property
    def events(self) -> list[str]:
        """The names of what was sent."""
        return [event for event, _payload in self.sent]

    def said(self, kind: str) -> list[dict[str, Any]]:
        """Return the reports of a type, without it."""
        return [
            {key: value for key, value in entry.items() if key != "type"}
            for entry in self.reported
            if entry["type"] == kind
        ]

    def lines(self) -> list[tuple[str, str, bool]]:
        """Return kind, direction and whether something is sent, by m-line."""
        return [(each.kind, each.direction, each.sender.track is not None) for each in self.pc.transceivers]

    async def hear(self, kind: str, *, ufrag: str = "u", fingerprint: str = "AA") -> None:
        """Take the other side's offer or answer, and wait until it is applied or refused."""
        before = len(self.reported)
        text = sdp(ufrag, fingerprint)
        self.signaling.receive(kind, {kind: {"type": kind, "sdp": text}, "id": "m"}, 1.0)
        await wait_for(lambda: len(self.reported) > before or self.superseded or self.told, 30)

    async def agrees(self) -> None:
        """Let our first offer be answered."""
        await self.sends(1)
        await self.hear("answer")
        await wait_for(lambda: self.pc.signalingState == "stable", 30)

    def receives(self, kind: str, mid: str | None = None) -> FakeTrack:
        """Let a track of the other side's come."""
        track, line = FakeTrack(kind), self.pc.offers(kind, "recvonly")
        line.mid, line.receiver.track = mid, track
        self.pc.emit("track", track)
        return track

    def hear_candidate(self) -> None:
        """Take a candidate of the other side's."""
        self.signaling.receive("ice_candidate", {"candidate": candidate(), "id": "c"}, 1.0)

    async def sends(self, count: int, event: str = "offer") -> None:
        """Wait until something was sent so often."""
        await wait_for(lambda: self.events.count(event) >= count, 30, f"{count} of {event}")
