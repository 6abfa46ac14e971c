"""Tabs, reloads and views: the call lives in the page's model, and only the tab that ran the cell joins by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.notebook_calls import cell, holds, in_page, open_notebook, page_holds, two_notebooks

if TYPE_CHECKING:
    import pytest

    from tests.support.browser_fixtures import NewWindow
    from tests.support.lab import Lab

CONNECTED = "'Ada' in bob.participants and bob.participants['Ada'].connection_state == 'connected'"


async def test_a_call_goes_on_wherever_its_notebook_is_shown(
    lab: Lab, new_window: NewWindow, subtests: pytest.Subtests
) -> None:
    ada, bob = await two_notebooks(lab, await new_window(), await new_window())

    with subtests.test("scrolling away and collapsing never disturb it"):
        await ada._call(
            "for (let i = 0; i < 60; i++) panel.content.model.sharedModel.addCell({ cell_type: 'code', source: `x = ${i}\\n\\n\\n` });"
        )
        connections = await in_page(ada, "probe.connections.length")
        await ada.scroll_to_cell(60)
        before = await in_page(bob, "probe.frames()")
        await page_holds(bob, f"probe.frames().then((now) => now > {before} + 30)")
        await ada.scroll_to_cell(0)
        await ada._call(
            "panel.content.activeCellIndex = 0; await app.commands.execute('notebook:hide-cell-outputs');"
        )
        before = await in_page(bob, "probe.frames()")
        await page_holds(bob, f"probe.frames().then((now) => now > {before} + 30)")
        assert await bob.execute(f"print({CONNECTED})") == "True\n"
        assert await in_page(ada, "probe.connections.length") == connections
        await ada._call("await app.commands.execute('notebook:show-cell-outputs');")

    with subtests.test("a reload resumes the same participant"):
        await ada.save()
        await ada.execute("ada.mute()")
        await holds(bob, "not bob.participants['Ada'].audio")
        before = await bob.execute("print(bob.participants['Ada'].id)")
        await ada.reload()
        await holds(bob, CONNECTED)
        assert await bob.execute("print(bob.participants['Ada'].id)") == before
        await page_holds(ada, "probe.live('video') === 1 && probe.live('audio') === 0")
        await holds(bob, "bob.participants['Ada'].video and not bob.participants['Ada'].audio")
        await holds(ada, "ada.state == 'joined' and ada.participants['Bob'].connection_state == 'connected'")

    with subtests.test("another tab of the notebook says where it is, and moves it on a click"):
        await ada.save()
        other_window = await new_window()
        await other_window.watch()
        other = await lab.open(other_window, ada.path)
        await page_holds(
            other, "document.querySelector('.rtcw-lobby')?.innerText.includes('The call is in another tab')"
        )
        assert await in_page(other, "probe.live('video') + probe.open()") == 0
        assert await bob.execute("print(len(bob.participants))") == "1\n"
        await other.tab.get_by_role("button", name="Move it here").click()
        await page_holds(other, "probe.live('video') === 1 && probe.open() === 1")
        await page_holds(ada, "probe.live('video') + probe.open() === 0")
        await holds(bob, f"len(bob.participants) == 1 and {CONNECTED}")
        await page_holds(
            ada, "document.querySelector('.rtcw-lobby')?.innerText.includes('The call is in another tab')"
        )


async def test_two_open_tabs_the_one_that_runs_the_cell_joins(lab: Lab, new_window: NewWindow) -> None:
    one = await open_notebook(lab, await new_window(), cell("Ada", lab.room, more=""))
    window = await new_window()
    await window.watch()
    other = await lab.open(window, one.path)
    await other.run_cell(0)
    await holds(other, "ada.state == 'joined'")
    await page_holds(other, "probe.live('video') === 1")
    assert await in_page(one, "probe.live('video') + probe.open()") == 0


async def test_two_views_show_one_call(lab: Lab, new_window: NewWindow) -> None:
    notebook = await open_notebook(
        lab, await new_window(), cell("Ada", lab.room, more=""), "ada", cell("Bob", lab.room)
    )
    await notebook.run_all()
    await holds(notebook, "ada.participants and ada.participants['Bob'].connection_state == 'connected'")
    await page_holds(notebook, "probe.tiles() === 6")
    assert await in_page(notebook, "probe.open()") == 2
    await notebook.clear_output(0)
    before = await in_page(notebook, "probe.frames()")
    await page_holds(notebook, f"probe.frames().then((now) => now > {before} + 30)")
    assert await notebook.execute("print(ada.state)") == "joined\n"


async def test_typing_in_the_widget_fires_no_shortcut_of_the_notebook(
    lab: Lab, new_window: NewWindow
) -> None:
    notebook = await open_notebook(lab, await new_window(), cell("Ada", lab.room), "1")
    await notebook.run_cell(0)
    await holds(notebook, "ada.state == 'joined'")
    await notebook.tab.get_by_role("button", name="microphone").first.focus()
    for key in ("d", "d", "b", "x", "z"):
        await notebook.tab.keyboard.press(key)
    assert await notebook._call("return panel.content.widgets.length;") == 2
