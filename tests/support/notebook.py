"""A notebook that is open in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import psutil

from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from tests.support.lab import Lab


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


class CellError(Exception):
    """Code that was executed in the kernel raised."""


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
        """Describe the code cells: ``index``, ``source``, whether it ``ran``, its ``error`` if it raised, and what is on ``stderr``."""
        found: list[dict[str, Any]] = await self._call(
            """
            return panel.content.widgets
                .map(({ model }, index) => ({ model, index }))
                .filter(({ model }) => model.type === "code")
                .map(({ model, index }) => {
                    const outputs = model.outputs.toJSON();
                    const failed = outputs.find((output) => output.output_type === "error");
                    const error = failed ? `${failed.ename}: ${failed.evalue}` : null;
                    const stderr = outputs.filter((output) => output.name === "stderr").map((output) => output.text).flat().join("");
                    return { index, source: model.sharedModel.source, ran: model.executionCount !== null, error, stderr };
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
