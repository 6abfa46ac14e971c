"""Statistics of one aiortc connection, by the names of ``js/src/room/connection-stats.ts``. No addresses leave this
file.
"""

from __future__ import annotations

import time
from dataclasses import astuple, dataclass
from typing import Any, Final

from aiortc import RTCPeerConnection

from ...protocol.limits import LIMITS
from . import aiortc_internals
from .incoming import VideoIn

# More than this is no path's: it is of packets whose times mean nothing.
_MOST_JITTER_MS: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Sample:
    """Counters of one moment, to take differences from."""

    at: float
    received: int
    sent: int
    frames: int
    packets: int
    lost: int


class ConnectionStats:
    """Measures a connection.

    Parameters
    ----------
    pc : RTCPeerConnection
        The connection.
    video : VideoIn
        The frames that arrive over it.
    """

    def __init__(self, pc: RTCPeerConnection, video: VideoIn) -> None:
        self._pc, self._video = pc, video
        self._sample: _Sample | None = None

    async def measure(self) -> dict[str, Any] | None:
        """Measure the time since the previous call.

        Returns
        -------
        dict or None
            An entry of type "stats"; the first has no rates yet.
        """
        transport = self._transport()
        if transport is None:
            return None
        packets = lost = 0
        jitter: dict[str, float | None] = {}
        for transceiver in self._pc.getTransceivers():
            streams = aiortc_internals.remote_streams(transceiver.receiver)
            packets += sum(stream.packets_received for stream in streams)
            lost += sum(stream.packets_lost for stream in streams)
            if streams:
                # A browser first sends a few packets of padding as another stream, whose times mean nothing.
                stream = max(streams, key=lambda stream: int(stream.packets_received))
                ms = round(1000 * stream.jitter / stream._clockrate, 1)
                jitter.setdefault(transceiver.kind, ms if ms < _MOST_JITTER_MS else None)
        counts = aiortc_internals.transport_counters(transport)
        now = _Sample(
            time.monotonic(), counts.bytesReceived, counts.bytesSent, self._video.number, packets, lost
        )
        rtt = await self._rtt()
        before, self._sample = self._sample, now
        if before is None:
            return None
        seconds, received, sent, frames, arrived, missing = (
            new - old for new, old in zip(astuple(now), astuple(before), strict=True)
        )
        expected = arrived + max(0, missing)
        return {
            "bitrate": round(received * 8 / seconds),
            "sent_bitrate": round(sent * 8 / seconds),
            "fps": round(frames / seconds, 1),
            "width": self._video.width,
            "height": self._video.height,
            "loss": round(max(0, missing) / expected, 3) if expected else 0,
            "rtt": rtt,
            "jitter": jitter.get("video", jitter.get("audio")),
            # aiortc counts neither.
            "frames_dropped": None,
            "freeze_count": None,
        }

    async def answers(self) -> bool:
        """Ask the other side for a sign of life.

        Returns
        -------
        bool
            Whether it answered in time.
        """
        transport = self._transport()
        return transport is not None and await aiortc_internals.answers(transport)

    def pair(self) -> dict[str, Any] | None:
        """Describe the selected candidate pair.

        Returns
        -------
        dict or None
            The types of its candidates, and the states of all checked pairs; None before there is one.
        """
        transport = self._transport()
        selected, checked = (
            aiortc_internals.candidate_pairs(transport) if transport is not None else (None, [])
        )
        if selected is None:
            return None
        checks = [selected, *(pair for pair in checked if pair is not selected)]
        pairs = [{**_describe(pair), "selected": pair is selected} for pair in checks]
        states = [pair["state"] for pair in pairs]
        return {
            **{key: pairs[0][key] for key in ("local", "remote", "protocol", "nominated", "rtt")},
            "checked": sum(state in ("in-progress", "succeeded", "failed") for state in states),
            "succeeded": states.count("succeeded"),
            "pairs": pairs[: LIMITS["candidate_pairs"]],
        }

    async def _rtt(self) -> float | None:
        rtt = None
        for sender in self._pc.getSenders():
            for stats in (await sender.getStats()).values():
                if stats.type == "remote-inbound-rtp" and stats.roundTripTime is not None:
                    rtt = round(stats.roundTripTime * 1000, 1)
        return rtt

    def _transport(self) -> Any:
        for transceiver in self._pc.getTransceivers():
            return transceiver.receiver.transport
        return self._pc.sctp.transport if self._pc.sctp is not None else None


def _describe(pair: Any) -> dict[str, Any]:
    """Return one of aioice's candidate pairs by the names of ``RTCIceCandidatePairStats``."""
    local, remote = pair.local_candidate, pair.remote_candidate
    return {
        "local": local.type,
        "remote": remote.type,
        "protocol": local.transport.lower(),
        "state": pair.state.name.lower().replace("_", "-"),
        "nominated": pair.nominated,
        "rtt": None,  # aioice measures none
        "local_priority": local.priority,
        "remote_priority": remote.priority,
    }
