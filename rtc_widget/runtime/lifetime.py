"""From the making of a widget or a peer to its `close`: what may still be done with it, and on which thread."""

from __future__ import annotations

from ..errors import RtcWidgetError
from .threads import Threads


class Lifetime:
    """Whether something is open, and the threads that it runs on.

    Parameters
    ----------
    owner : str
        What it is, as errors call it: "RoomWidget".
    threads : Threads
        Of this process.
    """

    def __init__(self, owner: str, threads: Threads) -> None:
        self.threads = threads
        self.closed = False
        self._owner = owner

    def check_open(self) -> None:
        """Refuse what needs it to be open.

        Raises
        ------
        RtcWidgetError
            ``closed``.
        """
        if self.closed:
            raise RtcWidgetError("closed", f"This {self._owner} has been closed: make a new one.")

    def check_may_wait(self) -> None:
        """Refuse to wait in a callback, which runs on the thread that sets what is waited for.

        Raises
        ------
        RtcWidgetError
            ``would_deadlock``.
        """
        if self.threads.on_observer_thread():
            msg = "A callback cannot wait: the state it waits for is set by the thread it runs on."
            raise RtcWidgetError("would_deadlock", msg)
