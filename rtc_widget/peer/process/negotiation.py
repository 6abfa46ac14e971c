"""Negotiation around one aiortc connection: the twin of ``js/src/negotiation/perfect.ts``.

aiortc cannot roll back an offer, tells of no need to negotiate, and mixes up when two operations overlap. So here
everything happens under one lock, a need is remembered until it can be met, and offers that cross are never
accepted: either ours stands (the other side gives way), or the connection is given up for a new one.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.exceptions import InvalidStateError, OperationError
from aiortc.sdp import candidate_from_sdp

from ...protocol.limits import LIMITS, seconds
from ...signaling.negotiation_clock import ClockTimer
from ...signaling.peer_signaling import Candidate, Description, PeerSignaling
from . import aiortc_internals, sdp_rules
from .queued_candidate import QueuedCandidate

Yields = Literal["never", "first", "always"]


def _since(called: float) -> float:
    """Return how long ago something was called, in ms."""
    return (time.perf_counter() - called) * 1000


class _CollisionError(Exception):
    """Offers have crossed and neither side can roll back."""


@dataclass(frozen=True)
class NegotiationEvents:
    """What a negotiation reports to its connection; all are called on the loop.

    Attributes
    ----------
    on_answering : callable
        Called between applying a remote offer and answering it: the moment to decide what this side sends.
    on_step : callable
        Takes every step: never a description, a candidate or an address.
    on_superseded : callable
        Takes an offer, the id of its message and its candidates so far, which only another connection can answer.
    on_crossed : callable
        Offers of ours and of another peer have crossed in a call, and it is this side that gives way.
    on_applied : callable
        A remote description has been applied.
    on_failed : callable
        Takes the name of the error for which a description could not be applied; the connection continues
        unchanged.
    on_no_offer : callable
        The other side was to offer, and has not.
    """

    on_answering: Callable[[], None]
    on_step: Callable[[dict[str, Any]], None]
    on_superseded: Callable[[Description, str | None, list[QueuedCandidate]], None]
    on_crossed: Callable[[], None]
    on_applied: Callable[[], None]
    on_failed: Callable[[str], None]
    on_no_offer: Callable[[], None]


class Negotiation:
    """Offers, answers and candidates of one connection. Used on its event loop.

    Parameters
    ----------
    pc : RTCPeerConnection
        The connection.
    signaling : PeerSignaling
        The signaling channel with the other side.
    yields : Yields
        Whether this side gives way, by making another connection, when offers cross: always, never, or only while both
        offers are first ones. (Later, both sides would need another connection.)
    gone : set of str
        Fingerprints of a connection of the other side that no connection of ours can talk to any more.
    spawn : callable
        Runs a coroutine concurrently.
    events : NegotiationEvents
        Callbacks of the connection.
    """

    def __init__(
        self,
        pc: RTCPeerConnection,
        signaling: PeerSignaling,
        *,
        yields: Yields,
        gone: set[str],
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        events: NegotiationEvents,
    ) -> None:
        self._pc, self._signaling, self._yields = pc, signaling, yields
        self._gone = gone
        self._spawn, self._events = spawn, events
        self._lock = asyncio.Lock()
        self._needed = False
        self._additions: list[Callable[[], None]] = []
        self._rejected: set[str] = set()
        self._negotiated: dict[str, Any] = {}
        self._queue: list[QueuedCandidate] = []
        self._ignored: set[str] = set()
        self._gathered: set[str] = set()
        self._gathering: asyncio.Future[None] | None = None
        self._patience: ClockTimer | None = None
        self._answer_due: ClockTimer | None = None
        # The last offer and the last answer that were applied, as they came.
        self._answered: str | None = None
        self._applied: str | None = None
        self._is_overdue = False
        self._closed = False
        signaling.on_description = self._on_description
        signaling.on_candidate = self._on_candidate

    def expect_offer(self) -> None:
        """Wait for the other side's first offer, but not for ever."""
        self._patience = self._signaling.clock.later(seconds("offer_patience"), self._events.on_no_offer)

    def offer(self, add: Callable[[], None] | None = None) -> None:
        """Offer now, or as soon as what is under way has ended.

        Parameters
        ----------
        add : callable, optional
            Adds m-lines right before: aiortc cannot answer while there is one that the offer does not have.
        """
        self._stop_waiting()
        self._spawn(self._offer(add))

    def resend(self) -> None:
        """Send the pending offer again: it, or its answer, may have been lost with a signaling path."""
        if self._pc.signalingState == "have-local-offer" and not self._lock.locked():
            self._send_local()

    def close(self) -> None:
        """Let go of what waits."""
        self._closed = True
        self._stop_waiting()
        if self._answer_due is not None:
            self._answer_due.cancel()
        self._discard(self._queue, "closed")

    async def settle(self) -> None:
        """Wait until nothing is gathered any more: only then does closing the connection close all of its sockets."""
        if self._gathering is not None:
            await asyncio.gather(self._gathering, return_exceptions=True)

    # -- from the other side

    def _on_description(self, description: Description, message: str | None) -> None:
        if self._gone & sdp_rules.fingerprints(description["sdp"]):
            self._step("ignored", description=description["type"], message=message)
            return
        if description["type"] == "offer" and not self._is_ours(description):
            # At once, so that the candidates that follow reach the new connection.
            self._events.on_superseded(description, message, [])
            return
        self._stop_waiting()
        self._spawn(self._receive(description, message))

    def _on_candidate(self, candidate: Candidate | None, message: str | None) -> None:
        self._spawn(self._receive_candidate(candidate, message))

    def _is_ours(self, offer: Description) -> bool:
        """Return whether an offer is for this connection, rather than the first of a new one on the other side."""
        if self._closed or self._pc.connectionState in ("failed", "closed"):
            return False
        remote = self._pc.remoteDescription
        known = sdp_rules.fingerprints(remote.sdp) if remote is not None else set()
        return remote is None or bool(known & sdp_rules.fingerprints(offer["sdp"]))

    async def _receive(self, description: Description, message: str | None) -> None:
        try:
            async with self._lock:
                if description["type"] == "answer":
                    await self._take_answer(description, message)
                else:
                    await self._take_offer(description, message)
                await self._offer_if_needed()
        except _CollisionError:
            if self._closed:
                return
            if self._yields == "first" and self._pc.remoteDescription is not None:
                self._events.on_crossed()
            else:
                self._events.on_superseded(description, message, list(self._queue))
        except (ValueError, KeyError, AssertionError, InvalidStateError, OperationError) as error:
            if not self._closed:
                self._events.on_failed(type(error).__name__)  # its text may quote the description
        else:
            self._events.on_applied()

    async def _receive_candidate(self, candidate: Candidate | None, message: str | None) -> None:
        # Firefox ends candidates with an empty string, others with null. aioice is better off without: see `sdp_rules`.
        if not candidate or not candidate["candidate"]:
            return
        if sdp_rules.is_unusable(candidate["candidate"]):
            self._step("discarded", message=message, reason="unusable")
            return
        queued = QueuedCandidate(candidate, message)
        if self._pc.remoteDescription is None or not queued.belongs(self._fragments()):
            self._step("queued", message=message)
        self._queue.append(queued)
        self._discard(self._queue[: -LIMITS["queued_candidates"]], "overflow")
        async with self._lock:
            await self._flush()

    # -- to the other side

    async def _offer(self, add: Callable[[], None] | None) -> None:
        self._needed = True
        self._step("negotiationneeded")
        if add is not None:
            self._additions.append(add)
        async with self._lock:
            await self._offer_if_needed()

    def _send_local(self) -> None:
        local = self._pc.localDescription
        if self._pc.signalingState != "closed":
            text = sdp_rules.without(sdp_rules.with_bitrate(local.sdp), self._rejected)
            self._signaling.send_description({"type": local.type, "sdp": text})
            if local.type == "offer":
                self._expect_answer()

    def _expect_answer(self) -> None:
        """Send the offer again when it, or its answer, has been lost although the path held."""
        if self._answer_due is not None:
            self._answer_due.cancel()
        self._answer_due = self._signaling.clock.later(seconds("answer"), self._resend_overdue)

    def _resend_overdue(self) -> None:
        self._is_overdue = True
        self.resend()

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _step(self, step: str, **data: Any) -> None:
        self._events.on_step({"step": step, **data})

    @contextlib.contextmanager
    def _attempt(self, operation: str, message: str | None = None) -> Iterator[None]:
        """Report an operation that fails, and re-raise."""
        try:
            yield
        except Exception as error:
            self._step("failed", operation=operation, error=type(error).__name__, message=message)
            raise

    def _discard(self, over: list[QueuedCandidate], reason: str) -> None:
        self._queue = [queued for queued in self._queue if queued not in over]
        for queued in over:
            self._step("discarded", message=queued.message, reason=reason)

    async def _offer_if_needed(self) -> None:
        if not self._needed or self._pc.signalingState != "stable":
            return
        self._needed = False
        while self._additions:
            self._additions.pop(0)()
        self._step("createOffer")
        with self._attempt("createOffer"):
            offer = (await self._pc.createOffer()).sdp
        if self._negotiated:
            offer = sdp_rules.pinned(offer, self._pc.getTransceivers(), self._negotiated)
        await self._set_local(RTCSessionDescription(offer, "offer"))

    async def _set_local(self, description: RTCSessionDescription | None = None) -> None:
        called = time.perf_counter()
        with self._attempt("setLocalDescription"):
            self._gathering = asyncio.ensure_future(self._pc.setLocalDescription(description))
            # Who is cancelled leaves it to `settle`: aioice forgets the sockets of a gathering that is broken off.
            await asyncio.shield(self._gathering)
        local, self._is_overdue = self._pc.localDescription, False
        # At once: reports are dated back by how long it took.
        self._step("setLocalDescription", description=local.type, duration=_since(called))
        # aiortc gathers all of its candidates meanwhile, and includes them in the description.
        fresh = [line for line in sdp_rules.candidates(local.sdp) if line not in self._gathered]
        for line in fresh:
            _foundation, _component, protocol, *_, kind = line.split()[:8]
            self._step("gathered", kind=kind, protocol=protocol.lower())
        if fresh:
            self._gathered.update(fresh)
            self._step("gathered", kind=None, protocol=None)
        self._send_local()

    async def _take_answer(self, description: Description, message: str | None) -> None:
        # An offer that was sent twice is answered twice: the second answer is not that to a later offer.
        is_late = not self._is_overdue and sdp_rules.is_copy(self._applied, description["sdp"])
        if self._pc.signalingState != "have-local-offer" or is_late:
            self._step("ignored", description="answer", message=message)
            return
        await self._set_remote(description, message)
        self._applied = description["sdp"]

    async def _take_offer(self, description: Description, message: str | None) -> None:
        if self._pc.signalingState == "have-local-offer" and self._yields != "never":
            self._step("rollback", replaced=True)  # by another connection, which answers the offer
            raise _CollisionError
        if self._pc.signalingState != "stable":
            # Our offer remains; the other side answers it.
            self._ignored = sdp_rules.ufrags(description["sdp"])
            self._step("ignored", description="offer", message=message)
            return
        local = self._pc.localDescription
        if (
            local is not None
            and local.type == "answer"
            and sdp_rules.is_copy(self._answered, description["sdp"])
        ):
            # The answer was lost, or is on its way: another one could be taken for the answer to a later offer.
            self._step("ignored", description="offer", message=message)
            self._send_local()
            return
        await self._set_remote(description, message)
        self._answered = description["sdp"]
        self._events.on_answering()
        self._step("createAnswer")
        await self._set_local()

    async def _set_remote(self, description: Description, message: str | None) -> None:
        called = time.perf_counter()
        with self._attempt("setRemoteDescription", message):
            await self._apply(description)
        kind, duration = description["type"], _since(called)
        self._step("setRemoteDescription", description=kind, duration=duration, message=message)
        await self._flush()

    async def _apply(self, description: Description) -> None:
        text = sdp_rules.without_traps(description["sdp"])
        self._free_lines(sdp_rules.mids(text))
        await self._pc.setRemoteDescription(RTCSessionDescription(text, description["type"]))
        await self._end_lines(sdp_rules.rejected(text))
        for transceiver in self._pc.getTransceivers():
            if transceiver.mid is not None:
                agreed = aiortc_internals.agreement(transceiver)
                self._negotiated.setdefault(transceiver.mid, agreed)
                self._negotiated.setdefault(transceiver.kind, agreed)

    def _free_lines(self, mids: list[str]) -> None:
        """Let go of m-lines that are over and which the other side uses for something else now."""
        for transceiver in self._pc.getTransceivers():
            index = aiortc_internals.m_line_index(transceiver)
            if transceiver.stopped and index is not None and mids[index] != transceiver.mid:
                aiortc_internals.free_m_line(transceiver)

    async def _end_lines(self, over: set[str]) -> None:
        """End what aiortc takes for an m-line that goes on, and would answer with one that browsers refuse."""
        self._rejected = over
        for transceiver in self._pc.getTransceivers():
            if transceiver.mid in over and not transceiver.stopped:
                transceiver.sender.replaceTrack(None)
                await transceiver.stop()

    def _fragments(self) -> set[str]:
        remote = self._pc.remoteDescription
        return sdp_rules.ufrags(remote.sdp) if remote is not None else set()

    async def _flush(self) -> None:
        """Add what has waited for the description in force, and let go of what waits for an ignored one."""
        if self._pc.remoteDescription is None:
            return
        present = self._fragments()
        ready = [queued for queued in self._queue if queued.belongs(present)]
        self._queue = [queued for queued in self._queue if queued not in ready]
        self._discard([queued for queued in self._queue if queued.belongs(self._ignored)], "ignored")
        for queued in ready:
            await self._add(queued)

    async def _add(self, queued: QueuedCandidate) -> None:
        candidate = queued.candidate
        try:
            parsed = candidate_from_sdp(candidate["candidate"].removeprefix("candidate:"))
            parsed.sdpMid = candidate.get("sdpMid")
            parsed.sdpMLineIndex = candidate.get("sdpMLineIndex")
            if parsed.sdpMid is None and parsed.sdpMLineIndex is None:
                parsed.sdpMLineIndex = 0
            await self._pc.addIceCandidate(parsed)
        except (ValueError, AssertionError, InvalidStateError, OperationError) as error:
            # One bad candidate must not cost the connection: there are others.
            self._step("refused", message=queued.message, error=type(error).__name__)
        else:
            self._step("added", message=queued.message)
