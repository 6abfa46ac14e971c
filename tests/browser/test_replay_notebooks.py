"""The replay of a recording in notebooks, without a kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
from nbconvert import HTMLExporter, SlidesExporter

from rtc_widget.recording.replay import page_of
from tests.support.replay_pages import goes, opened, shown
from tests.support.replay_recordings import Tape
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.browser_fixtures import NewWindow
    from tests.support.lab import Lab


async def test_a_saved_notebook_plays_it_without_a_kernel_and_so_does_its_html(
    lab: Lab, new_window: NewWindow, tape: Tape, tmp_path: Path
) -> None:
    path = tmp_path / "replay.html"
    path.write_text(page_of(tape, max_bytes=None, private=True), encoding="utf-8")
    code = f"from IPython.display import HTML\nHTML(open({str(path)!r}).read())"
    notebook = await lab.open(await new_window(), lab.notebook([code]))
    await notebook.run_all()
    file = await notebook.save()
    await notebook.close()
    await lab.shutdown_kernels()

    tab = await opened(lab, new_window, notebook.path)
    await tab.locator(".rtcw-replay[data-ready=true]").wait_for()
    await tab.get_by_role("button", name="Play", exact=True).click()
    await wait_for(lambda: goes(tab), 30, "a replay that goes on")
    # Whoever presses keys in a replay does nothing to the notebook: "d d" would delete the cell.
    await tab.locator(".rtcr-about").click()
    await tab.keyboard.press("d")
    await tab.keyboard.press("d")
    assert await tab.locator(".jp-CodeCell").count() == 1

    saved = nbformat.read(file, as_version=4)
    for exporter in (HTMLExporter(), SlidesExporter()):
        body, _ = exporter.from_notebook_node(saved)
        (tmp_path / "export.html").write_text(body, encoding="utf-8")
        tab = await shown(new_window, (tmp_path / "export.html").as_uri())
        # Notebooks number and indent lists, and those of a replay say their times.
        assert await tab.locator(".rtcr-entries").first.evaluate(
            "(list) => [getComputedStyle(list).listStyleType, getComputedStyle(list).paddingLeft]"
        ) == ["none", "0px"]
        assert (
            await tab.locator(".rtcw-replay").evaluate("(root) => getComputedStyle(root).fontSize") == "13px"
        )
        # They stripe tables as well.
        assert set(
            await tab.locator(".rtcr-states tr").evaluate_all(
                "(rows) => rows.map((row) => getComputedStyle(row).backgroundColor)"
            )
        ) == {"rgba(0, 0, 0, 0)"}
        await tab.evaluate("() => document.querySelector('.rtcr-play').click()")
        await wait_for(lambda tab=tab: goes(tab), 30, "a replay that goes on")


async def test_a_notebook_that_is_not_trusted_shows_the_picture_and_says_where_it_plays(
    lab: Lab, new_window: NewWindow, tape: Tape
) -> None:
    path = lab.notebook(["1"])
    notebook = nbformat.read(lab.root / path, as_version=4)
    data = {"text/html": page_of(tape, max_bytes=None, private=True), "text/plain": "a recording"}
    notebook.cells[0].outputs = [nbformat.v4.new_output("display_data", data)]
    nbformat.write(notebook, lab.root / path)

    tab = await opened(lab, new_window, path)

    picture = tab.locator(".jp-OutputArea-output img")
    await picture.wait_for()
    assert (await picture.get_attribute("alt") or "").startswith("Recording of demo: Ada, Bob")
    assert await picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 500
    assert await tab.get_by_text("This is a still picture. It plays where scripts may run").is_visible()
    assert await tab.locator(".rtcr-position").count() == 0
    # Without its style and its scripts, the diagram would be a heap of words.
    assert "setLocalDescription" not in await tab.locator(".jp-OutputArea-output").inner_text()
