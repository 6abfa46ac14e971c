"""The data channel of one aiortc connection: in order, with back-pressure, and with what waits for it to open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from aiortc import RTCDataChannel, RTCPeerConnection

from ...protocol.limits import LIMITS

_BUFFER_BYTES: Final = 1 << 20


class DataChannel:
    """Sends and receives messages. Used on the connection's event loop.

    Parameters
    ----------
    pc : RTCPeerConnection
        The connection.
    on_message : callable
        Takes a message.
    report : callable
        Takes an entry of the report to the room's observers.
    """

    def __init__(
        self,
        pc: RTCPeerConnection,
        *,
        on_message: Callable[[str | bytes], None],
        report: Callable[[dict[str, Any]], None],
    ) -> None:
        self._pc, self._on_message, self._report = pc, on_message, report
        self._channel: RTCDataChannel | None = None
        self._opened = asyncio.Event()
        self._drained = asyncio.Event()
        # Who waits for room is not overtaken.
        self._turn = asyncio.Lock()
        self._unsent: list[str | bytes] = []
        self._closed = False
        pc.on("datachannel", self._on_foreign_channel)

    @property
    def is_open(self) -> bool:
        """Whether messages would be on their way at once: those that a lost path swallows are not known to be lost."""
        return self._is_usable and self._opened.is_set() and not self._unsent

    @property
    def _is_usable(self) -> bool:
        return not self._closed and str(self._pc.connectionState) == "connected"

    def open(self) -> None:
        """Make the channel, unless there is one; both sides know its id (W3C webrtc, section 6.2, ``negotiated``)."""
        if self._channel is None:
            self._use(self._pc.createDataChannel("rtc_widget", negotiated=True, id=0))

    async def send(self, data: str | bytes) -> bool:
        """Send a message once the channel is open and has room.

        Parameters
        ----------
        data : str or bytes
            The message.

        Returns
        -------
        bool
            False when the connection has ended: another one's channel may take it.
        """
        async with self._turn:
            await self._opened.wait()
            while self._is_usable and self._channel and self._channel.bufferedAmount > _BUFFER_BYTES:
                self._drained.clear()
                await self._drained.wait()
            return self._is_usable and self._send(data)

    def send_later(self, data: str | bytes) -> bool:
        """Send a message now, or when the channel opens.

        Parameters
        ----------
        data : str or bytes
            The message.

        Returns
        -------
        bool
            False when so many messages wait for the channel that this one is not taken.
        """
        if self.is_open:
            self._send(data)
        elif len(self._unsent) < LIMITS["queued_messages"]:
            self._unsent.append(data)
        else:
            return False
        return True

    def take_unsent(self) -> list[str | bytes]:
        """Take out what waits for the channel to open.

        Returns
        -------
        list of str or bytes
            The messages, in order.
        """
        unsent, self._unsent = self._unsent, []
        return unsent

    def flush(self) -> None:
        """Send what waits, if the channel is open and the connection is connected."""
        if self._is_usable and self._opened.is_set():
            for data in self.take_unsent():
                self._send(data)

    def close(self) -> None:
        """Release everything that waits for the channel."""
        self._closed = True
        self._opened.set()
        self._drained.set()

    def _use(self, channel: RTCDataChannel) -> None:
        self._channel = channel
        channel.bufferedAmountLowThreshold = _BUFFER_BYTES // 2
        channel.on("message", self._on_message)
        channel.on("bufferedamountlow", self._drained.set)
        channel.on("close", self._on_close)
        channel.on("open", self._on_open)
        if channel.readyState == "open":
            self._on_open()

    def _on_foreign_channel(self, channel: RTCDataChannel) -> None:
        """Use the channel that a plain client has opened, instead of ours, which it does not know."""
        if channel.id != 0:
            self._use(channel)

    def _on_close(self) -> None:
        self._drained.set()
        self._report({"type": "channel", "value": "closed"})

    def _on_open(self) -> None:
        self._report({"type": "channel", "value": "open"})
        self._opened.set()
        self.flush()

    def _send(self, data: str | bytes) -> bool:
        if self._closed or self._channel is None or self._channel.readyState != "open":
            return False
        try:
            self._channel.send(data)
        except ValueError as error:
            self._report({"type": "error", "code": "message_too_large", "message": str(error)})
        return True
