# The names of an RTCPeerConnection are the W3C's.
# ruff: noqa: N802
"""A negotiation over a connection that only keeps account of what it is told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from aiortc import RTCSessionDescription
from aiortc.exceptions import InvalidStateError

from rtc_widget.peer.process.negotiation import Negotiation, NegotiationEvents, Yields
from rtc_widget.peer.process.queued_candidate import QueuedCandidate
from rtc_widget.runtime.tasks import TaskSet
from rtc_widget.signaling.negotiation_clock import NegotiationClock
from rtc_widget.signaling.peer_signaling import PeerSignaling


def sdp(ufrag: str = "u", fingerprint: str = "AA") -> str:
    """Return as much of a session description as a negotiation looks at."""
    return (
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
        f"a=ice-ufrag:{ufrag}\r\na=fingerprint:sha-256 {fingerprint}\r\n"
    )


def candidate(ufrag: str | None = "u", address: str = "192.0.2.7") -> dict[str, Any]:
    """Return a candidate as a browser sends it."""
    line = f"candidate:1 1 udp 2122260223 {address} 50000 typ host"
    return {"candidate": line, "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": ufrag}


class FakePeerConnection:
    """The states of an RTCPeerConnection, and what was done with it."""

    def __init__(self) -> None:
        self.signalingState = "stable"
        self.connectionState = "new"
        self.localDescription: RTCSessionDescription | None = None
        self.remoteDescription: RTCSessionDescription | None = None
        self.added: list[Any] = []
        self.failing: dict[str, Exception] = {}
        self.local_ufrag = "ours"

    def _fail_where_told(self, operation: str) -> None:
        if operation in self.failing:
            raise self.failing[operation]

    def getTransceivers(self) -> list[Any]:
        """Return none: what is in a description is no matter here."""
        return []

    async def createOffer(self) -> RTCSessionDescription:
        """Make an offer."""
        self._fail_where_told("createOffer")
        return RTCSessionDescription(sdp(self.local_ufrag, "OURS"), "offer")

    async def setLocalDescription(self, description: RTCSessionDescription | None = None) -> None:
        """Take our own offer, or answer."""
        self._fail_where_told("setLocalDescription")
        made = description or RTCSessionDescription(sdp(self.local_ufrag, "OURS"), "answer")
        self.localDescription = made
        self.signalingState = "have-local-offer" if made.type == "offer" else "stable"

    async def setRemoteDescription(self, description: RTCSessionDescription) -> None:
        """Take the other's."""
        self._fail_where_told("setRemoteDescription")
        if (description.type == "offer") is not (self.signalingState == "stable"):
            raise InvalidStateError(f"{description.type} in {self.signalingState}")
        self.remoteDescription = description
        self.signalingState = "have-remote-offer" if description.type == "offer" else "stable"

    async def addIceCandidate(self, parsed: Any) -> None:
        """Take a candidate."""
        self._fail_where_told("addIceCandidate")
        self.added.append(parsed)


class Side:
    """One side of a negotiation: what it sends, which steps it reports, and what its connection is told."""

    def __init__(self, *, yields: Yields = "never", gone: Iterable[str] = ()) -> None:
        self.pc = FakePeerConnection()
        self.tasks = TaskSet()
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.steps: list[dict[str, Any]] = []
        self.durations: dict[str, float] = {}
        self.told: list[Any] = []
        self.superseded: list[tuple[dict[str, str], str | None, list[QueuedCandidate]]] = []
        self.signaling = PeerSignaling(
            "demo",
            "bob",
            session="now",
            post=lambda event, payload, _ack: self.sent.append((event, payload)),
            report=len,
            flush_reports=lambda: None,
            clock=NegotiationClock(),
        )
        self.negotiation = Negotiation(
            cast("Any", self.pc),
            self.signaling,
            yields=yields,
            gone=set(gone),
            spawn=self.tasks.spawn,
            events=NegotiationEvents(
                on_answering=lambda: self.told.append("answering"),
                on_step=self._keep,
                on_superseded=lambda *given: self.superseded.append(given),
                on_crossed=lambda: self.told.append("crossed"),
                on_applied=lambda: self.told.append("applied"),
                on_failed=lambda error: self.told.append(("failed", error)),
                on_no_offer=lambda: self.told.append("no offer"),
            ),
        )

    def _keep(self, step: dict[str, Any]) -> None:
        """Keep how long it took apart from what it was."""
        if "duration" in step:
            self.durations[step["step"]] = step["duration"]
        self.steps.append({key: value for key, value in step.items() if key != "duration"})

    @property
    def events(self) -> list[str]:
        """The names of what was sent."""
        return [event for event, _payload in self.sent]

    @property
    def step_names(self) -> list[str]:
        """The names of the steps."""
        return [step["step"] for step in self.steps]

    async def need(self, add: Any = None) -> None:
        """Have something to negotiate."""
        self.negotiation.offer(add)
        await self.tasks.wait()

    async def receive(self, event: str, content: dict[str, Any], message: str | None = None) -> None:
        """Take what the other side sends."""
        self.signaling.receive(event, {**content, "id": message}, 1.0)
        await self.tasks.wait()

    async def describe(self, kind: str, message: str, ufrag: str = "u", fingerprint: str = "AA") -> None:
        """Take the other side's offer or answer."""
        await self.receive(kind, {kind: {"type": kind, "sdp": sdp(ufrag, fingerprint)}}, message)

    async def candidate(self, message: str, ufrag: str | None = "u", address: str = "192.0.2.7") -> None:
        """Take a candidate of the other side's."""
        await self.receive("ice_candidate", {"candidate": candidate(ufrag, address)}, message)
