"""Networks that change under a call, or let through nothing but a notebook. The whole of it is in tests/soak."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.support import network_pages
from tests.support.host_pages import record_and_replay
from tests.support.network_labs import far_lab
from tests.support.networks import needs_namespaces
from tests.support.notebook_calls import cell, holds, in_page, open_notebook
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Playwright


async def test_a_call_comes_back_after_a_cut_and_after_an_address_has_changed(
    playwright: Playwright, tmp_path: Path
) -> None:
    needs_namespaces()
    async with network_pages.call(
        playwright.chromium, tmp_path, "none", "none", kinds=("page", "page")
    ) as call:
        await call.comes_back(30)
        call.home.set_link("down")
        await call.stops()
        await asyncio.sleep(4)  # the fault
        call.home.set_link("up")
        await call.comes_back(30)

        call.home.move()

        await call.comes_back(30)


async def test_frames_and_a_transform_go_where_no_port_is_open_but_the_notebook_servers(
    playwright: Playwright, tmp_path: Path
) -> None:
    needs_namespaces()
    async with far_lab(playwright.chromium, tmp_path) as far:
        room = far.lab.room
        bot = (
            f"from rtc_widget import Peer\nbot = Peer({room!r}, name='Bot', transform=lambda rgb: 255 - rgb)"
        )
        waiting = "print(ada.frame('Ada', timeout=90).shape)"
        notebook = await open_notebook(far.lab, far.window, cell("Ada", room), waiting, bot)
        await notebook.run_all()

        assert (await notebook.cell_text_output(1)).startswith("(180, 320, 3)")
        await holds(notebook, "abs(ada.frame('Ada').mean() + ada.frame('Bot').mean() - 255) < 8", 90)
        pair = "(ada.participants['Bot'].selected_candidate_pair or {}).get('protocol')"
        await holds(notebook, f"{pair} == 'notebook'")
        assert await in_page(notebook, "probe.connections.every((pc) => pc.connectionState !== 'connected')")
        shown = "[...document.querySelectorAll('.rtcw-tile video')].filter((v) => v.videoWidth && !v.paused).length"
        await wait_for(lambda: in_page(notebook, f"{shown} === 2"), 30, "the picture that comes back")

        await record_and_replay(notebook.tab)

        far.networks.homes[1].limit("1mbit")
        # Fewer or smaller ones; how old they are is a figure of benchmarks/media_paths.py.
        await notebook.execute("before = ada.frame('Ada').number")
        await holds(notebook, "ada.frame('Ada').number > before + 30", 60)

        far.networks.open_all()
        await holds(notebook, f"{pair} == 'udp'", 60)
