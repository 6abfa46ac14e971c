"""The peer connection to one participant: the twin of ``js/src/room/connection.ts``, around aiortc's."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpTransceiver,
)

from ...signaling.negotiation_clock import ClockTimer
from ...signaling.peer_signaling import Description, PeerSignaling
from . import aiortc_backlog, aiortc_internals, aiortc_jitter, sdp_rules
from .connection_stats import ConnectionStats
from .data_channel import DataChannel
from .incoming import Incoming
from .liveness import Liveness
from .negotiation import Negotiation, NegotiationEvents, Yields
from .outgoing import AudioHub, AudioOut, VideoHub, VideoOut
from .queued_candidate import QueuedCandidate

CONNECT_SECONDS: Final = 15.0
"""How long connecting may take: aioice does not give up by itself without an end of candidates."""

_STATES: Final = {
    "connectionstatechange": ("connection_state", "connectionState"),
    "iceconnectionstatechange": ("ice_connection_state", "iceConnectionState"),
    "icegatheringstatechange": ("ice_gathering_state", "iceGatheringState"),
    "signalingstatechange": ("signaling_state", "signalingState"),
}


@dataclass(frozen=True)
class ConnectionEvents:
    """What a connection tells whoever made it; all are called on the loop.

    Attributes
    ----------
    report : callable
        Takes an entry of the report to the room's observers.
    on_message : callable
        Takes a data channel message.
    on_superseded : callable
        Takes an offer, the id of its message and its candidates so far, which only another connection can answer.
    on_crossed : callable
        Offers have crossed in a call, and only new connections on both sides can settle that.
    on_silent : callable
        Nothing has come for a while: the network may have changed.
    on_broken : callable
        The connection cannot go on.
    """

    report: Callable[[dict[str, Any]], None]
    on_message: Callable[[str | bytes], None]
    on_superseded: Callable[[Description, str | None, list[QueuedCandidate]], None]
    on_crossed: Callable[[], None]
    on_silent: Callable[[], None]
    on_broken: Callable[[], None]


class Connection:
    """One aiortc connection, from its making until `close`. Used on its event loop.

    Parameters
    ----------
    caps : dict
        What the other side can do; a plain client says nothing.
    first : bool
        Whether this side makes the first offer.
    polite : bool
        Whether this side gives way to another peer when offers cross.
    gone : set of str
        Fingerprints of a connection of the other side that no connection of ours can talk to any more.
    ice_servers : list of dict
        ``RTCIceServer`` dictionaries.
    video, audio : VideoHub, AudioHub
        What is sent.
    incoming : Incoming
        Where what comes goes.
    signaling : PeerSignaling
        To the other side, and from it.
    events : ConnectionEvents
        What whoever made it is told.
    make : callable
        Makes aiortc's connection.
    """

    def __init__(
        self,
        *,
        caps: dict[str, bool],
        first: bool,
        polite: bool,
        gone: set[str],
        ice_servers: list[dict[str, Any]],
        video: VideoHub,
        audio: AudioHub,
        incoming: Incoming,
        signaling: PeerSignaling,
        events: ConnectionEvents,
        make: Callable[[RTCConfiguration], RTCPeerConnection] = RTCPeerConnection,
    ) -> None:
        self._events, self._signaling = events, signaling
        self._incoming, self._caps = incoming, caps
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self._pc = make(
            RTCConfiguration(
                iceServers=_servers(ice_servers),
                bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
            )
        )
        self._negotiation = Negotiation(
            self._pc,
            signaling,
            yields=_yields(caps, polite=polite),
            gone=gone,
            spawn=self._spawn,
            events=NegotiationEvents(
                on_answering=self._claim_m_lines,
                on_step=lambda step: events.report({"type": "step", **step}),
                on_superseded=events.on_superseded,
                on_crossed=events.on_crossed,
                on_applied=self.measure_pair,
                on_failed=self._on_negotiation_failed,
                on_no_offer=self._on_no_offer,
            ),
        )
        self._video_out = VideoOut(video)
        self._audio_out = AudioOut(audio)
        self._video: RTCRtpTransceiver | None = None
        self._audio: RTCRtpTransceiver | None = None
        self.channel = DataChannel(self._pc, on_message=events.on_message, report=events.report)
        self._stats = ConnectionStats(self._pc, incoming.video)
        self._pair: tuple[str, ...] | None = None
        self._liveness = Liveness(self._stats.answers, on_silent=events.on_silent, on_dead=self._on_dead)
        self._follow_states()
        self._resending: ClockTimer | None = None
        self._deadline = signaling.clock.later(CONNECT_SECONDS, self._on_deadline)
        if first:
            self._begin()
        else:
            self._negotiation.expect_offer()

    @property
    def pc(self) -> RTCPeerConnection:
        """The aiortc connection."""
        return self._pc

    @property
    def connected(self) -> bool:
        """Whether media flows."""
        return str(self._pc.connectionState) == "connected"

    @property
    def unanswered(self) -> bool:
        """Whether the first offer is made and nothing has been received from the other side."""
        return self._pc.remoteDescription is None and str(self._pc.signalingState) == "have-local-offer"

    @property
    def remote_fingerprints(self) -> set[str]:
        """What identifies the other side's connection, empty before anything has been received from it."""
        remote = self._pc.remoteDescription
        return set() if remote is None else sdp_rules.fingerprints(remote.sdp)

    def renegotiate(self) -> None:
        """Offer, because the other side asked for it and may not itself."""
        if self._video is None:
            self._begin()
        else:
            self._negotiation.offer()

    def resume(self) -> None:
        """Send again what may have been lost with a signaling path."""
        if self._resending is not None:
            self._resending.cancel()
        # A paused room gets no copies of what it holds.
        self._resending = self._signaling.clock.when_running(self._negotiation.resend)
        self.report_all()

    async def close(self) -> None:
        """End the connection and everything that runs for it."""
        if self._closed:
            return
        self._closed = True
        self._deadline.cancel()
        if self._resending is not None:
            self._resending.cancel()
        self._audio_out.close()
        self._negotiation.close()
        self.channel.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._negotiation.settle()
        await self._pc.close()

    # -- offers

    def _begin(self) -> None:
        """Make the first offer: always one m-line for audio, one for video and one for data."""
        self._audio = self._pc.addTransceiver(self._audio_out, direction="sendrecv")
        self._video = self._pc.addTransceiver(self._video_out, direction="sendrecv")
        self.channel.open()
        self._negotiation.offer()

    def _on_no_offer(self) -> None:
        if "rollback" in self._caps:
            self._signaling.request_offer()
        elif self._video is None:
            self._begin()

    def _claim_m_lines(self) -> None:
        """Send on what the other side has offered to receive, and offer ourselves where it has not."""
        lacking = []
        if self._audio is not None and self._audio.stopped:
            self._audio = None
        if self._video is not None and self._video.stopped:
            self._video = None
        for transceiver in self._pc.getTransceivers():
            if transceiver.stopped:
                continue
            ours = self._audio if transceiver.kind == "audio" else self._video
            if ours is not None:
                continue
            if aiortc_internals.offered_direction(transceiver) in ("sendrecv", "sendonly"):
                self._claim(transceiver)
            else:
                lacking.append(transceiver.kind)
        for kind in dict.fromkeys(lacking):
            self._negotiation.offer(functools.partial(self._add, kind))
        if self._pc.sctp is not None:
            self.channel.open()

    def _add(self, kind: str) -> None:
        """Send on an m-line of our own: aiortc would take any for our track, also one on which nothing can be sent."""
        if (self._audio if kind == "audio" else self._video) is None:
            track = self._audio_out if kind == "audio" else self._video_out
            self._keep(self._pc.addTransceiver(track, direction="sendonly"))

    def _claim(self, transceiver: RTCRtpTransceiver) -> None:
        track = self._audio_out if transceiver.kind == "audio" else self._video_out
        transceiver.sender.replaceTrack(track)
        transceiver.direction = "sendrecv"
        self._keep(transceiver)

    def _keep(self, transceiver: RTCRtpTransceiver) -> None:
        if transceiver.kind == "audio":
            self._audio = transceiver
        else:
            self._video = transceiver

    def _on_negotiation_failed(self, reason: str) -> None:
        self._report_error("bad_description", f"A description could not be applied ({reason}).")

    # -- states

    def _follow_states(self) -> None:
        pc = self._pc
        for event, (name, attribute) in _STATES.items():
            pc.on(event, lambda name=name, attribute=attribute: self._report_state(name, attribute))
        pc.on("connectionstatechange", self._on_connection_state)
        pc.on("track", self._on_track)

    def _report_state(self, name: str, attribute: str) -> None:
        self._events.report({"type": "state", "name": name, "value": getattr(self._pc, attribute)})

    def report_all(self) -> None:
        """Report every state anew, for an observer that has missed changes."""
        for name, attribute in _STATES.values():
            self._report_state(name, attribute)
        self._pair = None
        self.measure_pair()

    def _report_error(self, code: str, message: str) -> None:
        self._events.report({"type": "error", "code": code, "message": message})

    def _on_connection_state(self) -> None:
        state = self._pc.connectionState
        if state == "connected":
            self._deadline.cancel()
            self.channel.flush()
            self.measure_pair()
        elif state in ("failed", "closed"):
            self._break()

    def _on_deadline(self) -> None:
        if self.connected or self._closed:
            return
        self._fail(f"Could not connect within {CONNECT_SECONDS:.0f} s; trying again.")

    def _fail(self, message: str) -> None:
        self._events.report({"type": "state", "name": "connection_state", "value": "failed"})
        self._report_error("connection_failed", message)
        self._break()

    def _break(self) -> None:
        if not self._closed:
            self._events.on_broken()

    def _on_track(self, track: Any) -> None:
        videos = [t for t in self._pc.getTransceivers() if t.kind == "video" and not t.stopped]
        first = next((t for t in videos if t.receiver.track is not None), None)
        main = self._video if self._video is not None and self._video.mid is not None else first
        transceiver = next(t for t in self._pc.getTransceivers() if t.receiver.track is track)
        screen = track.kind == "video" and transceiver is not main
        self._events.report({"type": "track", "kind": track.kind, "mid": transceiver.mid, "screen": screen})
        aiortc_backlog.limit_backlog(transceiver.receiver)
        aiortc_jitter.use_prompt_jitter_buffer(transceiver.receiver, track.kind)
        if track.kind == "audio":
            self._spawn(self._incoming.drain(track, self._incoming.audio, self._on_refused))
            return
        into = self._incoming.screen if screen else self._incoming.video
        self._spawn(self._incoming.drain(track, into, self._on_refused))

    def _on_refused(self, text: str) -> None:
        self._report_error("bad_frame", text)

    # -- statistics

    def measure_pair(self) -> None:
        """Report the types of the candidates in use, when they are known and new."""
        pair = self._stats.pair() if self.connected else None
        if pair is None:
            return
        types = (pair["local"], pair["remote"], pair["protocol"])
        if types != self._pair:
            self._pair = types
            self._events.report({"type": "pair", **pair})

    async def measure(self) -> None:
        """Measure once and report what came since the last time."""
        stats = await self._stats.measure() if self.connected else None
        if stats is None:
            return
        self._events.report({"type": "stats", **stats})
        self._spawn(self._liveness.measured(stats["bitrate"]))

    def _on_dead(self) -> None:
        if not self._closed:
            self._fail("Nothing comes from the other side any more; connecting anew.")

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        if self._closed:
            work.close()
            return
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not self._closed:
            self._report_error("connection_failed", f"The connection failed ({type(error).__name__}).")
            self._break()


def _yields(caps: dict[str, bool], *, polite: bool) -> Yields:
    if "rollback" not in caps:
        return "always"  # plain clients' newcomers answer as in the tutorials
    # Our browsers can take their offer back; of two peers, neither can.
    return "first" if polite and not caps["rollback"] else "never"


def _servers(servers: list[dict[str, Any]]) -> list[RTCIceServer]:
    """Return them as aiortc's; with none given none is used, whereas aiortc's default is a public one."""
    return [
        RTCIceServer(urls=s["urls"], username=s.get("username"), credential=s.get("credential"))
        for s in servers
    ]
