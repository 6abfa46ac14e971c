"""In a page that is read from the right, what is English is read, and drawn, from the left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rtc_widget.recording.replay import page_of
from rtc_widget.teaching.check import Checked, Finding
from rtc_widget.trace.overview import overview
from rtc_widget.trace.stats import Stats
from tests.support.replay_pages import ready
from tests.support.replay_recordings import lesson
from tests.support.traces import ADA, BOB, call

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.browser_fixtures import NewWindow

DIRECTIONS = "(body) => [...body.children].map((part) => getComputedStyle(part.firstElementChild).direction)"


async def test_what_python_shows_is_the_same(new_window: NewWindow, tmp_path: Path) -> None:
    trace = call().trace
    script = call()
    script.say(ADA, "stats", BOB, bitrate=400_000, rtt=6.4)
    script.wait(1000)
    script.say(ADA, "stats", BOB, bitrate=511_000, rtt=6.4)
    stats, empty = Stats.of(script.trace), Stats((), names={})
    shown: list[Any] = [
        trace,
        trace.messages(),
        trace.diagram(),
        overview(trace, empty, ()),
        overview(call().trace[:1], empty, ()),
        stats,
        stats.plot(),
        empty,
        empty.plot(),
        Checked("1.1", (Finding("done", "Ada is in.", ""),)),
    ]
    path = tmp_path / "shown.html"
    parts = "".join(f"<div>{one._repr_html_()}</div>" for one in shown)
    replay = page_of(lesson(), max_bytes=None, private=False)
    path.write_text(
        f"<!doctype html><meta charset=utf-8><body><div>{replay}</div>{parts}</body>", encoding="utf-8"
    )
    tab = await (await new_window()).open(path.as_uri())
    await ready(tab)
    drawn = [tab.locator("body > div > :first-child").nth(index) for index in (3, 7)]
    before = [await one.screenshot() for one in drawn]

    await tab.evaluate("document.documentElement.dir = 'rtl'")

    assert await tab.locator("body").evaluate(DIRECTIONS) == ["ltr"] * (len(shown) + 1)
    # A diagram's arrows point to whom they reach.
    assert [await one.screenshot() for one in drawn] == before
