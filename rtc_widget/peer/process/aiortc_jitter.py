"""aiortc's jitter buffers, as `aiortc_internals`: what is complete is handed over at once, with all that it has held up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Literal

from aiortc import RTCRtpReceiver
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.rtp import RtpPacket

_CAPACITY: Final = 512
# A power of two, as aiortc wants it.
_AUDIO_CAPACITY: Final = 4
# In units of the video clock (90 kHz, RFC 6184, section 5.1): how long a lost packet is waited for.
_LONGEST_WAIT: Final = 90_000
# They have 32 bits (RFC 3550, section 5.1).
_TIMESTAMPS: Final = 2**32


class HeldUpFrame(JitterFrame):
    """A frame that others have waited behind: aiortc takes one frame with a packet, and they would stay late for good.

    Parameters
    ----------
    first : JitterFrame
        The frame.
    following : list of JitterFrame
        Those that were complete already, in order.
    """

    def __init__(self, first: JitterFrame, following: list[JitterFrame]) -> None:
        super().__init__(first.data, first.timestamp)
        self.following = following
        self._sent_at = first.timestamp

    def split(self) -> list[JitterFrame]:
        """Return all of them, with times that continue this one's, which aiortc has mapped meanwhile.

        Returns
        -------
        list of JitterFrame
            In order.
        """
        later = [
            JitterFrame(each.data, self.timestamp + (each.timestamp - self._sent_at) % _TIMESTAMPS)
            for each in self.following
        ]
        return [JitterFrame(self.data, self.timestamp), *later]


class PromptVideoBuffer(JitterBuffer):
    """Delivers a frame with its last packet, instead of with the first packet of the next one.

    The marker bit identifies the last packet (RFC 7741, section 4.1; RFC 6184, section 5.1). aiortc's own buffer
    waits for a packet with another timestamp, one frame later.

    It also gives a lost packet up after a second and asks for a key frame. A packet that its sender no longer has
    is never sent again, and aiortc's own buffer stalls the video until it is full: 17 s at 30 packets a second.
    """

    def add(self, packet: RtpPacket) -> tuple[bool, JitterFrame | None]:
        """Take a packet.

        Parameters
        ----------
        packet : RtpPacket
            The packet.

        Returns
        -------
        tuple of bool and JitterFrame or None
            Whether a key frame is needed, and the frame that is complete with this packet; a `HeldUpFrame` where
            more than one is.
        """
        needs_key_frame, frame = super().add(packet)
        if frame is None and self._has_waited_too_long(packet):
            self._skip_to(packet.timestamp)
            return True, self._remove_frame(packet.sequence_number)
        return needs_key_frame, frame

    def _from_the_oldest(self) -> Iterator[tuple[int, RtpPacket]]:
        origin = self._origin or 0
        for count in range(self.capacity):
            packet = self._packets[(origin + count) % self.capacity]
            if packet is not None:
                yield count, packet

    def _has_waited_too_long(self, newest: RtpPacket) -> bool:
        # Timestamps wrap around, and an older packet may come late.
        ages = ((newest.timestamp - packet.timestamp) % _TIMESTAMPS for _, packet in self._from_the_oldest())
        return _LONGEST_WAIT < next(ages, 0) < _TIMESTAMPS // 2

    def _skip_to(self, timestamp: int) -> None:
        self.remove(next(count for count, packet in self._from_the_oldest() if packet.timestamp == timestamp))

    def _remove_frame(self, sequence_number: int) -> JitterFrame | None:
        return _joined(list(iter(self._remove_next, None)))

    def _remove_next(self) -> JitterFrame | None:
        data: list[bytes] = []
        timestamp: int | None = None
        origin = self._origin or 0
        for count in range(self.capacity):
            packet: Any = self._packets[(origin + count) % self.capacity]
            if packet is None:
                return None
            if timestamp is not None and packet.timestamp != timestamp:
                # Its marker was lost, or its sender sets none.
                return self._take(count, data, timestamp)
            timestamp = packet.timestamp
            data.append(packet._data)
            if packet.marker:
                return self._take(count + 1, data, timestamp)
        return None

    def _take(self, count: int, data: list[bytes], timestamp: int) -> JitterFrame:
        self.remove(count)
        return JitterFrame(data=b"".join(data), timestamp=timestamp)


class PromptAudioBuffer(JitterBuffer):
    """Delivers a block of audio with its packet, which is all of it (RFC 7587, section 4.2).

    aiortc's own buffer always keeps four packets back, and from the first one that is lost fourteen, for good: 280 ms. Here nothing is
    played, so only order matters: a lost packet is given up when four later ones have come.
    """

    def __init__(self) -> None:
        super().__init__(_AUDIO_CAPACITY)

    def _remove_frame(self, sequence_number: int) -> JitterFrame | None:
        blocks = []
        while (packet := self._packets[(self._origin or 0) % self.capacity]) is not None:
            data: bytes = packet._data  # type: ignore[attr-defined]
            blocks.append(JitterFrame(data, packet.timestamp))
            self.remove(1)
        return _joined(blocks)


def _joined(frames: list[JitterFrame]) -> JitterFrame | None:
    """Return frames that are complete at the same moment as aiortc takes them: as one."""
    # Padding of bandwidth estimation (RFC 3550, section 5.1) is not a frame.
    filled = [frame for frame in frames if frame.data]
    if not filled:
        return None
    return HeldUpFrame(filled[0], filled[1:]) if len(filled) > 1 else filled[0]


def use_prompt_jitter_buffer(receiver: RTCRtpReceiver, kind: Literal["audio", "video"]) -> None:
    """Give a receiver that has not started yet a buffer that keeps nothing back.

    Parameters
    ----------
    receiver : RTCRtpReceiver
        The receiver.
    kind : {"audio", "video"}
        What it receives.
    """
    buffer = PromptAudioBuffer() if kind == "audio" else PromptVideoBuffer(_CAPACITY, is_video=True)
    setattr(receiver, "_RTCRtpReceiver__jitter_buffer", buffer)  # noqa: B010
