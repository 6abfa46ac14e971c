"""The relay dies in the middle of a call: nobody loses a frame, everybody is back, newcomers can join."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from tests.support.notebook_calls import (
    cell,
    holds,
    in_page,
    open_notebook,
    page_holds,
    relays,
    two_notebooks,
)
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from tests.support.browser_fixtures import NewWindow
    from tests.support.lab import Lab


async def test_a_call_outlives_its_relay(lab: Lab, new_window: NewWindow) -> None:
    ada, bob = await two_notebooks(lab, await new_window(), await new_window())
    ids = await ada.execute("print(ada.me.id, ada.participants['Bob'].id)")
    changes = (
        "changes = []; ada.participants['Bob'].observe(lambda c: changes.append(c.new), 'connection_state')"
    )
    await ada.execute(changes)
    [relay] = relays(lab)
    before = await in_page(ada, "probe.frames()")
    connections = await in_page(ada, "probe.connections.length")
    os.kill(relay.pid, signal.SIGKILL)
    relay.wait(5)

    await wait_for(lambda: relays(lab), 30, "a new relay")
    await holds(
        ada, "ada.state == 'joined' and ada._session.observer.connected and not ada.participants['Bob'].away"
    )
    await holds(
        bob, "bob.state == 'joined' and bob._session.observer.connected and not bob.participants['Ada'].away"
    )
    assert await ada.execute("print(ada.me.id, ada.participants['Bob'].id)") == ids
    assert await ada.execute("print(changes)") == "[]\n"
    assert await in_page(ada, "probe.connections.length") == connections
    await page_holds(ada, f"probe.frames().then((now) => now > {before} + 10)")

    eve = await open_notebook(lab, await new_window(), cell("Eve", lab.room))
    await eve.run_cell(0)
    await holds(eve, "[p.connection_state for p in eve.participants] == ['connected', 'connected']")
    await holds(ada, "[p.name for p in ada.participants] == ['Bob', 'Eve']")
    await holds(ada, "all(p.connection_state == 'connected' for p in ada.participants)")
