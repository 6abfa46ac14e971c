"""A call of real browsers and the kernel's own peer, recorded and looked at."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest_asyncio

from rtc_widget.peer import Peer
from rtc_widget.relay.address import Relay
from tests.browser.pages import ask, beat, enter, holds, invitation, phase, press, press_by_script
from tests.support import wait_for
from tests.unit.relay_tools import SECRET

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.browser.firefox import Firefox
    from tests.browser.fixtures import NewWindow
    from tests.browser.host import Host
    from tests.unit.relay_tools import RunningRelay

CAMERA = {"video": "camera", "audio": "microphone"}


@pytest_asyncio.fixture(loop_scope="session")
async def grace(relay: RunningRelay, room: str) -> AsyncIterator[Peer]:
    """A peer of the kernel's, who records."""
    peer = await asyncio.to_thread(Peer, room, name="Grace", relay=Relay(relay.url, secret=SECRET))
    await peer.wait_for_async("joined", 20)
    yield peer
    await asyncio.to_thread(peer.close)


async def record(peer: Peer, path: Path) -> Any:
    return await asyncio.to_thread(peer.record, path)


async def grows(recording: Any, by: int = 100_000) -> None:
    before = recording.size
    await wait_for(lambda: recording.size > before + by, 20, f"{by} bytes more")


async def finish(recording: Any) -> Any:
    return await asyncio.to_thread(recording.stop)


async def test_everybody_in_chromium_and_firefox_is_told_and_recorded(
    host: Host,
    relay: RunningRelay,
    room: str,
    grace: Peer,
    new_window: NewWindow,
    firefox: Firefox,
    tmp_path: Path,
) -> None:
    ada = await enter(host, await new_window(), relay, room, "Ada", **CAMERA)
    bob = await host.open(firefox, room=room, name="Bob", **CAMERA)
    await beat(bob, relay, room, invitation=invitation(relay, room))
    await phase(bob, "joined")
    recording = await record(grace, tmp_path / "lesson")
    for page in (ada, bob):
        await holds(
            page, "document.querySelector('.rtcw-notices').innerText.includes('Grace records this call')"
        )
    await grows(recording, 400_000)
    await finish(recording)
    for page in (ada, bob):
        await holds(
            page, "!document.querySelector('.rtcw-notices').innerText.includes('Grace records this call')"
        )
    print(
        recording, recording.media, recording.problems, recording.trace, recording.stats, recording.chapters
    )
    for name in ("Ada", "Bob"):
        medium = next(m for m in recording.media if m.participant == recording.person(name).id)
        assert medium.video and medium.audio
        frame = recording.frame(name, medium.begins + 1)
        assert frame.std() > 5
    recording.close()
