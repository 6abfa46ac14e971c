"""Run the lessons in a real JupyterLab, with test patterns and fake devices, and keep them with what they showed.

python scripts/record_notebooks.py [NAME …]

The recorded demo is written in place, for the repository; every lesson into ``recorded/``, as a notebook and as a page
that can be read offline. All of them when no names are given, such as ``04_perfect_negotiation``.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from playwright.async_api import Browser, async_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.chromium import Window, launch  # noqa: E402
from tests.support.lab import Lab, Notebook  # noqa: E402
from tests.support.waiting import wait_for  # noqa: E402

NOTEBOOKS = ROOT / "notebooks"
RECORDED = ROOT / "recorded"
# The one that is in the repository with its outputs.
DEMO = "13_recorded_demo"

# A widget that is closed leaves a card in its place; without it, Jupyter would say that its model was not found.
CLOSE = """
from rtc_widget import Peer, RoomWidget
for each in list(globals().values()):
    if isinstance(each, RoomWidget | Peer):
        each.close()
"""
WIDGET = "application/vnd.jupyter.widget-view+json"
# What lessons show and load from beside them.
BESIDE = ("pictures", "traces")
# Nothing that is fetched: a page without a network would wait for it.
PAGE = HTMLExporter(require_js_url="", mathjax_url="", jquery_url="", mermaid_js_url="", embed_images=True)


async def record(lab: Lab, browser: Browser, name: str) -> NotebookNode:
    """Run a lesson from top to bottom, and return it with what it showed.

    Raises
    ------
    SystemExit
        When a cell raised.
    """
    lesson = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    for cell in code_of(lesson):
        cell.outputs, cell.execution_count = [], None
    nbformat.write(lesson, lab.root / f"{name}.ipynb")
    copy_beside(lab.root)
    async with await browser.new_context(viewport={"width": 1280, "height": 1600}) as context:
        notebook = await lab.open(Window(context), f"{name}.ipynb")
        await notebook.run_all()
        for ran in await notebook.cells():
            if ran["error"]:
                raise SystemExit(f"{name}: {ran['error']} in\n\n{ran['source']}")
        await notebook.execute(CLOSE)
        done = await wait_for(lambda: saved(notebook), 10, "a card in each widget's place")
    await lab.shutdown_kernels()
    # No more than this: what JupyterLab notes about itself differs from one run to the next.
    for cell, ran in zip(code_of(lesson), code_of(done), strict=True):
        cell.execution_count, cell.outputs = ran.execution_count, ran.outputs
    return lesson


def copy_beside(folder: Path) -> None:
    """Copy what lessons show and load to where one of them is to be."""
    for name in BESIDE:
        if (NOTEBOOKS / name).is_dir():
            shutil.copytree(NOTEBOOKS / name, folder / name, dirs_exist_ok=True)


def code_of(notebook: NotebookNode) -> list[NotebookNode]:
    """Return a notebook's code cells."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


async def saved(notebook: Notebook) -> NotebookNode | None:
    """Save a notebook, and return it once no widget is left in it."""
    text = (await notebook.save()).read_text()
    return None if WIDGET in text else nbformat.reads(text, as_version=4)


def keep(name: str, lesson: NotebookNode) -> None:
    """Write a lesson that was run where it belongs."""
    if name == DEMO:
        nbformat.write(lesson, NOTEBOOKS / f"{name}.ipynb")
    nbformat.write(lesson, RECORDED / f"{name}.ipynb")
    resources = {"metadata": {"name": name, "path": str(NOTEBOOKS)}}  # from where it takes the pictures
    page, _ = PAGE.from_notebook_node(lesson, resources=resources)
    (RECORDED / f"{name}.html").write_text(page, encoding="utf-8")


async def main(names: list[str]) -> None:
    """Record these lessons, one after the other."""
    RECORDED.mkdir(exist_ok=True)
    copy_beside(RECORDED)
    lab = await Lab.start()
    try:
        async with async_playwright() as playwright:
            browser, _ = await launch(playwright.chromium)
            for name in names:
                keep(name, await record(lab, browser, name))
                print(f"recorded/{name}.html")
            await browser.close()
    finally:
        await lab.stop()


if __name__ == "__main__":
    there = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
    wanted = [Path(name).stem for name in sys.argv[1:]] or there
    if unknown := set(wanted) - set(there):
        sys.exit(f"there is no lesson {', '.join(sorted(unknown))}; there are {', '.join(there)}")
    asyncio.run(main(wanted))
