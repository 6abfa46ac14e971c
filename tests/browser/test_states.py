"""Whatever is missing or refused, the widget says so, offers what helps, and leaves no camera on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from rtc_widget.protocol.limits import LIMITS
from tests.support.pages import (
    ask,
    beat,
    enter,
    holds,
    invitation,
    open_page,
    phase,
    plays,
    press,
    tiles,
)
from tests.support.processes import free_port
from tests.support.relays import Client, RunningRelay
from tests.support.waiting import GONE_SECONDS, wait_for
from tests.support.widget_page import HostPage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.browser_fixtures import NewWindow, OwnWindow
    from tests.support.chromium import Window
    from tests.support.widget_page import Host


CAMERA = {"video": "camera", "audio": "microphone"}
OFF = "probe.live('video') === 0 && probe.live('audio') === 0 && probe.open() === 0"
ON = "probe.live('video') === 1 && probe.live('audio') === 1"
OWNER = "the key of a widget of the tests"
# Counts what asks for a camera, from before the widget is there.
ASKED = """
window.asked = 0;
for (const name of ["getUserMedia", "getDisplayMedia"]) {
    const original = MediaDevices.prototype[name];
    MediaDevices.prototype[name] = function (...given) { asked += 1; return original.apply(this, given); };
}
"""


async def notice(page: HostPage, title: str, text: str, action: str | None, timeout: float = 30) -> None:
    """Wait until exactly one card is shown: what happened, what to do, and the button that does it."""

    async def shown() -> bool:
        found = await ask(
            page,
            "[...document.querySelector('.rtcw').querySelectorAll('.rtcw-notice')].map((card) => ["
            "card.querySelector('strong').innerText, card.querySelector('span').innerText,"
            "card.querySelector('button')?.innerText ?? null])",
        )
        if len(found) != 1 or found[0][0] != title or text not in found[0][1] or found[0][2] != action:
            raise AssertionError(found)
        return True

    await wait_for(shown, timeout, f"the notice {title!r}")


async def no_notice(page: HostPage) -> None:
    await holds(page, "!document.querySelector('.rtcw-notice')")


async def meets_bob_without_a_camera(
    host: Host, relay: RunningRelay, room: str, page: HostPage, bobs: Window
) -> None:
    """Let the page join, and see and be seen as somebody whose camera is off."""
    await beat(page, relay, room, invitation=invitation(relay, room))
    await phase(page, "joined")
    bob = await enter(host, bobs, relay, room, "Bob")
    await tiles(page, "Ada (you), microphone off, camera off", "Bob, microphone off, connected")
    await tiles(bob, "Bob (you), microphone off", "Ada, microphone off, camera off, connected")
    await plays(page, "Bob")
    assert await ask(page, "probe.live('video') + probe.live('audio')") == 0


async def test_who_is_refused_a_camera_joins_without_and_is_told_where_to_allow_it(
    host: Host, relay: RunningRelay, room: str, own_window: OwnWindow, new_window: NewWindow
) -> None:
    window = await own_window(prompt=False, permissions=())
    page = await open_page(host, window, room, "Ada", **CAMERA)
    await meets_bob_without_a_camera(host, relay, room, page, await new_window())
    where = "Allow it in the address bar's site settings"
    await notice(page, "Camera or microphone refused", where, "Try again")
    await window.context.grant_permissions(["camera", "microphone"])
    await press(page, "Try again")
    await holds(page, "probe.live('video') === 1")
    await no_notice(page)


async def test_who_has_no_camera_joins_without_and_is_told_of_the_pattern(
    host: Host, relay: RunningRelay, room: str, own_window: OwnWindow, new_window: NewWindow
) -> None:
    window = await own_window(devices=False, prompt=False)
    page = await open_page(host, window, room, "Ada", **{**CAMERA, "audio": False})
    await meets_bob_without_a_camera(host, relay, room, page, await new_window())
    await notice(page, "No camera or microphone", 'Plug one in, or use video="pattern"', "Try again")


async def test_who_has_neither_is_told_once_and_can_send_a_test_picture(
    host: Host, relay: RunningRelay, room: str, own_window: OwnWindow, new_window: NewWindow
) -> None:
    window = await own_window(devices=False, prompt=False)
    page = await open_page(host, window, room, "Ada", **CAMERA)
    bob = await enter(host, await new_window(), relay, room, "Bob")
    await beat(page, relay, room, invitation=invitation(relay, room))
    await phase(page, "joined")
    await notice(page, "No camera or microphone", "Plug one in", "Try again")

    await press(page, "Use a test picture")

    await no_notice(page)
    await plays(bob, "Ada")
    assert await ask(page, "[host.model.get('video'), host.model.get('audio')]") == ["pattern", False]


async def test_a_page_that_is_not_secure_is_in_the_call_and_is_told_why_it_has_no_camera(
    host: Host, room: str, own_window: OwnWindow, new_window: NewWindow
) -> None:
    address = host.url.replace("127.0.0.1", "hub.test")
    relay = await RunningRelay.start(allow_origin=lambda origin, _: origin in (None, host.url, address))
    try:
        window = await own_window(args=["--host-resolver-rules=MAP hub.test 127.0.0.1"])
        await window.context.add_init_script(
            "window.probe = { live: () => (navigator.mediaDevices ? 1 : 0) }"
        )
        page = HostPage(await window.open(f"{address}/host.html"))
        await holds(page, "window.host")
        await page.tab.evaluate("(traits) => host.start(traits)", {"room": room, "name": "Ada", **CAMERA})
        # The kernel's own loopback address would be the visitor's machine here, so this one is a service's.
        await beat(page, relay, room, invitation=invitation(relay, room), local=False)
        await phase(page, "joined")
        bob = await enter(host, await new_window(), relay, room, "Bob")
        await tiles(page, "Ada (you), microphone off, camera off", "Bob, microphone off, connected")
        await tiles(bob, "Bob (you), microphone off", "Ada, microphone off, camera off, connected")
        await plays(page, "Bob")
        await notice(
            page, "This page may not use a camera", "https:// pages and to localhost", "Use a test picture"
        )
    finally:
        await relay.stop()


async def test_without_a_kernel_nothing_opens_and_the_output_says_what_it_is(
    host: Host, room: str, new_window: NewWindow
) -> None:
    window = await new_window()
    await window.context.add_init_script(ASKED)
    await window.context.clock.install()
    page = await open_page(host, window, room, "Ada", **CAMERA)
    await phase(page, "waiting")
    await page.tab.clock.fast_forward(7_000)
    await notice(page, "Not connected to a kernel", "Run its cell to join", None)
    assert await ask(page, "asked") == 0
    assert await ask(page, "probe.connections.length") == 0
    assert not await page.tab.get_by_role("button", name="Join").is_visible()


@pytest_asyncio.fixture(loop_scope="session")
async def in_call(
    host: Host, relay: RunningRelay, room: str, new_window: NewWindow
) -> AsyncIterator[tuple[HostPage, HostPage]]:
    """Ada with camera and microphone, in a page whose clock can be turned on, and Bob."""
    window = await new_window()
    await window.context.clock.install()
    ada = await enter(host, window, relay, room, "Ada", **CAMERA)
    bob = await enter(host, await new_window(), relay, room, "Bob")
    await tiles(ada, "Ada (you)", "Bob, microphone off, connected")
    await tiles(bob, "Bob (you), microphone off", "Ada, connected")
    await holds(ada, ON)
    yield ada, bob


async def test_a_silent_kernel_is_told_and_forgotten_when_it_is_heard(
    relay: RunningRelay, room: str, in_call: tuple[HostPage, HostPage]
) -> None:
    ada, bob = in_call
    await ada.tab.clock.fast_forward(12_000)
    await notice(ada, "The kernel does not answer", "The call continues", None)
    await plays(bob, "Ada")
    await beat(ada, relay, room)
    await no_notice(ada)


async def test_a_kernel_that_is_silent_for_a_minute_ends_the_call(in_call: tuple[HostPage, HostPage]) -> None:
    ada, bob = in_call
    for _ in range(16):
        # A page whose time goes on by more than a few seconds at once was asleep, which is no silence.
        await ada.tab.clock.fast_forward(4_000)
    await notice(ada, "The kernel has ended", "silent for a minute", None)
    await phase(ada, "left")
    await holds(ada, OFF)
    await tiles(bob, "Bob (you), microphone off", timeout=GONE_SECONDS)


async def refuse_tunnel(page: HostPage) -> None:
    """Play a kernel that cannot reach the relay either."""
    await wait_for(lambda: opened_tunnel(page), 30, "a tunnel to be asked for")
    error = {"code": "relay_unreachable", "message": "The kernel cannot reach the relay."}
    await page.receive({"kind": "tunnel", "to": "*", "op": "refused", "error": error})


async def opened_tunnel(page: HostPage) -> bool:
    return any(message["kind"] == "tunnel" and message["op"] == "open" for message in await page.sent())


async def test_an_unreachable_relay_is_told_and_can_be_tried_again(
    host: Host, relay: RunningRelay, room: str, new_window: NewWindow
) -> None:
    page = await open_page(host, await new_window(), room, "Ada", **CAMERA)
    await page.heartbeat(f"http://127.0.0.1:{free_port()}", "x", invitation=invitation(relay, room))
    await refuse_tunnel(page)
    await phase(page, "failed")
    await notice(page, "The call could not be joined", "cannot", None)
    await holds(page, OFF)
    await beat(page, relay, room)
    assert await page.tab.get_by_role("button", name="Try again").count() == 1
    await press(page, "Try again")
    await phase(page, "joined")
    await no_notice(page)
    await holds(page, ON)


async def test_a_relay_that_goes_away_is_told_and_the_call_goes_on(
    host: Host, room: str, new_window: NewWindow
) -> None:
    allow = {"allow_origin": lambda origin, _: origin in (None, host.url)}
    relay = await RunningRelay.start(**allow)
    try:
        ada = await enter(host, await new_window(), relay, room, "Ada")
        bob = await enter(host, await new_window(), relay, room, "Bob")
        await tiles(bob, "Bob (you), microphone off", "Ada, microphone off, connected")
        connections = await ask(bob, "probe.connections.length")
        await relay.stop()
        await phase(bob, "reconnecting")
        await notice(bob, "The signaling server cannot be reached", "Audio and video continue", None)
        await plays(bob, "Ada")
        # The kernel is busy: the tunnel that was asked for meanwhile stays unanswered.
        await wait_for(lambda: opened_tunnel(bob), 30, "a tunnel to be asked for")
        relay = await RunningRelay.start(relay.port, **allow)
        for page in (ada, bob):
            await phase(page, "joined")
            await no_notice(page)
        await tiles(bob, "Bob (you), microphone off", "Ada, microphone off, connected")
        assert await ask(bob, "probe.connections.length") == connections
    finally:
        await relay.stop()


async def test_a_full_room_is_told_and_can_be_tried_again(
    host: Host, relay: RunningRelay, room: str, new_window: NewWindow
) -> None:
    clients = [Client(room) for _ in range(LIMITS["room_capacity"])]
    for client in clients:
        await client.connect(relay.url, relay.token(room))
        await client.join()
    try:
        page = await open_page(host, await new_window(), room, "Ada", **CAMERA)
        await beat(page, relay, room, invitation=invitation(relay, room))
        await phase(page, "failed")
        await notice(page, "The room is full", "try another room", None)
        await holds(page, OFF)
        await clients[0].say("leave_room")
        await press(page, "Try again")
        await phase(page, "joined")
        await holds(page, ON)
    finally:
        for client in clients:
            await client.disconnect()


async def test_of_two_tabs_with_one_invitation_the_second_offers_to_join(
    host: Host, relay: RunningRelay, room: str, new_window: NewWindow
) -> None:
    invited = {"invitation": invitation(relay, room)}
    first, second = [await open_page(host, await new_window(), room, "Ada", **CAMERA) for _ in range(2)]
    await beat(first, relay, room, **invited)
    await phase(first, "joined")
    await second.tab.evaluate(f"() => {{ {ASKED} }}")
    await beat(second, relay, room, **invited)
    await phase(second, "idle")
    await no_notice(second)
    assert await ask(second, "asked") == 0
    await press(second, "Join")
    await phase(second, "joined")
    await tiles(first, "Ada (you)", "Ada (2), connected")


async def test_the_end_of_the_kernel_ends_the_call_and_says_so(
    host: Host, relay: RunningRelay, room: str, new_window: NewWindow
) -> None:
    kernel = Client(room)
    await kernel.connect(relay.url, relay.token(room, role="observer"), owner=OWNER)
    await kernel.say("watch_room")
    try:
        page = await open_page(host, await new_window(), room, "Ada", **CAMERA)
        await beat(page, relay, room, owner=OWNER, invitation=invitation(relay, room))
        await phase(page, "joined")
        await holds(page, ON)
    finally:
        await kernel.disconnect()
    await notice(page, "The kernel has ended", "run the cell again", None)
    await phase(page, "left")
    await holds(page, OFF)


async def test_a_participant_that_comes_back_elsewhere_ends_here_and_says_so(
    relay: RunningRelay, room: str, in_call: tuple[HostPage, HostPage]
) -> None:
    ada, bob = in_call
    # What a page leaves for its reload, found by another page with the same storage.
    await ada.tab.evaluate("() => dispatchEvent(new PageTransitionEvent('pagehide'))")
    memory = await ask(ada, "JSON.parse(sessionStorage.getItem('rtc_widget:')).resume")
    await beat(ada, relay, room)
    await tiles(bob, "Bob (you), microphone off", "Ada, connected")
    thief = Client(room)
    await thief.connect(relay.url, relay.token(room))
    try:
        await thief.join(name="Ada", resume=memory, session="another")
        await notice(ada, "The call moved to another page", "which now has the call", None)
        await phase(ada, "left")
        await holds(ada, OFF)
    finally:
        await thief.disconnect()


async def test_leaving_releases_camera_and_microphone(
    in_call: tuple[HostPage, HostPage], relay: RunningRelay, room: str
) -> None:
    ada, bob = in_call
    await press(ada, "Leave")
    await holds(ada, OFF)
    await tiles(bob, "Bob (you), microphone off", timeout=GONE_SECONDS)
    # A kernel beats every two seconds; one that was not heard for six would first be asked whether it is there.
    await beat(ada, relay, room)
    await press(ada, "Join again")
    await tiles(bob, "Bob (you), microphone off", "Ada, connected")


async def test_keys_pressed_in_the_widget_do_not_reach_the_notebook(
    in_call: tuple[HostPage, HostPage],
) -> None:
    ada, _ = in_call
    await ada.tab.evaluate(
        """() => {
            window.keys = [];
            for (const type of ["keydown", "keypress", "keyup"]) {
                document.addEventListener(type, ({ key }) => keys.push(`${type} ${key}`));
            }
        }"""
    )
    microphone = ada.tab.get_by_role("button", name="Microphone", exact=True)
    await microphone.focus()
    for key in ("d", "d", "Enter"):
        await ada.tab.keyboard.press(key)
    # The button took its key, and the document none.
    await tiles(ada, "Ada (you), microphone off", "Bob, microphone off, connected")
    assert await ask(ada, "keys") == []
    await microphone.blur()
    await ada.tab.keyboard.press("d")
    assert await ask(ada, "keys[0]") == "keydown d"


async def test_a_second_view_shows_the_same_call_and_views_come_and_go_without_disturbing_it(
    in_call: tuple[HostPage, HostPage],
) -> None:
    ada, bob = in_call
    connections = await ask(ada, "probe.connections.length")
    second = await ada.render_view()
    await holds(ada, "document.querySelectorAll('.rtcw')[1].querySelectorAll('.rtcw-tile').length === 2")
    assert await ask(ada, "document.querySelectorAll('.rtcw')[1].dataset.phase") == "joined"
    await ada.remove_view(0)
    await ada.tab.clock.fast_forward(3_000)
    await plays(bob, "Ada")
    await plays(ada, "Bob")
    assert await ask(ada, "probe.connections.length") == connections
    assert await ask(ada, "probe.live('video')") == 1
    await ada.remove_view(second)
    await tiles(bob, "Bob (you), microphone off", timeout=GONE_SECONDS)
    await holds(ada, OFF)


async def test_moving_the_only_view_keeps_the_call(in_call: tuple[HostPage, HostPage]) -> None:
    ada, bob = in_call
    connections = await ask(ada, "probe.connections.length")
    await ada.tab.evaluate("() => host.removeView(0).then(() => host.renderView())")
    await ada.tab.clock.fast_forward(3_000)
    await phase(ada, "joined")
    await plays(bob, "Ada")
    assert await ask(ada, "probe.connections.length") == connections
