"""The comm between a widget and its front ends: typed messages out, a registry of receivers in."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from ..protocol.comm import Command, FromKernel

log = logging.getLogger(__name__)

ALL = "*"
"""Every front end."""

Receiver = Callable[[str, dict[str, Any], list[bytes]], None]
"""Takes a front end's id, a message's content, and its buffers; on whatever thread the kernel uses."""


class CommChannel:
    """Sends messages to front ends from any thread, and dispatches theirs.

    Parameters
    ----------
    send : callable
        Sends ``(content, buffers)`` over the comm.
    """

    def __init__(self, send: Callable[[dict[str, Any], list[bytes] | None], None]) -> None:
        self._send = send
        self._receivers: Mapping[str, Receiver] = {}
        self._closed = False

    def receive_with(self, receivers: Mapping[str, Receiver]) -> None:
        """Start receiving messages.

        Parameters
        ----------
        receivers : mapping of str to callable
            For each kind of `protocol.comm.FROM_FRONT_END` that is expected.
        """
        self._receivers = receivers

    def send(self, message: FromKernel, *, to: str = ALL, buffers: list[bytes] | None = None) -> None:
        """Send a message; a kernel that is going away is no reason for a traceback.

        Parameters
        ----------
        message : FromKernel
            What to send.
        to : str
            A front end's id.
        buffers : list of bytes, optional
            What goes beside it.
        """
        try:
            self._send({**message, "to": to}, buffers)
        except (OSError, RuntimeError, AttributeError):
            if not self._closed:
                log.exception("A message for the front end could not be sent.")

    def command(self, command: Command, *, buffers: list[bytes] | None = None) -> None:
        """Send a command to the tab that is in the call; see `send`.

        Parameters
        ----------
        command : Command
            The command.
        buffers : list of bytes, optional
            Binary data.
        """
        self.send(command, buffers=buffers)

    def receive(self, _widget: object, content: Any, buffers: list[Any]) -> None:
        """Dispatch a front end's message, on whatever thread the kernel uses: receivers only pass it on.

        Parameters
        ----------
        _widget : object
            Unused.
        content : object
            The message.
        buffers : list
            Binary data.
        """
        if not isinstance(content, dict) or self._closed:
            return
        client_id, kind = content.get("client_id"), content.get("kind")
        receiver = self._receivers.get(kind) if isinstance(kind, str) else None
        if receiver is None or not isinstance(client_id, str):
            log.debug("A message of an unknown kind came from a front end.")
            return
        receiver(client_id, content, [bytes(buffer) for buffer in buffers or []])

    def close(self) -> None:
        """Stop receiving, and ignore messages that can no longer be sent."""
        self._closed = True
