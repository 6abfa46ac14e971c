"""Every size, count and time that two processes keep to, in one place: the twin of ``js/src/protocol/limits.ts``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LIMITS: Final[Mapping[str, int]] = {
    # signaling
    "room_length": 128,
    "name_length": 64,
    "payload_length": 262_144,
    "description_length": 131_072,
    "candidate_length": 4_096,
    "report_entries": 200,
    "room_capacity": 16,
    "message_bytes": 262_144,
    "piece_bytes": 65_536,
    # one participant
    "queued_candidates": 256,
    "queued_messages": 64,
    "queued_reports": 1_000,
    "upload_bytes": 16_777_216,
    "candidate_pairs": 20,
    "media_bytes": 1_048_576,
}
"""Sizes and counts; a length counts characters. `message_bytes` is what one data channel message may hold: the
``max-message-size`` that Chromium, Firefox and aiortc all accept (RFC 8841); `piece_bytes` is what one ``recorded`` may hold,
before it is base64; `upload_bytes` is what a participant keeps of a recording until it is acknowledged; `media_bytes` is what
one message of the media channel may carry."""

TIMES_MS: Final[Mapping[str, int]] = {
    # a connection to the relay
    "connect": 5_000,
    "acknowledge": 5_000,
    "retry_first": 50,
    "retry_last": 1_500,
    # a room: how long somebody whose connection was lost may take to come back; and to a new relay
    "away": 1_500,
    "return": 5_000,
    # how long somebody may wait to be let in
    "waiting": 600_000,
    "offer_patience": 4_000,
    "answer": 10_000,
    # how long a connection may be "disconnected" before a browser looks for a new way
    "disconnected": 3_000,
    "report_delay": 50,
    "stats": 1_000,
    "clock_first": 300,
    "clock_every": 30_000,
    # a widget and its kernel
    "heartbeat": 2_000,
    "kernel_absent": 6_000,
    "kernel_silent": 10_000,
    "kernel_gone": 60_000,
    "panel_lease": 20_000,
    "panel_renewal": 8_000,
    # media over the notebook's own connection: how long ICE may take first, and an offered channel stays open to be used
    "media_patience": 3_000,
    "media_offer": 30_000,
    # a recording; how long somebody who leaves waits until all of it has arrived
    "upload_retry": 5_000,
    "recording_leave": 5_000,
    "recording_rest": 30_000,
}
"""Times in milliseconds. A lost connection is made again after `retry_first`, doubled each time up to `retry_last`, each
time between half and one and a half of that, so that not everybody comes back to a new relay in the same moment."""


def seconds(name: str) -> float:
    """Return one of `TIMES_MS` in seconds, as asyncio counts.

    Parameters
    ----------
    name : str
        A key of `TIMES_MS`.

    Returns
    -------
    float
        Seconds.
    """
    return TIMES_MS[name] / 1000
