"""What waits to be decoded, with a limit, as `aiortc_internals`: on a machine that is too slow, pictures are left out and not late.

aiortc queues every encoded frame for its decoder's thread, however far behind that is, and every decoded frame for whoever asks.
Whoever sends more than this machine can decode would fill its memory.
"""

from __future__ import annotations

import queue
import threading
import time
from typing import Any, Final

from aiortc import RTCRtpReceiver

from ...media.vp8 import key_frame_size
from .aiortc_jitter import HeldUpFrame

# As late as what comes over the notebook's own connection may be.
_LATEST_SECONDS: Final = 1.0
# A key frame costs its sender as much as ten others, and may take as long to come.
_ASK_SECONDS: Final = 1.0
_START_CODE: Final = b"\x00\x00\x01"
# An instantaneous decoder refresh, and the parameters that come before it (ITU-T H.264, table 7-1).
_H264_KEY_UNITS: Final = (5, 7)


class DecoderBacklog(queue.Queue[Any]):
    """A decoder's queue that gives up what is more than a second old, and then begins again with a key frame.

    At the end of a track nothing of it is decoded any more: aiortc waits for that on the loop.

    Audio only loses what is too old: each of its packets is decoded by itself. Filled on the loop, read on the decoder's thread.

    Parameters
    ----------
    error : Event
        What makes the receiver ask for a key frame, as after a frame that could not be decoded.
    """

    def __init__(self, error: threading.Event) -> None:
        super().__init__()
        self._error = error
        self._needs_key = False
        self._asked_at = -_ASK_SECONDS

    # The two below are where `queue.Queue` lets a subclass decide what is kept; its lock is held.

    def _put(self, item: tuple[Any, Any] | None) -> None:
        now = time.monotonic()
        if item is None:
            # The receiver has ended, and the loop waits for the decoder's thread.
            self.queue.clear()
            self.queue.append((item, now))
            return
        codec, encoded = item
        for frame in encoded.split() if isinstance(encoded, HeldUpFrame) else [encoded]:
            if self._takes(codec, frame, now):
                self.queue.append(((codec, frame), now))

    def _get(self) -> Any:
        return self.queue.popleft()[0]

    def _takes(self, codec: Any, encoded: Any, now: float) -> bool:
        if not encoded.data:
            # A packet of padding alone; a decoder takes it for the end, and decodes nothing more.
            return False
        is_video = codec.mimeType.startswith("video/")
        while self.queue and now - self.queue[0][1] > _LATEST_SECONDS:
            if is_video:
                self.queue.clear()
                self._needs_key = True
            else:
                self.queue.popleft()
        if self._needs_key and is_key_frame(codec.name, encoded.data):
            self._needs_key = False
        if self._needs_key and now - self._asked_at >= _ASK_SECONDS:
            self._asked_at = now
            self._error.set()
        return not self._needs_key


def is_key_frame(codec: str, data: bytes) -> bool:
    """Return whether a frame can be decoded without those before it.

    Parameters
    ----------
    codec : str
        "VP8" or "H264", as in an ``a=rtpmap``.
    data : bytes
        The frame, without RTP.

    Returns
    -------
    bool
        True for what is neither.
    """
    match codec.upper():
        case "VP8":
            return key_frame_size(data) is not None
        case "H264":
            units = data.split(_START_CODE)[1:]
            return any(unit[:1] and unit[0] & 31 in _H264_KEY_UNITS for unit in units)
        case _:
            return True


def limit_backlog(receiver: RTCRtpReceiver) -> None:
    """Give a receiver that has not started yet a `DecoderBacklog`.

    Parameters
    ----------
    receiver : RTCRtpReceiver
        The receiver.
    """
    error: threading.Event = getattr(receiver, "_RTCRtpReceiver__decoder_error")  # noqa: B009
    setattr(receiver, "_RTCRtpReceiver__decoder_queue", DecoderBacklog(error))  # noqa: B010


def decoded_waiting(track: Any) -> int:
    """Return how many decoded frames of a remote track nobody has taken yet.

    Parameters
    ----------
    track : MediaStreamTrack
        A receiver's.

    Returns
    -------
    int
        Frames, or blocks of audio.
    """
    waiting: int = track._queue.qsize()
    return waiting
