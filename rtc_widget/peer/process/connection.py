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
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpTransceiver,
)
from aiortc.exceptions import InvalidStateError, OperationError

from . import sdp_rules
from .connection_stats import Figures
from .incoming import Incoming, be_prompt
from .negotiation import Collision, Description, Negotiation, Waiting
from .outgoing import AudioHub, AudioOut, VideoHub, VideoOut

OFFER_PATIENCE_SECONDS: Final = 4.0
"""How long who may not offer first waits for the other's offer before asking for it."""

CONNECT_SECONDS: Final = 15.0
"""How long connecting may take: aioice does not give up by itself without an end of candidates."""

_BUFFER_BYTES: Final = 1 << 20
_MAX_UNSENT: Final = 64

_STATES: Final = {
    "connectionstatechange": ("connection_state", "connectionState"),
    "iceconnectionstatechange": ("ice_connection_state", "iceConnectionState"),
    "icegatheringstatechange": ("ice_gathering_state", "iceGatheringState"),
    "signalingstatechange": ("signaling_state", "signalingState"),
}


@dataclass(frozen=True)
class Link:
    """What a connection needs of the room it is in; all are called on the loop.

    Attributes
    ----------
    send : callable
        Takes a description for the other side.
    ask : callable
        Asks the other side for an offer.
    report : callable
        Takes a report's entry about this connection.
    message : callable
        Takes a data channel message.
    collided : callable
        Takes an offer, the message that brought it and its candidates so far, which only another connection can answer.
    broken : callable
        The connection cannot go on; says whether making another is up to this side's next attempt.
    """

    send: Callable[[Description], None]
    ask: Callable[[], object]
    report: Callable[[dict[str, Any]], None]
    message: Callable[[str | bytes], None]
    collided: Callable[[Description, str | None, list[Waiting]], None]
    broken: Callable[[], None]


class Connection:
    """One aiortc connection, from its making until `close`. Used on its event loop.

    Parameters
    ----------
    caps : dict
        What the other side can do; a plain client says nothing.
    first : bool
        Whether this side makes the first offer.
    ice_servers : list of dict
        ``RTCIceServer`` dictionaries.
    video, audio : VideoHub, AudioHub
        What is sent.
    incoming : Incoming
        Where what comes goes.
    link : Link
        The room.
    """

    def __init__(
        self,
        *,
        caps: dict[str, bool],
        first: bool,
        ice_servers: list[dict[str, Any]],
        video: VideoHub,
        audio: AudioHub,
        incoming: Incoming,
        link: Link,
    ) -> None:
        self._link = link
        self._incoming = incoming
        self._caps = caps
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self._pc = RTCPeerConnection(
            RTCConfiguration(
                iceServers=_servers(ice_servers),
                bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
            )
        )
        self._negotiation = Negotiation(
            self._pc,
            # Towards a plain client we give way, as its newcomer's part in the tutorials is; towards ours never.
            yields="rollback" not in caps,
            send=link.send,
            answering=self._adopt,
            step=lambda step: link.report({"type": "step", **step}),
        )
        self._video_out = VideoOut(video)
        self._audio_out = AudioOut(audio)
        self._video: RTCRtpTransceiver | None = None
        self._audio: RTCRtpTransceiver | None = None
        self._channel: RTCDataChannel | None = None
        self._opened = asyncio.Event()
        self._drained = asyncio.Event()
        self._unsent: list[str | bytes] = []
        self._figures = Figures(self._pc, incoming.video)
        self._pair: tuple[str, ...] | None = None
        self._watch()
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(CONNECT_SECONDS, self._too_late)
        self._patience = None if first else loop.call_later(OFFER_PATIENCE_SECONDS, self._ask)
        if first:
            self._begin()

    # -- what the room hands on

    def receive(self, description: Description, message: str | None = None) -> None:
        """Take an offer or an answer; failures end in a report, or in another connection."""
        self._stop_waiting()
        self._spawn(self._describe(description, message))

    def candidate(self, candidate: dict[str, Any] | None, message: str | None = None) -> None:
        """Take a candidate."""
        self._spawn(self._negotiation.candidate(candidate, message))

    def renegotiate(self) -> None:
        """Offer, because the other side asked for it and may not itself."""
        self._stop_waiting()
        if self._video is None:
            self._begin()
        else:
            self._spawn(self._negotiation.offer())

    def resume(self) -> None:
        """Say again what may have been lost with a signaling path."""
        self._negotiation.resend()
        self.report_all()

    def is_of(self, description: Description) -> bool:
        """Tell whether an offer is for this connection, and not the first of another one on the other side."""
        remote = self._pc.remoteDescription
        if self._closed or self._pc.connectionState in ("failed", "closed"):
            return False
        return remote is None or bool(
            sdp_rules.fingerprints(remote.sdp) & sdp_rules.fingerprints(description["sdp"])
        )

    @property
    def unanswered(self) -> bool:
        """Whether the first offer is made and nothing has been heard of the other side."""
        return self._pc.remoteDescription is None and str(self._pc.signalingState) == "have-local-offer"

    @property
    def connected(self) -> bool:
        """Whether media flows."""
        return str(self._pc.connectionState) == "connected"

    @property
    def pc(self) -> RTCPeerConnection:
        """The aiortc connection."""
        return self._pc

    async def send(self, data: str | bytes, timeout: float) -> bool:  # noqa: ASYNC109
        """Send a data channel message once the channel is open and has room; tell whether that was in time."""
        try:
            async with asyncio.timeout(timeout):
                await self._opened.wait()
                while not self._closed and self._channel and self._channel.bufferedAmount > _BUFFER_BYTES:
                    self._drained.clear()
                    await self._drained.wait()
        except TimeoutError:
            return False
        return self._push(data)

    def send_later(self, data: str | bytes) -> None:
        """Send a message now, or when the channel opens."""
        if self._opened.is_set():
            self._push(data)
        else:
            self._unsent.append(data)
            del self._unsent[:-_MAX_UNSENT]

    @property
    def open(self) -> bool:
        """Whether the data channel is open."""
        return self._opened.is_set()

    async def close(self) -> None:
        """End the connection and everything that runs for it."""
        if self._closed:
            return
        self._closed = True
        self._stop_waiting()
        self._deadline.cancel()
        self._audio_out.close()
        self._negotiation.close()
        self._opened.set()
        self._drained.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._pc.close()

    # -- offers

    def _begin(self) -> None:
        """Make the first offer: always one m-line for sound, one for the picture and one for data."""
        self._audio = self._pc.addTransceiver(self._audio_out, direction="sendrecv")
        self._video = self._pc.addTransceiver(self._video_out, direction="sendrecv")
        self._open_channel()
        self._spawn(self._negotiation.offer())

    def _adopt(self) -> None:
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
            if transceiver._offerDirection in ("sendrecv", "sendonly"):
                self._claim(transceiver)
            else:
                lacking.append(transceiver.kind)
        for kind in dict.fromkeys(lacking):
            self._spawn(self._negotiation.offer(functools.partial(self._add, kind)))
        if self._channel is None and self._pc.sctp is not None:
            self._open_channel()

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

    async def _describe(self, description: Description, message: str | None) -> None:
        try:
            await self._negotiation.receive(description, message)
        except Collision:
            if not self._closed:
                self._link.collided(description, message, self._negotiation.waiting)
            return
        except (ValueError, KeyError, AssertionError, InvalidStateError, OperationError) as error:
            if not self._closed:
                reason = type(error).__name__  # its text may quote the description
                self._report_error("bad_description", f"A description could not be applied ({reason}).")
            return
        self.measure_pair()

    def _ask(self) -> None:
        if "rollback" in self._caps:
            self._link.ask()
        elif self._video is None:
            self._begin()

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    # -- data channel

    def _open_channel(self) -> None:
        self._use(self._pc.createDataChannel("rtc_widget", negotiated=True, id=0))

    def _use(self, channel: RTCDataChannel) -> None:
        self._channel = channel
        channel.bufferedAmountLowThreshold = _BUFFER_BYTES // 2
        channel.on("message", self._link.message)
        channel.on("bufferedamountlow", self._drained.set)
        channel.on("close", self._channel_closed)
        channel.on("open", self._channel_opened)
        if channel.readyState == "open":
            self._channel_opened()

    def _channel_closed(self) -> None:
        self._drained.set()
        self._link.report({"type": "channel", "value": "closed"})

    def _channel_opened(self) -> None:
        self._link.report({"type": "channel", "value": "open"})
        self._opened.set()
        waiting, self._unsent = self._unsent, []
        for data in waiting:
            self._push(data)

    def _push(self, data: str | bytes) -> bool:
        if self._closed or self._channel is None or self._channel.readyState != "open":
            return False
        try:
            self._channel.send(data)
        except ValueError as error:
            self._report_error("message_too_large", str(error))
            return False
        return True

    # -- states

    def _watch(self) -> None:
        pc = self._pc
        for event, (name, attribute) in _STATES.items():
            pc.on(event, lambda name=name, attribute=attribute: self._report_state(name, attribute))
        pc.on("connectionstatechange", self._state_changed)
        pc.on("track", self._track)
        pc.on("datachannel", self._foreign_channel)

    def _report_state(self, name: str, attribute: str) -> None:
        self._link.report({"type": "state", "name": name, "value": getattr(self._pc, attribute)})

    def report_all(self) -> None:
        """Report every state anew, for an observer that has missed changes."""
        for name, attribute in _STATES.values():
            self._report_state(name, attribute)
        self._pair = None
        self.measure_pair()

    def _report_error(self, code: str, message: str) -> None:
        self._link.report({"type": "error", "code": code, "message": message})

    def _state_changed(self) -> None:
        state = self._pc.connectionState
        if state == "connected":
            self._deadline.cancel()
            self.measure_pair()
        elif state in ("failed", "closed"):
            self._break()

    def _too_late(self) -> None:
        if self.connected or self._closed:
            return
        self._link.report({"type": "state", "name": "connection_state", "value": "failed"})
        self._report_error(
            "connection_failed", f"No connection came about in {CONNECT_SECONDS:.0f} s; trying again."
        )
        self._break()

    def _break(self) -> None:
        if not self._closed:
            self._link.broken()

    def _foreign_channel(self, channel: RTCDataChannel) -> None:
        """Take the channel that a plain client has opened, in place of ours which it does not know."""
        if channel.id != 0:
            self._use(channel)

    def _track(self, track: Any) -> None:
        videos = [t for t in self._pc.getTransceivers() if t.kind == "video" and not t.stopped]
        is_main = next((t for t in videos if t.receiver.track is not None), None)
        main = self._video if self._video is not None and self._video.mid is not None else is_main
        transceiver = next(t for t in self._pc.getTransceivers() if t.receiver.track is track)
        screen = track.kind == "video" and transceiver is not main
        self._link.report({"type": "track", "kind": track.kind, "mid": transceiver.mid, "screen": screen})
        if track.kind == "audio":
            self._spawn(self._incoming.drain(track, self._incoming.audio))
            return
        be_prompt(transceiver.receiver)
        into = self._incoming.screen if screen else self._incoming.video
        self._spawn(self._incoming.drain(track, into))

    # -- figures

    def measure_pair(self) -> None:
        """Report the types of the candidates in use, when they are known and new."""
        pair = self._figures.pair() if self.connected else None
        if pair is None:
            return
        kinds = (pair["local"], pair["remote"], pair["protocol"])
        if kinds != self._pair:
            self._pair = kinds
            self._link.report({"type": "pair", **pair})

    async def measure(self) -> None:
        """Measure once and report what came since the last time."""
        figures = await self._figures.measure() if self.connected else None
        if figures is not None:
            self._link.report({"type": "stats", **figures})

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        if self._closed:
            work.close()
            return
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not self._closed:
            self._report_error("connection_failed", f"The connection failed ({type(error).__name__}).")
            self._break()


def _servers(servers: list[dict[str, Any]]) -> list[RTCIceServer]:
    """Return them as aiortc's; with none given none is used, whereas aiortc's default is a public one."""
    return [
        RTCIceServer(urls=s["urls"], username=s.get("username"), credential=s.get("credential"))
        for s in servers
    ]
