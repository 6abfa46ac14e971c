"""A media process, a kernel or a browser is killed, hangs, is interrupted or busy."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from typing import TYPE_CHECKING

import psutil

from tests.support.notebook_calls import holds, page_holds
from tests.support.waiting import GONE_SECONDS, wait_for

if TYPE_CHECKING:
    from tests.support.faults.stage import Ends, Stage

BUSY_SECONDS = 60
OFF = "probe.live('video') === 0 && probe.open() === 0"


async def names(stage: Stage, *others: str) -> None:
    """Wait until Bob sees these others and nobody else."""
    await holds(stage.bob, f"{{p.name for p in bob.participants}} == {set(others) or 'set()'}", 90)


async def gone(process: psutil.Process) -> None:
    await wait_for(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE, 90)


async def test_media_process_killed(stage: Stage, ends: Ends) -> None:
    (await stage.media_process()).kill()

    fault = "media process killed"
    await ends(fault, "its peers are gone for the others", names(stage, "Ada"), GONE_SECONDS)
    failed = holds(stage.ada, "(eve.state, (eve.error or {}).get('code')) == ('failed', 'peer_failed')")
    await ends(fault, "`state` is `failed`, with `peer_failed`", failed, GONE_SECONDS)
    await stage.ada.run_cell(1)
    await ends(fault, "running its cell again makes another", stage.is_whole(), 30)


async def test_media_process_hung(stage: Stage, ends: Ends) -> None:
    media = await stage.media_process()
    media.suspend()
    fault = "media process hung (SIGSTOP)"
    try:
        reconnecting = holds(stage.ada, "eve.state == 'reconnecting'", 60)
        await ends(fault, "`state` is `reconnecting`", reconnecting, 20)
        await ends(fault, "its peers are gone for the others", names(stage, "Ada"), 45)
        refusal = "try:\n    eve.send('x')\nexcept Exception as error:\n    print(error.code)"
        await ends(fault, "what is asked of them is refused", refused(stage, refusal), 30)
    finally:
        media.resume()
    await ends("the media process goes on", "its peers are back", stage.is_whole(), 30)


async def refused(stage: Stage, asking: str) -> None:
    assert (await stage.ada.execute(asking)).strip() in ("timeout", "not_joined")


async def test_hung_media_process_is_closed(stage: Stage, ends: Ends) -> None:
    media = await stage.media_process()
    media.suspend()
    await ends(
        "media process hung (SIGSTOP), its peers are closed",
        "`close()` returns, and the process is killed",
        asyncio.gather(stage.ada.execute("eve.close()"), gone(media)),
        15,
    )


async def test_kernel_killed(stage: Stage, ends: Ends) -> None:
    media = await stage.media_process()
    psutil.Process(await stage.pid(stage.ada)).kill()

    fault = "kernel killed"
    await ends(fault, "its widgets and peers are gone for the others", names(stage), GONE_SECONDS)
    await ends(fault, "its media process has ended", gone(media), GONE_SECONDS)
    await ends(fault, "the camera is off", page_holds(stage.ada, OFF), GONE_SECONDS)
    shown = "document.querySelector('.rtcw').innerText.includes('kernel has ended')"
    await ends(fault, "the page says `kernel_gone`", page_holds(stage.ada, shown), GONE_SECONDS)


async def test_kernel_restarted(stage: Stage, ends: Ends) -> None:
    media = await stage.media_process()
    await stage.ada._call("await panel.sessionContext.session.kernel.restart();")

    fault = "kernel restarted"
    await ends(fault, "its widgets and peers are gone for the others", names(stage), GONE_SECONDS)
    await ends(fault, "its media process has ended", gone(media), GONE_SECONDS)
    await ends(fault, "the camera is off", page_holds(stage.ada, OFF), GONE_SECONDS)
    await stage.ada.ready()
    await stage.ada.run_cell(0)
    await stage.ada.run_cell(1)
    await ends(fault, "its cells that are run again make another call", stage.is_whole(), 30)


CHANGES = """
changes = []
for p in {me}.participants:
    p.observe(lambda c: changes.append((c.owner.name, c.name, c.new)), ["connection_state", "away"])
{me}.observe(lambda c: changes.append((c.name, c.new)), ["state", "participants"])
"""


async def test_kernel_busy(stage: Stage, ends: Ends) -> None:
    await stage.bob.execute(CHANGES.format(me="bob"))
    await stage.ada.execute(CHANGES.format(me="ada"))
    busy = f"import time\nstop = time.monotonic() + {BUSY_SECONDS}\nwhile time.monotonic() < stop: pass"
    working = asyncio.create_task(stage.ada.execute(busy))
    until = time.monotonic() + BUSY_SECONDS - 10
    while time.monotonic() < until:
        await stage.moves(stage.ada)
        await stage.moves(stage.bob)
    await working

    await ends(f"kernel busy for {BUSY_SECONDS} s", "the call goes on, nothing has changed", whole(stage), 20)


async def test_kernel_interrupted(stage: Stage, ends: Ends) -> None:
    await stage.bob.execute(CHANGES.format(me="bob"))
    await stage.ada.execute(CHANGES.format(me="ada"))
    await stage.ada.interrupt_kernel()

    await ends("kernel interrupted", "the call goes on, nothing has changed", whole(stage), 20)


async def whole(stage: Stage) -> None:
    await stage.is_whole()
    for notebook in (stage.ada, stage.bob):
        assert await notebook.execute("print(changes)") == "[]\n"


async def test_kernel_hung(stage: Stage, ends: Ends) -> None:
    kernel = await stage.pid(stage.ada)
    os.kill(kernel, signal.SIGSTOP)
    fault = "kernel hung (SIGSTOP)"
    try:
        silent = "document.querySelector('.rtcw').innerText.includes('kernel does not answer')"
        await ends(fault, "the page says `kernel_silent`", page_holds(stage.ada, silent), 20)
        await names(stage, "Ada", "Eve")
        await stage.moves(stage.bob)
        left = page_holds(stage.ada, OFF, 90)
        await ends(fault, "after a minute of silence the camera is off, with `kernel_gone`", left, 70)
        await ends(fault, "its widget is gone for the others", names(stage, "Eve"), 10)
    finally:
        os.kill(kernel, signal.SIGCONT)


async def test_browser_killed(stage: Stage, ends: Ends) -> None:
    await stage.windows[0].kill()

    fault = "browser killed"
    await ends(fault, "its widget is gone for the others", names(stage, "Eve"), GONE_SECONDS)
