"""The call in a real JupyterLab: people meet, and Python sees it live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.notebook_calls import cell, holds, in_page, open_notebook, page_holds, two_notebooks
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    import pytest

    from tests.support.browser_fixtures import NewWindow
    from tests.support.lab import Lab


async def test_two_cells_of_a_notebook_are_two_participants_that_see_each_other(
    lab: Lab, new_window: NewWindow
) -> None:
    notebook = await open_notebook(
        lab, await new_window(), cell("Ada", lab.room), cell("Bob", lab.room, more="")
    )
    await notebook.run_all()
    await holds(notebook, "[p.name for p in ada.participants] == ['Bob']")
    await holds(notebook, "[p.name for p in bob.participants] == ['Ada']")
    await holds(notebook, "ada.participants['Bob'].connection_state == 'connected'")
    before = await in_page(notebook, "probe.frames()")
    await page_holds(notebook, f"probe.frames().then((now) => now > {before} + 10)")
    assert await in_page(notebook, "probe.tiles()") == 4


async def test_two_notebooks(lab: Lab, new_window: NewWindow, subtests: pytest.Subtests) -> None:
    ada, bob = await two_notebooks(lab, await new_window(), await new_window())

    with subtests.test("meet without any configuration"):
        assert (
            await ada.execute("print(ada.state, bool(ada.me), ada.participants['Bob'].kind)")
            == "joined True browser\n"
        )
        await page_holds(bob, "probe.frames().then((frames) => frames > 10)")

    with subtests.test("every trait of a participant follows the call"):
        await holds(ada, "ada.participants['Bob'].ice_connection_state in ('connected', 'completed')")
        await holds(ada, "ada.participants['Bob'].ice_gathering_state == 'complete'")
        await holds(ada, "ada.participants['Bob'].signaling_state == 'stable'")
        await holds(ada, "ada.participants['Bob'].selected_candidate_pair")
        pair = await ada.execute("print(sorted(ada.participants['Bob'].selected_candidate_pair))")
        assert pair == "['local', 'protocol', 'remote']\n"
        await holds(ada, "ada.participants['Bob'].stats and ada.participants['Bob'].stats['fps'] > 5")
        stats = await ada.execute("print(sorted(ada.participants['Bob'].stats))")
        assert stats == "['bitrate', 'fps', 'height', 'loss', 'rtt', 'width']\n"

    with subtests.test("messages reach everybody or one"):
        await bob.execute("got = []; bob.on_message(lambda data, sender: got.append((sender.name, data)))")
        await ada.execute(
            "ada.send({'hello': [1, None]}); ada.send(b'\\x00\\xff', to='Bob'); ada.send('text', to=ada.participants[0])"
        )
        await holds(bob, "got == [('Ada', {'hello': [1, None]}), ('Ada', b'\\x00\\xff'), ('Ada', 'text')]")
        refused = await ada.execute(
            "from rtc_widget import RtcWidgetError\n"
            "for bad in (lambda: ada.send(b'x' * 300_000), lambda: ada.send(object()), lambda: ada.send(1, to='Nobody')):\n"
            "    try:\n        bad()\n    except RtcWidgetError as error:\n        print(error.code)"
        )
        assert refused.split() == ["message_too_large", "bad_argument", "unknown_participant"]


async def test_observers_are_called_while_a_cell_runs(lab: Lab, new_window: NewWindow) -> None:
    busy = """
import time
seen = []
ada.observe(lambda change: seen.append(change.new), "state")
deadline = time.monotonic() + 15
while not (ada.participants and ada.participants[0].connection_state == "connected"):
    assert time.monotonic() < deadline, (ada, ada.participants)
print("seen while busy", seen)
"""
    notebook = await open_notebook(
        lab, await new_window(), cell("Bob", lab.room), cell("Ada", lab.room), busy
    )
    await notebook.run_all()
    assert "seen while busy" in await notebook.cell_text_output(2)


async def test_messages_are_heard_while_a_cell_runs(lab: Lab, new_window: NewWindow) -> None:
    busy = """
import time
ada.wait_for("connected", timeout=20)
heard = []
ada.on_message(lambda data, sender: heard.append(data))
for number in range(30):
    bob.send(number)
deadline = time.monotonic() + 15
while len(heard) < 30:
    assert time.monotonic() < deadline, heard
print("in order while busy:", heard == [*range(30)])
"""
    printing = "ada.on_message(lambda data, sender: print(sender.name, data))"
    notebook = await open_notebook(
        lab,
        await new_window(),
        cell("Bob", lab.room),
        cell("Ada", lab.room),
        busy,
        printing,
        "bob.send('hi')",
    )
    await notebook.run_all()
    assert "in order while busy: True" in await notebook.cell_text_output(2)
    # Below the cell that asked for it, which is not the one that ran last.
    await wait_for(lambda: notebook.cell_text_output(3), 10)
    assert await notebook.cell_text_output(3) == "Bob hi\n"


async def test_waiting_works_in_the_cell_that_creates_the_widget_under_run_all(
    lab: Lab, new_window: NewWindow
) -> None:
    waiting = (
        cell("Ada", lab.room).removesuffix("\nada")
        + "\nada.wait_for('connected', timeout=20)\nprint(ada.state)\nada"
    )
    awaiting = (
        f"eve = RoomWidget({lab.room!r}, name='Eve', video='pattern', audio=False)\n"
        "await eve.wait_for_async('connected', timeout=20)\nprint(len(eve.participants))\neve"
    )
    notebook = await open_notebook(lab, await new_window(), cell("Bob", lab.room), waiting, awaiting)
    await notebook.run_all()
    assert "joined" in await notebook.cell_text_output(1)
    assert "2\n" in await notebook.cell_text_output(2)
