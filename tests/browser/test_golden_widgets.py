"""What widgets, their kernel and a relay say to each other, and what a page is made of, has the shapes that it had."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest_asyncio

from tests.support.golden import FOLDER, shapes, taps
from tests.support.golden.markup import Markup, live
from tests.support.golden.shapes import Said
from tests.support.notebook_calls import cell, holds, open_notebook, page_holds, without_sockets
from tests.support.relays import SECRET, RunningRelay
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.browser_fixtures import NewWindow
    from tests.support.chromium import Window
    from tests.support.lab import Lab
    from tests.support.notebook import Notebook


WINDOW = {"width": 1250, "height": 1400}
BOTH = (
    "ada.participants and bob.participants"
    " and all(p.connection_state == 'connected' for p in (*ada.participants, *bob.participants))"
)


class Wires:
    """A notebook of Ada and Bob, and whoever listens to its comms and to their relay."""

    def __init__(self, notebook: Notebook, signaling: taps.Signaling) -> None:
        self.notebook = notebook
        self.view = notebook.tab.locator(".rtcw").first
        self._signaling = signaling
        self._looks: list[Said] = []

    def button(self, name: str) -> Any:
        """Find a button of Ada's view by its whole name."""
        return self.view.get_by_role("button", name=re.compile(f"^{name}$"))

    async def look(self) -> None:
        """Keep what Ada's view is made of now."""
        self._looks += live(await self.view.evaluate("(view) => view.outerHTML"))

    async def agree(self, scenario: str) -> None:
        """Compare what was heard, and what Ada's view was and is made of, with what is kept."""
        await self.look()
        comms = taps.comm(await self.notebook.tab.evaluate("() => comms"))
        said = taps.apart(self._signaling.messages())
        shapes.agree(f"{scenario} of widgets", **said, comm=comms, page=self._looks)


@contextlib.asynccontextmanager
async def listening(lab: Lab, window: Window, room: str) -> AsyncIterator[Wires]:
    """Open a notebook with Ada in its first cell, Bob in its second, and a relay of the test's."""
    with taps.signaling() as signaling:
        relay = await RunningRelay.start(allow_origin=lambda origin, _: origin in (None, lab.url))
        try:
            where = f"from rtc_widget import Relay\nrelay = Relay({relay.url!r}, secret={SECRET!r})\n"
            more = "video='pattern', audio='tone', resolution=(160, 120), relay=relay"
            ada, bob = where + cell("Ada", room, more), cell("Bob", room, more)
            notebook = await open_notebook(lab, window, ada, bob)
            await notebook._call(taps.COMM)
            yield Wires(notebook, signaling)
            await lab.shutdown_kernels()
        finally:
            await relay.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def wires(lab: Lab, new_window: NewWindow, room: str) -> AsyncIterator[Wires]:
    """A notebook whose page may take the shortest way to the relay."""
    async with listening(lab, await new_window(viewport=WINDOW), room) as heard:
        yield heard


@pytest_asyncio.fixture(loop_scope="session")
async def without_a_port(lab: Lab, new_window: NewWindow, room: str) -> AsyncIterator[Wires]:
    """A notebook whose page reaches no port but Jupyter's."""
    window = await new_window(viewport=WINDOW)
    await without_sockets(window, r"/socket\.io/")
    async with listening(lab, window, room) as heard:
        yield heard


async def test_a_call_that_is_stepped_into_and_recorded(wires: Wires) -> None:
    notebook = wires.notebook
    await notebook.run_cell(0)
    await step_into_it(wires)
    await talk(wires)
    await record(wires)
    await wires.agree("call")


async def step_into_it(wires: Wires) -> None:
    """Let Bob come while Ada holds every message, and release them one by one."""
    notebook = wires.notebook
    await wires.button("Signaling").click()
    await wires.view.locator(".rtcd-page").wait_for()
    await wires.button("Pause").click()
    await wires.button("Resume").wait_for()
    await notebook.run_cell(1)
    offer = wires.button("Release offer of Ada to Bob")
    await offer.wait_for()
    await wires.button("Step").click()
    await offer.wait_for(state="detached")
    await wires.button("Release answer of Bob to Ada").click()
    await holds(notebook, "[p.signaling_state for p in ada.participants] == ['stable']")
    assert await notebook.execute("print(ada.step(timeout=10).kind)") == "ice_candidate\n"
    await notebook.execute("ada.fault.delay('ice_candidate', 0.05, count=1)")
    await wires.view.locator(".rtcw-fault").first.wait_for()
    await wires.button("Resume").click()
    await holds(notebook, BOTH)
    await wires.button("Pause").wait_for()
    await wires.look()
    await wires.button("Signaling").click()


async def talk(wires: Wires) -> None:
    """Send messages, mute, leave and come back."""
    notebook = wires.notebook
    await notebook.execute(
        "heard = []\n"
        "for each in (ada, bob): each.on_message(lambda data, sender: heard.append(data))\n"
        "ada.send({'hello': 'Bob'}); bob.send(b'\\x00\\x01', to='Ada')"
    )
    await holds(notebook, "len(heard) == 2")
    await notebook.execute("ada.mute(audio=True)")
    await holds(notebook, "not bob.participants['Ada'].audio")
    await wires.button("Microphone").click()
    await holds(notebook, "bob.participants['Ada'].audio")
    await holds(notebook, "all(p.stats for p in (*ada.participants, *bob.participants))")
    await notebook.execute("bob.leave()")
    await holds(notebook, "bob.state == 'left' and not ada.participants")
    await notebook.execute("bob.join()")
    await holds(notebook, BOTH)
    await page_holds(notebook, "probe.frames().then((frames) => frames > 10)")
    await wires.look()


async def record(wires: Wires) -> None:
    """Record by Ada's button, and compare the replay's data with what is kept."""
    notebook = wires.notebook
    await wires.button("Record").click()
    await holds(notebook, "bob.recorded_by == ('Ada',)")
    await holds(notebook, "ada.recordings and ada.recordings[0].size > 60_000")
    await wires.button("Record").click()
    await holds(notebook, "ada.recordings[0].state == 'done' and not bob.recorded_by")
    await holds(notebook, "len(ada.recordings[0].media) == 2")
    page = (await notebook.execute("print(ada.recordings[0].to_html('lesson.html').resolve())")).strip()
    data = Markup(Path(page).read_text("utf-8")).data("rtcr-data")
    shapes.agree("call of widgets", replay=[Said("page", "data", data)])


async def test_all_of_it_through_the_comm(without_a_port: Wires) -> None:
    wires, notebook = without_a_port, without_a_port.notebook
    await notebook.run_cell(0)
    await holds(notebook, "ada.state == 'joined'")
    await page_holds(notebook, "document.querySelector('.rtcw').dataset.path === 'tunnel'")
    await notebook.execute("ada.pause()")
    await notebook.run_cell(1)
    for kind in ("offer", "ice_candidate"):
        # A kernel that waits in a cell takes nothing from the page meanwhile.
        await holds(notebook, f"{kind!r} in [each.kind for each in ada.held]")
        assert await notebook.execute("print(ada.step().kind)") == f"{kind}\n"
    await notebook.execute("ada.resume()")
    await holds(notebook, BOTH)
    await wires.button("Microphone").click()
    await holds(notebook, "not bob.participants['Ada'].audio")
    await notebook.execute("made = ada.record('tunnelled')")
    await holds(notebook, "made.size > 60_000 and bob.recorded_by == ('Ada',)")
    await notebook.execute("made.stop()")
    await holds(notebook, "all(p.stats for p in (*ada.participants, *bob.participants))")
    await notebook.execute("bob.leave()")
    await holds(notebook, "bob.state == 'left' and not ada.participants")
    await notebook.execute("bob.join()")
    await holds(notebook, BOTH)
    await wires.agree("all through the comm")


async def test_a_saved_recording_is_played_by_the_page_that_it_was(
    new_window: NewWindow, tmp_path: Path
) -> None:
    from rtc_widget import Recording

    with Recording.open(FOLDER / "lesson.rtcw.zip") as recording:
        page = recording.to_html(tmp_path / "page.html")
    tab = await (await new_window(offline=True)).open(page.as_uri())
    await wait_for(
        lambda: tab.evaluate("() => document.querySelector('.rtcr-play') !== null"), 30, "a player"
    )
    await tab.evaluate("() => document.querySelector('.rtcr-play').click()")
    position = "Number(document.querySelector('.rtcr-position').value)"
    await wait_for(lambda: tab.evaluate(f"() => {position} > 1.5"), 30, "a replay that goes on")
    shapes.agree("replay", page=live(await tab.evaluate("() => document.body.outerHTML")))
