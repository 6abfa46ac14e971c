"""What tests of calls share: two notebooks in one room, and a look into a page's cameras and connections."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import psutil

from tests.support.waiting import GONE_SECONDS, wait_for

if TYPE_CHECKING:
    from tests.support.chromium import Window
    from tests.support.lab import Lab
    from tests.support.notebook import Notebook


# Small: what pictures cost is most of what a page of a test does.
PATTERN = 'video="pattern", audio=False, resolution=(320, 180)'


def cell(name: str, room: str, more: str = PATTERN) -> str:
    """Return a cell that puts a participant into a room and shows it."""
    variable = name.lower()
    return f"from rtc_widget import RoomWidget\n{variable} = RoomWidget({room!r}, name={name!r}, {more})\n{variable}"


async def open_notebook(lab: Lab, window: Window, *cells: str, kernel: str = "python3") -> Notebook:
    """Open a notebook in a window whose cameras and connections are watched."""
    await window.watch()
    if kernel != "python3":
        window.lab_page = None  # a page that is open knows the kernels that there were when it was loaded
    return await lab.open(window, lab.notebook(list(cells), kernel=kernel))


async def holds(notebook: Notebook, expression: str, timeout: float = 30) -> None:
    """Wait until a Python expression is true in the notebook's kernel."""

    async def ask() -> str:
        return (await notebook.execute(f"print(({expression}) or '')")).strip()

    await wait_for(ask, timeout, expression)


async def in_page(notebook: Notebook, expression: str) -> Any:
    """Evaluate a JavaScript expression in the notebook's page."""
    return await notebook.tab.evaluate(f"() => ({expression})")


async def page_holds(notebook: Notebook, expression: str, timeout: float = 30) -> None:
    """Wait until a JavaScript expression is true in the notebook's page."""
    await wait_for(lambda: in_page(notebook, expression), timeout, expression)


async def two_notebooks(lab: Lab, ada_window: Window, bob_window: Window) -> tuple[Notebook, Notebook]:
    """Put Ada, with a camera, and Bob into one room, each in a notebook, a window and a kernel of their own."""
    ada, bob = await asyncio.gather(
        open_notebook(lab, ada_window, cell("Ada", lab.room, more="")),
        open_notebook(lab, bob_window, cell("Bob", lab.room)),
    )
    await asyncio.gather(ada.run_cell(0), bob.run_cell(0))
    await holds(bob, "'Ada' in bob.participants and bob.participants['Ada'].connection_state == 'connected'")
    await holds(ada, "'Bob' in ada.participants and ada.participants['Bob'].connection_state == 'connected'")
    await page_holds(ada, "probe.live('video') === 1 && probe.live('audio') === 1")
    return ada, bob


async def is_alone(notebook: Notebook, variable: str) -> None:
    """Assert that the notebook's participant loses everybody within the time that we promise, in Python and page."""
    await holds(notebook, f"{variable}.participants == ()", GONE_SECONDS)
    await page_holds(notebook, "probe.open() === 0 && probe.tiles() === 1", GONE_SECONDS)


# The command is a switch, and the setting behind it is the server's: another test may have turned it on.
SAVE_STATE = """
    const save = "@jupyter-widgets/jupyterlab-manager:saveWidgetState";
    if (!app.commands.isToggled(save)) await app.commands.execute(save);
"""


async def without_sockets(window: object, pattern: str) -> None:
    """Close every WebSocket of a window whose address matches, as a network that does not lead there would."""
    await window.context.route_web_socket(re.compile(pattern), lambda socket: socket.close())  # type: ignore[attr-defined]


def relays(lab: Lab) -> list[psutil.Process]:
    """Return the relay's processes, of which there must be one."""
    return [process for process in lab.processes() if "rtc_widget.relay" in process.cmdline()]
