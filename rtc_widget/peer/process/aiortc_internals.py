"""Everything of aiortc's that is not its public API, in one place, for the releases that it was written for.

aiortc has no option for any of it, and tests/integration/test_aiortc_internals.py fails when a release has changed what is relied on
here. Why each is needed stands beside it; that plain aiortc fails without it is shown by tests/integration/test_peer_traps.py and its
sister for browsers.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from fractions import Fraction
from importlib.metadata import version
from typing import Any, Final

import aiortc.codecs.vpx
import av
from aioice.stun import TransactionError
from aiortc import RTCRtpReceiver, RTCRtpTransceiver
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.opus import OpusEncoder
from aiortc.codecs.vpx import Vp8Encoder, number_of_threads

from ...errors import RtcWidgetError
from ...media.encoders import video_encoder

RELEASES: Final = ((1, 16), (2, 0))
"""The first release that this is for, and the first that it is not for, as ``pyproject.toml`` has them."""

# aiortc's own limits blur 720p, and its initial bitrate suits thumbnails. A browser's REMB reports move the
# bitrate between these (bit/s).
_START_BITRATE: Final = 1_500_000
_MAX_BITRATE: Final = 4_000_000
# An encoder only takes another bitrate by restarting with a key frame: not for every small change.
_BITRATE_STEP: Final = 0.1
_KEY_FRAME_DISTANCE: Final = 3_000
_QUANTIZERS: Final = (2, 56)
# For a call: one frame in, one frame out, at a constant bitrate, with as little delay as possible.
_VP8_OPTIONS: Final = {
    "deadline": "realtime",
    "cpu-used": "-8",
    "lag-in-frames": "0",
    "noise-sensitivity": "0",
    "static-thresh": "1",
    "overshoot-pct": "15",
    "undershoot-pct": "100",
    "partitions": "0",
}


_TIME_BASE: Final = Fraction(1, 90_000)


def check_release() -> None:
    """Refuse a release of aiortc whose insides are not known.

    Raises
    ------
    RtcWidgetError
        ``peer_failed``.
    """
    release = version("aiortc")
    numbers = tuple(int(part) for part in release.split(".")[:2])
    if not RELEASES[0] <= numbers < RELEASES[1]:
        wanted = "{}.{} to below {}.{}".format(*RELEASES[0], *RELEASES[1])
        raise RtcWidgetError("peer_failed", f"aiortc {release} is installed; Peer needs {wanted}.")


# -- encoders: options that a call needs, and no end of a sender for one frame that cannot be encoded


def tune_encoders() -> None:
    """Let this process' VP8 encoders use the bitrate that a 720p frame needs, and survive what they cannot encode."""
    aiortc.codecs.vpx.DEFAULT_BITRATE = _START_BITRATE
    aiortc.codecs.vpx.MAX_BITRATE = _MAX_BITRATE
    for encoder, prepare in ((Vp8Encoder, _prepare_vp8), (H264Encoder, None), (OpusEncoder, None)):
        _make_safe(encoder, prepare)


def _prepare_vp8(encoder: Any, frame: av.VideoFrame) -> None:
    """Give a VP8 encoder its codec, where aiortc would make one: first, and for another size or bitrate.

    aiortc's removes noise, which takes a third of the time and blurs what was drawn by a program.
    """
    codec, bitrate = encoder.codec, encoder.target_bitrate
    if (
        codec is not None
        and (codec.width, codec.height) == (frame.width, frame.height)
        and abs(bitrate - codec.bit_rate) <= codec.bit_rate * _BITRATE_STEP
    ):
        return
    # The rate control's buffer then holds one second.
    options = {**_VP8_OPTIONS, "bufsize": str(bitrate), "minrate": str(bitrate), "maxrate": str(bitrate)}
    codec = video_encoder(
        "libvpx", frame.width, frame.height, bit_rate=bitrate, time_base=_TIME_BASE, options=options
    )
    codec.gop_size = _KEY_FRAME_DISTANCE
    codec.qmin, codec.qmax = _QUANTIZERS
    codec.thread_count = number_of_threads(frame.width * frame.height, os.cpu_count() or 1)
    encoder.codec = codec


def _make_safe(encoder: Any, prepare: Callable[[Any, Any], None] | None) -> None:
    """Make an encoder drop what it refuses: aiortc would end the sender for good."""
    original = encoder.encode
    if getattr(original, "is_safe", False):
        return

    def encode(self: Any, frame: Any, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        try:
            if prepare is not None:
                prepare(self, frame)
            payloads: list[bytes]
            payloads, timestamp = original(self, frame, force_keyframe)
        except (av.FFmpegError, ValueError, AssertionError):
            return [], 0
        return payloads, timestamp

    encode.is_safe = True  # type: ignore[attr-defined]
    encoder.encode = encode


# -- transceivers: m-lines that browsers end and use again, and payload types that stay as agreed

Agreement = tuple[list[Any], list[Any]]
"""Codecs and header extensions."""


def agreement(transceiver: RTCRtpTransceiver) -> Agreement:
    """Return what a transceiver's last negotiation has agreed.

    Parameters
    ----------
    transceiver : RTCRtpTransceiver
        The transceiver.

    Returns
    -------
    Agreement
        Codecs and header extensions.
    """
    return transceiver._codecs, transceiver._headerExtensions


def pin(transceiver: RTCRtpTransceiver, agreed: Agreement) -> None:
    """Make a transceiver keep what was agreed, although ``createOffer`` has renumbered it.

    Parameters
    ----------
    transceiver : RTCRtpTransceiver
        The transceiver.
    agreed : Agreement
        As of `agreement`.
    """
    transceiver._codecs, transceiver._headerExtensions = agreed


def m_line_index(transceiver: RTCRtpTransceiver) -> int | None:
    """Return which m-line a transceiver belongs to.

    Parameters
    ----------
    transceiver : RTCRtpTransceiver
        The transceiver.

    Returns
    -------
    int or None
        None before it has one.
    """
    return transceiver._get_mline_index()


def free_m_line(transceiver: RTCRtpTransceiver) -> None:
    """Detach a transceiver from an m-line that is rejected and that the other side now uses for something else.

    Parameters
    ----------
    transceiver : RTCRtpTransceiver
        The transceiver.
    """
    transceiver._set_mline_index(-1)


def offered_direction(transceiver: RTCRtpTransceiver) -> str | None:
    """Return the direction that the other side's offer has for an m-line, from our point of view.

    Parameters
    ----------
    transceiver : RTCRtpTransceiver
        The transceiver.

    Returns
    -------
    str or None
        None before an offer.
    """
    direction: str | None = transceiver._offerDirection
    return direction


# -- whether the other side is there: aioice asks, and takes half a minute to believe that it is not


async def answers(transport: Any) -> bool:
    """Ask the other side of a connection for a sign of life, three times in three and a half seconds.

    Parameters
    ----------
    transport : object
        The DTLS transport.

    Returns
    -------
    bool
        Whether it answered.
    """
    ice = transport.transport._connection
    pair = next(iter(ice._nominated.values()), None)
    if pair is None:
        return False
    request, key = ice.build_request(pair, nominate=False), ice.remote_password.encode()
    try:
        await pair.protocol.request(request, pair.remote_addr, integrity_key=key, retransmissions=2)
    except (TransactionError, OSError):
        return False
    return True


# -- statistics that ``getStats`` leaves out


def remote_streams(receiver: RTCRtpReceiver) -> list[Any]:
    """Return a receiver's counters.

    Parameters
    ----------
    receiver : RTCRtpReceiver
        The receiver.

    Returns
    -------
    list
        One object for each stream that is received.
    """
    return list(getattr(receiver, "_RTCRtpReceiver__remote_streams").values())  # noqa: B009


def transport_counters(transport: Any) -> Any:
    """Return the counters of a DTLS transport.

    Parameters
    ----------
    transport : object
        The transport.

    Returns
    -------
    object
        aiortc's statistics object.
    """
    (counters,) = transport._get_stats().values()
    return counters


def candidate_pairs(transport: Any) -> tuple[Any, list[Any]]:
    """Return the candidate pairs of a transport.

    Parameters
    ----------
    transport : object
        The transport.

    Returns
    -------
    (object, list)
        aioice's selected pair, None before there is one, and all checked pairs.
    """
    ice = transport.transport._connection
    return next(iter(ice._nominated.values()), None), ice._check_list
