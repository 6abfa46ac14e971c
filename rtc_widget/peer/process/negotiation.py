"""Negotiation around one aiortc connection: the twin of ``js/src/negotiation/perfect.ts``.

aiortc cannot roll back an offer, tells of no need to negotiate, and mixes up when two operations overlap. So here
everything happens under one lock, a need is remembered until it can be met, and offers that cross are never
accepted: either ours stands (the other side gives way), or the connection is given up for a new one (`Collision`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.exceptions import InvalidStateError, OperationError
from aiortc.sdp import candidate_from_sdp

from . import sdp_rules

_MAX_WAITING: Final = 256

Description = dict[str, str]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A candidate whose description is not there yet, and the message that brought it."""

    candidate: dict[str, Any]
    message: str | None

    def belongs(self, fragments: set[str]) -> bool:
        """Tell whether it is for a description with these username fragments."""
        fragment = self.candidate.get("usernameFragment")
        return not fragment or fragment in fragments


class Collision(Exception):  # noqa: N818
    """Offers have crossed and neither side can take its own back."""


class Negotiation:
    """Offers, answers and candidates of one connection. Used on its event loop.

    Parameters
    ----------
    pc : RTCPeerConnection
        The connection.
    yields : bool
        Whether this side gives way when offers cross, by `Collision`.
    send : callable
        Takes a description for the other side.
    answering : callable
        Called between taking a remote offer and answering it: the moment to say what this side will send.
    step : callable
        Takes every step: never a description, a candidate or an address.
    """

    def __init__(
        self,
        pc: RTCPeerConnection,
        *,
        yields: bool,
        send: Callable[[Description], None],
        answering: Callable[[], None],
        step: Callable[[dict[str, Any]], None],
    ) -> None:
        self._pc = pc
        self._yields = yields
        self._send = send
        self._answering = answering
        self._tell_step = step
        self._lock = asyncio.Lock()
        self._needed = False
        self._additions: list[Callable[[], None]] = []
        self._over: set[str] = set()
        self._negotiated: dict[str, Any] = {}
        self._waiting: list[Waiting] = []
        self._ignored: set[str] = set()
        self._gathered: set[str] = set()

    async def offer(self, add: Callable[[], None] | None = None) -> None:
        """Offer now, or as soon as what is under way has ended.

        Parameters
        ----------
        add : callable, optional
            Adds m-lines right before: aiortc cannot answer while there is one that the offer does not have.
        """
        self._needed = True
        self._step("negotiationneeded")
        if add is not None:
            self._additions.append(add)
        async with self._lock:
            await self._offer_if_needed()

    async def receive(self, description: Description, message: str | None = None) -> None:
        """Take a description of the other side's, which a message brought, and answer it if it is an offer.

        Raises
        ------
        Collision
            Ours was under way and this side is the one to give way.
        """
        async with self._lock:
            if description["type"] == "answer":
                await self._take_answer(description, message)
            else:
                await self._take_offer(description, message)
            await self._offer_if_needed()

    async def candidate(self, candidate: dict[str, Any] | None, message: str | None = None) -> None:
        """Take a candidate, or keep it until the description that it belongs to is there."""
        # Firefox says the end with an empty string, others with null. aioice does better without: see `sdp`.
        if not candidate or not candidate["candidate"]:
            return
        if sdp_rules.is_unusable(candidate["candidate"]):
            self._step("discarded", message=message, reason="unusable")
            return
        waiting = Waiting(candidate, message)
        if self._pc.remoteDescription is None or not waiting.belongs(self._fragments()):
            self._step("queued", message=message)
        self._waiting.append(waiting)
        self._discard(self._waiting[:-_MAX_WAITING], "overflow")
        async with self._lock:
            await self._flush()

    @property
    def waiting(self) -> list[Waiting]:
        """Candidates whose description has not been taken."""
        return list(self._waiting)

    def close(self) -> None:
        """Let go of what waits."""
        self._discard(self._waiting, "closed")

    def resend(self) -> None:
        """Say the pending offer again: its first telling, or the answer, may have been lost with a signaling path."""
        if self._pc.signalingState == "have-local-offer" and not self._lock.locked():
            self._tell()

    def _tell(self) -> None:
        local = self._pc.localDescription
        if self._pc.signalingState != "closed":
            text = sdp_rules.without(sdp_rules.with_bitrate(local.sdp), self._over)
            self._send({"type": local.type, "sdp": text})

    def _step(self, step: str, **data: Any) -> None:
        self._tell_step({"step": step, **data})

    @contextlib.contextmanager
    def _attempt(self, operation: str, message: str | None = None) -> Iterator[None]:
        """Tell of an operation that fails, and let it fail."""
        try:
            yield
        except Exception as error:
            self._step("failed", operation=operation, error=type(error).__name__, message=message)
            raise

    def _discard(self, over: list[Waiting], reason: str) -> None:
        self._waiting = [waiting for waiting in self._waiting if waiting not in over]
        for waiting in over:
            self._step("discarded", message=waiting.message, reason=reason)

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
        with self._attempt("setLocalDescription"):
            await self._pc.setLocalDescription(description)
        local = self._pc.localDescription
        # aiortc gathers all of its candidates meanwhile, and says them in the description.
        fresh = [line for line in sdp_rules.candidates(local.sdp) if line not in self._gathered]
        for line in fresh:
            _foundation, _component, protocol, *_, kind = line.split()[:8]
            self._step("gathered", kind=kind, protocol=protocol.lower())
        if fresh:
            self._gathered.update(fresh)
            self._step("gathered", kind=None, protocol=None)
        self._step("setLocalDescription", description=local.type)
        self._tell()

    async def _take_answer(self, description: Description, message: str | None) -> None:
        # The answer to an offer that was said twice comes twice.
        if self._pc.signalingState != "have-local-offer":
            self._step("ignored", description="answer", message=message)
            return
        await self._set_remote(description, message)

    async def _take_offer(self, description: Description, message: str | None) -> None:
        if self._pc.signalingState == "have-local-offer" and self._yields:
            self._step("rollback", replaced=True)  # by another connection, which takes the offer
            raise Collision
        if self._pc.signalingState != "stable":
            # Ours stands; the other side answers it.
            self._ignored = sdp_rules.ufrags(description["sdp"])
            self._step("ignored", description="offer", message=message)
            return
        await self._set_remote(description, message)
        self._answering()
        self._step("createAnswer")
        await self._set_local()

    async def _set_remote(self, description: Description, message: str | None) -> None:
        with self._attempt("setRemoteDescription", message):
            await self._apply(description)
        self._step("setRemoteDescription", description=description["type"], message=message)
        await self._flush()

    async def _apply(self, description: Description) -> None:
        text = sdp_rules.without_traps(description["sdp"])
        self._free_lines(sdp_rules.mids(text))
        await self._pc.setRemoteDescription(RTCSessionDescription(text, description["type"]))
        await self._end_lines(sdp_rules.rejected(text))
        for transceiver in self._pc.getTransceivers():
            if transceiver.mid is not None:
                agreed = (transceiver._codecs, transceiver._headerExtensions)
                self._negotiated.setdefault(transceiver.mid, agreed)
                self._negotiated.setdefault(transceiver.kind, agreed)

    def _free_lines(self, mids: list[str]) -> None:
        """Let go of m-lines that are over and which the other side uses for something else now."""
        for transceiver in self._pc.getTransceivers():
            index = transceiver._get_mline_index()
            if transceiver.stopped and index is not None and mids[index] != transceiver.mid:
                transceiver._set_mline_index(-1)

    async def _end_lines(self, over: set[str]) -> None:
        """End what aiortc takes for an m-line that goes on, and would answer with one that browsers refuse."""
        self._over = over
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
        ready = [waiting for waiting in self._waiting if waiting.belongs(present)]
        self._waiting = [waiting for waiting in self._waiting if waiting not in ready]
        self._discard([waiting for waiting in self._waiting if waiting.belongs(self._ignored)], "ignored")
        for waiting in ready:
            await self._add(waiting)

    async def _add(self, waiting: Waiting) -> None:
        candidate = waiting.candidate
        try:
            parsed = candidate_from_sdp(candidate["candidate"].removeprefix("candidate:"))
            parsed.sdpMid = candidate.get("sdpMid")
            parsed.sdpMLineIndex = candidate.get("sdpMLineIndex")
            if parsed.sdpMid is None and parsed.sdpMLineIndex is None:
                parsed.sdpMLineIndex = 0
            await self._pc.addIceCandidate(parsed)
        except (ValueError, AssertionError, InvalidStateError, OperationError) as error:
            # One bad candidate is no reason to give up the connection: there are others.
            self._step("refused", message=waiting.message, error=type(error).__name__)
        else:
            self._step("added", message=waiting.message)
