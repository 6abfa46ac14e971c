"""The kernel as a peer of the person in front of it, in a real JupyterLab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.notebook_calls import cell, holds, open_notebook, page_holds
from tests.support.waiting import GONE_SECONDS, wait_for

if TYPE_CHECKING:
    import pytest

    from tests.support.browser_fixtures import NewWindow
    from tests.support.chromium import Window
    from tests.support.lab import Lab
    from tests.support.notebook import Notebook


CONNECTED = "'Bot' in ada.participants and ada.participants['Bot'].connection_state == 'connected'"


def bot(room: str) -> str:
    """Return a cell with a peer that inverts Ada's picture."""
    return f"from rtc_widget import Peer\nbot = Peer({room!r}, name='Bot', transform=lambda rgb: 255 - rgb)"


async def ada_and_bot(lab: Lab, window: Window, *more: str) -> Notebook:
    """Put Ada's widget and a peer that inverts her picture into one notebook."""
    notebook = await open_notebook(lab, window, cell("Ada", lab.room), bot(lab.room), *more)
    await notebook.run_cell(0)
    await notebook.run_cell(1)
    await holds(notebook, CONNECTED)
    return notebook


# A second traceback would come within half a second.
BROKEN = (
    "bot.transform(lambda rgb: 1 / 0)\nbot.wait_for(lambda _: bot.error, 30)\nimport time; time.sleep(0.5)"
)
BUSY = """
import time
numbers, until = set(), time.monotonic() + 30
while len(numbers) < 10 and time.monotonic() < until:
    sum(range(500))
    numbers.add(bot.frame("Ada").number)
print(len(numbers) == 10, ada.participants["Bot"].connection_state)
"""


async def test_a_widget_and_a_peer_of_its_kernel(
    lab: Lab, new_window: NewWindow, subtests: pytest.Subtests
) -> None:
    notebook = await ada_and_bot(lab, await new_window(), BROKEN, "print('on')\nwhile True: pass")

    with subtests.test("the kernel sees the browser's picture, and the browser what numpy made of it"):
        await holds(notebook, "bot.frame('Ada').shape == (180, 320, 3)")
        await holds(notebook, "abs(bot.frame('Ada').mean() + ada.frame('Bot').mean() - 255) < 8")
        await page_holds(notebook, "probe.frames().then((frames) => frames > 20)")
        # To see, the kernel has joined, and is seen.
        assert (
            await notebook.execute("print(sorted(p.name for p in ada.participants))")
            == "['Ada (Python)', 'Bot']\n"
        )

    with subtests.test("messages go both ways, with arrays whole"):
        await messages_go_both_ways(notebook)

    with subtests.test("pictures keep coming while a cell computes"):
        await holds(notebook, "bot.frame('Ada').number > 10")
        assert await notebook.execute(BUSY) == "True connected\n"

    with subtests.test("interrupting the kernel does not end its peers"):
        await notebook.run_cell(3, wait=False)
        await wait_for(lambda: notebook.cell_text_output(3))
        await notebook.interrupt_kernel()
        await holds(notebook, CONNECTED)
        before = await notebook.execute("print(bot.frame('Ada').number)")
        await holds(notebook, f"bot.frame('Ada').number > {before.strip()} + 10")

    with subtests.test("a transform's exception is shown in the notebook once"):
        await notebook.run_cell(2)
        shown = await notebook.cell_text_output(2)
        assert shown.count("ZeroDivisionError") == 1
        assert "raised at frame" in shown
        before = await notebook.execute("print(ada.frame('Bot').number)")
        await holds(notebook, f"ada.frame('Bot').number > {before.strip()} + 10")

    with subtests.test("running the peer's cell again leaves one of it"):
        first = await notebook.execute("print(ada.participants['Bot'].id)")
        await notebook.run_cell(1)
        await holds(
            notebook, f"[p.id != {first.strip()!r} for p in ada.participants if p.name == 'Bot'] == [True]"
        )
        await holds(notebook, CONNECTED)

    with subtests.test("the peer loses who leaves, and who watched for her"):
        await notebook.execute("ada.leave()")
        await holds(notebook, "[p.name for p in bot.participants] == []")


async def messages_go_both_ways(notebook: Notebook) -> None:
    await notebook.execute(
        "import numpy as np\n"
        "at_bot, at_ada = [], []\n"
        "bot.on_message(lambda data, sender: at_bot.append((sender.name, data)))\n"
        "ada.on_message(lambda data, sender: at_ada.append((sender.name, data)))\n"
        "ada.send({'n': 1}); ada.send(b'raw'); ada.send(np.arange(6, dtype=np.int16).reshape(2, 3))\n"
        "bot.send([2**70, 1.0]); bot.send(b'raw', to='Ada'); bot.send(np.eye(2))\n"
    )
    for heard, sender, first, dtype in (
        ("at_bot", "Ada", "{'n': 1}", "int16 (2, 3)"),
        ("at_ada", "Bot", f"[{2**70}, 1.0]", "float64 (2, 2)"),
    ):
        await holds(notebook, f"len({heard}) == 3")
        said = await notebook.execute(
            f"print({heard}[0], {heard}[1], {heard}[2][1].dtype, {heard}[2][1].shape)"
        )
        assert said == f"('{sender}', {first}) ('{sender}', b'raw') {dtype}\n"


async def test_restarting_the_kernel_takes_its_peers_out_of_the_room(lab: Lab, new_window: NewWindow) -> None:
    watching = await open_notebook(lab, await new_window(), cell("Ada", lab.room))
    await watching.run_all()
    other = await open_notebook(lab, await new_window(), bot(lab.room))
    await other.run_all()
    await holds(watching, CONNECTED)

    await other._call("await panel.sessionContext.session.kernel.restart();")

    await holds(watching, "ada.participants == ()", GONE_SECONDS)
    await page_holds(watching, "probe.tiles() === 1", GONE_SECONDS)
