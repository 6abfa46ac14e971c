"""The page that a relay serves to whoever has a link: on phones, with each other, with the widget and with Python."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget import Peer, Relay
from rtc_widget.relay import tokens
from tests.support.join_pages import (
    LANDSCAPE,
    PORTRAIT,
    WRITTEN,
    JoinPage,
    link,
    open_link,
    violations,
    write,
)
from tests.support.pages import ask, enter, holds, phase, plays, press, press_by_script, tiles
from tests.support.relays import SECRET, Client, RunningRelay
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from tests.support.browser_fixtures import NewWindow, OwnWindow
    from tests.support.firefox import Firefox
    from tests.support.widget_page import Host, HostPage

# Fits the page, and nothing of the bar is cut off or beside the screen.
FITS = """document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll('.rtcw-bar button')]
    .filter((button) => button.offsetParent).every((button) => {
        const { left, right, bottom, width, height } = button.getBoundingClientRect();
        return left >= 0 && right <= innerWidth && bottom <= innerHeight && width >= 44 && height >= 44;
    })"""

NAMED_FOX = """(() => {
    const input = document.querySelector('.rtcj-input');
    input.value = 'Fox';
    input.dispatchEvent(new Event('input'));
})()"""

CAMERA_IN_USE = """navigator.mediaDevices.getUserMedia = () =>
    Promise.reject(new DOMException("Could not start video source", "NotReadableError"))"""
NO_SECURE_CONTEXT = "Object.defineProperty(navigator, 'mediaDevices', { value: undefined })"


async def test_two_phones_meet_by_a_link_whose_token_leaves_the_address_bar(
    relay: RunningRelay, room: str, new_window: NewWindow
) -> None:
    url = link(relay, room)
    token = url.partition("#")[2]
    upright, sideways = await new_window(**PORTRAIT), await new_window(**LANDSCAPE)
    asked: list[str] = []
    upright.context.on("request", lambda request: asked.append(f"{request.url} {request.headers}"))
    ada, bob = await open_link(upright, url), await open_link(sideways, url)

    assert await ada.tab.evaluate("location.href") == url.partition("#")[0]
    assert await ask(ada, "probe.live('video') + probe.live('audio')") == 0
    await ada.join("Ada")
    # Who wants to see the own picture first does.
    await press(bob, "Turn on camera and microphone")
    await holds(bob, "probe.live('video') === 1 && probe.live('audio') === 1")
    await bob.join("<b>Bob</b>")
    assert await ask(bob, "probe.live('video')") == 1
    for page, other in ((ada, "<b>Bob</b>"), (bob, "Ada")):
        await plays(page, other)
        assert await ask(page, FITS)

    await write(bob, "Hello <img src=x onerror=alert(1)>")
    await holds(ada, "document.querySelector('.rtcj-unread').textContent === '1'")
    await write(ada, "Hi!")
    said = ["You: Hello <img src=x onerror=alert(1)>", "Ada: Hi!"]
    await holds(bob, f"{WRITTEN}.join() === {','.join(said)!r}")
    assert await ask(ada, FITS)

    await press(ada, "Leave")
    assert await ada.outcome() == "left"
    # A connection is closed as soon as the page has a moment.
    await holds(ada, "probe.live('video') + probe.live('audio') + probe.open() === 0")
    await tiles(bob, "<b>Bob</b> (you)")
    await relay.stop()
    await holds(
        bob, "document.querySelector('.rtcw-notice strong')?.textContent.endsWith('cannot be reached')"
    )
    assert await ask(bob, "document.querySelector('.rtcw').dataset.phase") == "reconnecting"
    # Nothing was asked of anybody else, and nobody was sent the token but by the socket.
    assert asked
    assert [each for each in asked if not each.startswith(("http", "ws")) or relay.url[7:] not in each] == []
    assert not any(token in each for each in asked)
    assert await ask(ada, "document.cookie") == ""
    for window in (upright, sideways):
        assert [line for line in window.console if "Content Security Policy" in line] == []


async def test_a_page_a_widget_and_a_python_peer_are_in_one_call(
    host: Host, relay: RunningRelay, room: str, new_window: NewWindow
) -> None:
    widget = await enter(host, await new_window(), relay, room, "Widget")
    heard: list[tuple[Any, str]] = []
    there = Relay(relay.url, secret=SECRET)
    bot = await asyncio.to_thread(Peer, room, name="Bot", relay=there, source="pattern")
    try:
        bot.on_message(lambda data, sender: heard.append((data, sender.name)))
        phone = await open_link(await new_window(**PORTRAIT), link(relay, room))
        await phone.join("Phone")
        await plays(phone, "Widget")
        await plays(phone, "Bot")
        await plays(widget, "Phone")
        frame = await asyncio.to_thread(bot.frame, "Phone", timeout=20)
        assert frame.shape[2] == 3

        await write(phone, "Hello, Python")
        await wait_for(lambda: heard == [("Hello, Python", "Phone")], 20, "the message in Python")
        await wait_for(lambda: said_to_kernel(widget), 20, "the message in the widget's kernel")
        assert await said_to_kernel(widget) == ["Hello, Python"]
        bot.send({"answer": 42})
        await holds(phone, f"{WRITTEN}.at(-1) === 'Bot: {{\"answer\": 42}}'")
    finally:
        await asyncio.to_thread(bot.close)


async def said_to_kernel(widget: HostPage) -> list[Any]:
    """Return the messages that a widget has handed on to its kernel, as that reads them."""
    return [json.loads(each["text"]) for each in await widget.sent() if each["kind"] == "message"]


async def test_a_name_that_cannot_be_used_is_chosen_anew(
    relay: RunningRelay, room: str, new_window: NewWindow
) -> None:
    page = await open_link(await new_window(**PORTRAIT), link(relay, room))
    await press(page, "Join")
    await holds(page, "document.querySelector('.rtcj-problem').textContent === 'Say who you are first.'")
    # Nobody can tell it from another that looks the same.
    await page.tab.get_by_label("Your name").fill("A\u202eda")
    await press(page, "Join")
    assert await page.outcome() == "bad_name"
    await holds(page, "document.querySelector('.rtcj-outcome').innerText.includes('character 2, U+202E')")

    await press(page, "Choose another")
    await page.join("Ada")


async def test_firefox_joins_by_a_link(
    relay: RunningRelay, room: str, new_window: NewWindow, firefox: Firefox
) -> None:
    ada = await open_link(await new_window(**PORTRAIT), link(relay, room))
    await ada.join("Ada")
    fox = JoinPage(await firefox.open(link(relay, room)))
    await holds(fox, "document.querySelector('.rtcj-input') !== null")
    await ask(fox, NAMED_FOX)
    await press_by_script(fox, "Join")
    await phase(fox, "joined")

    # Firefox does not count the frames that an element shows.
    await holds(fox, "document.querySelectorAll('video')[1].currentTime > 0.5")
    await plays(ada, "Fox")
    assert await ask(fox, "location.hash") == ""


async def test_a_reload_comes_back_as_the_same_also_when_the_link_has_expired(
    relay: RunningRelay, room: str, new_window: NewWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = link(relay, room, expires=3_600, max_uses=2)
    watcher = Client(room)
    await watcher.connect(relay.url, relay.token(room, role="teacher"))
    await watcher.say("watch_room")
    window = await new_window(**PORTRAIT)
    page = await open_link(window, url)
    await page.join("Ada")
    before = (await watcher.hears("user_joined", name="Ada"))["socketId"]
    then = time.time() + 7_200
    monkeypatch.setattr(tokens.time, "time", lambda: then)

    watcher.forget()
    await page.tab.reload()
    await phase(page, "joined")

    assert (await watcher.hears("user_joined", name="Ada"))["socketId"] == before
    await holds(page, "probe.live('video') === 1")
    assert await ask(page, "location.hash") == ""
    # Whoever opens it only now is late.
    late = await open_link(await new_window(), url)
    assert await late.outcome() == "token_expired"
    assert await ask(late, "document.querySelector('.rtcw-join').offsetParent") is None
    await watcher.disconnect()


async def test_a_link_that_admits_nobody_says_why_and_what_to_do(
    relay: RunningRelay, room: str, new_window: NewWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = await new_window()
    url = link(relay, room, max_uses=1)
    first = await open_link(window, url)
    await first.join("Ada")

    # Before anybody has filled in a name or opened a camera.
    second = await open_link(await new_window(), url)
    assert await second.outcome() == "token_used"
    await second.tab.reload()
    assert await second.outcome() == "token_used"
    assert "Ask whoever sent it" in await second.tab.inner_text(".rtcj-outcome")
    assert await ask(second, "probe.live('video')") == 0

    # Whom it has admitted may leave and come back.
    await press(first, "Leave")
    assert await first.outcome() == "left"
    await first.tab.reload()
    await first.join("Ada")

    address, _, token = url.partition("#")
    others = await new_window()
    for wrong, code in (
        (address, "no_link"),
        (f"{url}x", "bad_token"),
        (f"{address}2#{token}", "wrong_room"),
    ):
        assert await (await open_link(others, wrong)).outcome() == code

    teacher = Client(room)
    await teacher.connect(relay.url, relay.token(room, role="teacher"))
    here = (await teacher.say("watch_room"))["participants"]
    await teacher.say("remove_participant", participant=here[0]["socketId"])
    assert await first.outcome() == "removed"
    await holds(first, "probe.live('video') + probe.open() === 0")

    monkeypatch.setattr(relay.server._rooms, "_capacity", 0)
    late = await open_link(others, link(relay, room))
    await late.tab.get_by_label("Your name").fill("Eve")
    await press(late, "Join")
    assert await late.outcome() == "room_full"
    await relay.stop()
    await press(late, "Try again")
    assert await late.outcome() == "relay_unreachable"
    await teacher.disconnect()


@pytest.mark.parametrize(
    ("script", "title"),
    [
        (None, "Camera or microphone refused"),
        (CAMERA_IN_USE, "Camera or microphone is in use"),
        (NO_SECURE_CONTEXT, "This page may not use a camera"),
    ],
    ids=["denied", "in use", "insecure"],
)
async def test_who_has_no_camera_reads_why_and_may_stay_without(
    relay: RunningRelay, room: str, own_window: OwnWindow, script: str | None, title: str
) -> None:
    window = await own_window(prompt=False, permissions=(), **PORTRAIT)
    if script is not None:
        await window.context.add_init_script(script)
    page = await open_link(window, link(relay, room))

    await page.join("Ada")
    await holds(page, f"document.querySelector('.rtcw-notice strong')?.textContent === {title!r}")
    await press(page, "Stay without")

    await holds(page, "!document.querySelector('.rtcw-notice')")
    await tiles(page, "Ada (you), microphone off, camera off")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_wrong(
    relay: RunningRelay, room: str, new_window: NewWindow, scheme: str
) -> None:
    page = await open_link(await new_window(**PORTRAIT, color_scheme=scheme), link(relay, room))
    assert await violations(page.tab) == []
    await page.join("Ada")
    await page.tab.locator(".rtcj-chat-button").click()
    assert await violations(page.tab) == []
    await press(page, "Leave")
    assert await page.outcome() == "left"
    assert await violations(page.tab) == []


async def test_a_phone_uses_its_other_camera(relay: RunningRelay, room: str, own_window: OwnWindow) -> None:
    window = await own_window(args=("--use-fake-device-for-media-stream=device-count=2",), **PORTRAIT)
    page: JoinPage = await open_link(window, link(relay, room))
    await page.join("Ada")
    await holds(page, "probe.live('video') === 1")
    before = await ask(page, "probe.label('video')")

    await press(page, "Switch camera")

    await holds(page, f"probe.live('video') === 1 && probe.label('video') !== {before!r}")


async def test_what_is_turned_off_and_shared_on_the_page_is_seen_by_the_others(
    host: Host, relay: RunningRelay, room: str, new_window: NewWindow
) -> None:
    widget = await enter(host, await new_window(), relay, room, "Widget")
    page = await open_link(await new_window(), link(relay, room))
    await page.join("Ada")
    me, ada = "Widget (you), microphone off", "Ada, connected"
    await tiles(widget, me, ada)

    await press(page, "Microphone")
    await tiles(widget, me, "Ada, microphone off, connected")
    await press(page, "Camera")
    await tiles(widget, me, "Ada, microphone off, camera off, connected")
    await press(page, "Camera")
    await press(page, "Share screen")
    await tiles(widget, me, "Ada, microphone off, sharing a screen, connected", "Ada's screen, connected")
    await plays(widget, "Ada's screen")
    await press(page, "Share screen")
    await tiles(widget, me, "Ada, microphone off, connected")
    await plays(widget, "Ada")
