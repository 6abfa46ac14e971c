"""A replay as a story: captions, story time, a chapter again, a glimpse of what comes; and what is taken away from it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from rtc_widget.trace import Trace
from tests.support.replay_pages import LOOK, NEAR, PLAYING, SECONDS, drifts, ready, seek, shown
from tests.support.replay_recordings import BITS, FPS, STRIPE
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Page

    from tests.support.browser_fixtures import NewWindow
    from tests.support.firefox import Firefox
    from tests.support.replay_recordings import Tape

LINES = (
    "() => [...document.querySelectorAll('.rtcr-captions:not([hidden]) > p')].map((line) => line.textContent)"
)
SAID = "() => [...document.querySelector('.rtcw-replay > [role=status]').children].map((line) => line.textContent)"
PLACE = "() => document.querySelector('.rtcr-position').valueAsNumber"
# When the picture was taken that is over the seek bar.
GLIMPSE = f"""() => {{
  const video = document.querySelector(".rtcr-preview:not([hidden]) .rtcr-glimpse:not([hidden])");
  if (!video || video.readyState < 2 || video.seeking) return null;
  const canvas = Object.assign(document.createElement("canvas"), {{ width: {BITS * STRIPE}, height: 8 }});
  const context = canvas.getContext("2d", {{ willReadFrequently: true }});
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  const row = context.getImageData(0, 4, canvas.width, 1).data;
  let number = 0;
  for (let bit = 0; bit < {BITS}; bit++) {{
    number = number * 2 + (row[(bit * {STRIPE} + {STRIPE // 2}) * 4 + 1] > 128 ? 1 : 0);
  }}
  return number / {FPS};
}}"""


async def plays_past(tab: Page, time: float) -> None:
    async def past() -> bool:
        return (await tab.evaluate(LOOK))["time"] > time

    await wait_for(past, 30, f"the replay after {time} s")


async def test_captions_tell_what_happens_and_are_read_out_message_by_message(
    new_window: NewWindow, page: str
) -> None:
    tab = await shown(new_window, page)

    await tab.get_by_role("button", name="Next message").click()
    assert (await tab.evaluate(LINES))[-1] == "Ada sends Bob an offer."
    assert await tab.evaluate(SAID) == ["Ada sends Bob an offer."]
    await tab.keyboard.press("c")
    assert await tab.evaluate(LINES) == []
    await tab.get_by_role("button", name="Next message").click()
    assert len(await tab.evaluate(SAID)) == 1

    await tab.get_by_role("button", name="Captions").click()
    assert (await tab.evaluate(LINES))[-1].startswith("Ada sends Bob 4 candidates")
    await seek(tab, 1.2)
    await tab.get_by_role("button", name="Play", exact=True).click()
    await plays_past(tab, 2.0)
    said = await tab.evaluate(SAID)
    # What follows at once is not on the screen for long, and is heard all the same; a busy machine has gone on meanwhile.
    first = said.index("Bob sends Ada 4 candidates (3 host, 1 srflx).")
    assert said[first : first + 3] == [
        "Bob sends Ada 4 candidates (3 host, 1 srflx).",
        "Bob and Ada are connected.",
        "Guest 1 joins.",
    ]


async def test_in_story_time_each_message_has_as_long_and_the_pictures_follow(
    new_window: NewWindow, page: str
) -> None:
    tab = await shown(new_window, page)
    await tab.get_by_role("button", name="Story time").click()

    places, times = [], []
    for _ in range(6):
        await tab.keyboard.press(".")
        places.append(await tab.evaluate(PLACE))
        times.append(await tab.locator(".rtcr-time").inner_text())
    assert [round(after - before, 2) for before, after in pairwise(places)] == [2.0] * 5
    assert times[0] == "0:00.80 / 0:05"
    assert times == sorted(set(times))

    # Between two messages nine milliseconds apart: there it stands nearly still, and before them it runs.
    await tab.evaluate("(place) => { window.place = place; }", places[4])
    await tab.locator(".rtcr-position").evaluate(
        "(bar) => { bar.value = place - 1.5; bar.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    await tab.get_by_role("button", name="Play", exact=True).click()

    async def there() -> bool:
        return bool(await tab.evaluate(f"() => ({PLACE})() > place + 0.3"))

    await wait_for(there, 30, "the story of the next message")
    assert await tab.evaluate(PLAYING) == 0
    assert (await tab.locator(".rtcr-time").inner_text()).startswith(("0:02.80", "0:02.81"))
    await tab.get_by_role("button", name="Pause").click()
    await ready(tab)
    await tab.get_by_role("button", name="Story time").click()
    await ready(tab)
    seen = await tab.evaluate(LOOK)
    assert seen["time"] == pytest.approx(2.8, abs=0.02)
    assert max(map(abs, drifts(seen))) < NEAR


async def test_a_chapter_is_played_again_and_again(new_window: NewWindow, page: str) -> None:
    tab = await shown(new_window, page)
    await tab.get_by_role("button", name="Repeat chapter").click()
    await seek(tab, 4.6)
    await tab.get_by_role("button", name="Play", exact=True).click()
    times = []

    async def twice() -> bool:
        times.append((await tab.evaluate(LOOK))["time"])
        return sum(after < before for before, after in pairwise(times)) >= 2

    await wait_for(twice, 30, "the chapter's beginning, again")
    assert min(times) >= 3.99
    assert (await tab.evaluate(LOOK))["playing"]

    await tab.get_by_role("button", name="Repeat chapter").click()

    async def over() -> bool:
        return not (await tab.evaluate(LOOK))["playing"]

    await wait_for(over, 30, "the end")
    assert (await tab.evaluate(LOOK))["time"] == pytest.approx(SECONDS, abs=0.011)


async def test_over_the_seek_bar_is_a_glimpse_of_what_is_there(new_window: NewWindow, page: str) -> None:
    tab = await shown(new_window, page)
    await seek(tab, 3.0)
    bar = await tab.locator(".rtcr-position").bounding_box()
    assert bar is not None

    for time, clock, text in (
        (1.23, "0:01.2", "Ada sends Bob 4 candidates"),
        (0.83, "0:00.8", "Ada sends Bob an offer."),
    ):
        x = bar["x"] + 8 + (bar["width"] - 16) * time / SECONDS
        await tab.mouse.move(x, bar["y"] + 10)

        async def seen(time: float = time) -> bool:
            taken = await tab.evaluate(GLIMPSE)
            return taken is not None and abs(taken - time) < 2 / FPS

        await wait_for(seen, 30, f"a picture of {time} s")
        words = await tab.locator(".rtcr-preview").inner_text()
        assert words.startswith(clock)
        assert text in words
    assert (await tab.evaluate(LOOK))["time"] == 3.0

    await tab.mouse.move(bar["x"], bar["y"] - 200)
    assert not await tab.locator(".rtcr-preview").is_visible()


async def test_the_speed_that_was_chosen_is_there_the_next_time(new_window: NewWindow, page: str) -> None:
    tab = await shown(new_window, page)
    await tab.get_by_label("Speed").select_option("2")

    await tab.reload()
    await ready(tab)

    assert (await tab.evaluate(LOOK))["speed"] == "2"


@pytest.mark.parametrize("framed", [False, True], ids=["page", "sandboxed frame"])
async def test_what_is_in_it_can_be_downloaded(
    new_window: NewWindow, page: str, tape: Tape, tmp_path: Path, framed: bool
) -> None:
    if framed:
        frame = tmp_path / "frame.html"
        frame.write_text(
            f'<!doctype html><iframe sandbox="allow-scripts allow-downloads" src="{page}" width="1000" height="900"></iframe>'
        )
        tab = await (await new_window(offline=True)).open(frame.as_uri())
        place = tab.frame_locator("iframe")
    else:
        tab = await shown(new_window, page)
        place = tab
    await place.get_by_text("Downloads").click()

    found = {}
    for name in ("Ada", "Ada's screen", "Bob", "Trace", "Captions"):
        async with tab.expect_download() as waiting:
            await place.locator(".rtcr-files").get_by_role("button", name=name, exact=True).click()
        download = await waiting.value
        path = tmp_path / download.suggested_filename
        await download.save_as(path)
        found[name] = path

    assert [path.name for path in found.values()] == [
        "demo-Ada.webm",
        "demo-Ada's-screen.webm",
        "demo-Bob.webm",
        "demo-trace.jsonl",
        "demo-captions.vtt",
    ]
    assert [found[name].read_bytes() for name in ("Ada", "Bob", "Ada's screen")] == [
        clip.data for clip in tape.clips
    ]
    assert Trace.load(found["Trace"]).diagram().text == tape.trace.diagram().text
    assert found["Captions"].read_text("utf-8").startswith("WEBVTT\n\n00:00:00.000 --> ")


async def test_it_plays_in_a_frame_that_may_remember_nothing(
    new_window: NewWindow, page: str, tmp_path: Path
) -> None:
    path = tmp_path / "frame.html"
    path.write_text(
        f'<!doctype html><iframe sandbox="allow-scripts" src="{page}" width="1000" height="900"></iframe>'
    )
    window = await new_window(offline=True)
    tab = await window.open(path.as_uri())
    frame = tab.frame_locator("iframe")

    await frame.get_by_label("Speed").select_option("2")
    await frame.get_by_role("button", name="Play", exact=True).click()

    async def goes() -> bool:
        return float(await frame.locator(".rtcr-position").input_value()) > 1.0

    await wait_for(goes, 30, "a replay that goes on")
    assert window.console == []


# -- Firefox


async def test_firefox_tells_the_story(firefox: Firefox, page: str) -> None:
    tab = await firefox.open(page)
    await ready(tab)
    click = "(label) => [...document.querySelectorAll('button')].find((each) => label === (each.getAttribute('aria-label') ?? each.textContent)).click()"

    await tab.evaluate(click, "Story time")
    for _ in range(2):
        await tab.evaluate(click, "Next message")
    assert (await tab.evaluate(LINES))[-1].startswith("Ada sends Bob 4 candidates")
    assert await tab.evaluate(PLACE) == pytest.approx(4.0)
    await tab.evaluate(click, "Play")

    async def third() -> bool:
        return (await tab.evaluate(LINES))[-1:] == ["Bob sends Ada an answer."]

    await wait_for(third, 30, "the caption of the next message")
    assert await tab.evaluate(PLAYING) == 0
    assert tab.console == []
