"""JupyterHub: two users with a server each meet at a relay that the hub runs as its service."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from rtc_widget import Relay
from tests.support.host_pages import path_is, pictures_move, record_and_replay
from tests.support.join_pages import PORTRAIT, JoinPage
from tests.support.jupyterhub import jupyterhub
from tests.support.notebook_calls import holds, without_sockets

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.browser_fixtures import NewWindow

JOIN = """import os
from rtc_widget import RoomWidget
{variable} = RoomWidget("class", name="{name}", video="pattern", audio=False,
    relay=os.environ["RTC_WIDGET_RELAY"], token=os.environ["RTC_WIDGET_TOKEN"])
{variable}"""
OWN = 'own = RoomWidget("own", name="Eve", video="pattern", audio=False)\nown'


async def test_two_users_meet_at_the_hubs_relay_and_have_their_own_by_the_hubs_proxy(
    new_window: NewWindow, tmp_path: Path
) -> None:
    async with jupyterhub(tmp_path) as hub:
        windows = [await new_window(), await new_window()]
        # As from another machine, from where no port of the user's server is reached but the hub's.
        await without_sockets(windows[0], r"^ws://127\.0\.0\.1:\d+/socket\.io/")
        ada, bob = await asyncio.gather(
            hub.open(windows[0], "ada", [JOIN.format(variable="ada", name="Ada"), OWN]),
            hub.open(windows[1], "bob", [JOIN.format(variable="bob", name="Bob")]),
        )
        await asyncio.gather(ada.run_cell(0), bob.run_cell(0))
        for notebook in (ada, bob):
            await pictures_move(notebook.tab, 1)
            await path_is(notebook.tab, "direct")
        assert "(360, 640, 3)" in await ada.execute("print(ada.frame('Bob', timeout=30).shape)")
        # As the documentation makes a link: where the secret is.
        secret = (tmp_path / "relay.secret").read_text()
        link = Relay(f"{hub.url}/services/relay", secret=secret).link("class", expires=3600, max_uses=30)
        phone = JoinPage(await (await new_window(**PORTRAIT)).open(link.url))
        await phone.join("Cy")
        await holds(ada, "ada.participants['Cy'].connection_state == 'connected'")
        await ada.run_cell(1)
        await path_is(ada.tab, "proxy")
        # The class's token is a student's; whoever recorded would need a teacher's.
        await record_and_replay(ada.tab, -1)
