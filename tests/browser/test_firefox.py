"""Chromium and Firefox in one call, each with the bundle as it is shipped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest
import pytest_asyncio

from tests.support.chromium import PROBE
from tests.support.coturn import Coturn
from tests.support.notebook_calls import cell
from tests.support.notebook_calls import holds as kernel_holds
from tests.support.pages import PATTERN, ask, beat, holds, invitation, phase, press_by_script, tiles
from tests.support.turn_calls import Teacher
from tests.support.waiting import GONE_SECONDS, wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.support.browser_fixtures import NewWindow
    from tests.support.firefox import Firefox
    from tests.support.lab import Lab
    from tests.support.relays import RunningRelay
    from tests.support.widget_page import Host, HostPage

CAMERA = {"video": "camera", "audio": "microphone"}


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def probe_in_firefox(firefox: Firefox) -> AsyncIterator[None]:
    """Watch the cameras and connections of Firefox's pages too."""
    added = await firefox.command("script.addPreloadScript", {"functionDeclaration": f"() => {{ {PROBE} }}"})
    yield
    await firefox.command("script.removePreloadScript", {"script": added["script"]})


@pytest.fixture(scope="module")
def coturn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    server = Coturn(tmp_path_factory.mktemp("turn"))
    yield server.wait()
    server.stop()


async def decodes(page: HostPage) -> None:
    """Wait until the page decodes new frames; Firefox does not count those that an element shows."""
    before = await ask(page, "probe.frames()")
    await holds(page, f"probe.frames().then((now) => now >= {before + 5})")


async def join(page: HostPage, relay: RunningRelay, room: str) -> None:
    await beat(page, relay, room, invitation=invitation(relay, room))
    await phase(page, "joined")


async def meet(
    host: Host, relay: RunningRelay, room: str, chromium: NewWindow, firefox: Firefox, first: str
) -> tuple[HostPage, HostPage]:
    """Bring Chromium's Ada and Firefox's Bob together, in either order."""
    window = await chromium()
    await window.watch()
    ada = await host.open(window, room=room, name="Ada", **CAMERA)
    bob = await host.open(firefox, room=room, name="Bob", **CAMERA)
    for page in (ada, bob) if first == "chromium" else (bob, ada):
        await join(page, relay, room)
    await tiles(ada, "Ada (you)", "Bob, connected")
    await tiles(bob, "Bob (you)", "Ada, connected")
    return ada, bob


async def test_a_notebook_in_firefox_is_in_the_call_and_its_kernel_sees_it(
    lab: Lab, firefox: Firefox
) -> None:
    peer = f"from rtc_widget import Peer\nbob = Peer({lab.room!r}, name='Bob', source='pattern')"
    notebook = await lab.open(firefox, lab.notebook([cell("Ada", lab.room), peer]))

    for index in range(2):
        await notebook.run_cell(index)

    assert await notebook.execute("print(bob.frame('Ada', timeout=30).shape)") == "(180, 320, 3)\n"
    assert await notebook.execute("print(ada.frame('Bob', timeout=30).shape)") == "(360, 640, 3)\n"
    pair = "bob.participants['Ada'].selected_candidate_pair"
    await kernel_holds(notebook, f"{pair} and {pair}['protocol'] == 'udp'")


order = pytest.mark.parametrize("first", ["chromium", "firefox"])


@order
async def test_chromium_and_firefox_see_each_other_and_notice_who_leaves(
    host: Host, relay: RunningRelay, room: str, new_window: NewWindow, firefox: Firefox, first: str
) -> None:
    ada, bob = await meet(host, relay, room, new_window, firefox, first)
    await decodes(ada)
    await decodes(bob)
    gone, stays, alone = (ada, bob, "Bob (you)") if first == "chromium" else (bob, ada, "Ada (you)")
    await press_by_script(gone, "Leave")
    await tiles(stays, alone, timeout=GONE_SECONDS)


@order
async def test_muting_is_seen_and_undone_across_browsers(
    host: Host, relay: RunningRelay, room: str, new_window: NewWindow, firefox: Firefox, first: str
) -> None:
    ada, bob = await meet(host, relay, room, new_window, firefox, first)
    for page, other, name, theirs in ((ada, bob, "Ada", "Bob"), (bob, ada, "Bob", "Ada")):
        await press_by_script(page, "Microphone")
        await press_by_script(page, "Camera")
        await tiles(other, f"{theirs} (you)", f"{name}, microphone off, camera off, connected")
        await press_by_script(page, "Camera")
        await press_by_script(page, "Microphone")
        await tiles(other, f"{theirs} (you)", f"{name}, connected")
        await decodes(other)


async def test_two_firefox_tabs_see_each_other(
    host: Host, relay: RunningRelay, room: str, firefox: Firefox
) -> None:
    ada = await host.open(firefox, room=room, name="Ada", **PATTERN)
    await join(ada, relay, room)
    bob = await host.open(firefox, room=room, name="Bob", **CAMERA)
    await join(bob, relay, room)
    await tiles(ada, "Ada (you), microphone off", "Bob, connected")
    await tiles(bob, "Bob (you)", "Ada, microphone off, connected")
    await decodes(bob)
    await bob.tab.close()
    await tiles(ada, "Ada (you), microphone off", timeout=GONE_SECONDS)


@pytest.mark.parametrize("way", ["udp", "tcp"])
async def test_where_nothing_but_a_turn_server_is_left_they_see_each_other_through_it(
    host: Host,
    new_window: NewWindow,
    firefox: Firefox,
    relay: RunningRelay,
    room: str,
    way: Literal["udp", "tcp"],
    coturn: Coturn,
) -> None:
    teacher = await Teacher.watching(relay, room)
    servers = [coturn.server(way).ice_server()]
    window = await new_window()
    await window.watch()
    ada = await host.open(window, room=room, name="Ada", **CAMERA)
    bob = await host.open(firefox, room=room, name="Bob", **CAMERA)
    for page in (ada, bob):
        await beat(page, relay, room, invitation=invitation(relay, room), iceServers=servers)
        await phase(page, "joined")
    await tiles(ada, "Ada (you)", "Bob, connected")
    await tiles(bob, "Bob (you)", "Ada, connected")
    await decodes(ada)
    await decodes(bob)
    await wait_for(lambda: len(teacher.pairs()) == 2, 20, "both ends' pairs")
    assert {local for _who, _whom, local in teacher.pairs()} == {"relay"}
    await teacher.disconnect()
