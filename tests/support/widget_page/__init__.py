"""Serves the shipped bundle, and modules of ``js/src``, to pages outside of Jupyter.

- ``/host.html`` loads ``/widget.js`` and gives it a stub of anywidget's model (see ``host.js``);
- ``/modules/`` has the modules that the stub sends when the bundle asks for them;
- ``/blank.html`` is an empty page on a secure origin;
- ``/src/negotiation/perfect.js`` is ``js/src/negotiation/perfect.ts``, bundled when it is asked for.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from tests.support.lab import Browser
    from tests.support.notebook import Tab


HERE = Path(__file__).parent
ROOT = HERE.parents[2]
STATIC = ROOT / "rtc_widget" / "static"
JS = ROOT / "js"


class Host:
    """The server; ``url`` is its address, on a port of its own."""

    def __init__(self) -> None:
        self.url = ""
        self._runner: web.AppRunner | None = None

    @classmethod
    async def start(cls, path: str | None = None) -> Self:
        """Serve on a free port of 127.0.0.1, or on a socket in the file system."""
        host = cls()
        app = web.Application()
        app.router.add_get("/src/{module:.+}.js", source)
        app.router.add_get("/{file:(modules/)?[^/]+}", static)
        host._runner = web.AppRunner(app, access_log=None)
        await host._runner.setup()
        if path is not None:
            await web.UnixSite(host._runner, path).start()
            return host
        site = web.TCPSite(host._runner, "127.0.0.1", 0)
        await site.start()
        host.url = f"http://127.0.0.1:{host._runner.addresses[0][1]}"
        return host

    async def stop(self) -> None:
        """Stop serving."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def open(self, browser: Browser, **traits: Any) -> HostPage:
        """Open the bundle in a new tab, with a model that has these traits, and show one view of it."""
        page = HostPage(await browser.open(f"{self.url}/host.html"))
        await wait_for(lambda: page.tab.evaluate("() => Boolean(window.host)"), 30, "host.js")
        await page.tab.evaluate("(traits) => window.host.start(traits)", traits)
        return page

    async def blank(self, browser: Browser) -> Any:
        """Open an empty page on this server in a new tab."""
        return await browser.open(f"{self.url}/blank.html")


class HostPage:
    """A tab with the bundle in it, and the kernel's side of its model."""

    def __init__(self, tab: Tab) -> None:
        self.tab: Any = tab

    async def receive(self, content: Any, buffers: list[list[int]] | None = None) -> None:
        """Deliver a message from the kernel to the model."""
        await self.tab.evaluate(
            "([content, buffers]) => window.host.receive(content, buffers)", [content, buffers or []]
        )

    async def heartbeat(self, relay: str, token: str, **more: Any) -> None:
        """Deliver one of the kernel's heartbeats: where the relay is, and a token for the room."""
        beat = {"relay": relay, "local": True, "owner": "", "token": token, "iceServers": []}
        await self.receive({"kind": "heartbeat", "to": "*", **beat, **more})

    async def sent(self) -> list[Any]:
        """Return the contents of all messages that the front end has sent to the kernel."""
        found: list[Any] = await self.tab.evaluate("() => window.host.sent.map(({ content }) => content)")
        return found

    async def set(self, **traits: Any) -> None:
        """Change traits as the kernel does."""
        await self.tab.evaluate("(traits) => window.host.set(traits)", traits)

    async def render_view(self) -> int:
        """Show one more view and return its number."""
        return int(await self.tab.evaluate("() => window.host.renderView()"))

    async def remove_view(self, index: int) -> None:
        """Remove a view, as clearing the output does."""
        await self.tab.evaluate("(index) => window.host.removeView(index)", index)

    async def destroy(self) -> None:
        """Destroy the model, as ``close()`` in the kernel does."""
        await self.tab.evaluate("() => window.host.destroy()")


async def static(request: web.Request) -> web.FileResponse:
    """Serve a page of this folder, or a file of the built bundle."""
    name = request.match_info["file"]
    for folder in (HERE, STATIC):
        path = folder / name
        if path.suffix in (".html", ".js", ".css") and path.is_file():
            return web.FileResponse(path, headers={"Cache-Control": "no-store"})
    raise web.HTTPNotFound


async def source(request: web.Request) -> web.Response:
    """Bundle one module of the front end's source."""
    entry = JS / "src" / f"{request.match_info['module']}.ts"
    process = await asyncio.create_subprocess_exec(
        JS / "node_modules" / ".bin" / "esbuild",
        entry,
        "--bundle",
        "--format=esm",
        "--target=es2022",
        "--log-level=warning",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    code, problems = await process.communicate()
    if process.returncode:
        raise web.HTTPInternalServerError(text=problems.decode())
    return web.Response(body=code, content_type="text/javascript", charset="utf-8")
