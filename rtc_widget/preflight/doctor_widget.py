"""`Doctor`: the report in a page, where the browser runs its own checks."""

from __future__ import annotations

import concurrent.futures
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from traitlets import Dict, Float, List, Unicode

from ..errors import RtcWidgetError
from ..relay.address import Relay
from ..runtime import threads
from ..runtime.bundled_widget import BundledWidget, read_static
from ..runtime.waiters import Waiters
from ..signaling.page_origins import PAGE_ORIGINS
from .finding import Finding, read_findings
from .kernel_checks import examine
from .report import Report
from .stun import usable

_TOKEN_SECONDS = 600.0
_CLOSE_SECONDS = 2.0


class Doctor(Report, BundledWidget):
    """The checks, displayed in the page as they finish, and in Python by `print` and `findings`.

    Made by `rtc_widget.doctor`.

    Parameters
    ----------
    relay : Relay or None
        The relay to check, None for the user's own.
    ice_servers : sequence of mapping
        ``RTCIceServer`` dictionaries.
    """

    _bundle = Unicode(read_static("preflight.js")).tag(sync=True)
    _css = read_static("preflight.css")

    # Saved with the notebook: sentences, and no addresses but those of ice_servers=.
    kernel_findings = List(Dict(), read_only=True).tag(sync=True)
    examined_at = Float(read_only=True).tag(sync=True)

    def __init__(self, relay: Relay | None, ice_servers: Sequence[Mapping[str, Any]]) -> None:
        Report.__init__(self, relay, ice_servers)
        self._waiters: Waiters[Doctor] = Waiters(self)
        self._client_id: str | None = None
        self._is_complete = False
        self._closed = False
        self._tunnels: Any = None
        self._threads = threads.acquire()
        self.run()
        BundledWidget.__init__(self)
        self._publish(self._kernel)
        self.on_msg(self._receive)
        # At once, because a kernel that is busy with this cell may not receive the page's request.
        self._threads.spawn(self._target("*"))

    def wait(self, timeout: float = 15.0) -> bool:
        """Wait until the browser's checks are complete.

        A kernel may only receive the page's messages between cells (*Run All*, or no subshells): then wait in a
        later cell, or with ``await report.wait_async()``.

        Parameters
        ----------
        timeout : float
            Seconds.

        Returns
        -------
        bool
            Whether they are complete.
        """
        return self._is_complete or self._waiters.wait(self._begin_waiting(), timeout)

    async def wait_async(self, timeout: float = 15.0) -> bool:  # noqa: ASYNC109
        """Wait as `wait` does, on any event loop.

        Parameters
        ----------
        timeout : float
            Seconds.

        Returns
        -------
        bool
            Whether they are complete.
        """
        return self._is_complete or await self._waiters.wait_async(self._begin_waiting(), timeout)

    def _begin_waiting(self) -> concurrent.futures.Future[None]:
        if self._closed:
            raise RtcWidgetError("closed", "This report was closed: call doctor() again.")
        if self._threads.on_observer_thread():
            msg = "A callback cannot wait: what it would wait for arrives on the thread that it runs on."
            raise RtcWidgetError("would_deadlock", msg)
        return self._waiters.add(lambda doctor: doctor._is_complete)

    def close(self) -> None:
        """Remove the report from its page and release its resources. May be called twice."""
        if getattr(self, "_closed", True):
            BundledWidget.close(self)
            return
        self._closed = True
        BundledWidget.close(self)
        ended = self._threads.spawn(self._end())
        concurrent.futures.wait([ended], timeout=_CLOSE_SECONDS)
        self._waiters.notify(
            RtcWidgetError("closed", "The report was closed while something was waiting for it.")
        )
        threads.release()

    # -- the page's messages, on whatever thread the kernel uses: only pass them on

    def _receive(self, _widget: object, content: Any, _buffers: object) -> None:
        if not isinstance(content, dict) or self._closed or not isinstance(content.get("client_id"), str):
            return
        client_id, kind = content["client_id"], content.get("kind")
        if kind == "hello":
            PAGE_ORIGINS.add(content.get("origin"))
            self._threads.post(self._on_hello, client_id)
            self._threads.spawn(self._target(client_id, again=content.get("again") is True))
        elif kind == "tunnel":
            self._threads.spawn(self._tunnel(client_id, content))
        elif kind == "findings":
            self._threads.post(self._on_findings, client_id, content)

    def _on_hello(self, client_id: str) -> None:
        """Take the findings of the page that said hello last."""
        self._client_id, self._is_complete = client_id, False

    def _on_findings(self, client_id: str, content: dict[str, Any]) -> None:
        if self._client_id in (None, client_id):
            self._browser = read_findings(content.get("findings"))
            self._is_complete = content.get("done") is True
            self._waiters.notify()

    def _publish(self, findings: tuple[Finding, ...]) -> None:
        if self._closed:
            return
        self._kernel = findings
        self.set_trait("kernel_findings", [asdict(finding) for finding in findings])
        self.set_trait("examined_at", time.time() * 1000)

    # -- on the RTC thread

    async def _target(self, client_id: str, *, again: bool = False) -> None:
        """Send a page what it is to check: tokens and credentials go in a message, never in a trait."""
        try:
            target = self._described(await self._find())
        except (RtcWidgetError, ImportError):
            target = None
        self._send_to(client_id, {"kind": "target", "relay": target, "iceServers": usable(self._ice_servers)})
        if again:
            findings = await examine(self._relay, self._ice_servers, self._room)
            self._threads.post(self._publish, findings)

    def _described(self, relay: Relay) -> dict[str, Any]:
        token = relay.token(self._room, expires=_TOKEN_SECONDS) if relay.can_sign else ""
        described: dict[str, Any] = {"url": relay.url, "room": self._room, "token": token}
        if relay.can_sign:
            described["originTokens"] = PAGE_ORIGINS.tokens(relay)
        if self._relay is not None:
            return {**described, "local": False}
        return {**described, "local": True, "proof": relay.challenge()}

    async def _find(self) -> Relay:
        from .relay_check import find

        return await find(self._relay)

    async def _url(self) -> str:
        return (await self._find()).url

    async def _tunnel(self, client_id: str, content: dict[str, Any]) -> None:
        from ..signaling.tunnel import Tunnels

        if self._tunnels is None:
            self._tunnels = Tunnels(
                self._room, self._url, lambda to, message: self._send_to(to, {"kind": "tunnel", **message})
            )
        self._tunnels.receive(client_id, content)

    async def _end(self) -> None:
        if self._tunnels is not None:
            await self._tunnels.close()

    def _send_to(self, to: str, content: dict[str, Any]) -> None:
        try:
            self._send({"method": "custom", "content": {"to": to, **content}})
        except (OSError, RuntimeError, AttributeError):
            if not self._closed:
                traceback.print_exc()

    def __repr__(self) -> str:
        return Report.__repr__(self)
