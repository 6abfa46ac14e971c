"""Negotiation around one aiortc connection: the twin of ``js/src/room/negotiation.ts``.

aiortc cannot roll back an offer, tells of no need to negotiate, and mixes up when two operations overlap. So here
everything happens under one lock, a need is remembered until it can be met, and offers that cross are never
accepted: either ours stands (the other side gives way), or the connection is given up for a new one (`Collision`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.sdp import candidate_from_sdp

from . import sdp

_MAX_WAITING: Final = 256

Description = dict[str, str]


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
    """

    def __init__(
        self,
        pc: RTCPeerConnection,
        *,
        yields: bool,
        send: Callable[[Description], None],
        answering: Callable[[], None],
    ) -> None:
        self._pc = pc
        self._yields = yields
        self._send = send
        self._answering = answering
        self._lock = asyncio.Lock()
        self._needed = False
        self._additions: list[Callable[[], None]] = []
        self._over: set[str] = set()
        self._negotiated: dict[str, Any] = {}
        self._waiting: list[dict[str, Any]] = []

    async def offer(self, add: Callable[[], None] | None = None) -> None:
        """Offer now, or as soon as what is under way has ended.

        Parameters
        ----------
        add : callable, optional
            Adds m-lines right before: aiortc cannot answer while there is one that the offer does not have.
        """
        self._needed = True
        if add is not None:
            self._additions.append(add)
        async with self._lock:
            await self._offer_if_needed()

    async def receive(self, description: Description) -> None:
        """Take a description of the other side's, and answer it if it is an offer.

        Raises
        ------
        Collision
            Ours was under way and this side is the one to give way.
        """
        async with self._lock:
            if description["type"] == "answer":
                await self._take_answer(description)
            else:
                await self._take_offer(description)
            await self._offer_if_needed()

    async def candidate(self, candidate: dict[str, Any] | None) -> None:
        """Take a candidate, or keep it until the description that it belongs to is there."""
        # Firefox says the end with an empty string, others with null. aioice does better without: see `sdp`.
        if not candidate or not candidate["candidate"]:
            return
        if sdp.is_unusable(candidate["candidate"]):
            return
        self._waiting.append(candidate)
        del self._waiting[:-_MAX_WAITING]
        async with self._lock:
            await self._flush()

    @property
    def waiting(self) -> list[dict[str, Any]]:
        """Candidates whose description has not been taken."""
        return list(self._waiting)

    def resend(self) -> None:
        """Say the pending offer again: its first telling, or the answer, may have been lost with a signaling path."""
        if self._pc.signalingState == "have-local-offer" and not self._lock.locked():
            self._tell()

    def _tell(self) -> None:
        local = self._pc.localDescription
        if self._pc.signalingState != "closed":
            text = sdp.without(sdp.with_bitrate(local.sdp), self._over)
            self._send({"type": local.type, "sdp": text})

    async def _offer_if_needed(self) -> None:
        if not self._needed or self._pc.signalingState != "stable":
            return
        self._needed = False
        while self._additions:
            self._additions.pop(0)()
        offer = (await self._pc.createOffer()).sdp
        if self._negotiated:
            offer = sdp.pinned(offer, self._pc.getTransceivers(), self._negotiated)
        await self._pc.setLocalDescription(RTCSessionDescription(offer, "offer"))
        self._tell()

    async def _take_answer(self, description: Description) -> None:
        # The answer to an offer that was said twice comes twice.
        if self._pc.signalingState != "have-local-offer":
            return
        await self._set_remote(description)

    async def _take_offer(self, description: Description) -> None:
        if self._pc.signalingState == "have-local-offer":
            if self._yields:
                raise Collision
            return  # ours stands; the other side answers it
        if self._pc.signalingState != "stable":
            return
        await self._set_remote(description)
        self._answering()
        await self._pc.setLocalDescription()
        self._tell()

    async def _set_remote(self, description: Description) -> None:
        text = sdp.without_traps(description["sdp"])
        self._free_lines(sdp.mids(text))
        await self._pc.setRemoteDescription(RTCSessionDescription(text, description["type"]))
        await self._end_lines(sdp.rejected(text))
        for transceiver in self._pc.getTransceivers():
            if transceiver.mid is not None:
                agreed = (transceiver._codecs, transceiver._headerExtensions)
                self._negotiated.setdefault(transceiver.mid, agreed)
                self._negotiated.setdefault(transceiver.kind, agreed)
        await self._flush()

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

    async def _flush(self) -> None:
        remote = self._pc.remoteDescription
        if remote is None:
            return
        present = sdp.ufrags(remote.sdp)
        ready = [
            c for c in self._waiting if not c.get("usernameFragment") or c["usernameFragment"] in present
        ]
        self._waiting = [c for c in self._waiting if c not in ready]
        for candidate in ready:
            parsed = candidate_from_sdp(candidate["candidate"].removeprefix("candidate:"))
            parsed.sdpMid = candidate.get("sdpMid")
            parsed.sdpMLineIndex = candidate.get("sdpMLineIndex")
            if parsed.sdpMid is None and parsed.sdpMLineIndex is None:
                parsed.sdpMLineIndex = 0
            await self._pc.addIceCandidate(parsed)
