"""Leaving, in every way there is: the others lose the tile within 2 s, and the camera's light goes off.

Who is met once leaves and comes back in one way after the other: meeting is most of what each would cost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.notebook_calls import cell, holds, is_alone, open_notebook, page_holds, two_notebooks

if TYPE_CHECKING:
    import pytest

    from tests.support.browser_fixtures import NewWindow, OwnWindow
    from tests.support.lab import Lab
    from tests.support.notebook import Notebook


MET = "'Ada' in bob.participants and bob.participants['Ada'].connection_state == 'connected'"
OFF = "probe.live('video') === 0 && probe.live('audio') === 0 && probe.open() === 0"


async def comes_back(ada: Notebook, bob: Notebook) -> None:
    """Run Ada's cell again, and wait until they have met."""
    await ada.run_cell(0)
    await holds(bob, MET)
    await page_holds(ada, "probe.live('video') === 1 && probe.open() === 1")


async def test_from_python_and_in_the_notebook(
    lab: Lab, new_window: NewWindow, subtests: pytest.Subtests
) -> None:
    ada, bob = await two_notebooks(lab, await new_window(), await new_window())

    with subtests.test("interrupting the kernel does not end the call"):
        before = await bob.tab.evaluate("() => probe.frames()")
        await ada.interrupt_kernel()
        await page_holds(bob, f"probe.frames().then((frames) => frames > {before} + 30)")
        await holds(bob, "bob.participants['Ada'].connection_state == 'connected'")

    with subtests.test("running the cell again replaces the participant"):
        first = await bob.execute("print(bob.participants['Ada'].id)")
        await ada.run_cell(0)
        await holds(bob, f"[p.id for p in bob.participants] not in ([], [{first.strip()!r}])")
        await holds(bob, "[p.name for p in bob.participants] == ['Ada']")
        await page_holds(ada, "probe.live('video') === 1 && probe.open() === 1")

    with subtests.test("leaving from Python, and joining again"):
        await holds(bob, MET)
        await ada.execute("ada.leave()")
        await is_alone(bob, "bob")
        await page_holds(ada, OFF)
        await holds(
            ada,
            "ada.state == 'left' and ada.me is None and ada.participants['Bob'].connection_state == 'closed'",
        )
        await ada.execute("ada.join()")
        await holds(bob, MET)

    with subtests.test("closing the widget ends everything of it"):
        await ada.execute("ada.close(); ada.close()")
        await is_alone(bob, "bob")
        await page_holds(ada, OFF)
        threads = "[t for t in __import__('threading').enumerate() if t.name.startswith('rtc_widget')]"
        await holds(ada, f"not {threads}")
        assert "closed" in await ada.execute(
            "try:\n    ada.leave()\nexcept Exception as error:\n    print(error.code)"
        )

    with subtests.test("clearing the output, and showing the widget again"):
        await comes_back(ada, bob)
        await ada.clear_output(0)
        await is_alone(bob, "bob")
        await page_holds(ada, OFF)
        await holds(ada, "ada.state == 'left' and not ada._session.is_open")
        await ada._call("panel.content.model.sharedModel.cells[0].setSource('ada');")
        await comes_back(ada, bob)

    with subtests.test("closing the notebook"):
        await ada.close()
        await is_alone(bob, "bob")
        await page_holds(ada, OFF)


async def test_when_the_kernel_goes(lab: Lab, new_window: NewWindow, subtests: pytest.Subtests) -> None:
    ada, bob = await two_notebooks(lab, await new_window(), await new_window())

    with subtests.test("restarting the kernel"):
        await ada._call("await panel.sessionContext.session.kernel.restart();")
        await is_alone(bob, "bob")
        await page_holds(ada, OFF)
        await page_holds(ada, "document.querySelector('.rtcw').innerText.includes('kernel has ended')")
        # It would join a call that no kernel has.
        await page_holds(
            ada,
            "![...document.querySelectorAll('.rtcw button')]"
            ".some((b) => b.checkVisibility() && b.innerText.includes('Join'))",
        )

    with subtests.test("killing the kernel"):
        await ada.ready()
        await comes_back(ada, bob)
        await ada.kill_kernel()
        await is_alone(bob, "bob")
        await page_holds(ada, OFF)


async def test_closing_the_tab(lab: Lab, new_window: NewWindow) -> None:
    ada, bob = await two_notebooks(lab, await new_window(), await new_window())
    await ada.tab.close(run_before_unload=False)
    await is_alone(bob, "bob")


async def test_killing_the_browser(lab: Lab, own_window: OwnWindow, new_window: NewWindow) -> None:
    window = await own_window()
    _, bob = await two_notebooks(lab, window, await new_window())
    await window.kill()
    await is_alone(bob, "bob")


async def test_the_widget_joins_nowhere_when_it_is_not_shown(lab: Lab, new_window: NewWindow) -> None:
    hidden = cell("Ada", lab.room, more="").removesuffix("\nada")
    notebook = await open_notebook(lab, await new_window(), hidden, cell("Bob", lab.room))
    await notebook.run_all()
    await holds(notebook, "bob.state == 'joined'")
    await page_holds(notebook, OFF.removesuffix(" && probe.open() === 0"))
    await holds(notebook, "bob.participants == ()")
