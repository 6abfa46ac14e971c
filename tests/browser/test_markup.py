"""What others are called and say is text, wherever a real JupyterLab shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.notebook_calls import open_notebook
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from tests.support.browser_fixtures import NewWindow
    from tests.support.lab import Lab

# Whatever it stands in: text, an attribute, a script, a style or a comment.
EVIL = "\"'>--></script></style><img src=x onerror=top.evil=1>"

START = """import time
from rtc_widget import Peer, RoomWidget
ada = RoomWidget({room!r}, name={evil!r}, video="pattern", audio=False)
ada"""
JOIN = """eve = Peer({room!r}, name={evil!r}, source="pattern", audio=None)
ada.wait_for("connected", timeout=30)
recording = ada.record("markup")
eve.send({evil!r})
ada.send({evil!r})
recording.chapter({evil!r})
while recording.seconds < 1:
    time.sleep(0.05)  # between two looks at it
recording.stop()"""
SHOWN = (
    "ada.participants",
    "ada.trace",
    "ada.trace.messages()",
    "ada.trace.diagram()",
    "ada.overview()",
    "ada.stats.plot()",
    "ada.link()",
    "recording",
)

# What hangs below a document, shadow roots too.
ROOTS = """const roots = [start];
    for (const root of roots) {
        for (const element of root.querySelectorAll("*")) if (element.shadowRoot) roots.push(element.shadowRoot);
    }"""
PICTURES = f"""() => {{
    const start = document;
    {ROOTS}
    return roots.reduce((sum, root) => sum + root.querySelectorAll("img[src=x]").length, 0);
}}"""
SHOWS = f"""(start) => {{
    {ROOTS}
    return roots.some((root) => root.textContent.includes("onerror="));
}}"""


async def test_names_titles_and_messages_are_text_wherever_they_are_shown(
    lab: Lab, new_window: NewWindow
) -> None:
    window = await new_window(viewport={"width": 1200, "height": 6000})
    room = f"{EVIL} {lab.room}"
    cells = [START.format(room=room, evil=EVIL), JOIN.format(room=room, evil=EVIL), *SHOWN]
    notebook = await open_notebook(lab, window, *cells)
    tab: Any = notebook.tab

    for index in range(len(cells)):
        await notebook.run_cell(index)
    assert [each["error"] for each in await notebook.cells() if each["error"]] == []
    await tab.get_by_role("button", name="Signaling", exact=True).first.click()
    await tab.locator(".rtcd-page[data-live]").first.wait_for()
    await tab.locator(".rtcw-replay[data-ready=true]").first.wait_for()

    outputs = tab.locator(".jp-CodeCell .jp-Cell-outputArea")
    for index in (0, *range(2, len(cells))):
        output = outputs.nth(index)
        await wait_for(lambda output=output: output.evaluate(SHOWS), 10, f"a name in {cells[index]}")
    for frame in tab.frames:
        assert await frame.evaluate(PICTURES) == 0
    assert await tab.evaluate("typeof window.evil") == "undefined"
