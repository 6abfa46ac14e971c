"""Every notebook runs from top to bottom in a real JupyterLab, on a machine without camera and microphone."""

from __future__ import annotations

import base64
import re
import uuid
from itertools import combinations

import av
import nbformat
import pytest
from nbclient import NotebookClient

from rtc_widget.peer.process.synthetic_sources import hue_of
from rtc_widget.teaching.exercises import EXERCISES
from tests.support.lessons import DEMO, FOLDER, NOTEBOOKS, SOLUTIONS, VIEWPORT, faults_of, run_lesson
from tests.support.notebook_calls import holds
from tests.support.processes import end_processes, marked_processes

MARK = "RTC_WIDGET_TEST_NOTEBOOK"


def test_there_are_notebooks():
    assert "01_first_call.ipynb" in NOTEBOOKS


@pytest.mark.parametrize("name", NOTEBOOKS)
async def test_the_notebook_runs_without_an_error_and_its_exercises_can_be_done(lab, bare_window, name):
    notebook = await run_lesson(lab, await bare_window(viewport=VIEWPORT), name)

    assert await faults_of(notebook) == []
    for solution, checked in SOLUTIONS.get(name, ()):
        await notebook.execute(solution)
        await holds(notebook, f"bool({checked})")


def test_every_exercise_has_a_solution():
    checked = re.findall(r'check\("([\d.]+)"', str(SOLUTIONS))

    # 13.1 is asked of a recording.
    assert sorted([*checked, "13.1"]) == sorted(EXERCISES)


def test_what_lessons_refer_to_is_there():
    for name in (*NOTEBOOKS, DEMO):
        text = "\n".join(cell.source for cell in nbformat.read(FOLDER / name, as_version=4).cells)
        assert f"](pictures/{name.removesuffix('.ipynb')}.svg)" in text, "its picture"
        assert "**Read more:**" in text
        assert re.search(r'check\("[\d.]+"', text), "an exercise"
        beside = re.findall(r"\]\(((?!https:)[^)]+)\)|Trace\.load\(\"([^\"]+)\"\)", text)
        assert [path for path in map("".join, beside) if not (FOLDER / path).is_file()] == []


def test_whom_a_lesson_shows_in_one_room_can_be_told_apart_by_their_colour():
    for name in (*NOTEBOOKS, DEMO):
        rooms: dict[str, list[str]] = {}
        for cell in nbformat.read(FOLDER / name, as_version=4).cells:
            for room, who in re.findall(
                r'(?:RoomWidget|Peer)\("([^"]+)", name="(\w+)", (?:video|source)', cell.source
            ):
                rooms.setdefault(room, []).append(who)
        for one, other in (pair for people in rooms.values() for pair in combinations(people, 2)):
            apart = abs(hue_of(one) - hue_of(other))
            assert min(apart, 1 - apart) * 360 >= 30, (name, one, other)


def test_pictures_are_small_and_fetch_nothing():
    for path in (FOLDER / "pictures").glob("*.svg"):
        text = path.read_text("utf-8")
        assert len(text) <= 6 * 1024, path.name
        assert not re.search(r"href|url\((?!#)|<script|<image|@import", text), path.name


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
