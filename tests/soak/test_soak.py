"""What is done over and over leaves nothing: in the relay, the kernel, the media process and the page."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING, Any

import pytest_asyncio

from tests.support.soak import growth
from tests.support.soak.growth import Allowance
from tests.support.soak.holdings import Holdings
from tests.support.waiting import POLL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from tests.support.browser_fixtures import OwnWindow
    from tests.support.lab import Lab
    from tests.support.notebook import Notebook
    from tests.support.soak.growth import Look

JOINS = int(os.environ.get("JOINS", "1000"))
CALLS = int(os.environ.get("CALLS", "200"))
RERUNS = int(os.environ.get("RERUNS", "500"))
QUIET_MINUTES = float(os.environ.get("QUIET_MINUTES", "120"))

LOOKS = 12
WARM = growth.warm(LOOKS)
# What has been closed a moment ago is on its way out.
REST_SECONDS = 30.0

# The relay remembers a used token until it expires, and a kernel the trace of its room, up to a bound.
ALLOWED = {
    "relay": Allowance(memory=2.0, objects=2.0),
    "kernel": Allowance(memory=8.0, objects=10.0),
    "media process": Allowance(memory=32.0, objects=2.0),
    "page": Allowance(memory=32.0),
    "browser": Allowance(memory=64.0),
}

# What a cell's value was, IPython keeps: a thousand of them, whatever they are.
BOB = """
get_ipython().displayhook.cache_size = 0
from rtc_widget import Peer, RoomWidget
def small(room, name):
    return Peer(room, name=name, source="pattern", resolution=(160, 90), fps=5)
bob = small("soak", "Bob")
bob.wait_for("joined", 30)
"""
ADA = """
ada = RoomWidget("soak", name="Ada", video="pattern", audio=False, resolution=(160, 90))
ada
"""


@pytest_asyncio.fixture(loop_scope="session")
async def notebook(counted_lab: Lab, own_window: OwnWindow, tmp_path: Path) -> tuple[Notebook, Holdings]:
    """A notebook in whose kernel Bob is in a room, and in whose page Ada is; and what its processes hold."""
    window = await own_window()
    notebook = await counted_lab.open(window, counted_lab.notebook([BOB, ADA]))
    await notebook.run_all()
    await notebook.execute("ada.wait_for('connected', 30)")
    return notebook, await Holdings.of(notebook, window.mark, tmp_path)


async def stays_flat(
    name: str,
    holdings: Holdings,
    table: list[str],
    cycles: float,
    work: Callable[[Any], Awaitable[object]],
    allowed: Mapping[str, Allowance] = ALLOWED,
) -> None:
    """Do something a number of times, look now and then, and assert that nothing has grown."""
    looks: list[tuple[float, Look]] = []
    done: float = 0
    began = time.monotonic()
    for number in range(LOOKS):
        if number:
            share = cycles * number / (LOOKS - 1)
            upto = round(share) if isinstance(cycles, int) else share
            await work(upto - done)
            done = upto
        looks.append((done, await settled(holdings, looks)))
        print(f"{name}: {done:g} done, {time.monotonic() - began:.0f} s", flush=True)
    grown = growth.growths(looks)
    table.append(growth.table(name, grown))
    problems = [
        f"{process}: {problem}"
        for process, grew in grown.items()
        for problem in grew.problems(allowed[process], cycles)
    ]
    assert not problems, f"{name}: " + "; ".join(problems)


async def settled(holdings: Holdings, looks: list[tuple[float, Look]]) -> Look:
    """Look, after the warm-up until there is no more of anything than there was then, or it has had time to go."""
    deadline = time.monotonic() + REST_SECONDS
    while True:
        look = await holdings.look()
        before = looks[WARM][1] if len(looks) > WARM else look
        is_flat = all(
            count <= before[process].counts[name] + growth.SLACK
            for process, held in look.items()
            for name, count in held.counts.items()
            if name != "objects"
        )
        if is_flat or time.monotonic() > deadline:
            return look
        await asyncio.sleep(POLL)


JOIN = """
for _ in range({count}):
    ada.leave()
    bob.wait_for(lambda peer: peer.participants == (), 30)
    ada.join()
    ada.wait_for("connected", 30)
    bob.wait_for("connected", 30)
"""


async def test_joining_and_leaving(notebook: tuple[Notebook, Holdings], table: list[str]) -> None:
    book, holdings = notebook

    async def work(count: int) -> None:
        await book.execute(JOIN.format(count=count))

    # The widget lives on, and so does its `trace`, which keeps so much and no more.
    allowed = {**ALLOWED, "kernel": Allowance(memory=64.0, objects=80.0)}
    await stays_flat(f"{JOINS} joins and leaves", holdings, table, JOINS, work, allowed)


CALL = """
for _ in range({count}):
    with small("calls", "Eve") as eve:
        room = RoomWidget("calls", name="Dan", video="pattern", audio=False, resolution=(160, 90))
        room.wait_for("connected", 30)
        eve.wait_for("connected", 30)
        eve.frame("Dan")
        room.close()
del room, eve
"""


async def test_calls_widgets_and_peers(notebook: tuple[Notebook, Holdings], table: list[str]) -> None:
    book, holdings = notebook

    async def work(count: int) -> None:
        await book.execute(CALL.format(count=count))

    await stays_flat(f"{CALLS} calls, each with a widget and a Peer of its own", holdings, table, CALLS, work)


async def test_cells_that_are_run_again(notebook: tuple[Notebook, Holdings], table: list[str]) -> None:
    book, holdings = notebook

    async def work(count: int) -> None:
        for _ in range(count):
            await book.run_cell(1)
            await book.execute("ada.wait_for('connected', 30)")

    # JupyterLab keeps so much of any widget in a cell that is run again, also of one that does nothing but show a word: in 4.6
    # a slot on the kernel's signal holds each comm, closed or not, and that its model with all that it has.
    allowed = {**ALLOWED, "page": Allowance(memory=64.0, dom=3.5)}
    await stays_flat(f"{RERUNS} re-runs of a cell", holdings, table, RERUNS, work, allowed)


# With each minute: figures come once a second, of which the kernel's trace keeps so many; a browser's own processes go up
# and down by some MiB.
QUIET = {
    "relay": Allowance(memory=16.0, objects=16.0),
    "kernel": Allowance(memory=512.0, objects=512.0),
    "media process": Allowance(memory=64.0, objects=16.0),
    "page": Allowance(memory=64.0),
    "browser": Allowance(memory=4096.0),
}


async def test_a_quiet_call(notebook: tuple[Notebook, Holdings], table: list[str]) -> None:
    _book, holdings = notebook

    async def work(minutes: float) -> None:
        await asyncio.sleep(60 * minutes)  # that nothing happens is what is tested

    await stays_flat(
        f"{QUIET_MINUTES:g} minutes in a quiet call", holdings, table, QUIET_MINUTES, work, QUIET
    )
