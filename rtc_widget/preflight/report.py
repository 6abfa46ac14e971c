"""A report without a page: the kernel's findings, and what is said of a browser that has not come."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..relay.address import Relay
from ..runtime import threads
from .finding import Finding, lines, summary
from .kernel_checks import SECONDS, examine

UNSEEN: Final = Finding(
    "Page",
    "not checked",
    "No browser has shown this report.",
    "Make doctor() the last line of a cell and run it in a browser.",
)


class Report:
    """What doctor() found in the kernel; `Doctor` adds the browser's part.

    Attributes
    ----------
    findings : tuple of Finding
        The kernel's, then the browser's as far as it has come.
    """

    def __init__(self, relay: Relay | None, ice_servers: Sequence[Mapping[str, Any]]) -> None:
        self._relay, self._ice_servers = relay, list(ice_servers)
        self._room = f"preflight {secrets.token_hex(6)}"
        self._kernel: tuple[Finding, ...] = ()
        self._browser: tuple[Finding, ...] = (UNSEEN,)

    def run(self) -> None:
        """Do the kernel's checks now, on the RTC thread."""
        running = threads.acquire()
        try:
            examined = running.spawn(examine(self._relay, self._ice_servers, self._room))
            self._kernel = examined.result(SECONDS + 2)
        finally:
            threads.release()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The kernel's findings, then the browser's as far as it has come."""
        return (*self._kernel, *self._browser)

    def wait(self, timeout: float = 15.0) -> bool:
        """Wait for the browser's part; tell whether it is complete. Here there is no page: it never will be."""
        return False

    async def wait_async(self, timeout: float = 15.0) -> bool:  # noqa: ASYNC109
        """Wait as `wait` does."""
        return self.wait(timeout)

    def close(self) -> None:
        """End what serves the page; without one there is nothing to end."""

    def __repr__(self) -> str:
        return "\n".join(
            [
                f"rtc_widget doctor: {summary(self.findings)}",
                "",
                "The kernel",
                *lines(self._kernel),
                "",
                "The browser",
                *lines(self._browser),
            ]
        )
