"""Run the lessons in a real JupyterLab, and take pictures of all that they show, in two sizes of window and both themes.

python scripts/lesson_screenshots.py FOLDER [NAME …]

For whoever looks at them: a lesson whose output has changed, or a style sheet that has.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

from playwright.async_api import async_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.chromium import Window, launch  # noqa: E402
from tests.support.lab import Lab, Notebook  # noqa: E402
from tests.support.waiting import wait_for  # noqa: E402

NOTEBOOKS = ROOT / "notebooks"
SIZES = ((1366, 768), (1920, 1080))
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
# What is on a screen at a time, in pictures of a bearable height: a lesson is as long as some screens.
SCREENS = 3
# JupyterLab draws cells when they come into view, and all of them after this.
_WHOLE = """panel.content.notebookConfig =
    { ...panel.content.notebookConfig, windowingMode: "none", scrollPastEnd: false };"""
_HEIGHT = "return panel.content.node.querySelector('.jp-WindowedPanel-outer').scrollHeight;"
_SCROLL = "panel.content.node.querySelector('.jp-WindowedPanel-outer').scrollTop = top;"


async def take(lab: Lab, window: Window, name: str, folder: Path) -> None:
    """Run a lesson, and take pictures of it from top to bottom."""
    notebook = await lab.open(window, f"{name}.ipynb")
    await notebook._call("app.shell.collapseLeft();")
    await notebook.run_all()
    await notebook._call(_WHOLE)
    for width, height in SIZES:
        await notebook.tab.set_viewport_size({"width": width, "height": height * SCREENS})
        for word, theme in THEMES.items():
            await notebook._call(
                "await app.commands.execute('apputils:change-theme', { theme });", theme=theme
            )
            await asyncio.sleep(1.5)  # a theme's style sheet loads and fades in
            # Until it has, a notebook may have no height.
            await wait_for(lambda: notebook._call(_HEIGHT), 30, "the notebook in its theme")
            await shoot(notebook, height * SCREENS - 100, folder / f"{name}-{width}-{word}")


async def shoot(notebook: Notebook, step: int, stem: Path) -> None:
    """Take a picture of each part of the notebook."""
    for number, top in enumerate(range(0, await notebook._call(_HEIGHT), step)):
        await notebook._call(_SCROLL, top=top)
        await asyncio.sleep(0.3)  # what has come into view is drawn
        await notebook.tab.screenshot(path=f"{stem}-{number}.png")


async def main(folder: Path, names: list[str]) -> None:
    """Take pictures of these lessons, one after the other."""
    lab = await Lab.start()
    try:
        shutil.copytree(NOTEBOOKS, lab.root, dirs_exist_ok=True)
        async with async_playwright() as playwright:
            browser, _ = await launch(playwright.chromium, devices=False, whole=False)
            for name in names:
                size = {"width": SIZES[0][0], "height": SIZES[0][1]}
                async with await browser.new_context(viewport=size) as context:
                    await take(lab, Window(context), name, folder)
                await lab.shutdown_kernels()
                print(name)
            await browser.close()
    finally:
        await lab.stop()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    there = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
    chosen = Path(sys.argv[1])
    chosen.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(chosen, sys.argv[2:] or there))
