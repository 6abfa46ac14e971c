"""What is chosen in a diagram: everybody or a connection, a group of candidates, time to scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.trace import Trace
from rtc_widget.trace.overview import overview
from tests.support.traces import ADA, BOB, Script, answer, call, make_offer, meeting, stepped, trickle

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.browser_fixtures import NewWindow


async def shown(new_window: NewWindow, folder: Path, script: Script, **options: Any) -> Any:
    path = script.trace.diagram().save(folder / "diagram.html")
    return await (await new_window(**options)).open(path.as_uri())


async def test_of_four_people_everybody_is_shown_first_and_a_click_opens_a_connection(
    new_window: NewWindow, tmp_path: Path
) -> None:
    for scripts in (True, False):
        tab = await shown(new_window, tmp_path, meeting(), java_script_enabled=scripts)
        cells = tab.locator(".rtcd-matrix tbody td")
        assert await cells.nth(1).inner_text() == "✓ host"
        assert await cells.nth(6).inner_text() == "✕ failed\nno offer has arrived"
        assert await tab.locator(".rtcd-pair:visible, .rtcd-filters label:visible").count() == 0

        await cells.nth(6).locator(".rtcd-open").click()
        names = tab.locator(".rtcd-name:not(.s):visible strong")
        assert await names.all_inner_texts() == ["Bob", "Carol"]
        assert await tab.locator(".rtcd-everybody").is_hidden()
        await tab.locator(".rtcd-choice label", has_text="Everybody").click()
        assert await cells.nth(6).is_visible()


async def test_the_keyboard_opens_a_connection_of_the_overview_and_stays_in_the_diagram(
    new_window: NewWindow, tmp_path: Path
) -> None:
    tab = await shown(new_window, tmp_path, meeting())

    await tab.locator(".rtcd-pick:checked").focus()
    for _ in range(2):
        await tab.keyboard.press("Tab")
    await tab.keyboard.press("Enter")

    assert await tab.locator(".rtcd-name:not(.s):visible strong").all_inner_texts() == ["Ada", "Carol"]
    assert await tab.evaluate("() => document.activeElement.matches('.rtcd-pick:checked')")


async def test_a_room_is_its_overview_first_with_the_diagrams_behind_it(
    new_window: NewWindow, tmp_path: Path
) -> None:
    room = overview(call().trace, Trace((), names={}), ())
    path = tmp_path / "overview.html"
    path.write_text(f"<!doctype html><meta charset=utf-8>{room._repr_html_()}", encoding="utf-8")
    tab = await (await new_window()).open(path.as_uri())

    assert await tab.locator(".rtcd-matrix").is_visible()
    await tab.locator(".rtcd-open").first.click()
    await tab.locator(".rtcd-m.offer > summary").click()
    assert await tab.locator(".rtcd-panel h3").is_visible()


async def test_a_group_of_candidates_opens_in_the_drawing(new_window: NewWindow, tmp_path: Path) -> None:
    tab = await shown(new_window, tmp_path, call())
    group = tab.locator(".rtcd-m.candidate").first
    ones = group.locator(".rtcd-each li:visible")

    await group.locator("> summary").click()
    assert await ones.all_inner_texts() == [
        *["host over UDP, 5.2 ms on its way, queued"] * 3,
        "srflx over UDP, 5.2 ms on its way, queued",
    ]
    # Whoever opens another message goes on seeing them.
    await tab.locator(".rtcd-m.offer > summary").click()
    assert await ones.count() == 4
    await group.locator("> summary").press("Enter")
    assert await ones.count() == 0
    assert await group.locator("> summary").get_attribute("aria-expanded") == "false"


# How far each arrow goes down, and how far apart the first two are.
ARROWS = """() => [...document.querySelectorAll(".rtcd-pair :is(.rtcd-way, .rtcd-slope)")]
  .map((arrow) => arrow.getBoundingClientRect()).filter(({ width }) => width > 0).map(({ height }) => height)"""


@pytest.mark.parametrize("scripts", [True, False])
async def test_time_is_to_scale_when_that_is_asked_for_and_not_when_it_is_not(
    new_window: NewWindow, tmp_path: Path, scripts: bool
) -> None:
    tab = await shown(new_window, tmp_path, call(), java_script_enabled=scripts)
    whole = "() => document.querySelector('.rtcd-pair').offsetHeight"
    flat, height = await tab.evaluate(ARROWS), await tab.evaluate(whole)
    assert max(flat) < 20

    await tab.get_by_text("Time to scale").click()
    sloping = await tab.evaluate(ARROWS)
    assert len(sloping) == len(flat)
    assert min(sloping) > 20
    assert await tab.evaluate(whole) > height
    await tab.get_by_text("Time to scale").click()
    assert (await tab.evaluate(ARROWS), await tab.evaluate(whole)) == (flat, height)


async def test_what_is_notable_is_found_one_after_the_other_though_it_is_out_of_sight(
    new_window: NewWindow, tmp_path: Path
) -> None:
    tab = await shown(new_window, tmp_path, stepped(), viewport={"width": 900, "height": 420})
    found = tab.locator(".rtcd-found")
    button = tab.get_by_role("button", name="Next notable moment")
    # As in a notebook, whose cells stand above it.
    await tab.evaluate("document.body.style.paddingTop = '300px'")

    texts = []
    for _ in range(14):
        await button.click()
        seen = await found.evaluate(
            """(found) => {
              const [inner, outer] = [found, found.closest(".rtcd-scroll")].map((e) => e.getBoundingClientRect());
              const isInPage = inner.top >= -1 && inner.bottom <= innerHeight + 1;
              return isInPage && inner.top >= outer.top && inner.bottom <= outer.bottom;
            }"""
        )
        assert seen
        texts.append(await found.inner_text())
        assert await tab.locator("output").inner_text() == await found.evaluate("(e) => e.textContent")
    assert texts[:3] == ["fault: drop candidates to Bob", "dropped", "delayed 401 ms"]
    assert texts[-1] == texts[0], "after the last comes the first"
    assert await button.inner_text() == "Next notable moment (1 of 13) ↓"


async def test_where_all_is_ordinary_or_in_sight_there_is_nothing_to_find(
    new_window: NewWindow, tmp_path: Path
) -> None:
    ordinary = Script()
    ordinary.join(ADA)
    ordinary.join(BOB, order=2)
    offer = ordinary.pass_on(ADA, BOB, "offer", make_offer(ordinary, ADA, BOB))
    answer(ordinary, BOB, ADA, offer)
    trickle(ordinary, ADA, BOB)
    for script, height in ((ordinary, 420), (call(), 4000)):
        tab = await shown(new_window, tmp_path, script, viewport={"width": 900, "height": height})
        await tab.locator(".rtcd-copy").wait_for()
        assert await tab.locator(".rtcd-next").is_hidden()
