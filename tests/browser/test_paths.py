"""The ways to the relay: direct, through Jupyter's proxy, through the kernel's comm, and to somebody else's relay."""

from __future__ import annotations

import asyncio
import re
import sys
from typing import TYPE_CHECKING

from tests.support.notebook_calls import (
    cell,
    holds,
    open_notebook,
    page_holds,
    two_notebooks,
    without_sockets,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.browser_fixtures import NewWindow
    from tests.support.lab import Lab
    from tests.support.notebook import Notebook


CONNECTED = "any(p.connection_state == 'connected' for p in ada.participants)"


async def path_is(notebook: Notebook, path: str) -> None:
    await page_holds(notebook, f"document.querySelector('.rtcw').dataset.path === '{path}'")


async def test_direct_on_a_loopback_page(lab: Lab, new_window: NewWindow) -> None:
    ada, _ = await two_notebooks(lab, await new_window(), await new_window())
    await path_is(ada, "direct")


async def test_through_the_proxy_where_the_port_is_not_reached(lab: Lab, new_window: NewWindow) -> None:
    window = await new_window()
    await without_sockets(window, r"^ws://127\.0\.0\.1:\d+/socket\.io/")
    ada, _ = await two_notebooks(lab, window, await new_window())
    await path_is(ada, "proxy")


async def test_through_the_comm_where_no_port_is_reached(lab: Lab, new_window: NewWindow) -> None:
    window = await new_window()
    await without_sockets(window, r"/socket\.io/")
    ada, bob = await two_notebooks(lab, window, await new_window())
    await path_is(ada, "tunnel")
    await ada.execute("ada.mute()")
    await holds(bob, "not bob.participants['Ada'].audio")
    await ada.execute("ada.leave()")
    await holds(bob, "bob.participants == ()")


async def test_somebody_elses_relay_needs_its_token(lab: Lab, new_window: NewWindow, tmp_path: Path) -> None:
    origin = re.match(r"http://[^/]+", lab.url)
    assert origin
    relay = await asyncio.create_subprocess_exec(
        *[
            sys.executable,
            "-m",
            "rtc_widget.relay",
            "--secret-file",
            tmp_path / "secret",
            "--origin",
            origin[0],
        ],
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert relay.stdout is not None
        url = re.search(rb"http://[\d.:]+", await relay.stdout.readline())
        assert url
        address = url[0].decode()
        secret = (tmp_path / "secret").read_text()
        token = f"token=Relay({address!r}, secret={secret!r}).token({lab.room!r})"
        code = "from rtc_widget import Relay\n" + cell(
            "Ada", lab.room, more=f"video='pattern', audio=False, relay={address!r}, {token}"
        )
        notebook = await open_notebook(
            lab, await new_window(), code, code.replace("ada", "bob").replace("Ada", "Bob")
        )
        await notebook.run_all()
        await holds(notebook, CONNECTED)
        wrong = f"RoomWidget({lab.room!r}, relay={address!r}"
        assert "bad_token" in await notebook.execute(
            f"try:\n    {wrong})\nexcept Exception as error:\n    print(error.code)"
        )
        await notebook.execute(f"eve = {wrong}, token='nonsense')")
        await holds(notebook, "eve.state == 'failed' and eve.error['code'] == 'bad_token'")
    finally:
        relay.terminate()
        await relay.wait()
