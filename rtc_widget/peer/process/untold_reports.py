"""The kernel hears what a peer reports no earlier than the room's observers do.

Whoever waits in the kernel for a state of the peer's then asks for the room's trace, which has to have it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

Report = dict[str, Any]


class UntoldReports:
    """Reports that the relay has not acknowledged, in their order.

    Parameters
    ----------
    tell : callable
        Takes a report that has been acknowledged.
    """

    def __init__(self, tell: Callable[[Report], None]) -> None:
        self._tell = tell
        self._reports: deque[Report] = deque()

    def add(self, report: Report) -> None:
        """Note a report that has been sent.

        Parameters
        ----------
        report : dict
            The report.
        """
        self._reports.append(report)

    def acknowledged(self, report: Report) -> None:
        """Tell a report, and those before it: an acknowledgement of theirs that is still to come will find them told.

        Parameters
        ----------
        report : dict
            As of `add`.
        """
        if any(each is report for each in self._reports):
            while self._reports[0] is not report:
                self._tell(self._reports.popleft())
            self._tell(self._reports.popleft())

    def lost(self) -> None:
        """Tell all: there is no connection over which one could still be acknowledged."""
        while self._reports:
            self._tell(self._reports.popleft())
