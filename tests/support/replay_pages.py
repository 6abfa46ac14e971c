"""The replay of a recording in a page of a real browser: looking at it, and playing it."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.recording.replay import document_of
from tests.support.replay_recordings import BITS, FPS, STRIPE, Tape, clip, lesson
from tests.support.traces import ADA
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Page

    from tests.support.browser_fixtures import NewWindow
    from tests.support.lab import Lab


SECONDS = 5.0
# What a picture may be off by: itself, the one that is being drawn, and a busy machine's moment.
NEAR = 0.2

# What each tile shows: the time that its picture says it was taken at; null where there is none.
LOOK = f"""(index) => {{
  const root = document.querySelectorAll(".rtcw-replay")[index ?? 0];
  const canvas = Object.assign(document.createElement("canvas"), {{ width: {BITS * STRIPE}, height: 8 }});
  const context = canvas.getContext("2d", {{ willReadFrequently: true }});
  const taken = (video) => {{
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    const row = context.getImageData(0, 4, canvas.width, 1).data;
    let number = 0;
    for (let bit = 0; bit < {BITS}; bit++) {{
      number = number * 2 + (row[(bit * {STRIPE} + {STRIPE // 2}) * 4 + 1] > 128 ? 1 : 0);
    }}
    return number / {FPS};
  }};
  const tiles = [...root.querySelectorAll(".rtcw-tile")].map((tile) => {{
    const video = tile.querySelector("video:not([hidden])");
    return [tile.getAttribute("aria-label"), video ? taken(video) : null];
  }});
  return {{
    time: root.querySelector(".rtcr-position").valueAsNumber,
    ready: root.dataset.ready === "true",
    playing: root.querySelector(".rtcr-play").getAttribute("aria-label") === "Pause",
    tiles: Object.fromEntries(tiles),
    open: root.querySelector(".rtcd-panel:not([hidden]) h3")?.textContent ?? null,
    speed: root.querySelector(".rtcr-speed").value,
    muted: root.querySelector(".rtcr-mute").getAttribute("aria-label") !== "Mute",
    said: [...root.querySelectorAll(".rtcr-text")].map((node) => node.textContent),
    chapter: root.querySelector(".rtcr-chapter[aria-current]")?.lastChild.textContent ?? null,
  }};
}}"""
SEEK = """(time) => {
  const input = document.querySelector(".rtcr-position");
  input.value = time;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}"""
# What slides do with the one that is left: all is paused; and what browsers do now and then: all but the first.
PAUSE = """(few) => {
  const videos = [...document.querySelectorAll("video")].filter((video) => !video.paused);
  for (const video of few ? videos.slice(1) : videos) video.pause();
  return videos.length;
}"""
PLAYING = "() => [...document.querySelectorAll('video')].filter((video) => !video.paused).length"
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))"
# Of each clip, when its own time is 0.
BEGINS = {"Ada": 0.0, "Bob": 0.5, "Ada's screen": SECONDS / 2}


@pytest.fixture(scope="module")
def tape() -> Tape:
    return lesson(SECONDS)


@pytest.fixture
def page(tape: Tape, tmp_path: Path) -> str:
    path = tmp_path / "replay.html"
    path.write_text(document_of(tape, max_bytes=None, private=True), encoding="utf-8")
    return path.as_uri()


async def shown(new_window: NewWindow, url: str, **options: Any) -> Page:
    """Open a page without a network, and wait for its first pictures."""
    window = await new_window(offline=True, **options)
    tab = await window.open(url)
    await ready(tab)
    return tab


async def ready(tab: Any) -> None:
    async def there() -> bool:
        return bool((await tab.evaluate(LOOK))["ready"])

    await wait_for(there, 30, "the pictures of this time")


async def scrolled_to(tab: Any) -> None:
    """Bring the replay into view, where it takes the memory for its media, and wait for its first pictures."""

    async def there() -> bool:
        await tab.evaluate("() => document.querySelector('.rtcw-replay').scrollIntoView()")
        return True

    await wait_for(there, 30, "the replay")
    await ready(tab)


async def seek(tab: Any, time: float) -> dict[str, Any]:
    await tab.evaluate(SEEK, time)
    await ready(tab)
    return await tab.evaluate(LOOK)


def drifts(seen: dict[str, Any]) -> list[float]:
    """How far each picture is from the replay's time."""
    return [
        taken - (seen["time"] - BEGINS[label.split(",")[0]])
        for label, taken in seen["tiles"].items()
        if taken is not None
    ]


async def plays_to_the_end(tab: Any) -> None:
    """Watch a replay that has just been started."""
    seen = []

    async def over() -> bool:
        seen.append(await tab.evaluate(LOOK))
        return not seen[-1]["playing"]

    await wait_for(over, 30, "the end")
    assert seen[-1]["time"] == pytest.approx(SECONDS, abs=0.011)
    # Whatever has just come is given a moment to start; how long it takes is a figure of benchmarks/replay.py.
    running = [drifts(each) for each in seen if each["time"] > 1.2 and each["playing"]]
    assert min(max(map(abs, found)) for found in running if found) < NEAR / 2
    assert any("Ada's screen" in each["tiles"] for each in seen)
    # What is there until the end is there at the end.
    await ready(tab)
    last = (await tab.evaluate(LOOK))["tiles"]
    assert next(taken for label, taken in last.items() if label.startswith("Ada")) > SECONDS - 2 * NEAR


async def goes(tab: Page) -> bool:
    """Tell whether it has played for a while, and in step."""
    seen = await tab.evaluate(LOOK)
    return seen["time"] > 1.0 and max(map(abs, drifts(seen))) < NEAR


@pytest.fixture
def late(tape: Tape, tmp_path: Path) -> str:
    """A page in which Ada's and Bob's clips begin a moment after they come, and Ada's pictures after her sound."""
    ada, bob, _ = tape.clips
    bob = replace(bob, medium=replace(bob.medium, begins=0.6))
    ada = clip(ADA, ada.data, SECONDS, begins=0.1, shown=[(0.05, SECONDS)])
    path = tmp_path / "late.html"
    html = document_of(replace(tape, clips=(ada, bob)), max_bytes=None, private=True)
    path.write_text(html, encoding="utf-8")
    return path.as_uri()


async def begins_with_its_first_picture(tab: Any) -> None:
    """Look at a page that is `late`."""
    for time, label in ((0.0, "Ada"), (0.5, "Bob"), (0.05, "Ada")):
        seen = await seek(tab, time)
        found = {name: taken for name, taken in seen["tiles"].items() if name.startswith(label)}
        # Nothing is off, and what is shown is the first picture.
        assert found == {label: 0.0}, time


CHOOSE_SPEED = """(speed) => {
    const select = document.querySelector(".rtcr-speed");
    select.value = speed;
    select.dispatchEvent(new Event("change"));
}"""


async def stops_when_all_is_paused(tab: Any) -> None:
    """Play, and pause what plays as others would."""

    async def plays() -> bool:
        return len(drifts(await tab.evaluate(LOOK))) > 1 and await tab.evaluate(PLAYING) > 1

    # Slowly: on a busy machine, what is done below takes longer than the recording.
    await tab.evaluate(CHOOSE_SPEED, "0.25")
    await seek(tab, 0.8)
    await tab.evaluate("() => document.querySelector('.rtcr-play').click()")
    await wait_for(plays, 30, "two clips that play")
    # Browsers stop what has no sound in a page that nobody sees, and one of several for reasons of their own: it goes on.
    await tab.evaluate(
        "() => { Object.defineProperty(document, 'hidden', { value: true, configurable: true }); }"
    )
    await tab.evaluate(FRAMES)
    await tab.evaluate(PAUSE, False)
    await wait_for(plays, 30, "both playing again")
    await tab.evaluate("() => { delete document.hidden; }")
    await tab.evaluate(FRAMES)
    await tab.evaluate(PAUSE, True)
    await wait_for(plays, 30, "both playing again")
    assert (await tab.evaluate(LOOK))["playing"]

    await tab.evaluate(PAUSE, False)

    async def stands() -> bool:
        return not (await tab.evaluate(LOOK))["playing"]

    await wait_for(stands, 30, "a replay that stands still")
    seen = await tab.evaluate(LOOK)
    assert seen["time"] < SECONDS / 2
    assert await tab.evaluate(PLAYING) == 0
    # Whoever comes back finds it where it was, and goes on.
    await tab.evaluate("() => document.querySelector('.rtcr-play').click()")
    await wait_for(plays, 30, "both playing again")
    # It is remembered, and Firefox's next page would begin with it.
    await tab.evaluate(CHOOSE_SPEED, "1")


async def opened(lab: Lab, new_window: NewWindow, path: str) -> Page:
    """Open a notebook, and wait for no kernel."""
    workspace = f"{lab.url}/lab/workspaces/{uuid.uuid4().hex[:8]}"
    return await (await new_window()).open(f"{workspace}/tree/{path}?token={lab.token}")
