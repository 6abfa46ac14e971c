"""Clients that know nothing of this project are in a call with the widget, over the relay as it is deployed."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
import pytest_asyncio
from aiohttp import web

from rtc_widget.relay.tokens import entry_token
from tests.support.pages import PAGES, enter, holds, plays, press, tiles
from tests.support.waiting import GONE_SECONDS, wait_for
from tests.support.widget_page import JS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.browser_fixtures import NewWindow
    from tests.support.chromium import Window
    from tests.support.widget_page import Host, HostPage

SECRET = "a secret of the tests"
SOCKET_IO = JS / "node_modules" / "socket.io-client" / "dist" / "socket.io.min.js"


class Service:
    """The relay as a process of its own, as one starts it on a host for everybody."""

    def __init__(self, url: str) -> None:
        self.url = url

    def token(self, room: str, **options: Any) -> str:
        return entry_token(SECRET, room, **options)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site() -> AsyncIterator[str]:
    """The tutorials' own site. It is a real one: Chromium keeps a page without an address from loopback."""

    async def serve(request: web.Request) -> web.FileResponse:
        name = request.match_info["file"]
        return web.FileResponse(SOCKET_IO if name == SOCKET_IO.name else PAGES / name)

    app = web.Application()
    app.router.add_get(r"/{file:[\w.]+}", serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def service(host: Host, site: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    """``python -m rtc_widget.relay``, for the pages of both sites."""
    secret = tmp_path_factory.mktemp("relay") / "secret"
    secret.write_text(SECRET)
    origins = ("--origin", host.url, "--origin", site)
    command = (sys.executable, "-m", "rtc_widget.relay", "--secret-file", str(secret), *origins)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
    address = re.search(r"http://\S+", line)
    assert address is not None, line
    yield Service(address[0])
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 30) == 0


class Tutorial:
    """A page with a tutorial's client."""

    def __init__(self, tab: Any) -> None:
        self.tab = tab

    @classmethod
    async def open(cls, site: str, window: Window, service: Service, room: str, page: str) -> Tutorial:
        query = urlencode({"relay": service.url, "room": room, "token": service.token(room)})
        tutorial = cls(await window.open(f"{site}/{page}.html?{query}"))
        await tutorial.holds("tutorial.socket.connected")
        return tutorial

    async def holds(self, expression: str, timeout: float = 30) -> None:
        await wait_for(lambda: self.tab.evaluate(f"() => ({expression})"), timeout, expression)

    async def plays(self) -> None:
        shown = "document.querySelector('#remotes video').getVideoPlaybackQuality().totalVideoFrames"
        await self.holds(f"{shown} > 5")

    async def upgraded(self) -> None:
        await self.holds("tutorial.socket.io.engine.transport.name === 'websocket'")


Meet = Callable[..., Awaitable[tuple[Tutorial, "HostPage"]]]
order = pytest.mark.parametrize("first", ["tutorial", "widget"])


@pytest.fixture
def meet(host: Host, site: str, service: Service, new_window: NewWindow, room: str) -> Meet:
    """Bring the widget and another client together, in either order."""

    async def bring(first: str, page: str = "tutorial") -> tuple[Tutorial, HostPage]:
        windows = [await new_window(), await new_window()]
        if first == "tutorial":
            tutorial = await Tutorial.open(site, windows[0], service, room, page)
            widget = await enter(host, windows[1], service, room, "Ada")
        else:
            widget = await enter(host, windows[1], service, room, "Ada")
            tutorial = await Tutorial.open(site, windows[0], service, room, page)
        await tiles(widget, "Ada (you), microphone off", "Guest, connected")
        return tutorial, widget

    return bring


@order
async def test_a_tutorials_client_and_the_widget_see_each_other(meet: Meet, first: str) -> None:
    tutorial, page = await meet(first)
    await plays(page, "Guest")
    await tutorial.plays()
    # Default transports: long polling, then the upgrade.
    await tutorial.upgraded()
    # It replaces its connection at every offer: the widget may not make one without need.
    heard = await tutorial.tab.evaluate("() => tutorial.heard")
    assert heard.count("offer") == (0 if first == "tutorial" else 1)
    assert heard.count("answer") == (1 if first == "tutorial" else 0)


@order
async def test_the_widget_notices_that_a_tutorials_client_has_gone(meet: Meet, first: str) -> None:
    tutorial, page = await meet(first)
    # While it polls, nothing shows that it has gone.
    await tutorial.upgraded()
    await tutorial.tab.close()
    await tiles(page, "Ada (you), microphone off", timeout=GONE_SECONDS)


@order
async def test_a_tutorials_client_notices_that_the_widget_has_gone(meet: Meet, first: str) -> None:
    tutorial, page = await meet(first)
    await press(page, "Leave")
    await tutorial.holds(
        "tutorial.peers.size === 0 && !document.querySelector('#remotes video')", GONE_SECONDS
    )


async def test_muting_and_unmuting_reaches_a_tutorials_client_without_an_offer(meet: Meet) -> None:
    tutorial, page = await meet("tutorial")
    await tutorial.plays()
    await press(page, "Camera")
    await tiles(page, "Ada (you), microphone off, camera off", "Guest, connected")
    await press(page, "Camera")
    shown = "document.querySelector('#remotes video').getVideoPlaybackQuality().totalVideoFrames"
    before = await tutorial.tab.evaluate(f"() => {shown}")
    await tutorial.holds(f"{shown} > {before + 5}")
    assert "offer" not in await tutorial.tab.evaluate("() => tutorial.heard")


@order
async def test_the_specifications_example_with_one_event_for_descriptions(meet: Meet, first: str) -> None:
    tutorial, page = await meet(first, "perfect")
    await plays(page, "Guest")
    await tutorial.plays()
    await press(page, "Leave")
    await tutorial.holds("!document.querySelector('#remotes video')", GONE_SECONDS)
    await holds(page, "probe.open() === 0")
