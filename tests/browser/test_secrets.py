"""Nothing secret is in what Jupyter saves: a notebook with its widget state, after a real call."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from tests.support.notebook_calls import SAVE_STATE, cell, holds, open_notebook
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from tests.support.browser_fixtures import NewWindow
    from tests.support.lab import Lab


PLANTED = "planted-turn-credential"


async def test_a_saved_notebook_holds_no_token_description_candidate_or_address(
    lab: Lab, new_window: NewWindow
) -> None:
    turn = (
        f"ice_servers=[{{'urls': 'turn:127.0.0.1:9', 'username': 'planted-user', 'credential': '{PLANTED}'}}], "
        "turn=TurnServer('turn:127.0.0.1:9', secret='shared-' 'turn-secret')"
    )
    notebook = await open_notebook(
        lab,
        await new_window(),
        "from rtc_widget import TurnServer\n"
        + cell("Ada", lab.room, more=f'video="pattern", audio=False, {turn}').replace(
            PLANTED, "' + 'planted-turn-' 'credential"
        ),
        cell("Bob", lab.room),
        "repr(ada), ada.participants, ada.me, ada.error, ada._session._resolver._given",
    )
    await notebook.run_all()
    await holds(notebook, "ada.participants and ada.participants['Bob'].connection_state == 'connected'")
    await notebook.run_cell(2)
    secrets = (
        await notebook.execute(
            "from rtc_widget.relay.discovery import read_runtime_file\nprint(read_runtime_file().secret, ada._session._owner_key, bob._session._owner_key,"
            " ada._session._ice_servers.current()[-1]['credential'])"
        )
    ).split()
    await notebook._call(SAVE_STATE)

    async def save() -> str | None:
        # The state is gathered while the notebook is being written, and may come too late for it.
        saved = (await notebook.save()).read_text()
        return saved if "widgets" in json.loads(saved)["metadata"] else None

    saved = await wait_for(save, 30, "a saved notebook with its widget state")
    content = json.loads(saved)
    states = content["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    rooms = [state["state"] for state in states.values() if "room" in state["state"]]
    assert len(rooms) == 2, "the widget state is not in the notebook: the test would look at nothing"
    for room in rooms:
        # The bundle is code, in which any word may stand.
        del room["_esm"], room["_bundle"], room["_css"]
    text = json.dumps(rooms) + json.dumps(content["cells"])
    for secret in (
        *secrets,
        PLANTED,
        "shared-turn-secret",
        '"eyJ1c2Ui',
        "eyJ1c2Ui",
        "a=fingerprint",
        "a=ice-ufrag",
        "candidate:",
        "v=0",
    ):
        assert secret not in text, secret
    addresses = re.findall(r"\b\d{1,3}(?:\.\d{1,3}){3}\b", text)
    assert [address for address in addresses if address != "127.0.0.1"] == []
    assert "http://127.0.0.1" not in text


async def test_no_synced_trait_is_named_like_a_secret() -> None:
    from rtc_widget import RoomWidget

    synced = RoomWidget.class_traits(sync=True)
    assert {"room", "name", "video", "audio"} <= set(synced)
    pattern = re.compile(r"token|secret|password|credential|sdp|candidate|key|relay", re.IGNORECASE)
    assert [name for name in synced if pattern.search(name)] == []
