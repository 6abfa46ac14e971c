"""A report without a page: the kernel's findings, and a note that no browser has run its checks."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..relay.address import Relay
from ..runtime import threads
from .finding import Finding, lines, summary
from .kernel_checks import SECONDS, examine

NO_BROWSER: Final = Finding(
    "Page",
    "not checked",
    "No browser has displayed this report.",
    "Make doctor() the last line of a cell and run it in a browser.",
)


class Report:
    """The findings of doctor() in the kernel; `Doctor` adds those of the browser.

    Parameters
    ----------
    relay : Relay or None
        The relay to check, None for the user's own.
    ice_servers : sequence of mapping
        ``RTCIceServer`` dictionaries.

    Attributes
    ----------
    findings : tuple of Finding
        The kernel's, then the browser's that have arrived so far.
    """

    def __init__(self, relay: Relay | None, ice_servers: Sequence[Mapping[str, Any]]) -> None:
        self._relay, self._ice_servers = relay, list(ice_servers)
        self._room = f"preflight {secrets.token_hex(6)}"
        self._kernel: tuple[Finding, ...] = ()
        self._browser: tuple[Finding, ...] = (NO_BROWSER,)

    def run(self) -> None:
        """Run the kernel's checks now, on the RTC thread."""
        running = threads.acquire()
        try:
            examined = running.spawn(examine(self._relay, self._ice_servers, self._room))
            self._kernel = examined.result(SECONDS + 2)
        finally:
            threads.release()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The kernel's findings, then the browser's that have arrived so far."""
        return (*self._kernel, *self._browser)

    def wait(self, timeout: float = 15.0) -> bool:
        """Return at once: without a page, the browser's checks are never complete.

        Parameters
        ----------
        timeout : float
            Unused; for `Doctor.wait`.

        Returns
        -------
        bool
            False.
        """
        return False

    async def wait_async(self, timeout: float = 15.0) -> bool:  # noqa: ASYNC109
        """Return as `wait` does.

        Parameters
        ----------
        timeout : float
            Unused; for `Doctor.wait_async`.

        Returns
        -------
        bool
            False.
        """
        return self.wait(timeout)

    def close(self) -> None:
        """Release resources; without a page there are none."""

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
