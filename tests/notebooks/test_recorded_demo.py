"""The notebook that is saved with a call in it: it plays as it is, tells no secrets, and can be recorded anew."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbconvert import HTMLExporter

from scripts import record_notebooks
from scripts.record_notebooks import DEMO, NOTEBOOKS, record
from tests.support.replay_pages import LOOK, opened, ready, scrolled_to, seek
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from nbformat import NotebookNode
    from playwright.async_api import Browser

    from tests.support.browser_fixtures import NewWindow
    from tests.support.firefox import Firefox
    from tests.support.lab import Lab


SAVED = NOTEBOOKS / f"{DEMO}.ipynb"
PLAY = "() => document.querySelector('.rtcr-play').click()"
FASTER = """() => {
  const speed = document.querySelector(".rtcr-speed");
  speed.value = "4";
  speed.dispatchEvent(new Event("change", { bubbles: true }));
}"""
CHAPTER = """(title) => {
  const chapters = [...document.querySelectorAll(".rtcr-chapter")];
  chapters.find((chapter) => chapter.lastChild.textContent === title).click();
}"""
END = "() => Number(document.querySelector('.rtcr-position').max)"

HARMLESS = {"0.0.0.0", "127.0.0.1"}
# Sections of RFCs and of the W3C's look like addresses.
ADDRESS = re.compile(
    r"(?<![\d.(])(?<!RFC \d{4}, )(?:\d{1,3}\.){3}\d{1,3}(?![\d.])|(?<![\w:])[\da-fA-F:]{6,}(?![\w:])"
)
# What each of these is followed by where nothing was put in its place.
TOLD = re.compile(
    r"(?:ice-ufrag:|ice-pwd:|fingerprint:sha-\d+ |typ \w+ raddr )(?!\[)\S+|\S+ \d+ typ (?!host tcptype)\w+"
)
TOKEN = re.compile(r"[\w-]{12,}\.[\w-]{20,}")
PLACES = re.compile(r"/(?:root|home|tmp|work|usr|Users)/|localhost|127\.0\.0\.1:\d|token=")


@pytest.fixture(scope="module")
def saved() -> NotebookNode:
    return nbformat.read(SAVED, as_version=4)


def outputs_of(notebook: NotebookNode) -> list[NotebookNode]:
    return [output for cell in notebook.cells for output in cell.get("outputs", ())]


def replays_of(notebook: NotebookNode) -> list[str]:
    pages = [output.data.get("text/html", "") for output in outputs_of(notebook) if "data" in output]
    return [page for page in pages if "rtcw-replay" in page]


def printed(notebook: NotebookNode, of: str) -> str:
    """Return what the cell printed in which this is written."""
    [cell] = [cell for cell in notebook.cells if cell.cell_type == "code" and of in cell.source]
    return "".join(output.text for output in cell.outputs)


def chapters_of(notebook: NotebookNode) -> list[str]:
    return [line.split(" s  ")[1] for line in printed(notebook, "in recording.chapters:").splitlines()]


def test_it_is_small_and_saved_as_if_it_had_been_run_once(saved: NotebookNode) -> None:
    ran = [cell for cell in saved.cells if cell.cell_type == "code"]

    assert SAVED.stat().st_size < 3_000_000
    assert len(replays_of(saved)) == 1
    assert [cell.execution_count for cell in ran] == list(range(1, len(ran) + 1))
    assert [cell.id for cell in saved.cells] == [f"cell-{number:02d}" for number in range(len(saved.cells))]
    assert set(saved.metadata) == {"kernelspec", "language_info"}
    assert not any(cell.metadata for cell in saved.cells)
    assert not any(output.get("name") == "stderr" for output in outputs_of(saved))
    shown_as = {kind for output in outputs_of(saved) for kind in output.get("data", {})}
    assert shown_as == {"text/plain", "text/html", "image/svg+xml", "image/png"}


def test_it_tells_nothing_of_who_and_where_it_was_recorded(saved: NotebookNode) -> None:
    assert told_by(saved) == []


def test_what_would_be_told_is_found() -> None:
    planted = {
        "a=ice-pwd:V2hhdCBpcyBpdCBhbmQgd2h5",
        "a=ice-ufrag:Abcd",
        "a=fingerprint:sha-256 4A:AD:B9:B1:3F:82:18:3B:54:02",
        "candidate:1 1 udp 2122 [address-1] 54321 typ host generation 0",
        "the pair of 192.0.2.17 and",
        "from 2001:db8::17 to",
        "eyJ1c2UiOiJlbnRlciJ9.pZfE4kTqzR0n1vXw9y2bA5cD8eF7gH6iJ3kL",
        "/home/ada/lesson.ipynb",
        "http://localhost:8888/lab",
    }
    for text in planted:
        output = nbformat.v4.new_output("stream", text=text)
        cell = nbformat.v4.new_code_cell("", outputs=[output])
        assert told_by(nbformat.v4.new_notebook(cells=[cell])), text


def told_by(notebook: NotebookNode) -> list[str]:
    """Return what a notebook's outputs tell that nobody is to know."""
    # Media, in which any letters may follow each other.
    text = re.sub(r"[A-Za-z0-9+/=]{400,}", "", "\n".join(map(str, outputs_of(notebook))))
    addresses = [found for found in ADDRESS.findall(text) if is_address(found) and found not in HARMLESS]
    return [*addresses, *TOLD.findall(text), *TOKEN.findall(text), *PLACES.findall(text)]


def is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


@pytest.fixture
def page(tmp_path: Path) -> str:
    """The page that nbconvert makes of it."""
    body, _ = HTMLExporter().from_filename(str(SAVED))
    path = tmp_path / "demo.html"
    path.write_text(body, encoding="utf-8")
    return path.as_uri()


async def plays(tab: Any) -> None:
    """Play it to its end, four times as fast, and look at some moments."""
    seconds = await tab.evaluate(END)
    assert 15 < seconds < 30

    await tab.evaluate(FASTER)
    await tab.evaluate(PLAY)

    async def over() -> bool:
        seen = await tab.evaluate(LOOK)
        return not seen["playing"] and seen["time"] == pytest.approx(seconds, abs=0.011)

    await wait_for(over, 30, "the end")
    for title, people, said in (
        ("Message by message", ["Ada", "Bob"], 0),
        ("Settled", ["Ada", "Bob"], 0),
        ("Bob's camera is off", ["Ada", "Bob"], 2),
        ("Bob leaves", ["Ada"], 2),
    ):
        await tab.evaluate(CHAPTER, title)
        await ready(tab)
        time = (await tab.evaluate(LOOK))["time"]
        seen = await seek(tab, time + 0.5)
        assert seen["chapter"] == title
        assert [label.split(",")[0] for label in seen["tiles"]] == people, title
        assert len(seen["said"]) == said


async def test_chromium_plays_its_page_without_a_network(new_window: NewWindow, page: str) -> None:
    tab = await (await new_window(offline=True)).open(page)
    await scrolled_to(tab)
    await plays(tab)


async def test_firefox_plays_its_page(firefox: Firefox, page: str) -> None:
    tab = await firefox.open(page)
    await scrolled_to(tab)
    await plays(tab)


async def test_recorded_anew_the_same_happens_and_it_plays_without_a_kernel(
    lab: Lab, chromium: Browser, new_window: NewWindow, saved: NotebookNode
) -> None:
    fresh = await record(lab, chromium, DEMO)

    for cell in ("trace = recording.trace", "message.effects", "ada.step"):
        assert printed(fresh, cell) == printed(saved, cell)
    assert chapters_of(fresh) == chapters_of(saved)
    assert [output.text for output in outputs_of(fresh) if output.get("name") == "stderr"] == []
    assert told_by(fresh) == []
    assert not re.search("|".join(map(re.escape, (lab.token, str(lab.root)))), nbformat.writes(fresh))

    tab = await opened(lab, new_window, f"{DEMO}.ipynb")
    await scrolled_to(tab)
    await tab.evaluate(PLAY)

    async def goes() -> bool:
        return bool((await tab.evaluate(LOOK))["time"] > 1)

    await wait_for(goes, 30, "a replay that goes on")


async def test_a_lesson_with_an_error_is_not_recorded(
    lab: Lab, chromium: Browser, saved: NotebookNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_notebooks, "NOTEBOOKS", tmp_path)
    broken = nbformat.v4.new_code_cell("{}['answer']")
    # Without a kernel's name JupyterLab asks for one.
    lesson = nbformat.v4.new_notebook(cells=[broken], metadata={"kernelspec": saved.metadata.kernelspec})
    nbformat.write(lesson, tmp_path / "broken.ipynb")

    with pytest.raises(SystemExit, match="broken: KeyError: 'answer'"):
        await record(lab, chromium, "broken")
