"""The lifetime of a widget or peer: whether it is open, and on which threads it runs."""

from __future__ import annotations

from ..errors import RtcWidgetError
from .threads import Threads


class Lifetime:
    """Whether something is open, and its threads.

    Parameters
    ----------
    owner : str
        What it is, for error messages: "RoomWidget".
    threads : Threads
        Those of this process.
    """

    def __init__(self, owner: str, threads: Threads) -> None:
        self.threads = threads
        self.closed = False
        self._owner = owner

    def check_open(self) -> None:
        """Raise an error when it is closed.

        Raises
        ------
        RtcWidgetError
            ``closed``.
        """
        if self.closed:
            raise RtcWidgetError("closed", f"This {self._owner} has been closed: create a new one.")

    def check_may_wait(self) -> None:
        """Raise an error in a callback, because it runs on the thread that sets what would be waited for.

        Raises
        ------
        RtcWidgetError
            ``would_deadlock``.
        """
        if self.threads.on_observer_thread():
            msg = "A callback cannot wait: the state that it would wait for is set by the thread that it runs on."
            raise RtcWidgetError("would_deadlock", msg)
