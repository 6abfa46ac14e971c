"""Messages that callbacks send. They are handed over and not waited for: the thread of the callbacks sets all traits, too."""

from __future__ import annotations

import concurrent.futures
import threading
from collections.abc import Callable
from typing import Any, Final

from ...errors import ProtocolError, RtcWidgetError
from ...protocol.media_process import Send
from .media_process import PeerLink

_MAX_BYTES: Final = 1 << 24


class CallbackSends:
    """What has been handed over and not been sent yet.

    Parameters
    ----------
    link : PeerLink
        To the peer in the media process, which keeps the order.
    on_problem : callable
        Takes a code and a text to show in the notebook, when a message was not sent; once.
    """

    def __init__(self, link: PeerLink, on_problem: Callable[[str, str], None]) -> None:
        self._link, self._on_problem = link, on_problem
        self._bytes = 0
        self._failed = False
        self._lock = threading.Lock()

    def send(self, message: Send) -> None:
        """Hand over a message.

        Parameters
        ----------
        message : Send
            The message.

        Raises
        ------
        ProtocolError
            ``rate_limited`` when too much waits already.
        """
        with self._lock:
            if self._bytes + len(message.data) > _MAX_BYTES:
                raise ProtocolError(
                    "rate_limited",
                    f"{self._bytes:,} bytes that callbacks have sent wait for who does not take them: send less.",
                )
            self._bytes += len(message.data)

        def settle(result: concurrent.futures.Future[Any]) -> None:
            with self._lock:
                self._bytes -= len(message.data)
            error = result.exception()
            # Who closes the peer knows that nothing more is sent.
            if isinstance(error, RtcWidgetError) and error.code != "closed" and not self._failed:
                self._failed = True
                self._on_problem(error.code, f"A message that a callback sent was lost. {error.message}")

        self._link.request(message).add_done_callback(settle)
