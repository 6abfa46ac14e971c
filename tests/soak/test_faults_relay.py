"""The relay is killed, hangs, or may open nothing any more."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

import psutil

from tests.support.notebook_calls import relays
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from tests.support.browser_fixtures import OwnWindow
    from tests.support.faults.stage import Ends, Stage

AGAIN = "a new relay; nobody has lost a connection, everybody is back under the same id"


async def test_killed(stage: Stage, ends: Ends) -> None:
    before = await identities(stage)
    old = stage.relay()
    old.kill()

    await ends("relay killed", AGAIN, back(stage, old, before), 20)


async def test_hung(stage: Stage, ends: Ends) -> None:
    before = await identities(stage)
    old = stage.relay()
    old.suspend()
    try:
        await ends("relay hung (SIGSTOP)", AGAIN, back(stage, old, before), 45)
    finally:
        old.resume()
    await ends("the hung relay goes on", "it has been replaced, and ends", ended(old), 45)
    await stage.is_whole()


async def test_out_of_descriptors(stage: Stage, ends: Ends, own_window: OwnWindow) -> None:
    before = await identities(stage)
    old = stage.relay()
    psutil.Process(old.pid).rlimit(resource.RLIMIT_NOFILE, (old.num_fds(), old.num_fds()))

    await ends("relay out of descriptors", "the call goes on", stage.is_whole(), 20)
    await ends(
        "somebody comes to a relay out of descriptors",
        "a new relay, on which everybody meets",
        stage.newcomer(await own_window()),
        60,
    )
    await ends("relay out of descriptors, afterwards", AGAIN, back(stage, old, before), 45)


async def identities(stage: Stage) -> tuple[str, str]:
    return (
        await stage.ada.execute("print(ada.me.id, ada.participants['Bob'].id, eve.me.id)"),
        str(await stage.ada.tab.evaluate("() => probe.open()")),
    )


async def back(stage: Stage, old: psutil.Process, before: tuple[str, str]) -> None:
    """Wait until there is another relay, and everybody is there as before."""
    await wait_for(lambda: any(each.pid != old.pid for each in relays(stage.lab)), 90, "a new relay")
    await stage.is_whole()
    assert await stage.ada.execute("print(ada.me.id, ada.participants['Bob'].id, eve.me.id)") == before[0]


async def ended(process: psutil.Process) -> None:
    await wait_for(
        lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE, 90, "its end"
    )
