"""A notebook that is opened when its call is over: it shows what the call was, and opens nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nbconvert import HTMLExporter

from tests.support.notebook_calls import SAVE_STATE, cell, holds, in_page, open_notebook, page_holds
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.browser_fixtures import NewWindow
    from tests.support.lab import Lab
    from tests.support.notebook import Notebook


PICTURE = 'video="pattern", audio=False, keep_picture=True'


async def call_of_two(lab: Lab, new_window: NewWindow) -> Notebook:
    """Run a call of Ada, who keeps a picture, and Bob, until there is one."""
    notebook = await open_notebook(
        lab, await new_window(), cell("Ada", lab.room, more=PICTURE), cell("Bob", lab.room)
    )
    await notebook.run_all()
    await holds(notebook, "ada.seen.get('who') == 'Ada and Bob' and bob.seen.get('who')")
    await holds(notebook, "'picture' in ada.seen")
    return notebook


async def reopened(lab: Lab, new_window: NewWindow, notebook: Notebook) -> Notebook:
    """Open it in another window, when its kernel is gone."""
    await lab.shutdown_kernels()
    window = await new_window()
    await window.watch()
    return await lab.open(window, notebook.path)


async def has_its_models(page: Notebook) -> None:
    """Wait until the page shows the saved widgets.

    JupyterLab's widget manager looks for a model each tenth of a second, two seconds long, and no more after the last of them:
    what it restores in that tenth is not found until the page is reloaded (`get_model`, seen by making these tenths longer).
    """
    unfound = "document.body.innerText.includes('model not found')"
    await page_holds(page, f"document.querySelector('.rtcw') || {unfound}")
    if await in_page(page, unfound):
        await page.reload()


async def test_the_saved_widget_shows_who_was_in_the_call_when_and_how_it_looked(
    lab: Lab, new_window: NewWindow
) -> None:
    notebook = await call_of_two(lab, new_window)
    await notebook._call(SAVE_STATE)

    async def save() -> Any:
        return "widgets" in json.loads((await notebook.save()).read_text())["metadata"]

    await wait_for(save, 30, "a saved notebook with its widget state")
    page = await reopened(lab, new_window, notebook)
    await has_its_models(page)
    card = "[...document.querySelectorAll('.rtcw-lobby')].find((lobby) => lobby.innerText.includes('Ada and Bob. '))"
    await page_holds(page, card)
    assert f"A call in {lab.room}" in await in_page(page, f"({card}).innerText")
    assert "less than a minute" in await in_page(page, f"({card}).innerText")
    await page_holds(page, f"({card}).querySelector('img').naturalWidth === 320")
    await page_holds(
        page, "document.querySelector('.rtcw').innerText.includes('Not connected to a kernel')", 15
    )
    assert (
        await in_page(
            page, "[...document.querySelectorAll('.rtcw-seen')].filter((each) => !each.hidden).length"
        )
        == 1
    )
    assert await in_page(page, "probe.live('video') + probe.open()") == 0


async def test_a_widget_that_was_closed_leaves_a_card_in_its_place(
    lab: Lab, new_window: NewWindow, tmp_path: Path
) -> None:
    notebook = await call_of_two(lab, new_window)
    await notebook.execute("ada.close(); bob.close()")
    shown = "document.querySelector('.jp-OutputArea').innerText"
    await page_holds(notebook, f"{shown}.includes('Ada and Bob. ')")
    saved = json.loads((await notebook.save()).read_text())
    (output,) = saved["cells"][0]["outputs"]
    assert set(output["data"]) == {"text/plain", "text/html"}
    page = await reopened(lab, new_window, notebook)
    await page_holds(page, f"{shown}.includes('Run this cell to join it.')")
    assert "rror" not in await in_page(page, shown)

    body, _ = HTMLExporter().from_filename(notebook_file(lab, notebook))
    (tmp_path / "saved.html").write_text(body, encoding="utf-8")
    window = await new_window(offline=True)
    tab = await window.open((tmp_path / "saved.html").as_uri())
    await wait_for(
        lambda: tab.evaluate("() => document.body.innerText.includes('Ada and Bob. ')"), 10, "the card"
    )


def notebook_file(lab: Lab, notebook: Notebook) -> str:
    """Return where the server has the notebook."""
    return str(lab.root / notebook.path)
