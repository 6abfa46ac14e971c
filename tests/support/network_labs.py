"""A JupyterLab in one home and a browser in another; between them there may be no way but to the notebook's server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.support.chromium import Window
from tests.support.lab import Lab
from tests.support.network_pages import ADDRESSES, launch
from tests.support.networks import Networks, run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import BrowserType

# Asks the server from where it runs: the tests' own network leads nowhere.
_ASK = """import sys, urllib.request
method, url, token = sys.argv[1:]
request = urllib.request.Request(url, method=method, headers={"Authorization": f"token {token}"})
print(urllib.request.urlopen(request, timeout=20).read().decode() or "null")"""


class _LabAtHome(Lab):
    async def api(self, method: str, path: str) -> Any:
        command = [*self.prefix, sys.executable, "-c", _ASK, method, f"{self.url}/api/{path}", self.token]
        return json.loads(await asyncio.to_thread(run, *command))


class FarLab:
    """A server, a window far from it, and the networks between them."""

    def __init__(self, networks: Networks, lab: Lab, window: Window) -> None:
        self.networks, self.lab, self.window = networks, lab, window


@contextlib.asynccontextmanager
async def far_lab(browsers: BrowserType, folder: Path) -> AsyncIterator[FarLab]:
    """Start a server in one home and a browser in another, who reach each other by the server's port alone."""
    async with contextlib.AsyncExitStack() as ending:
        networks = ending.enter_context(Networks("none", "none"))
        home, away = networks.homes
        lab = await _LabAtHome.start(address=home.address, prefix=home.space.prefix)
        ending.push_async_callback(lab.stop)
        networks.close_all_but(urlsplit(lab.url).port)
        # Behind https, as such servers are, it would be a secure context.
        arguments = [ADDRESSES, f"--unsafely-treat-insecure-origin-as-secure={lab.url}"]
        browser, mark = await launch(ending, browsers, away, folder / "chromium", args=arguments)
        yield FarLab(
            networks, lab, Window(await browser.new_context(permissions=["camera", "microphone"]), mark)
        )
