"""What a relay does so that it does not run out of file descriptors, and when it has."""

from __future__ import annotations

import asyncio
import errno
import logging
import sys
import time
from typing import Any, Final

log = logging.getLogger(__name__)

_OUT: Final = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
_EVERY_SECONDS: Final = 60.0


def raise_descriptor_limit() -> None:
    """Let this process open as many descriptors as it may (POSIX): a participant needs one, and so does a stranger."""
    if sys.platform == "win32":
        return
    import resource

    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class AcceptErrors:
    """Logs once a minute that no connection can be accepted: asyncio does it a hundred times a second, with a traceback."""

    def __init__(self) -> None:
        self._said = -_EVERY_SECONDS

    def handle(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Handle what asyncio reports, as `asyncio.loop.set_exception_handler` takes it.

        Parameters
        ----------
        loop : asyncio.AbstractEventLoop
            The loop.
        context : dict
            What has happened.
        """
        error = context.get("exception")
        # Other sockets than those that listen are not in the context.
        if "socket" not in context or not isinstance(error, OSError) or error.errno not in _OUT:
            loop.default_exception_handler(context)
            return
        now = time.monotonic()
        if now - self._said >= _EVERY_SECONDS:
            self._said = now
            log.warning("No connection can be accepted now: %s.", error.strerror)
