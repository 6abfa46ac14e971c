"""Every notebook runs from top to bottom in a real JupyterLab, on a machine without camera and microphone."""

from __future__ import annotations

import base64
import shutil
import uuid
from pathlib import Path

import av
import nbformat
import pytest
from nbclient import NotebookClient

from tests.support import end_processes, marked_processes

FOLDER = Path(__file__).parents[2] / "notebooks"
MARK = "RTC_WIDGET_TEST_NOTEBOOK"
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


@pytest.fixture
def own_relay(tmp_path, monkeypatch):
    """Let what runs in the test find no relay but its own, and end that."""
    mark = uuid.uuid4().hex
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv(MARK, mark)
    yield
    end_processes(marked_processes(MARK, mark))


def test_the_kernels_peer_needs_no_browser_and_its_outputs_show_frames(tmp_path, own_relay):
    notebook = nbformat.read(FOLDER / "05_kernel_peer.ipynb", as_version=4)

    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()

    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    pictures = [output.data["image/png"] for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) == 4
    for picture in pictures:
        path = tmp_path / "picture.png"
        path.write_bytes(base64.b64decode(picture))
        with av.open(str(path)) as opened:
            frame = next(opened.decode(video=0)).to_ndarray(format="rgb24")
        # Of something, and not one grey.
        assert frame.std() > 20
