"""Every notebook runs from top to bottom in a real JupyterLab, on a machine without camera and microphone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))


def test_there_are_notebooks():
    assert "01_first_call.ipynb" in NOTEBOOKS


@pytest.mark.parametrize("name", NOTEBOOKS)
async def test_the_notebook_runs_without_an_error(lab, own_window, name):
    shutil.copytree(FOLDER, lab.root, dirs_exist_ok=True)
    window = await own_window(devices=False, viewport={"width": 1280, "height": 1600})
    notebook = await lab.open(window, name)

    await notebook.run_all()

    errors = [cell for cell in await notebook.cells() if cell["error"]]
    assert errors == []
    assert all(cell["ran"] for cell in await notebook.cells() if cell["source"].strip())
