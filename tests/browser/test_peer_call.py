"""A `Peer` and the widget in one room: Chromium and Firefox with the shipped bundle, Python with its media process."""

from __future__ import annotations

import asyncio
import functools
import os
import signal
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import pytest_asyncio

from rtc_widget import Peer, Relay
from rtc_widget.ice.ice_servers import IceServers
from rtc_widget.peer.kernel import media_process
from rtc_widget.peer.process.room import PeerRoom
from rtc_widget.protocol.owner_key import new_owner_key
from rtc_widget.relay import room_service
from tests.support.chromium import PROBE
from tests.support.pages import (
    PATTERN,
    beat,
    enter,
    holds,
    invitation,
    phase,
    plays,
    press,
    press_by_script,
    tiles,
)
from tests.support.peer_sides import no_events, publish
from tests.support.relays import SECRET
from tests.support.waiting import GONE_SECONDS, wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from tests.support.browser_fixtures import NewWindow, OwnWindow
    from tests.support.chromium import Window
    from tests.support.firefox import Firefox
    from tests.support.relays import RunningRelay
    from tests.support.widget_page import Host, HostPage

    NewPeer = Callable[..., Awaitable[Peer]]
    Enter = Callable[..., Awaitable[HostPage]]

ADA = "Ada (you), microphone off"
BOT = "Bot, Python, microphone off, connected"
# The size of the picture that comes from the peer.
SIZE = """[...document.querySelectorAll('.rtcw-tile')].filter((tile) => tile.ariaLabel.startsWith('Bot,'))
    .map((tile) => tile.querySelector('video')).map((video) => `${video.videoWidth}x${video.videoHeight}`)[0]"""

first = pytest.mark.parametrize("first", ["peer", "page"])


@pytest.fixture(scope="module", autouse=True)
def media() -> Iterator[None]:
    """One media process for all tests of the module: starting one takes a second."""
    held = media_process.acquire()
    yield
    media_process.release(held)


@pytest_asyncio.fixture(loop_scope="session")
async def new_peer(relay: RunningRelay, room: str) -> AsyncIterator[NewPeer]:
    """Make peers in the test's room. Not in the loop's thread, in which the relay runs."""
    made: list[Peer] = []

    async def make(name: str = "Bot", **options: Any) -> Peer:
        there = Relay(relay.url, secret=SECRET)
        peer = await asyncio.to_thread(Peer, room, name=name, relay=there, **options)
        made.append(peer)
        await peer.wait_for_async("joined", 10)
        return peer

    yield make
    for peer in made:
        await asyncio.to_thread(peer.close)


@pytest.fixture
def join(host: Host, relay: RunningRelay, room: str) -> Enter:
    """Let somebody join the test's room from a window."""

    async def join_from(window: Window, name: str = "Ada", **traits: object) -> HostPage:
        return await enter(host, window, relay, room, name, **traits)

    return join_from


async def sees(peer: Peer, name: str, count: int = 5, *, screen: bool = False) -> None:
    """Wait until a peer gets new pictures, from now on."""
    # Never on the loop's own thread, on which the relay runs.
    newest = functools.partial(asyncio.to_thread, peer.frame, name, screen=screen, timeout=30)
    before = (await newest()).number

    async def has_more() -> bool:
        return (await newest()).number >= before + count

    await wait_for(has_more, 30, f"{count} pictures of {name}")


async def call(new_peer: NewPeer, join: Enter, window: Window, **options: Any) -> tuple[Peer, HostPage]:
    """Bring a peer with a pattern and a page with one together."""
    peer = await new_peer(**{"source": "pattern", **options})
    page = await join(window)
    await tiles(page, ADA, BOT)
    await plays(page, "Bot")
    await sees(peer, "Ada")
    return peer, page


@first
async def test_a_peer_and_a_page_see_each_other_in_any_order(
    new_peer: NewPeer, join: Enter, new_window: NewWindow, first: str
) -> None:
    if first == "peer":
        peer = await new_peer(source="pattern")
        page = await join(await new_window())
    else:
        page = await join(await new_window())
        peer = await new_peer(source="pattern")
    await tiles(page, ADA, BOT)
    await plays(page, "Bot")
    await sees(peer, "Ada")
    assert peer.frame("Ada").shape == (180, 320, 3)
    await press(page, "Leave")
    await wait_for(lambda: peer.participants == (), GONE_SECONDS, "an empty room")


@first
async def test_a_peer_and_firefox_see_each_other_in_any_order(
    new_peer: NewPeer, host: Host, relay: RunningRelay, room: str, firefox: Firefox, first: str
) -> None:
    added = await firefox.command("script.addPreloadScript", {"functionDeclaration": f"() => {{ {PROBE} }}"})
    try:
        peer = await new_peer(source="pattern") if first == "peer" else None
        page = await host.open(firefox, room=room, name="Ada", **PATTERN)
        await beat(page, relay, room, invitation=invitation(relay, room))
        await phase(page, "joined")
        peer = peer or await new_peer(source="pattern")
        await tiles(page, ADA, BOT)
        await holds(page, "probe.frames().then((frames) => frames > 5)")
        await sees(peer, "Ada")
        await press_by_script(page, "Camera")
        await wait_for(lambda: not peer.participants["Ada"].video, 30, "the camera off")
        await press_by_script(page, "Camera")
        await sees(peer, "Ada")
        await asyncio.to_thread(peer.leave)
        await tiles(page, ADA, timeout=GONE_SECONDS)
    finally:
        await firefox.command("script.removePreloadScript", {"script": added["script"]})


async def test_pictures_that_come_late_are_seen(
    new_peer: NewPeer, join: Enter, new_window: NewWindow
) -> None:
    peer = await new_peer()
    page = await join(await new_window(), video=False)
    await tiles(page, f"{ADA}, camera off", "Bot, Python, microphone off, camera off, connected")
    await wait_for(lambda: peer.participants["Ada"].connection_state == "connected", 30, "the connection")
    await asyncio.to_thread(peer.use, "pattern")
    await plays(page, "Bot")
    await press(page, "Camera")
    await sees(peer, "Ada")
    await press(page, "Share screen")
    await sees(peer, "Ada", screen=True)
    assert peer.participants["Ada"].screen
    await sees(peer, "Ada")
    await plays(page, "Bot")
    await press(page, "Share screen")
    await wait_for(lambda: not peer.participants["Ada"].screen, 30, "the end of the screen")
    await sees(peer, "Ada")


async def test_who_comes_while_a_screen_is_shared_sees_it(
    new_peer: NewPeer, join: Enter, new_window: NewWindow
) -> None:
    page = await join(await new_window())
    await press(page, "Share screen")
    await holds(page, "document.querySelector('.rtcw-share').ariaPressed === 'true'")
    peer = await new_peer(source="pattern")
    await sees(peer, "Ada", screen=True)
    await sees(peer, "Ada")
    assert peer.frame("Ada").shape == (180, 320, 3)
    await plays(page, "Bot")


async def test_a_screen_is_shared_at_the_moment_at_which_python_offers_again(
    relay: RunningRelay, room: str, join: Enter, new_window: NewWindow
) -> None:
    crossed = []

    class Crossing(PeerRoom):
        """Offers when an offer comes, and before that is looked at."""

        def _receive(self, event: str, payload: dict[str, Any], at: float | None = None) -> None:
            remote = self._remotes.get(str(payload.get("from")))
            if event == "offer" and remote is not None and not crossed:
                crossed.append(remote.connection)
                remote.connection.renegotiate()
            super()._receive(event, payload, at)

    async def find() -> tuple[str, str]:
        return relay.url, relay.token(room)

    peer = Crossing(room, "Bot", new_owner_key(), resolve=find, ice_servers=IceServers(), events=no_events())
    peer.set_media(video=True)
    tasks = [asyncio.create_task(publish(peer.video)), asyncio.create_task(peer.run())]
    try:
        page = await join(await new_window())
        await tiles(page, ADA, BOT)
        await plays(page, "Bot")
        (key,) = peer.participants
        await press(page, "Share screen")
        incoming = peer.incoming(key)
        assert incoming is not None
        await wait_for(lambda: incoming.screen.number > 5, 30, "the screen")
        assert len(crossed) == 1
        before = incoming.video.number
        await wait_for(lambda: incoming.video.number > before + 5, 30, "the camera")
        await plays(page, "Bot")
        await wait_for(lambda: crossed[0].pc.signalingState == "stable", 30, "rest")
    finally:
        tasks[0].cancel()
        peer.leave()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_muting_is_seen_and_undone_on_both_sides(
    new_peer: NewPeer, join: Enter, new_window: NewWindow
) -> None:
    peer, page = await call(new_peer, join, await new_window())
    await press(page, "Camera")
    await wait_for(lambda: not peer.participants["Ada"].video, 30, "the camera off")
    await press(page, "Camera")
    await wait_for(lambda: peer.participants["Ada"].video, 30, "the camera on")
    await sees(peer, "Ada")
    peer.mute(video=True)
    await tiles(page, ADA, "Bot, Python, microphone off, camera off, connected")
    peer.unmute(video=True)
    await tiles(page, ADA, BOT)
    await plays(page, "Bot")
    await asyncio.to_thread(peer.use, audio="tone")
    await tiles(page, ADA, "Bot, Python, connected")
    peer.mute()
    await tiles(page, ADA, BOT)
    peer.unmute()
    await tiles(page, ADA, "Bot, Python, connected")


async def test_sources_and_sizes_change_in_the_middle_of_a_call(
    new_peer: NewPeer, join: Enter, new_window: NewWindow
) -> None:
    peer, page = await call(new_peer, join, await new_window())
    await asyncio.to_thread(peer.use, np.full((120, 160, 3), 200, np.uint8))
    await holds(page, f"{SIZE} === '160x120'")
    await asyncio.to_thread(peer.use, None)
    await tiles(page, ADA, "Bot, Python, microphone off, camera off, connected")
    await asyncio.to_thread(peer.use, "pattern")
    await holds(page, f"{SIZE} === '640x360'")
    await plays(page, "Bot")
    await page.set(resolution=[640, 360])
    await wait_for(lambda: peer.frame("Ada").shape == (360, 640, 3), 30, "larger pictures")
    await sees(peer, "Ada")


async def test_a_page_that_is_loaded_again_is_seen_again(
    new_peer: NewPeer, relay: RunningRelay, room: str, join: Enter, new_window: NewWindow
) -> None:
    peer, page = await call(new_peer, join, await new_window())
    before = peer.participants["Ada"].id
    await page.tab.reload()
    await wait_for(lambda: page.tab.evaluate("() => Boolean(window.host)"), 30, "host.js")
    await page.tab.evaluate("(traits) => window.host.start(traits)", {"room": room, "name": "Ada", **PATTERN})
    await beat(page, relay, room, invitation=invitation(relay, room, "second"))
    await tiles(page, ADA, BOT)
    await plays(page, "Bot")
    await wait_for(lambda: peer.participants["Ada"].connection_state == "connected", 30, "Ada again")
    await sees(peer, "Ada")
    assert [one.id for one in peer.participants] == [before]


async def test_a_killed_browser_is_gone_within_two_seconds(
    new_peer: NewPeer, join: Enter, own_window: OwnWindow
) -> None:
    window = await own_window()
    peer, _page = await call(new_peer, join, window)
    await window.kill()
    await wait_for(lambda: peer.participants == (), GONE_SECONDS, "an empty room")


async def test_two_peers_and_a_page_all_see_each_other(
    new_peer: NewPeer, join: Enter, new_window: NewWindow
) -> None:
    small = {"source": "pattern", "resolution": (160, 90)}
    one = await new_peer("Bot", **small)
    page = await join(await new_window())
    two = await new_peer("Cid", **small)
    await tiles(page, ADA, BOT, "Cid, Python, microphone off, connected")
    await asyncio.gather(
        plays(page, "Bot"),
        plays(page, "Cid"),
        *(sees(peer, name) for peer, name in ((one, "Ada"), (one, "Cid"), (two, "Ada"), (two, "Bot"))),
    )
    await asyncio.to_thread(one.leave)
    await tiles(page, ADA, "Cid, Python, microphone off, connected", timeout=GONE_SECONDS)
    await wait_for(lambda: [p.name for p in two.participants] == ["Ada"], GONE_SECONDS, "only Ada")
    await sees(two, "Ada")


@pytest.mark.parametrize("source", [False, "pattern"])
async def test_a_screen_that_is_sent_as_the_video_ends_for_everybody_when_that_is_something_else(
    new_peer: NewPeer, join: Enter, new_window: NewWindow, source: str | bool
) -> None:
    peer, ada = await call(new_peer, join, await new_window())
    bob = await join(await new_window(), "Bob")
    others = "Bob (you), microphone off", BOT
    await ada.set(video="screen")
    sharing = "Ada, microphone off, camera off, sharing a screen, connected"
    await tiles(bob, *others, sharing, "Ada's screen, connected")
    await plays(bob, "Ada's screen")
    await sees(peer, "Ada", screen=True)

    await ada.set(video=source)

    camera = "" if source else ", camera off"
    await tiles(bob, *others, f"Ada, microphone off{camera}, connected")
    await wait_for(lambda: not peer.participants["Ada"].screen, 30, "the end of the screen")
    if source:
        await plays(bob, "Ada")
        await sees(peer, "Ada")


async def test_what_is_turned_off_and_on_while_ones_own_path_is_away_is_known_to_everybody(
    relay: RunningRelay,
    new_peer: NewPeer,
    join: Enter,
    new_window: NewWindow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room_service, "seconds", lambda _name: 60.0)
    small = {"source": "pattern", "resolution": (160, 90)}
    peers = {name: await new_peer(name, **small) for name in ("Bot", "Cid")}
    pages = {name: await join(await new_window(), name) for name in ("Ada", "Bob")}
    (members,) = (each.members for each in relay.server._rooms._rooms.values())

    def tile(name: str, on: bool) -> str:
        python, camera = ", Python" if name in peers else "", "" if on else ", camera off"
        return f"{name}{python}, microphone off{camera}, connected"

    async def shows(peer: Peer, who: str, on: bool) -> None:
        await wait_for(lambda: peer.participants[who].video is on, 30, f"{who} {on}")

    for on in (False, True):
        for who in ("Ada", "Bot"):
            with monkeypatch.context() as away:
                away.setattr(relay.server._arrivals, "take", lambda _room: False)
                (sid,) = (each.sid for each in members.values() if each.name == who)
                await relay.server._sio.disconnect(sid)
                if who in pages:
                    await phase(pages[who], "reconnecting")
                    await press(pages[who], "Camera")
                else:
                    await wait_for(lambda: peers["Bot"].state == "reconnecting", 30, "the peer's loss")
                    (peers[who].unmute if on else peers[who].mute)(video=True)
            for name, page in pages.items():
                if name != who:
                    await holds(page, f"document.querySelector(`[aria-label='{tile(who, on)}']`)")
            for name, peer in peers.items():
                if name != who:
                    await shows(peer, who, on)


async def test_a_peer_whose_process_is_killed_is_gone_within_two_seconds(
    new_peer: NewPeer, join: Enter, new_window: NewWindow
) -> None:
    peer, page = await call(new_peer, join, await new_window())
    os.kill(peer._process.pid, signal.SIGKILL)
    await tiles(page, ADA, timeout=GONE_SECONDS)
    await holds(page, "probe.open() === 0")
