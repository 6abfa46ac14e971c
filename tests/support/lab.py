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

from tests.support.waiting import end_processes, free_port, leash, marked_processes, unleash, wait_for

if TYPE_CHECKING:
    from collections.abc import Sequence

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

# Finds the open notebook without relying on focus, which another window may have.
PANEL = """
    const app = window.jupyterapp;
    const panel = [...app.shell.widgets("main")].find((widget) => widget.context?.path === path);
    if (!panel) throw new Error(`${path} is not open`);
"""


class Tab(Protocol):
    """What a notebook needs of a browser tab: Playwright's `Page` and `FirefoxTab` both have it."""

    async def evaluate(self, script: str, arg: Any = None) -> Any:
        """Call a JavaScript function with ``arg`` and return its awaited result."""

    async def reload(self) -> Any:
        """Load the page again."""


class Browser(Protocol):
    """Whatever opens tabs: a Chromium `Window` or `Firefox`."""

    async def open(self, url: str) -> Any:
        """Open an address in a new tab."""


class CellError(Exception):
    """Code that was executed in the kernel raised."""


class Lab:
    """A JupyterLab server of the tests' own: own folders, own port, own runtime directory."""

    def __init__(self, application: str = "lab") -> None:
        self.application = application
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

    @classmethod
    async def start(cls, application: str = "lab") -> Self:
        """Start ``jupyter lab`` (or ``notebook``) and wait until it answers."""
        lab = cls(application)
        try:
            await lab._start()
        except BaseException:
            await lab.stop()
            raise
        return lab

    async def _start(self) -> None:
        application = self.application
        self.root.mkdir()
        self.runtime_dir.mkdir(mode=0o700)
        settings = self._home / "settings"
        for name, values in SETTINGS.items():
            file = settings / "@jupyterlab" / f"{name}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values))
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")},
            "JUPYTER_RUNTIME_DIR": str(self.runtime_dir),
            "JUPYTER_CONFIG_DIR": str(self._home / "config"),
            "JUPYTER_DATA_DIR": str(self._home / "data"),
            "JUPYTERLAB_SETTINGS_DIR": str(settings),
            "JUPYTERLAB_WORKSPACES_DIR": str(self._home / "workspaces"),
            "IPYTHONDIR": str(self._home / "ipython"),
            MARK: self._mark,
        }
        port = free_port()
        expose = "LabApp" if application == "lab" else "JupyterNotebookApp"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "jupyterlab" if application == "lab" else "notebook",
                    "--no-browser",
                    "--allow-root",
                    "--ServerApp.ip=127.0.0.1",
                    f"--ServerApp.port={port}",
                    f"--IdentityProvider.token={self.token}",
                    f"--ServerApp.root_dir={self.root}",
                    f"--{expose}.expose_app_in_browser=True",
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
        """Open a notebook in a new tab of a browser and wait until its kernel is idle.

        Each tab has its own workspace, so that several tabs of one notebook do not fight over one layout.
        """
        page = f"lab/workspaces/{uuid.uuid4().hex[:8]}/tree" if self.application == "lab" else "notebooks"
        tab = await browser.open(f"{self.url}/{page}/{path}?token={self.token}")
        notebook = Notebook(self, tab, path)
        await notebook.ready()
        return notebook

    async def shutdown_kernels(self) -> None:
        """End every kernel, and wait until their processes are gone."""

        async def ended() -> bool:
            # While the server starts a kernel again that has died, it answers 500 or 404.
            for kernel in await self.api("GET", "kernels"):
                await self.api("DELETE", f"kernels/{kernel['id']}")
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


class Notebook:
    """A notebook in a browser tab. ``tab`` is the Playwright page or the `FirefoxTab`."""

    def __init__(self, lab: Lab, tab: Tab, path: str) -> None:
        self.lab = lab
        self.tab = tab
        self.path = path

    async def _call(self, body: str, **given: Any) -> Any:
        names = ", ".join(["path", *given])
        script = f"async ({{ {names} }}) => {{ {PANEL}\n{body} }}"
        return await self.tab.evaluate(script, {"path": self.path, **given})

    async def ready(self, timeout: float = 60) -> None:
        """Wait until the notebook is shown and its kernel is idle."""
        await wait_for(self.kernel_is_idle, timeout, f"{self.path} with an idle kernel")

    async def kernel_is_idle(self) -> bool:
        """Tell whether the notebook is shown and its kernel has said that it is idle.

        While a cell runs it may say so too, for a message that a subshell or the control channel took.
        """
        status = await self._call(
            """
            await app.restored;
            await panel.revealed;
            await panel.sessionContext.ready;
            return panel.sessionContext.session?.kernel?.status ?? "none";
            """
        )
        return bool(status == "idle")

    async def run_cell(self, index: int, *, wait: bool = True) -> None:
        """Run one cell. With ``wait=False``, return while it runs."""
        await self._call(
            """
            app.shell.activateById(panel.id);
            panel.content.deselectAll();
            panel.content.activeCellIndex = index;
            const done = app.commands.execute("notebook:run-cell");
            if (wait) await done;
            """,
            index=index,
            wait=wait,
        )

    async def run_all(self, *, wait: bool = True) -> None:
        """Run all cells, as *Run All* does."""
        await self._call(
            """
            app.shell.activateById(panel.id);
            const done = app.commands.execute("notebook:run-all-cells");
            if (wait) await done;
            """,
            wait=wait,
        )

    async def execute(self, code: str) -> str:
        """Run code in the kernel without a cell; return what it printed and its value's text.

        It waits its turn behind running cells, as every execution does.
        """
        outcome = await self._call(
            """
            const kernel = panel.sessionContext.session.kernel;
            const future = kernel.requestExecute({ code, store_history: false, stop_on_error: false });
            const texts = [];
            let error = null;
            future.onIOPub = ({ header, content }) => {
                if (header.msg_type === "stream") texts.push(content.text);
                else if (header.msg_type === "error") error = content.traceback.join("\\n");
                else if (content.data) texts.push(content.data["text/plain"] ?? "");
            };
            await future.done;
            return { text: texts.join(""), error };
            """,
            code=code,
        )
        if outcome["error"]:
            raise CellError(outcome["error"])
        return str(outcome["text"])

    async def cell_text_output(self, index: int) -> str:
        """Return the text of a cell's output: printed, results, and tracebacks."""
        return str(
            await self._call(
                """
                const outputs = panel.content.widgets[index].model.outputs.toJSON();
                const plain = (text) => (Array.isArray(text) ? text.join("") : (text ?? ""));
                return outputs.map((output) =>
                    output.output_type === "stream" ? plain(output.text)
                    : output.output_type === "error" ? output.traceback.join("\\n")
                    : plain(output.data["text/plain"])
                ).join("");
                """,
                index=index,
            )
        )

    async def cells(self) -> list[dict[str, Any]]:
        """Describe the code cells: ``index``, ``source``, whether it ``ran``, and its ``error`` if it raised."""
        found: list[dict[str, Any]] = await self._call(
            """
            return panel.content.widgets
                .map(({ model }, index) => ({ model, index }))
                .filter(({ model }) => model.type === "code")
                .map(({ model, index }) => {
                    const failed = model.outputs.toJSON().find((output) => output.output_type === "error");
                    const error = failed ? `${failed.ename}: ${failed.evalue}` : null;
                    return { index, source: model.sharedModel.source, ran: model.executionCount !== null, error };
                });
            """
        )
        return found

    async def clear_output(self, index: int) -> None:
        """Clear a cell's output, as the menu does."""
        await self._call(
            """
            app.shell.activateById(panel.id);
            panel.content.deselectAll();
            panel.content.activeCellIndex = index;
            await app.commands.execute("notebook:clear-cell-output");
            """,
            index=index,
        )

    async def scroll_to_cell(self, index: int) -> None:
        """Bring a cell into view."""
        await self._call("await panel.content.scrollToItem(index, 'center');", index=index)

    async def restart_kernel(self) -> None:
        """Restart the kernel and wait until it is idle again. Outputs stay."""
        await self._call("await panel.sessionContext.session.kernel.restart();")
        await self.ready()

    async def kill_kernel(self) -> None:
        """End the kernel's process at once, as the kernel's out-of-memory killer would."""
        process = psutil.Process(int(await self.execute("import os; print(os.getpid())")))
        process.kill()

    async def acknowledge_the_kernels_end(self) -> None:
        """Wait until JupyterLab says that the kernel has died and is started again, and close what says so."""
        await wait_for(
            lambda: self.tab.evaluate(
                """() => {
                    const button = document.querySelector(".jp-Dialog .jp-mod-accept");
                    button?.click();
                    return button !== null;
                }"""
            ),
            30,
            "JupyterLab's word on the kernel's end",
        )
        await self.ready()

    async def interrupt_kernel(self) -> None:
        """Interrupt the kernel, as the stop button does."""
        await self._call("await panel.sessionContext.session.kernel.interrupt();")

    async def save(self) -> Path:
        """Save the notebook, widget state included, and return the file."""
        await self._call("await panel.context.save();")
        return self.lab.root / self.path

    async def reload(self) -> None:
        """Reload the page, as F5 does, and wait until the notebook is back on the same kernel."""
        await self.tab.reload()
        await self.ready()

    async def close(self) -> None:
        """Close the notebook's panel without saving. The page and the kernel stay."""
        await self._call(
            """
            panel.context.model.dirty = false;
            panel.close();
            """
        )
