"""Cameras, patterns and screens come, go and change places in the middle of a call."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.support.pages import ask, enter, holds, plays, press, tiles
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tests.support.browser_fixtures import NewWindow, OwnWindow
    from tests.support.chromium import Window
    from tests.support.relays import RunningRelay
    from tests.support.widget_page import Host, HostPage

    Enter = Callable[..., Awaitable[HostPage]]

BOB = "Bob (you), microphone off"
CAMERA = {"video": "camera", "audio": False}
MIRRORED = "document.querySelector('.rtcw-tile video').classList.contains('rtcw-mirrored')"
# The size of the picture that comes from Ada.
SIZE = """[...document.querySelectorAll('.rtcw-tile')].filter((tile) => tile.ariaLabel.startsWith('Ada,'))
    .map((tile) => tile.querySelector('video')).map((video) => `${video.videoWidth}x${video.videoHeight}`)[0]"""
# Chromium may send a picture that grows early in a call at a quarter of its size, and take half a minute to let it grow.
KEEP_SIZE = """(async () => {
    const sender = probe.connections[0].getSenders().find(({ track }) => track?.kind === "video");
    await sender.setParameters({ ...sender.getParameters(), degradationPreference: "maintain-resolution" });
})()"""
# The m-lines of the only connection's present description.
M_LINES = "probe.connections[0].localDescription.sdp.match(/^m=/gm).length"
# Counts the descriptions that were applied, so that a test can tell that there was no negotiation.
COUNT = """
window.negotiated = 0;
const original = RTCPeerConnection.prototype.setRemoteDescription;
RTCPeerConnection.prototype.setRemoteDescription = function (...given) {
    negotiated += 1;
    return original.apply(this, given);
};
"""
# How loud the sound that arrives is, from 0 to 1.
LOUDNESS = """Promise.all(probe.connections.map((pc) => pc.getStats())).then((reports) =>
    Math.max(0, ...reports.flatMap((report) => [...report.values()]
        .filter(({ type, kind }) => type === "inbound-rtp" && kind === "audio")
        .map(({ totalAudioEnergy }) => totalAudioEnergy))))"""


@pytest.fixture
def enter_room(host: Host, relay: RunningRelay, room: str) -> Enter:
    """Let somebody join the test's room from a window."""

    async def enter_from(window: Window, name: str, **traits: object) -> HostPage:
        await window.context.add_init_script(COUNT)
        return await enter(host, window, relay, room, name, **traits)

    return enter_from


@pytest_asyncio.fixture(loop_scope="session")
async def bob(new_window: NewWindow, enter_room: Enter) -> AsyncIterator[HostPage]:
    """Somebody who watches, and sends a pattern."""
    yield await enter_room(await new_window(), "Bob")


async def test_pattern_and_tone_arrive(new_window: NewWindow, enter_room: Enter, bob: HostPage) -> None:
    ada = await enter_room(await new_window(), "Ada", video="pattern", audio="tone")
    await tiles(bob, BOB, "Ada, connected")
    await plays(bob, "Ada")
    await plays(ada, "Bob")
    await holds(bob, f"{LOUDNESS}.then((loudness) => loudness > 0)")


async def test_a_camera_that_is_off_is_released_and_seen_as_off_and_comes_back_without_negotiation(
    new_window: NewWindow, enter_room: Enter, bob: HostPage
) -> None:
    ada = await enter_room(await new_window(), "Ada", **CAMERA)
    await tiles(bob, BOB, "Ada, microphone off, connected")
    await plays(bob, "Ada")
    negotiated = await ask(ada, "negotiated")
    await press(ada, "Camera")
    await holds(ada, "probe.live('video') === 0")
    await tiles(bob, BOB, "Ada, microphone off, camera off, connected")
    await press(ada, "Camera")
    await tiles(bob, BOB, "Ada, microphone off, connected")
    await plays(bob, "Ada")
    assert await ask(ada, "negotiated") == negotiated
    assert await ask(ada, "probe.live('video')") == 1


async def test_python_swaps_the_pattern_for_the_camera_in_the_call(
    new_window: NewWindow, enter_room: Enter, bob: HostPage
) -> None:
    ada = await enter_room(await new_window(), "Ada", video="pattern")
    await tiles(bob, BOB, "Ada, microphone off, connected")
    await plays(bob, "Ada")
    negotiated = await ask(ada, "negotiated")
    assert await ask(ada, "probe.live('video')") == 0
    await ada.set(video="camera")
    await holds(ada, "probe.live('video') === 1")
    await plays(bob, "Ada")
    assert await ask(ada, MIRRORED)
    await ada.set(video="pattern")
    await holds(ada, "probe.live('video') === 0")
    await plays(bob, "Ada")
    # Nobody could read the pattern's clock in a mirror.
    assert not await ask(ada, MIRRORED)
    await ada.set(video=False)
    await tiles(bob, BOB, "Ada, microphone off, camera off, connected")
    assert await ask(ada, "negotiated") == negotiated


@pytest.mark.parametrize("video", ["camera", "pattern"])
async def test_python_changes_the_resolution_in_the_call(
    new_window: NewWindow, enter_room: Enter, bob: HostPage, video: str
) -> None:
    ada = await enter_room(await new_window(), "Ada", video=video, resolution=[640, 360])
    await tiles(bob, BOB, "Ada, microphone off, connected")
    await holds(bob, f"{SIZE} === '640x360'", timeout=30)
    await ask(ada, KEEP_SIZE)
    track = "probe.connections[0].getSenders().find(({ track }) => track?.kind === 'video').track.id"
    before = await ask(ada, f"[negotiated, {track}]")
    await ada.set(resolution=[1280, 720])
    await holds(bob, f"{SIZE} === '1280x720'", timeout=30)
    await plays(bob, "Ada")
    negotiated, sent = await ask(ada, f"[negotiated, {track}]")
    assert negotiated == before[0]
    # A camera stays open: the person is not asked again.
    assert (sent == before[1]) == (video == "camera")


async def test_the_camera_button_works_where_python_asked_for_no_camera(
    new_window: NewWindow, enter_room: Enter, bob: HostPage
) -> None:
    ada = await enter_room(await new_window(), "Ada", video=False)
    await tiles(bob, BOB, "Ada, microphone off, camera off, connected")
    assert await ask(ada, "probe.live('video')") == 0
    await press(ada, "Camera")
    await tiles(bob, BOB, "Ada, microphone off, connected")
    await plays(bob, "Ada")
    # It is the camera that the device choice names.
    await press(ada, "Camera and microphone")
    assert (await ask(ada, "document.querySelector('.rtcw-select').value")) != ""


async def share(page: HostPage) -> None:
    await press(page, "Share screen")
    await holds(page, "document.querySelector('.rtcw-share').ariaPressed === 'true'")


async def unshare(page: HostPage) -> None:
    await press(page, "Share screen")
    await holds(page, "document.querySelector('.rtcw-share').ariaPressed === 'false'")


async def test_a_shared_screen_is_one_more_tile_and_shares_its_place_when_shared_again(
    new_window: NewWindow, enter_room: Enter, bob: HostPage
) -> None:
    ada = await enter_room(await new_window(), "Ada")
    await tiles(bob, BOB, "Ada, microphone off, connected")
    before = await ask(ada, M_LINES)
    lines = []
    for _ in range(2):
        await share(ada)
        await tiles(bob, BOB, "Ada, microphone off, sharing a screen, connected", "Ada's screen, connected")
        await plays(bob, "Ada's screen")
        await plays(bob, "Ada,")
        lines.append(await ask(ada, M_LINES))
        await unshare(ada)
        await tiles(bob, BOB, "Ada, microphone off, connected")
    assert lines == [before + 1, before + 1]


async def test_both_share_their_screens_at_the_same_time(
    new_window: NewWindow, enter_room: Enter, bob: HostPage
) -> None:
    ada = await enter_room(await new_window(), "Ada")
    await tiles(bob, BOB, "Ada, microphone off, connected")
    await plays(bob, "Ada,")
    await plays(ada, "Bob,")
    for page in (ada, bob):
        await page.tab.evaluate("() => document.querySelector('.rtcw-share').click()")
    await tiles(
        bob,
        f"{BOB}, sharing a screen",
        "Your shared screen",
        "Ada, microphone off, sharing a screen, connected",
        "Ada's screen, connected",
    )
    await tiles(
        ada,
        "Ada (you), microphone off, sharing a screen",
        "Your shared screen",
        "Bob, microphone off, sharing a screen, connected",
        "Bob's screen, connected",
    )
    # Also the cameras, whose pictures froze where an offer was taken back.
    for page, other in ((bob, "Ada"), (ada, "Bob")):
        await plays(page, f"{other}'s screen")
        await plays(page, f"{other},")


async def test_screens_are_shown_however_often_both_share_and_stop_in_whatever_order(
    new_window: NewWindow, enter_room: Enter, bob: HostPage
) -> None:
    ada = await enter_room(await new_window(), "Ada")
    await tiles(bob, BOB, "Ada, microphone off, connected")
    other = {ada: bob, bob: ada}
    screen = {ada: "Ada's screen", bob: "Bob's screen"}
    for first, last in itertools.product((ada, bob), repeat=2):
        await share(first)
        await plays(other[first], screen[first])
        await share(other[first])
        # One goes on when the other begins, and when it ends.
        await plays(first, screen[other[first]])
        await plays(other[first], screen[first])
        await unshare(other[last])
        await plays(other[last], screen[last])
        # The next round begins at once.
        await unshare(last)
    await tiles(bob, BOB, "Ada, microphone off, connected")
    await tiles(ada, "Ada (you), microphone off", "Bob, microphone off, connected")


async def test_who_comes_later_sees_what_is_off_and_what_is_shared(
    new_window: NewWindow, enter_room: Enter, bob: HostPage
) -> None:
    ada = await enter_room(await new_window(), "Ada", **CAMERA)
    await press(ada, "Camera")
    await share(ada)
    await tiles(
        bob, BOB, "Ada, microphone off, camera off, sharing a screen, connected", "Ada's screen, connected"
    )
    eve = await enter_room(await new_window(), "Eve")
    await tiles(
        eve,
        "Eve (you), microphone off",
        "Bob, microphone off, connected",
        "Ada, microphone off, camera off, sharing a screen, connected",
        "Ada's screen, connected",
    )
    await plays(eve, "Ada's screen")
    # What a screen reader says of it first.
    said = await ask(eve, "document.querySelector('.rtcw [role=status] > *').textContent")
    assert said.endswith(". Bob and Ada are here.")


async def test_who_comes_later_and_shares_a_screen_is_seen_with_both(
    new_window: NewWindow, enter_room: Enter, bob: HostPage
) -> None:
    ada = await enter_room(await new_window(), "Ada", video=False)
    await share(ada)
    await tiles(
        bob, BOB, "Ada, microphone off, camera off, sharing a screen, connected", "Ada's screen, connected"
    )
    await plays(bob, "Ada's screen")


async def test_another_camera_is_used_when_chosen(
    own_window: OwnWindow, enter_room: Enter, bob: HostPage
) -> None:
    # The second fake camera's format is one that Chromium cannot send to anybody; the third's is.
    window = await own_window(args=["--use-fake-device-for-media-stream=device-count=3"])
    ada = await enter_room(window, "Ada", **CAMERA)
    await tiles(bob, BOB, "Ada, microphone off, connected")
    await press(ada, "Camera and microphone")
    cameras = await ask(ada, "[...document.querySelector('.rtcw-select').options].map(({ value }) => value)")
    used = await ask(ada, "document.querySelector('.rtcw-select').value")
    assert len(cameras) == 3
    assert used == cameras[0]
    other = cameras[2]
    negotiated = await ask(ada, "negotiated")
    await ada.tab.locator(".rtcw-select").first.select_option(other)
    sender = "probe.connections[0].getSenders().find(({ track }) => track?.kind === 'video').track"
    await holds(ada, f"{sender}.getSettings().deviceId === {other!r}")
    await plays(bob, "Ada")
    assert await ask(ada, "probe.live('video')") == 1
    # Turned off and on, it is the same one.
    await press(ada, "Camera")
    await holds(ada, "probe.live('video') === 0")
    await press(ada, "Camera")
    await holds(ada, f"{sender}.getSettings().deviceId === {other!r}")
    assert await ask(ada, "negotiated") == negotiated


async def test_a_camera_that_is_unplugged_is_told_at_both_ends(
    new_window: NewWindow, enter_room: Enter, bob: HostPage
) -> None:
    ada = await enter_room(await new_window(), "Ada", **CAMERA)
    await tiles(bob, BOB, "Ada, microphone off, connected")
    sender = "probe.connections[0].getSenders().find(({ track }) => track?.kind === 'video').track"
    # What the browser does when a device goes: the track ends and says so.
    await ada.tab.evaluate(
        f"() => {{ const track = {sender}; track.stop(); track.dispatchEvent(new Event('ended')); }}"
    )
    await tiles(bob, BOB, "Ada, microphone off, camera off, connected")
    shown = await wait_for(
        lambda: ask(ada, "document.querySelector('.rtcw-notice')?.innerText"), 10, "the notice"
    )
    assert "The camera was unplugged or removed." in shown
    await press(ada, "Try again")
    await tiles(bob, BOB, "Ada, microphone off, connected")
    await plays(bob, "Ada")
    await holds(ada, "!document.querySelector('.rtcw-notice')")
