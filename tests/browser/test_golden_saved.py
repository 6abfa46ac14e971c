"""A notebook that an earlier version saved is still shown, and this version would save the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbconvert import HTMLExporter

from rtc_widget import Recording, Relay, RoomWidget
from tests.support.golden import FOLDER, agrees, shapes
from tests.support.golden.markup import Markup, live
from tests.support.processes import free_port
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nbformat import NotebookNode

    from tests.support.browser_fixtures import NewWindow


SAVED = FOLDER / "saved.ipynb"
# Its cells.
ADA, _BOB, EVE, REPLAY, DIAGRAM, TRACE, FRAME = range(7)
STATE = "application/vnd.jupyter.widget-state+json"
CARD = re.compile(r"<div>(?P<who>[^<]+)\. (?P<when>\d[^<]+)\.</div>")


@pytest.fixture(scope="module")
def saved() -> NotebookNode:
    return nbformat.read(SAVED, as_version=4)


@pytest.fixture(scope="module")
def recording() -> Iterator[Recording]:
    """What was shown in it."""
    with Recording.open(FOLDER / "lesson.rtcw.zip") as opened:
        yield opened


def shown(notebook: NotebookNode, cell: int) -> dict[str, Any]:
    [output] = notebook.cells[cell].outputs
    return dict(output.data)


def elements(html: str) -> dict[str, int]:
    return dict(Markup(html).elements)


def player_of(html: str) -> dict[str, int]:
    """Return the elements of a replay without those of its diagram."""
    parts = ("rtcr-", "rtcw-replay", "rtcw-live")
    return {name: count for name, count in elements(html).items() if any(part in name for part in parts)}


def undirected(html: str) -> str:
    """Return HTML as it was when nothing in it said in which direction it is read."""
    return html.replace(' dir="ltr"', "")


def card_of(widget: RoomWidget) -> str:
    """Return a widget's card as it was when it had the room's name without quotes."""
    return re.sub("[“”]", "", undirected(widget._repr_mimebundle_()["text/html"]))


def test_it_is_a_valid_notebook(saved: NotebookNode) -> None:
    nbformat.validate(saved)


def test_a_recording_would_be_saved_as_it_is_there(saved: NotebookNode, recording: Recording) -> None:
    before, now = shown(saved, REPLAY), recording._repr_mimebundle_()
    assert before.keys() == now.keys()
    assert before["text/plain"] == now["text/plain"]
    # What was saved then has no captions, and not the trace's file.
    parts = player_of(now["text/html"])
    assert parts.pop("script.rtcr-trace[type]") == 1
    # Nor was its diagram hidden from sanitizers that know no `hidden`.
    parts["div.rtcw-live[hidden]"] = parts.pop("div.rtcw-live[hidden style]")
    assert player_of(before["text/html"]) == parts
    written = [Markup(html).data("rtcr-data") for html in (before["text/html"], now["text/html"])]
    for data in written:
        for clip in data["clips"]:
            del clip["poster"]  # of which encoders make what they like
    assert written[1].pop("captions").startswith("WEBVTT\n\n")
    assert written[0] == written[1]


def test_a_diagram_and_a_trace_would_be_saved_in_the_same_formats(
    saved: NotebookNode, recording: Recording
) -> None:
    # What is in a diagram has changed since, and a saved one has a style and a script of its own.
    assert shown(saved, DIAGRAM).keys() == recording.trace.diagram()._repr_mimebundle_().keys()
    # A pair was shown without its types.
    shown_now = undirected(recording.trace._repr_html_())
    assert shown(saved, TRACE)["text/html"] == shown_now.replace("pair host ↔ host", "pair")
    assert "image/png" in shown(saved, FRAME)
    assert recording.frame("Ada", 2.0)._repr_png_().startswith(b"\x89PNG")


def test_a_widget_would_be_saved_as_it_is_there(saved: NotebookNode) -> None:
    [state] = [
        model["state"]
        for model in saved.metadata.widgets[STATE]["state"].values()
        if "room" in model["state"]
    ]
    card = CARD.search(shown(saved, EVE)["text/html"])
    assert card is not None
    nowhere = Relay(f"http://127.0.0.1:{free_port()}", secret="a secret")
    names = ("name", "video", "audio", "resolution", "negotiation", "keep_picture")
    widget = RoomWidget(state["room"], relay=nowhere, **{name: state[name] for name in names})
    try:
        bundle = widget._repr_mimebundle_()
        assert bundle.keys() == shown(saved, ADA).keys()
        assert card_of(widget) == shown(saved, ADA)["text/html"]
        widget._summary._summary = card.groupdict()
        assert card_of(widget) == shown(saved, EVE)["text/html"]
        # Jupyter leaves out what is as every widget has it.
        synced = {name for name, value in widget.get_state().items() if value not in (None, [], ())}
        # Its front end was in `_esm` when this was saved: now that loads `_bundle`. There was no other path than ICE then.
        assert state.keys() | {"_bundle", "media_path"} == synced
        assert {"who", "when", "picture"} == state["seen"].keys()
    finally:
        widget.close()


async def test_its_page_shows_the_call_and_plays_the_recording(new_window: NewWindow, tmp_path: Path) -> None:
    body, _ = HTMLExporter().from_filename(str(SAVED))
    (tmp_path / "saved.html").write_text(body, encoding="utf-8")
    # The rest is nbconvert's.
    ours = {name: count for name, count in elements(body).items() if "rtc" in name}
    agrees("markup", ours, "saved notebook")
    tab = await (await new_window(offline=True)).open((tmp_path / "saved.html").as_uri())
    await tab.evaluate("() => document.querySelector('.rtcw-replay').scrollIntoView()")
    await wait_for(
        lambda: tab.evaluate("() => document.querySelector('.rtcr-play') !== null"), 30, "a player"
    )
    assert "Eve, Ada and Bob." in await tab.evaluate("() => document.body.innerText")
    await tab.evaluate("() => document.querySelector('.rtcr-play').click()")
    position = "Number(document.querySelector('.rtcr-position').value)"
    await wait_for(lambda: tab.evaluate(f"() => {position} > 1"), 30, "a replay that goes on")
    replay = await tab.evaluate("() => document.querySelector('.rtcw-replay').outerHTML")
    shapes.agree("saved replay", page=live(replay))
