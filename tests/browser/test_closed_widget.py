"""A widget that the kernel has closed, as its page sees it, in a real JupyterLab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.notebook_calls import cell, holds, open_notebook, page_holds

if TYPE_CHECKING:
    from tests.support.browser_fixtures import NewWindow
    from tests.support.lab import Lab

# Whoever is asked for a comm that is not there is told of a message that came too late.
WATCH = """
manager, late = get_ipython().kernel.comm_manager, []
find = manager.get_comm
manager.get_comm = lambda key: find(key) or late.append(key)
"""


async def test_a_page_sends_nothing_to_a_kernel_that_has_closed_its_widget(
    lab: Lab, new_window: NewWindow
) -> None:
    notebook = await open_notebook(lab, await new_window(), cell("Ada", lab.room), cell("Bob", lab.room))
    await notebook.run_cell(0)
    await notebook.run_cell(1)
    await holds(notebook, "bob.participants['Ada'].connection_state == 'connected'")

    await notebook.execute(WATCH)
    await notebook.execute("ada.close()")
    await holds(notebook, "not bob.participants")
    await page_holds(notebook, "probe.open() === 0")

    # What the page had sent before this comes before it.
    assert await notebook.execute("print(late)") == "[]\n"
