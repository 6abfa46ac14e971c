"""A real JupyterLab server, and notebooks opened in a real browser.

What a test does in a notebook goes through JupyterLab's own commands and models, as a click would: a cell
runs by ``notebook:run-cell``, with the kernel and the comms that a user would get.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

import aiohttp
import nbformat
import psutil

from tests.support.notebook import Notebook
from tests.support.processes import end_processes, free_port, leash, marked_processes, unleash
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


MARK = "RTC_WIDGET_TEST_LAB"

SETTINGS: dict[str, dict[str, Any]] = {
    "apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    # A save in the middle of a test would race with the test's own.
    "docmanager-extension/plugin": {"autosave": False},
    "application-extension/sidebar": {},
}

# Parts of JupyterLab that no test uses: without them a page is loaded with a third less work.
UNUSED = (
    *(
        "audio",
        "celltags",
        "console",
        "csvviewer",
        "debugger",
        "extensionmanager",
        "fileeditor",
        "help",
        "htmlviewer",
    ),
    *("hub", "imageviewer", "inspector", "launcher", "logconsole", "lsp", "markdownviewer", "mermaid"),
    *("pluginmanager", "running", "settingeditor", "statusbar", "terminal", "theme-dark-high-contrast"),
    *("toc", "tooltip", "video"),
)

# Of another host, which has tests of its own.
OTHER_HOST = {"page": "@voila-dashboards/jupyterlab-preview", "server": "voila.server_extension"}


class Browser(Protocol):
    """Whatever opens tabs: a Chromium `Window` or `Firefox`."""

    async def open(self, url: str) -> Any:
        """Open an address in a new tab."""


class Lab:
    """A JupyterLab server of the tests' own: own folders, own port, own runtime directory."""

    def __init__(
        self,
        application: str = "lab",
        environment: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
        *,
        address: str = "127.0.0.1",
        prefix: Sequence[str] = (),
    ) -> None:
        self.application, self._options = application, options
        self._address, self.prefix = address, prefix
        self._environment = dict(environment or {})
        self.token = secrets.token_hex(16)
        self._folder = tempfile.TemporaryDirectory(prefix="lab-")
        self._home = Path(self._folder.name)
        self.root = self._home / "notebooks"
        # Where this server's kernels look for the user's relay: not in the real user's directory.
        self.runtime_dir = self._home / "runtime"
        self.log = self._home / "server.log"
        self._mark = uuid.uuid4().hex
        self._process: subprocess.Popen[bytes] | None = None
        self._leash: subprocess.Popen[bytes] | None = None
        self.url = ""
        self.enter_new_room()

    @classmethod
    async def start(
        cls,
        application: str = "lab",
        environment: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
        **where: Any,
    ) -> Self:
        """Start ``jupyter lab`` (or ``notebook``), with more in its environment and options, and wait until it answers.

        ``address`` is where it listens, ``prefix`` what its command begins with.
        """
        lab = cls(application, environment, options, **where)
        try:
            await lab._start()
        except BaseException:
            await lab.stop()
            raise
        return lab

    def enter_new_room(self) -> None:
        """Name a room that no test before has used: whom one has lost is awaited in its room for a while."""
        self.room = f"room {uuid.uuid4().hex[:8]}"

    async def _start(self) -> None:
        application = self.application
        self.root.mkdir()
        self.runtime_dir.mkdir(mode=0o700)
        settings = self._home / "settings"
        for name, values in SETTINGS.items():
            file = settings / "@jupyterlab" / f"{name}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values))
        page = self._home / "config" / "labconfig" / "page_config.json"
        page.parent.mkdir(parents=True)
        page.write_text(
            json.dumps(
                {
                    "disabledExtensions": {
                        OTHER_HOST["page"]: True,
                        **{f"@jupyterlab/{name}-extension": True for name in UNUSED},
                    },
                    # Otherwise each page lets the server ask Node.js whether JupyterLab should be built anew.
                    "buildAvailable": False,
                    "buildCheck": False,
                }
            )
        )
        extensions = {"ServerApp": {"jpserver_extensions": {OTHER_HOST["server"]: False}}}
        (self._home / "config" / "jupyter_server_config.json").write_text(json.dumps(extensions))
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")},
            "JUPYTER_RUNTIME_DIR": str(self.runtime_dir),
            "JUPYTER_CONFIG_DIR": str(self._home / "config"),
            "JUPYTER_DATA_DIR": str(self._home / "data"),
            "JUPYTERLAB_SETTINGS_DIR": str(settings),
            "JUPYTERLAB_WORKSPACES_DIR": str(self._home / "workspaces"),
            "IPYTHONDIR": str(self._home / "ipython"),
            MARK: self._mark,
            **self._environment,
        }
        port = free_port()
        expose = "LabApp" if application == "lab" else "JupyterNotebookApp"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *self.prefix,
                    sys.executable,
                    "-m",
                    "jupyterlab" if application == "lab" else "notebook",
                    "--no-browser",
                    "--allow-root",
                    f"--ServerApp.ip={self._address}",
                    f"--ServerApp.port={port}",
                    f"--IdentityProvider.token={self.token}",
                    f"--ServerApp.root_dir={self.root}",
                    f"--{expose}.expose_app_in_browser=True",
                    *self._options,
                ],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._leash = leash(self._process.pid)
        # The port may have been taken meanwhile, then the server takes the next: its own file says which.
        file = self.runtime_dir / f"jpserver-{self._process.pid}.json"
        await wait_for(lambda: self._alive() and file.exists(), 60, "JupyterLab's server file")
        info = await wait_for(lambda: json.loads(file.read_text()), 30, "a whole server file")
        self.url = info["url"].rstrip("/").replace("localhost", "127.0.0.1")
        await wait_for(lambda: self.api("GET", "status"), 30, "JupyterLab's answer")

    def _alive(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            message = f"JupyterLab ended: {self.log.read_text()}"
            raise RuntimeError(message)
        return True

    async def api(self, method: str, path: str) -> Any:
        """Call the server's REST API."""
        headers = {"Authorization": f"token {self.token}"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.request(method, f"{self.url}/api/{path}") as response,
        ):
            response.raise_for_status()
            return await response.json() if response.status != 204 else None

    def notebook(self, cells: Sequence[str], name: str = "", kernel: str = "python3") -> str:
        """Write a notebook with these code cells and return its path."""
        path = name or f"{uuid.uuid4().hex[:8]}.ipynb"
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}},
        )
        nbformat.write(notebook, self.root / path)
        return path

    async def open(self, browser: Browser, path: str) -> Notebook:
        """Open a notebook in a tab of a browser and wait until its kernel is idle.

        Each tab has its own workspace, so that several tabs of one notebook do not fight over one layout.
        """
        tab = getattr(browser, "lab_page", None)
        if tab is not None:
            browser.lab_page = None
            open_document = """async (path) => {
                await window.jupyterapp.commands.execute("docmanager:open", { path, factory: "Notebook" });
            }"""
            await tab.evaluate(open_document, path)
            notebook = Notebook(self, tab, path)
            await notebook.ready()
            return notebook
        page = f"lab/workspaces/{uuid.uuid4().hex[:8]}/tree" if self.application == "lab" else "notebooks"
        tab = await browser.open(f"{self.url}/{page}/{path}?token={self.token}")
        notebook = Notebook(self, tab, path)
        await notebook.ready()
        return notebook

    async def shutdown_kernels(self) -> None:
        """End every kernel, and wait until their processes are gone."""

        async def ended() -> bool:
            # While the server starts a kernel again that has died, it answers 500 or 404.
            kernels = await self.api("GET", "kernels")
            await asyncio.gather(*(self.api("DELETE", f"kernels/{kernel['id']}") for kernel in kernels))
            return not self._kernels()

        await wait_for(ended, 30, "the kernels' end")

    def _kernels(self) -> list[psutil.Process]:
        found = []
        for process in marked_processes(MARK, self._mark):
            try:
                if any("ipykernel" in word for word in process.cmdline()):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def processes(self) -> list[psutil.Process]:
        """All processes that this server started, also by its kernels: relays and media processes."""
        return marked_processes(MARK, self._mark)

    async def stop(self) -> None:
        """End the server and everything that it or its kernels started."""
        if self._leash is not None:
            unleash(self._leash)
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                await asyncio.to_thread(self._process.wait, 20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        await asyncio.to_thread(end_processes, self.processes())
        self._folder.cleanup()
