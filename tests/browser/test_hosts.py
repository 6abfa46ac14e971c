"""Hosts other than JupyterLab, each for real: two participants who see each other, and a frame in Python."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from tests.support.golden import FOLDER
from tests.support.host_pages import complaints, joins_by_the_link, path_is, pictures_move, record_and_replay
from tests.support.host_servers import serving
from tests.support.lab import Lab
from tests.support.nginx import nginx
from tests.support.notebook_calls import cell, open_notebook, without_sockets
from tests.support.processes import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.browser_fixtures import NewWindow
    from tests.support.chromium import Window

MARIMO = """
import marimo
app = marimo.App()

@app.cell
def _():
    import marimo as mo
    from rtc_widget import RoomWidget
    return RoomWidget, mo

@app.cell
def _(RoomWidget, mo):
    ada = RoomWidget("demo", name="Ada", video="pattern", audio=False)
    mo.ui.anywidget(ada)
    return (ada,)

@app.cell
def _(RoomWidget, mo):
    bob = RoomWidget("demo", name="Bob", video="pattern", audio=False)
    mo.ui.anywidget(bob)
    return

@app.cell
def _(ada, mo):
    mo.ui.anywidget(ada.link())
    return

@app.cell
def _():
    from rtc_widget import Recording
    Recording.open("LESSON")
    return

@app.cell
def _(mo):
    look = mo.ui.run_button(label="Look at Bob")
    look
    return (look,)

@app.cell
def _(ada, look, mo):
    mo.stop(not look.value)
    mo.md(f"Bob is {ada.frame('Bob', timeout=30).shape}")
    return

if __name__ == "__main__":
    app.run()
"""

VOILA = (
    """from rtc_widget import RoomWidget
ada = RoomWidget("demo", name="Ada", video="pattern", audio=False)
ada""",
    """bob = RoomWidget("demo", name="Bob", video="pattern", audio=False)
bob""",
    "ada.link()",
    """from ipywidgets import Button, Label, VBox
look, seen = Button(description="Look at Bob"), Label()
@look.on_click
def _(_button):
    seen.value = f"Bob is {ada.frame('Bob', timeout=30).shape}"
VBox([look, seen])""",
)


async def meet(window: Window, page: Any, phone: Window) -> None:
    """See Ada and Bob, who join by themselves, in one page, and do what can be done in a notebook."""
    await pictures_move(page, 2)
    await path_is(page, "direct")
    await page.get_by_role("button", name="Look at Bob").click()
    await page.get_by_text("Bob is (360, 640, 3)").wait_for(timeout=60_000)
    await record_and_replay(page)
    await page.get_by_role("button", name="Signaling", exact=True).first.click()
    await page.locator(".rtcd-page[data-live]").first.wait_for(timeout=30_000, state="attached")
    await joins_by_the_link(page, phone, "Cleo", "Ada")
    assert complaints(window) == []


@pytest.mark.parametrize("mode", ["edit", "run"])
async def test_marimo_shows_the_call_and_nothing_red_in_the_console(
    mode: str, new_window: NewWindow, tmp_path: Path
) -> None:
    (tmp_path / "notebook.py").write_text(MARIMO.replace("LESSON", str(FOLDER / "lesson.rtcw.zip")))
    # To edit, it is opened with its cells run, as it is to run.
    (tmp_path / "pyproject.toml").write_text("[tool.marimo.runtime]\nauto_instantiate = true\n")
    port = free_port()
    options = ["--headless", "--no-token", "--port", str(port)]
    command = [sys.executable, "-m", "marimo", "--quiet", mode, "notebook.py", *options]
    window = await new_window()
    await window.watch()
    url = f"http://127.0.0.1:{port}"
    async with serving(tmp_path, command, url):
        page = await window.open(url)
        await meet(window, page, await new_window())
        frame = page.frame_locator("iframe")
        await frame.locator(".rtcw-replay").scroll_into_view_if_needed(timeout=60_000)
        await frame.locator(".rtcw-replay[data-ready=true]").wait_for(timeout=60_000)


async def test_voila_shows_the_call_without_a_click_and_nothing_red_in_the_console(
    new_window: NewWindow, tmp_path: Path
) -> None:
    cells = [nbformat.v4.new_code_cell(cell) for cell in VOILA]
    kernel = {"name": "python3", "display_name": "python3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, tmp_path / "notebook.ipynb")
    port = free_port()
    # Voila loads JupyterLab's extensions; what these look for is not there, and the console says so.
    others = ["@jupyter-notebook/lab-extension", "@jupyterhub/jupyter-server-proxy"]
    denied = [f"--VoilaConfiguration.extension_denylist={name}" for name in others]
    command = [sys.executable, "-m", "voila", "--no-browser", f"--port={port}", *denied, "notebook.ipynb"]
    window = await new_window()
    await window.watch()
    # Voila's own page asks a CDN for icons.
    await window.context.route("https://cdn.jsdelivr.net/**", lambda route: route.fulfill(body=""))
    url = f"http://127.0.0.1:{port}"
    async with serving(tmp_path, command, f"{url}/voila/static/voila.js"):
        await meet(window, await window.open(url), await new_window())


async def test_behind_nginx_with_tls_and_a_base_url_signaling_goes_by_the_servers_proxy(
    new_window: NewWindow, tmp_path: Path
) -> None:
    options = ["--ServerApp.base_url=/in/a/folder/", "--ServerApp.allow_remote_access=True"]
    lab = await Lab.start(options=options)
    try:
        async with nginx(tmp_path, "notebooks.localhost", "/in/a/folder/", lab.url.split("/in/")[0]) as url:
            lab.url = f"{url}/in/a/folder"
            window = await new_window(ignore_https_errors=True)
            notebook = await open_notebook(
                lab, window, cell("Ada", lab.room, more="audio=False"), cell("Bob", lab.room), "ada.link()"
            )
            await notebook.run_all()
            await pictures_move(notebook.tab, 2)
            await path_is(notebook.tab, "proxy")
            assert "(180, 320, 3)" in await notebook.execute("print(ada.frame('Bob', timeout=30).shape)")
            assert not [line for line in complaints(window) if "socket.io" in line]
            await record_and_replay(notebook.tab)
            # The link leads to the relay's own port, which is on this machine here.
            await joins_by_the_link(notebook.tab, await new_window(), "Cleo", "Ada")
    finally:
        await lab.stop()


async def test_under_a_base_url_everything_is_found_below_it(new_window: NewWindow) -> None:
    lab = await Lab.start(options=["--ServerApp.base_url=/in/a/folder/"])
    try:
        window = await new_window()
        # The relay's own port is out of reach, as it is from another machine.
        await without_sockets(window, r"^ws://[^/]+/socket\.io/")
        notebook = await open_notebook(
            lab, window, cell("Ada", lab.room, more="audio=False"), cell("Bob", lab.room)
        )
        await notebook.run_all()
        await pictures_move(notebook.tab, 2)
        await path_is(notebook.tab, "proxy")
        assert "(180, 320, 3)" in await notebook.execute("print(ada.frame('Bob', timeout=30).shape)")
    finally:
        await lab.stop()
