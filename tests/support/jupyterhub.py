"""JupyterHub with a server for each user, and a relay that it runs as its service, as docs/hosts/jupyterhub.md has it."""

from __future__ import annotations

import sys
import uuid
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import nbformat

from tests.support.host_servers import MARK, serving
from tests.support.notebook import Notebook
from tests.support.processes import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from tests.support.chromium import Window

ROOT = Path(__file__).parents[2]
PROXY = ROOT / ".stamps" / "hub-proxy" / "node_modules" / ".bin" / "configurable-http-proxy"
PAGE = ROOT / "docs" / "hosts" / "jupyterhub.md"

# What a test's hub needs beside what the page says: nobody's password, nobody's home, ports of its own.
MORE = """
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub_port}
c.JupyterHub.db_url = "sqlite://"
c.JupyterHub.cookie_secret = b"{secret}"
c.ConfigurableHTTPProxy.command = ["{proxy}"]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api_port}"
c.ConfigurableHTTPProxy.auth_token = "{secret}"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allowed_users = {{"ada", "bob"}}
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{homes}/{{username}}"
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--allow-root", "--LabApp.expose_app_in_browser=True"]
c.Spawner.default_url = "/lab"
c.Spawner.start_timeout = c.Spawner.http_timeout = 120
import os
c.Spawner.environment["{mark}"] = os.environ["{mark}"]
"""


class Hub:
    """A running hub: users log in by any password."""

    def __init__(self, url: str, homes: Path) -> None:
        self.url, self._homes = url, homes

    async def open(self, window: Window, user: str, cells: Sequence[str]) -> Notebook:
        """Log a user in, in a window, and open a notebook of theirs on their server."""
        home = self._homes / user
        home.mkdir(parents=True)
        code = [nbformat.v4.new_code_cell(cell) for cell in cells]
        kernel = {"name": "python3", "display_name": "python3", "language": "python"}
        nbformat.write(
            nbformat.v4.new_notebook(cells=code, metadata={"kernelspec": kernel}), home / "call.ipynb"
        )
        await window.watch()
        notebook = f"/user/{user}/lab/tree/call.ipynb"
        spawn = f"/hub/spawn/{user}?{urlencode({'next': notebook})}"
        page: Any = await window.open(f"{self.url}/hub/login?{urlencode({'next': spawn})}")
        await page.get_by_label("Username").fill(user)
        await page.get_by_label("Password").fill("any")
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url(f"{self.url}{notebook}*", timeout=120_000)
        opened = Notebook(None, page, "call.ipynb")  # type: ignore[arg-type]
        await opened.ready(120)
        return opened


def documented() -> str:
    """Return the configuration that the documentation shows."""
    return PAGE.read_text().split("```python\n")[1].split("```")[0]


@asynccontextmanager
async def jupyterhub(folder: Path) -> AsyncIterator[Hub]:
    """Run a hub with the documented configuration, at addresses and in folders of the test's own."""
    assert PROXY.exists(), "configurable-http-proxy is not there: make setup"
    port, relay = free_port(), free_port()
    public = f"http://127.0.0.1:{port}"
    replaced = documented()
    for text, by in {
        "https://hub.example.org": public,
        "/srv/jupyterhub/relay.secret": str(folder / "relay.secret"),
        "10101": str(relay),
    }.items():
        assert text in replaced
        replaced = replaced.replace(text, by)
    more = MORE.format(
        port=port,
        hub_port=free_port(),
        api_port=free_port(),
        proxy=PROXY,
        homes=folder / "homes",
        secret=uuid.uuid4().hex * 2,
        mark=MARK,
    )
    (folder / "jupyterhub_config.py").write_text(replaced + more)
    async with serving(folder, [sys.executable, "-m", "jupyterhub"], f"{public}/services/relay/health"):
        yield Hub(public, folder / "homes")
