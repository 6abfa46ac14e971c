"""Take pictures as in the README: calls of one, two and four, with a kernel's peer, and the diagram of a glare, in
JupyterLab's two themes.

python scripts/screenshots.py [FOLDER]
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import nbformat
from nbformat.sign import NotebookNotary
from playwright.async_api import async_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.chromium import Window, launch  # noqa: E402
from tests.support.lab import Lab, Notebook  # noqa: E402
from tests.support.notebook_calls import cell, holds, open_notebook, page_holds  # noqa: E402

NAMES = ("Ada", "Bob", "Chidi", "Dewi")
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}


async def take(lab: Lab, window: Window, count: int, folder: Path) -> None:
    """Put ``count`` people into a room, each in a cell, and take a picture of the first cell in each theme."""
    room = f"lesson-{count}"
    cells = [cell(name, room=room) for name in NAMES[:count]]
    notebook = await open_notebook(lab, window, *cells, "ada.participants")
    await notebook._call(
        "app.shell.collapseLeft(); const factory = panel.content; factory.editorConfig = factory.editorConfig;"
    )
    await notebook.run_all()
    await holds(notebook, f"len(ada.participants) == {count - 1}")
    await holds(notebook, "all(p.connection_state == 'connected' for p in ada.participants)")
    if count == 4:
        await notebook.execute("bob.mute(video=True)")
        await page_holds(notebook, "document.querySelectorAll('.rtcw')[0].innerText.includes('B')")
    await asyncio.sleep(2)  # the encoders reach their full picture
    await notebook.run_cell(len(cells))
    await shoot(notebook, folder, {1: "one", 2: "two", 4: "four"}[count])


async def take_peer(lab: Lab, window: Window, folder: Path) -> None:
    """Let the kernel invert Ada's picture, and take a picture of both in each theme."""
    cells = [
        cell("Ada", room="studio"),
        "from rtc_widget import Peer\n\n"
        'inverted = Peer("studio", name="Inverted", transform=lambda rgb: 255 - rgb)',
        'frame = ada.frame("Inverted")\nframe.shape, frame.dtype, frame.sender',
    ]
    notebook = await open_notebook(lab, window, *cells)
    await notebook._call("app.shell.collapseLeft();")
    await notebook.run_cell(0)
    await notebook.run_cell(1)
    await holds(
        notebook,
        "'Inverted' in ada.participants and ada.participants['Inverted'].connection_state == 'connected'",
    )
    await notebook.run_cell(2)
    await asyncio.sleep(2)  # the encoders reach their full picture
    await shoot(notebook, folder, "peer")


async def take_glare(lab: Lab, window: Window, folder: Path) -> None:
    """Let the offers of two browsers cross, and take a picture of the diagram."""
    begin = 'ada.fault.glare("Ada", "Bob")\nada'
    cells = [
        cell("Ada", room="glare").removesuffix("ada") + begin,
        cell("Bob", room="glare"),
        'ada.wait_for("connected")\nada.trace.diagram()',
    ]
    notebook = await open_notebook(lab, window, *cells)
    await notebook._call("app.shell.collapseLeft();")
    await notebook.run_cell(0)
    await holds(notebook, "ada.me")
    await notebook.run_cell(1)
    await notebook.run_cell(2)
    for name, theme in THEMES.items():
        await notebook._call("await app.commands.execute('apputils:change-theme', { theme });", theme=theme)
        await asyncio.sleep(1.5)  # a theme's style sheet loads and fades in
        await notebook.scroll_to_cell(2)
        diagram = notebook.tab.locator(".rtcd-form")
        await diagram.screenshot(path=folder / f"glare-{name}.png")
    await notebook.tab.close()


async def take_recording(lab: Lab, window: Window, folder: Path) -> None:
    """Let one of two record the other."""
    record = 'recording = ada.record("lesson", replace=True)\nrecording'
    notebook = await open_notebook(lab, window, *(cell(name, room="record") for name in NAMES[:2]), record)
    await notebook._call("app.shell.collapseLeft();")
    await notebook.run_all()
    await holds(notebook, "recording.seconds > 4")
    await shoot(notebook, folder, "recording")


async def take_replay(lab: Lab, window: Window, folder: Path) -> None:
    """Show the recorded demo as it was saved, stepped to its glare."""
    demo = nbformat.read(ROOT / "notebooks" / "13_recorded_demo.ipynb", as_version=4)
    nbformat.write(demo, lab.root / "demo.ipynb")
    # As `jupyter trust` does.
    NotebookNotary(data_dir=str(lab.root.parent / "data")).sign(demo)
    notebook = await lab.open(window, "demo.ipynb")
    await notebook._call("app.shell.collapseLeft();")
    replay = notebook.tab.locator(".rtcw-replay")
    # It takes the memory for its media when it is seen.
    await replay.scroll_into_view_if_needed(timeout=20_000)
    await notebook.tab.locator(".rtcw-replay[data-ready=true]").wait_for(timeout=20_000)
    for _message in range(3):
        await replay.get_by_role("button", name="Next message").click()
    for name, theme in THEMES.items():
        await notebook._call("await app.commands.execute('apputils:change-theme', { theme });", theme=theme)
        await asyncio.sleep(1.5)  # a theme's style sheet loads and fades in
        await replay.screenshot(path=folder / f"replay-{name}.png")
    await notebook.tab.close()


async def shoot(notebook: Notebook, folder: Path, word: str) -> None:
    """Take a picture of the notebook's beginning in each theme, and close it."""
    await notebook.scroll_to_cell(0)
    for name, theme in THEMES.items():
        await notebook._call("await app.commands.execute('apputils:change-theme', { theme });", theme=theme)
        await asyncio.sleep(1.5)  # a theme's style sheet loads and fades in
        await notebook.tab.screenshot(path=folder / f"{word}-{name}.png")
    await notebook.tab.close()


async def main(folder: Path) -> None:
    """Take all of them."""
    lab = await Lab.start()
    async with async_playwright() as playwright:
        browser, _ = await launch(playwright.chromium)
        for count in (1, 2, 4):
            size = {"width": 1000, "height": 740}
            window = Window(await browser.new_context(permissions=["camera", "microphone"], viewport=size))
            await take(lab, window, count, folder)
            await lab.shutdown_kernels()
        size = {"width": 1000, "height": 740}
        window = Window(await browser.new_context(permissions=["camera", "microphone"], viewport=size))
        await take_peer(lab, window, folder)
        await lab.shutdown_kernels()
        size = {"width": 1060, "height": 1900}
        window = Window(await browser.new_context(permissions=["camera", "microphone"], viewport=size))
        await take_glare(lab, window, folder)
        await lab.shutdown_kernels()
        for take_one, width, height in ((take_recording, 1000, 740), (take_replay, 1366, 1800)):
            size = {"width": width, "height": height}
            window = Window(await browser.new_context(permissions=["camera", "microphone"], viewport=size))
            await take_one(lab, window, folder)
            await lab.shutdown_kernels()
        await browser.close()
    await lab.stop()


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "test-artifacts" / "screenshots"
    chosen.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(chosen))
