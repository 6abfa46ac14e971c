"""Pages with the widget, each in a browser in a home, in calls over the networks of a test."""

from __future__ import annotations

import contextlib
import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rtc_widget import TurnServer
from rtc_widget.relay.tokens import entry_token
from tests.support import chromium
from tests.support.chromium import Window
from tests.support.network_calls import Call, PeerMember, Way, all_see, middle
from tests.support.pages import open_page, phase
from tests.support.processes import end_processes, marked_processes
from tests.support.relays import SECRET
from tests.support.waiting import wait_for
from tests.support.widget_page import Host

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from playwright.async_api import Browser, BrowserType

    from tests.support.network_calls import Member
    from tests.support.networks import Home, Networks, Router
    from tests.support.widget_page import HostPage

# Names in place of addresses are found by multicast, which no router passes on.
ADDRESSES = "--disable-features=WebRtcHideLocalIpsWithMdns"

# The kinds of the candidates in use, of the connection that is open.
_PAIR = """async () => {
    for (const pc of probe.connections) {
        if (pc.connectionState !== "connected") continue;
        const report = await pc.getStats();
        for (const entry of report.values()) {
            if (entry.type !== "transport" || !entry.selectedCandidatePairId) continue;
            const pair = report.get(entry.selectedCandidatePairId);
            const [local, remote] = [pair.localCandidateId, pair.remoteCandidateId].map((id) => report.get(id));
            return { local: local.candidateType, remote: remote.candidateType, protocol: local.protocol };
        }
    }
    return null;
}"""


class PageMember:
    """A widget in a page of a browser in a home; `open` starts it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._ending = contextlib.AsyncExitStack()
        self._page: HostPage | None = None

    @property
    def page(self) -> HostPage:
        """The page."""
        assert self._page is not None
        return self._page

    async def open(
        self,
        browsers: BrowserType,
        networks: Networks,
        home: Home,
        host: tuple[Host, str],
        options: dict[str, Any],
    ) -> None:
        """Start a browser, show the widget in it, and let it join."""
        folder = host[1]
        program = Path(folder) / f"chromium-{self.name}"
        browser, mark = await launch(self._ending, browsers, home, program, args=[ADDRESSES])
        relay, pages = Way(networks, home, options["relay"]), Way(networks, home, f"{folder}/pages")
        self._ending.callback(relay.close)
        self._ending.callback(pages.close)
        here = copy.copy(host[0])
        here.url = pages.url
        window = Window(await browser.new_context(permissions=["camera", "microphone"]), mark)
        self._page = await open_page(here, window, options["room"], self.name, resolution=[320, 180])
        await self.beat(relay.url, options, invited=True)
        await phase(self._page, "joined")

    async def beat(self, relay: str, options: dict[str, Any], *, invited: bool = False) -> None:
        """Play the kernel once."""
        made = (
            [TurnServer(*options["turn"], secret=options["turn_secret"]).ice_server()]
            if options["turn"]
            else []
        )
        invitation = {
            "key": self.name,
            "token": entry_token(SECRET, options["room"], max_uses=1),
            "session": None,
            "now": False,
        }
        await self.page.heartbeat(
            relay,
            entry_token(SECRET, options["room"]),
            iceServers=[*options["ice_servers"], *made],
            **({"invitation": invitation} if invited else {}),
        )

    async def frames(self) -> dict[str, int]:
        """Return how many pictures have come; of a call of two, from the other one."""
        count = int(await self.page.tab.evaluate("() => probe.frames()"))
        return {"Ada": count, "Bob": count}

    async def pair(self, _other: str) -> dict[str, str] | None:
        """Return the kinds of the candidates in use."""
        found: dict[str, str] | None = await self.page.tab.evaluate(_PAIR)
        return found

    async def is_connected(self) -> bool:
        """Tell whether a connection says that it is connected."""
        state = "probe.connections.some((pc) => pc.connectionState === 'connected')"
        return bool(await self.page.tab.evaluate(f"() => {state}"))

    async def close(self) -> None:
        """End the browser."""
        await self._ending.aclose()


async def launch(
    ending: contextlib.AsyncExitStack, browsers: BrowserType, home: Home, program: Path, args: Sequence[str]
) -> tuple[Browser, str]:
    """Start a browser in a home, by a script that is written for it; return it and its mark as `chromium.launch` does."""
    program.write_text(f'#!/bin/sh\nexec {" ".join(home.space.prefix)} {chromium.program()} "$@"\n')
    program.chmod(0o755)
    browser, mark = await chromium.launch(browsers, args=args, path=str(program))
    ending.callback(lambda: end_processes(marked_processes(chromium.MARK, mark)))
    ending.push_async_callback(browser.close)
    return browser, mark


@contextlib.asynccontextmanager
async def call(
    browsers: BrowserType,
    folder: Path,
    *routers: Router,
    kinds: Sequence[str],
    **terms: Any,
) -> AsyncIterator[Call]:
    """Put two into a call, each in a home of its own: each a "page" or a "peer"."""
    async with (
        middle(folder, *routers, **terms) as (networks, options),
        contextlib.AsyncExitStack() as stack,
    ):
        host = await Host.start(f"{folder}/pages")
        stack.push_async_callback(host.stop)
        members: list[Member] = []
        for home, name, kind in zip(networks.homes, ("Ada", "Bob"), kinds, strict=True):
            if kind == "peer":
                peer = PeerMember(networks, home, name, options)
                stack.push_async_callback(peer.close)
                members.append(peer)
            else:
                page = PageMember(name)
                stack.push_async_callback(page.close)
                await page.open(browsers, networks, home, (host, str(folder)), options)
                members.append(page)
        await wait_for(lambda: all_see(members), 60, "both in the room")
        yield Call(networks, members)
