"""The replay of a recording in real browsers: opened from disk without a network, and in a notebook without a kernel."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from rtc_widget.recording.replay import document_of, page_of
from tests.support.replay_pages import (
    LOOK,
    SECONDS,
    begins_with_its_first_picture,
    drifts,
    plays_to_the_end,
    ready,
    seek,
    shown,
    stops_when_all_is_paused,
)
from tests.support.replay_recordings import FPS, Tape
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.browser_fixtures import NewWindow
    from tests.support.firefox import Firefox


# -- Chromium


async def test_it_plays_to_the_end_in_step_and_fetches_nothing(new_window: NewWindow, page: str) -> None:
    window = await new_window(offline=True)
    asked: list[str] = []
    window.context.on("request", lambda request: asked.append(request.url.split(":")[0]))
    tab = await window.open(page)
    await ready(tab)
    assert not (await tab.evaluate(LOOK))["playing"]

    await tab.get_by_role("button", name="Play", exact=True).click()
    await plays_to_the_end(tab)

    assert set(asked) <= {"file", "blob", "data"}
    assert window.console == []


async def test_wherever_it_is_set_to_it_shows_that_moment(new_window: NewWindow, page: str) -> None:
    tab = await shown(new_window, page)

    for time in (3.0, 0.2, 2.2, 1.4):
        seen = await seek(tab, time)
        assert max(map(abs, drifts(seen))) < 1.5 / FPS, time

    for time, tiles, said in (
        (0.2, ["Ada"], 0),
        (2.3, ["Ada", "Bob", "Guest 1, declined to be recorded"], 1),
        (2.7, ["Ada's screen", "Ada, sharing a screen", "Bob, microphone off, camera off"], 3),
        (4.5, ["Ada, sharing a screen", "Guest 1, declined to be recorded"], 3),
    ):
        seen = await seek(tab, time)
        assert list(seen["tiles"])[: len(tiles)] == tiles
        assert len(seen["said"]) == said
    valuetext = await tab.locator(".rtcr-position").get_attribute("aria-valuetext")
    assert valuetext == "0 minutes 4 seconds of 0 minutes 5 seconds"


async def test_who_is_there_is_seen_from_the_first_moment(new_window: NewWindow, late: str) -> None:
    await begins_with_its_first_picture(await shown(new_window, late))


async def test_a_slide_that_is_left_stops_it(new_window: NewWindow, page: str) -> None:
    await stops_when_all_is_paused(await shown(new_window, page))


async def test_a_page_that_a_browser_has_saved_plays(
    new_window: NewWindow, page: str, tmp_path: Path
) -> None:
    tab = await shown(new_window, page)
    await seek(tab, 2.7)
    await tab.locator(".rtcd-m .rtcd-label").first.click()
    path = tmp_path / "saved.html"
    path.write_text(await tab.evaluate("() => document.documentElement.outerHTML"), encoding="utf-8")

    tab = await shown(new_window, path.as_uri())

    assert await tab.locator(".rtcr-position").count() == 1
    assert await tab.locator(".rtcr-present:visible").count() == 1
    await tab.locator(".rtcd-m .rtcd-label").nth(1).click()
    assert (await tab.evaluate(LOOK))["open"] is not None
    assert await tab.locator(".rtcd-m.on").count() == 1
    await tab.get_by_role("button", name="Play", exact=True).click()
    await plays_to_the_end(tab)


async def test_a_link_leads_to_its_moment_and_buttons_skip_from_there(
    new_window: NewWindow, page: str
) -> None:
    tab = await shown(new_window, f"{page}#t=2.3")
    seen = await tab.evaluate(LOOK)
    assert seen["time"] == 2.3
    assert max(map(abs, drifts(seen))) < 1.5 / FPS

    await tab.get_by_role("button", name="−5 s").click()  # noqa: RUF001
    assert (await tab.evaluate(LOOK))["time"] == 0.0

    await tab.get_by_role("button", name="Full screen").click()
    await tab.wait_for_function("() => document.fullscreenElement?.classList.contains('rtcw-replay')")


async def test_it_goes_message_by_message(new_window: NewWindow, page: str) -> None:
    tab = await shown(new_window, page)
    await tab.locator(".rtcr-position").focus()
    await tab.keyboard.press("Space")

    titles, times = [], []
    for _ in range(4):
        await tab.keyboard.press(".")
        seen = await tab.evaluate(LOOK)
        assert not seen["playing"]
        titles.append(seen["open"].split(",")[0])
        times.append(seen["time"])
    assert titles[0] == "offer from Ada to Bob"
    assert titles[2] == "answer from Bob to Ada"
    assert times == sorted(set(times))

    await tab.keyboard.press(",")
    assert (await tab.evaluate(LOOK))["open"].startswith("answer from Bob to Ada")
    # The present is drawn below the message, and nothing of what was before is dimmed.
    message, line, later = await tab.evaluate(
        """() => [[".rtcd-m.on", "bottom"], [".rtcr-present", "top"], [".rtcr-later", "top"]].map(([name, edge]) =>
            document.querySelector(`.rtcd-scroll ${name}`).getBoundingClientRect()[edge])"""
    )
    assert abs(message - line) < 3
    assert later >= line - 1

    await tab.locator(".rtcd-m .rtcd-label").nth(0).click()
    seen = await tab.evaluate(LOOK)
    assert seen["open"].startswith("offer from Ada to Bob")
    assert seen["time"] == pytest.approx(times[0], abs=0.011)


async def test_the_keyboard_does_all_and_reaches_nobody_else(new_window: NewWindow, page: str) -> None:
    tab = await shown(new_window, page)
    await tab.evaluate("() => { window.heard = []; document.onkeydown = ({ key }) => heard.push(key); }")
    look = lambda: tab.evaluate(LOOK)  # noqa: E731

    await tab.keyboard.press("k")
    assert not (await look())["playing"]
    assert await tab.evaluate("heard.splice(0)") == ["k"]

    await tab.locator(".rtcw-room").click()
    await tab.keyboard.press("End")
    assert (await look())["time"] == pytest.approx(SECONDS, abs=0.011)
    await tab.keyboard.press("ArrowLeft")
    assert (await look())["time"] == 0
    await tab.keyboard.press("Space")
    assert (await look())["playing"]
    await tab.keyboard.press("k")
    assert not (await look())["playing"]
    for _ in range(3):
        await tab.keyboard.press("Shift+>")
    assert (await look())["speed"] == "4"
    await tab.keyboard.press("Shift+<")
    assert (await look())["speed"] == "2"
    await tab.keyboard.press("m")
    assert (await look())["muted"]
    await tab.keyboard.press("Home")
    assert (await look())["time"] == 0
    assert await tab.evaluate("heard") == []
    # On a button the space bar presses that, once.
    await tab.get_by_role("button", name="Play", exact=True).focus()
    await tab.keyboard.press("Space")
    assert (await look())["playing"]


async def test_a_chapter_is_a_place_to_go_to(new_window: NewWindow, page: str) -> None:
    tab = await shown(new_window, page)

    await tab.get_by_role("link", name="Ada shares her screen").click()
    await ready(tab)

    seen = await tab.evaluate(LOOK)
    assert seen["chapter"] == "Ada shares her screen"
    assert seen["time"] == pytest.approx(SECONDS / 2, abs=0.02)
    assert seen["tiles"]["Ada's screen"] is not None
    # Its address can be passed on, and another one leads to another moment.
    assert "#t=2.5" in tab.url
    await tab.evaluate("() => { location.hash = '#t=1.2'; }")
    await tab.wait_for_function("() => document.querySelector('.rtcr-position').valueAsNumber === 1.2")


async def test_several_in_one_page_are_each_its_own(
    new_window: NewWindow, tape: Tape, tmp_path: Path
) -> None:
    html = page_of(tape, max_bytes=None, private=True)
    path = tmp_path / "two.html"
    path.write_text(f"<!doctype html><meta charset=utf-8>{html}{html}", encoding="utf-8")
    tab = await shown(new_window, path.as_uri())

    await tab.get_by_role("button", name="Play", exact=True).nth(1).click()

    assert not (await tab.evaluate(LOOK, 0))["playing"]
    assert (await tab.evaluate(LOOK, 1))["playing"]
    assert await tab.locator(".rtcr-position").count() == 2


async def test_what_leaves_the_page_lets_go_and_what_comes_back_plays(
    new_window: NewWindow, page: str
) -> None:
    tab = await shown(new_window, page)
    await tab.evaluate(
        """() => {
          window.revoked = [];
          const revoke = URL.revokeObjectURL;
          URL.revokeObjectURL = (url) => { revoked.push(url); revoke.call(URL, url); };
          window.root = document.querySelector(".rtcw-replay");
        }"""
    )
    await tab.get_by_role("button", name="Play", exact=True).click()

    await tab.evaluate("() => root.remove()")
    assert len(await tab.evaluate("revoked")) == 3
    await tab.evaluate("() => document.body.append(root)")

    await ready(tab)
    assert not (await tab.evaluate(LOOK))["playing"]
    assert max(map(abs, drifts(await seek(tab, 2.0)))) < 1.5 / FPS


async def test_what_has_left_for_good_is_forgotten(new_window: NewWindow, page: str) -> None:
    tab = await shown(new_window, page)
    browser = await tab.context.new_cdp_session(tab)

    await tab.evaluate(
        """() => {
          document.querySelector(".rtcr-play").click();
          window.left = new WeakRef(document.querySelector(".rtcw-replay"));
          left.deref().remove();
        }"""
    )

    async def forgotten() -> bool:
        await tab.evaluate("() => document.body.append(document.createElement('p'))")
        await browser.send("HeapProfiler.collectGarbage")
        return bool(await tab.evaluate("() => left.deref() === undefined"))

    await wait_for(forgotten, 30, "a replay that takes no memory")


async def test_a_clip_that_cannot_be_played_says_so_and_the_rest_plays(
    new_window: NewWindow, tape: Tape, tmp_path: Path
) -> None:
    html = document_of(tape, max_bytes=None, private=True)
    clips = re.findall(r'class="rtcr-clip">([^<]+)', html)
    path = tmp_path / "broken.html"
    # One is no film, the other no base64.
    path.write_text(html.replace(clips[1], "bm8gZmlsbQ==").replace(clips[2], "no base64!"), encoding="utf-8")
    tab = await shown(new_window, path.as_uri())

    seen = await seek(tab, 2.0)
    assert seen["tiles"].keys() >= {"Ada", "Bob, This browser cannot play it"}
    assert max(map(abs, drifts(seen))) < 1.5 / FPS
    await tab.get_by_role("button", name="Play", exact=True).click()

    async def later() -> bool:
        return (await tab.evaluate(LOOK))["time"] > 2.3

    await wait_for(later, 30, "the rest playing")


@pytest.mark.parametrize("width", [320, 1900])
async def test_nothing_sticks_out_however_wide_it_is(new_window: NewWindow, page: str, width: int) -> None:
    tab = await shown(new_window, page, viewport={"width": width, "height": 900})
    await seek(tab, 2.7)

    assert await tab.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    stage = await tab.evaluate("() => document.querySelector('.rtcw-stage').clientWidth")
    # All of it, or what the diagram beside it leaves.
    assert stage > (width * 0.75 if width < 900 else 1600 * 0.38)


async def test_it_is_as_dark_as_the_page_around_it(new_window: NewWindow, page: str) -> None:
    ground = "() => getComputedStyle(document.querySelector('.rtcw-replay')).backgroundColor"
    later = "() => getComputedStyle(document.querySelector('.rtcr-later')).backgroundColor"
    grounds = []
    for scheme in ("light", "dark"):
        tab = await shown(new_window, page, color_scheme=scheme)
        grounds.append(await tab.evaluate(ground))
        assert await tab.evaluate(later) == grounds[-1]
    assert grounds[0] == "rgb(255, 255, 255)"
    assert grounds[1] != grounds[0]


async def test_paper_gets_the_picture_that_stands_still(new_window: NewWindow, page: str) -> None:
    tab = await shown(new_window, page)
    await tab.emulate_media(media="print")

    parts = await tab.evaluate(
        """() => [...document.querySelector(".rtcw-replay").children]
            .filter((part) => part.checkVisibility()).map((part) => part.className)"""
    )
    assert parts == ["rtcr-still"]
    assert await tab.locator(".rtcr-still img").is_visible()


async def test_forced_colours_leave_nothing_invisible(new_window: NewWindow, page: str) -> None:
    tab = await shown(new_window, page, forced_colors="active", color_scheme="dark")

    play, mark = [
        await tab.locator(selector).first.evaluate(
            """(node) => {
              const { color, backgroundColor } = getComputedStyle(node);
              return [color, backgroundColor];
            }"""
        )
        for selector in (".rtcr-play", ".rtcr-chapter-mark[data-kind=mark]")
    ]
    assert play[0] != play[1]
    assert mark[1] == play[0]


async def test_without_scripts_there_is_a_picture_and_how_to_play_it(
    new_window: NewWindow, page: str
) -> None:
    window = await new_window(offline=True, java_script_enabled=False)
    tab = await window.open(page)

    picture = tab.locator(".rtcr-still img")
    assert await picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 500
    assert await tab.get_by_text("This is a still picture").is_visible()


# -- Firefox


async def test_firefox_plays_seeks_and_steps(firefox: Firefox, page: str) -> None:
    tab = await firefox.open(page)
    await ready(tab)

    for time in (3.0, 0.2, 2.2):
        assert max(map(abs, drifts(await seek(tab, time)))) < 1.5 / FPS, time
    await tab.evaluate("() => document.querySelector('[aria-label=\"Next message\"]').click()")
    assert (await tab.evaluate(LOOK))["open"].startswith("offer from Ada to Bob")
    await seek(tab, 0.0)
    await tab.evaluate("() => document.querySelector('.rtcr-play').click()")
    await plays_to_the_end(tab)

    assert tab.console == []


async def test_firefox_shows_who_is_there_from_the_first_moment(firefox: Firefox, late: str) -> None:
    tab = await firefox.open(late)
    await ready(tab)

    await begins_with_its_first_picture(tab)


async def test_in_firefox_a_slide_that_is_left_stops_it(firefox: Firefox, page: str) -> None:
    tab = await firefox.open(page)
    await ready(tab)

    await stops_when_all_is_paused(tab)
