"""A widget in every kind of output that JupyterLab has, for real: shown there, once, and nothing red in the console."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.host_pages import complaints
from tests.support.notebook_calls import open_notebook
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from tests.support.browser_fixtures import NewWindow
    from tests.support.lab import Lab

# First, while the page has yet to load what is shown; with pauses, in which it begins to show it.
AGAIN_AND_AGAIN = """import time
from IPython.display import clear_output, display, update_display
from ipywidgets import Output
from rtc_widget import RoomWidget
ada = RoomWidget({room!r}, name="Ada", video="pattern", audio=False)
for n in range(20):
    clear_output(wait=True)
    display(ada)
    time.sleep(n % 5 / 50)  # as irregularly as a loop that draws"""
IN_AN_OUTPUT = """out = Output()
out.append_display_data(ada)
out"""
NAMED = """display(ada, display_id="x")
update_display(ada, display_id="x")"""
SOMETHING_ELSE = 'update_display("something else", display_id="x")'

# Of each code cell: its widgets with a picture that moves, and those that it has within an Output.
SHOWN = """() => [...document.querySelectorAll(".jp-CodeCell")].map((cell) => {
    const moves = (video) => video.videoWidth > 0 && video.currentTime > 0;
    const widgets = [...cell.querySelectorAll(".rtcw")];
    const playing = widgets.filter((widget) => [...widget.querySelectorAll("video")].some(moves));
    const inOutput = playing.filter((widget) => widget.closest(".jupyter-widgets.jp-OutputArea, .widget-output"));
    return [widgets.length, playing.length, inOutput.length];
})"""


async def test_it_is_shown_in_an_output_widget_by_name_and_in_a_loop_that_clears(
    lab: Lab, new_window: NewWindow
) -> None:
    window = await new_window(viewport={"width": 1200, "height": 3000})
    cells = AGAIN_AND_AGAIN.format(room=lab.room), IN_AN_OUTPUT, NAMED, SOMETHING_ELSE
    notebook = await open_notebook(lab, window, *cells)

    async def shows(*expected: tuple[int, int, int]) -> None:
        wanted = [list(each) for each in expected]

        async def look() -> bool:
            seen: list[Any] = await notebook.tab.evaluate(SHOWN)
            return seen[: len(wanted)] == wanted

        await wait_for(look, 30, f"{expected} in the cells")

    for index in range(3):
        await notebook.run_cell(index)
    await shows((1, 1, 0), (1, 1, 1), (1, 1, 0))
    # Once the named output is something else, the others stay.
    await notebook.run_cell(3)
    await shows((1, 1, 0), (1, 1, 1), (0, 0, 0))

    assert [line for line in complaints(window) if "activat" not in line] == []
