"""A page that has no time for two seconds and more: anywidget gives up on a widget then, and the call does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.notebook_calls import cell, holds, open_notebook

if TYPE_CHECKING:
    from tests.support.browser_fixtures import NewWindow
    from tests.support.lab import Lab


# A module as long as a front end is evaluated for three seconds, the loader is not.
EVALUATE_LATE = """
    const Plain = Blob;
    window.Blob = class extends Plain {
        constructor(parts, options) {
            const [text] = parts ?? [];
            const late = options?.type === "text/javascript" && typeof text === "string" && text.length > 20_000;
            super(late ? ["await new Promise((resolve) => setTimeout(resolve, 3_000));\\n", ...parts] : parts, options);
        }
    };
"""


async def test_a_front_end_that_is_evaluated_for_three_seconds_joins(lab: Lab, new_window: NewWindow) -> None:
    window = await new_window()
    await window.context.add_init_script(EVALUATE_LATE)
    notebook = await open_notebook(lab, window, cell("Ada", lab.room), cell("Bob", lab.room))

    await notebook.run_all()

    await holds(notebook, "[p.connection_state for p in ada.participants] == ['connected']")


async def test_a_page_that_draws_for_three_seconds_as_the_widget_arrives_joins(
    lab: Lab, new_window: NewWindow
) -> None:
    draw = "from IPython.display import Javascript, display\ndisplay(Javascript('{}'))".format(
        "const from = Date.now(); while (Date.now() - from < 3_000);"
    )
    ada, bob = (f"{cell(name, lab.room)}\n{draw}\n{name.lower()}" for name in ("Ada", "Bob"))
    notebook = await open_notebook(lab, await new_window(), ada, bob, draw)

    await notebook.run_all()

    await holds(notebook, "[p.connection_state for p in ada.participants] == ['connected']")
