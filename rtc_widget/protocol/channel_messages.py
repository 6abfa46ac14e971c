"""The media channel: a browser and a Peer of its kernel over the notebook's own connection, where ICE finds no way.

Binary messages with a header of 6 bytes: what the message is, a flag or a kind, and a number, both ends counting their own. They travel
over a WebSocket, or as buffers of the comm; ``js/src/protocol/channel-messages.ts`` is this file's twin.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from ..errors import ProtocolError
from .limits import LIMITS

Kind = Literal["hello", "video", "screen", "audio", "text", "bytes", "ack", "key"]
"""``hello`` has the token and is the first of a browser's, and is answered by an empty one; ``video`` and ``screen`` are a VP8 frame each,
``audio`` some packets of Opus; ``text`` and ``bytes`` are what a data channel carries; ``ack`` says that the video, screen or audio message
of a number has come, and ``key`` asks for a key frame."""

KINDS: Final[Mapping[Kind, int]] = {kind: number for number, kind in enumerate(get_args(Kind))}
"""The numbers on the wire."""

HEADER: Final = struct.Struct(">BBI")
_KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
_PACKET: Final = struct.Struct(">H")
# A second of Opus, as browsers and aiortc send it; a message has 60 ms.
_MOST_PACKETS: Final = 50


@dataclass(frozen=True, slots=True)
class ChannelMessage:
    """One message.

    Attributes
    ----------
    kind : Kind
        What it is.
    number : int
        Counts the sender's messages of the kind; for ``ack`` that of the message that has come.
    payload : bytes
        The frame, the packets, the text.
    key : bool
        Whether a frame is a key frame.
    of : Kind or None
        For ``ack`` and ``key`` the kind of message that they are about.
    """

    kind: Kind
    number: int = 0
    payload: bytes = b""
    key: bool = False
    of: Kind | None = None

    def pack(self) -> bytes:
        """Return the message as it travels.

        Returns
        -------
        bytes
            Header and payload.
        """
        flag = KINDS[self.of] if self.of is not None else int(self.key)
        return HEADER.pack(KINDS[self.kind], flag, self.number & 0xFFFFFFFF) + self.payload


def unpack(data: bytes) -> ChannelMessage:
    """Read a message.

    Parameters
    ----------
    data : bytes
        As it came.

    Returns
    -------
    ChannelMessage
        The message.

    Raises
    ------
    ProtocolError
        ``bad_request`` for what is none.
    """
    if not HEADER.size <= len(data) <= LIMITS["media_bytes"] + HEADER.size:
        raise ProtocolError("bad_request", "A message of the media channel has 6 bytes to 1 MiB.")
    kind, flag, number = HEADER.unpack_from(data)
    if kind >= len(_KINDS) or flag >= len(_KINDS):
        raise ProtocolError("bad_request", "A message of the media channel is of no kind that is known.")
    name = _KINDS[kind]
    of = _KINDS[flag] if name in ("ack", "key") else None
    return ChannelMessage(name, number, data[HEADER.size :], key=of is None and flag == 1, of=of)


def join_packets(packets: list[bytes]) -> bytes:
    """Put packets of Opus behind one another, each with its length before it.

    Parameters
    ----------
    packets : list of bytes
        Each of less than 64 KiB.

    Returns
    -------
    bytes
        A payload.
    """
    return b"".join(_PACKET.pack(len(packet)) + packet for packet in packets)


def split_packets(payload: bytes) -> list[bytes]:
    """Take packets of Opus apart again.

    Parameters
    ----------
    payload : bytes
        What `join_packets` made.

    Returns
    -------
    list of bytes
        The packets.

    Raises
    ------
    ProtocolError
        ``bad_request`` where lengths and bytes do not fit, and for more than 50 packets.
    """
    packets: list[bytes] = []
    at = 0
    while at < len(payload):
        begin = at + _PACKET.size
        end = begin + _PACKET.unpack_from(payload, at)[0] if begin <= len(payload) else begin
        if end > len(payload) or len(packets) >= _MOST_PACKETS:
            raise ProtocolError("bad_request", "The lengths of an audio message's packets do not fit.")
        packets.append(payload[begin:end])
        at = end
    return packets
