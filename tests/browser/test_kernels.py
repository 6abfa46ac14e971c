"""Other hosts and kernels: ipykernel 6, which takes no comm message while a cell runs, and Notebook 7."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.host_pages import joins_by_the_link, record_and_replay
from tests.support.lab import Lab
from tests.support.notebook_calls import cell, holds, in_page, open_notebook, page_holds

if TYPE_CHECKING:
    from tests.support.browser_fixtures import NewWindow

IPYKERNEL_6 = Path(__file__).parents[2] / ".stamps" / "ipykernel-6"


@pytest.fixture
def old_kernel(lab: Lab) -> str:
    """The name of a kernel with ipykernel 6.31 in front of the present one."""
    assert IPYKERNEL_6.is_dir(), "ipykernel 6 is not there: make setup"
    folder = lab.root.parent / "data" / "kernels" / "ipykernel-6"
    folder.mkdir(parents=True, exist_ok=True)
    spec = {
        "argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "ipykernel 6",
        "language": "python",
        "env": {"PYTHONPATH": str(IPYKERNEL_6)},
    }
    (folder / "kernel.json").write_text(json.dumps(spec))
    return folder.name


async def test_traits_are_live_while_a_cell_runs_on_a_kernel_without_subshells(
    lab: Lab, new_window: NewWindow, old_kernel: str
) -> None:
    busy = (
        "import time, ipykernel\n"
        "deadline = time.monotonic() + 20\n"
        "while not any(p.connection_state == 'connected' for p in ada.participants):\n"
        "    assert time.monotonic() < deadline, (ada, ada.participants)\n"
        "ada.wait_for('connected')\n"
        "print(ipykernel.__version__, ada.state)"
    )
    waiting = (
        cell("Eve", lab.room).removesuffix("\neve")
        + "\neve.wait_for('connected', timeout=20)\nprint(len(eve.participants))\neve"
    )
    notebook = await open_notebook(
        lab,
        await new_window(),
        cell("Bob", lab.room),
        cell("Ada", lab.room),
        busy,
        waiting,
        kernel=old_kernel,
    )
    await notebook.run_all()
    assert (await notebook.cell_text_output(2)).startswith("6.31")
    assert "joined" in await notebook.cell_text_output(2)
    assert (await notebook.cell_text_output(3)).startswith("2\n")


async def test_a_busy_kernel_does_not_hurt_the_call(lab: Lab, new_window: NewWindow, old_kernel: str) -> None:
    notebook = await open_notebook(
        lab,
        await new_window(),
        cell("Bob", lab.room),
        cell("Ada", lab.room),
        "import time\nstop = time.monotonic() + 6\nwhile time.monotonic() < stop: pass",
        kernel=old_kernel,
    )
    await notebook.run_all(wait=False)
    await page_holds(notebook, "probe.frames().then((frames) => frames > 20)")
    # The button works while the kernel is busy: mute goes over the relay, not over the comm.
    await notebook.tab.get_by_role("button", name="camera").first.click()
    await page_holds(
        notebook, "document.querySelectorAll('.rtcw-tile')[3].ariaLabel.includes('camera off')", 2
    )
    await holds(
        notebook,
        "not ada.participants['Bob'].video and ada.participants['Bob'].connection_state == 'connected'",
        20,
    )


async def test_notebook_7_shows_the_call(new_window: NewWindow) -> None:
    application = await Lab.start("notebook")
    try:
        window = await new_window()
        notebook = await open_notebook(
            application,
            window,
            cell("Ada", application.room, more=""),
            cell("Bob", application.room),
            "ada.link()",
        )
        await notebook.run_all()
        await holds(notebook, "ada.participants and ada.participants['Bob'].connection_state == 'connected'")
        await page_holds(notebook, "probe.frames().then((frames) => frames > 10)")
        assert await in_page(notebook, "probe.live('video')") == 1
        assert "(180, 320, 3)" in await notebook.execute("print(ada.frame('Bob', timeout=30).shape)")
        await record_and_replay(notebook.tab)
        await joins_by_the_link(notebook.tab, await new_window(), "Cleo", "Ada")
    finally:
        await application.stop()
