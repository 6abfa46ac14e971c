"""Two people, each with a notebook, a kernel and a browser of their own, and a `Peer` in the first one's kernel."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import psutil
import pytest
import pytest_asyncio

from tests.support import chromium
from tests.support.notebook_calls import cell, holds, in_page, open_notebook, relays
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from tests.support.browser_fixtures import OwnWindow
    from tests.support.chromium import Window
    from tests.support.lab import Lab
    from tests.support.notebook import Notebook

TABLE = pytest.StashKey[list[str]]()

SOURCE = 'video="pattern", audio=False, resolution=(320, 180)'
PATIENCE = 120.0


class Stage:
    """The call, and the processes that it consists of.

    Attributes
    ----------
    ada, bob
        The notebooks, whose widgets have these names; Eve is a `Peer` in Ada's kernel.
    windows
        Their browsers.
    """

    def __init__(
        self, lab: Lab, windows: tuple[Window, Window], notebooks: tuple[Notebook, Notebook]
    ) -> None:
        self.lab, self.windows = lab, windows
        self.ada, self.bob = notebooks

    async def pid(self, notebook: Notebook) -> int:
        """Return the process id of a notebook's kernel."""
        return int(await notebook.execute("import os; print(os.getpid())"))

    def relay(self) -> psutil.Process:
        """Return the relay's process."""
        [relay] = relays(self.lab)
        return relay

    async def media_process(self) -> psutil.Process:
        """Return the process in which Eve is."""
        return psutil.Process(int(await self.ada.execute("print(eve._process.pid)")))

    def processes(self) -> list[psutil.Process]:
        """Return all processes: of the server, the kernels, the relay, the peers and the browsers."""
        browsers = [process for window in self.windows for process in chromium.processes(window.mark)]
        return self.lab.processes() + browsers

    async def is_whole(self, *, but_eve: bool = False) -> None:
        """Wait until everybody sees everybody: in Python, and with pictures that come."""
        eve = "" if but_eve else " and {'Eve'} <= names"
        for notebook, me, other in ((self.ada, "ada", "Bob"), (self.bob, "bob", "Ada")):
            await holds(
                notebook,
                f"(lambda names: {me}.state == 'joined' and {me}._session.observer.connected"
                f" and {{{other!r}}} <= names{eve}"
                f" and all(p.connection_state == 'connected' and not p.away for p in {me}.participants))"
                f"({{p.name for p in {me}.participants}})",
                PATIENCE,
            )
            await self.moves(notebook)
        if not but_eve:
            await holds(
                self.ada,
                "eve.state == 'joined' and {'Ada', 'Bob'} <= {p.name for p in eve.participants}"
                " and all(p.connection_state == 'connected' for p in eve.participants)",
                PATIENCE,
            )
            for name in ("Ada", "Bob"):
                await self.ada.execute(f"seen = eve.frame({name!r}, timeout=60).number")
                await holds(self.ada, f"eve.frame({name!r}).number > seen + 3", PATIENCE)

    async def moves(self, notebook: Notebook) -> None:
        """Wait until pictures come in a page, by every connection that it has."""
        before = await in_page(notebook, "probe.frames()")
        await wait_for(
            lambda: in_page(notebook, f"probe.frames().then((now) => now > {before} + 10)"), PATIENCE
        )

    async def newcomer(self, window: Window, name: str = "Dan") -> Notebook:
        """Open another notebook, with a kernel of its own, whose widget is in the room with Ada and Bob."""
        notebook = await open_notebook(self.lab, window, cell(name, self.lab.room, SOURCE))
        await notebook.run_cell(0)
        variable = name.lower()
        await holds(
            notebook,
            f"{{'Ada', 'Bob'}} <= {{p.name for p in {variable}.participants if p.connection_state == 'connected'}}",
            PATIENCE,
        )
        return notebook


class Ends:
    """Waits for states, and notes in a table how long each took."""

    def __init__(self, table: list[str]) -> None:
        self._table = table

    async def __call__(self, fault: str, state: str, condition: Awaitable[object], most: float) -> None:
        """Await a condition that has to become true within ``most`` seconds."""
        began = time.monotonic()
        try:
            await condition
        except BaseException as error:
            self.note(fault, f"NOT {state}: {error}", time.monotonic() - began)
            raise
        took = time.monotonic() - began
        self.note(fault, state, took)
        assert took <= most, f"{fault}: {state}: {took:.1f} s"

    def note(self, fault: str, state: str, seconds: float | None = None) -> None:
        """Add a row to the table."""
        self._table.append(f"| {fault} | {state} | {'' if seconds is None else f'{seconds:.1f} s'} |")


@pytest.fixture
def ends(pytestconfig: pytest.Config) -> Ends:
    """Measure from the fault to the state that is documented."""
    return Ends(pytestconfig.stash[TABLE])


@pytest_asyncio.fixture(loop_scope="session")
async def stage(lab: Lab, own_window: OwnWindow) -> Stage:
    """A call of two people and a `Peer`, in which everybody sees everybody."""
    return await set_up(lab, own_window)


def eve(room: str) -> str:
    """Return a cell with a `Peer` that sends a small picture."""
    return f"""
from rtc_widget import Peer
eve = Peer({room!r}, name="Eve", source="pattern", resolution=(160, 90), fps=10)
"""


async def set_up(lab: Lab, own_window: OwnWindow) -> Stage:
    """Put two people and a `Peer` into a room."""
    windows = await own_window(), await own_window()
    ada, bob = await asyncio.gather(
        open_notebook(lab, windows[0], cell("Ada", lab.room, SOURCE), eve(lab.room)),
        open_notebook(lab, windows[1], cell("Bob", lab.room, SOURCE)),
    )
    await asyncio.gather(ada.run_cell(0), bob.run_cell(0))
    await ada.run_cell(1)
    stage = Stage(lab, windows, (ada, bob))
    await stage.is_whole()
    return stage
