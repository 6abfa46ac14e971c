"""Where things stand in a replay: on a desk, on a phone, and for who does not see it or has no pointer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.replay_pages import LOOK, seek, shown
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from playwright.async_api import Page

    from tests.support.browser_fixtures import NewWindow
    from tests.support.firefox import Firefox

AXE = Path(__file__).parents[2] / "js/node_modules/axe-core/axe.min.js"
BOXES = """() => Object.fromEntries(
  ["rtcw-stage", "rtcr-deck", "rtcw-live", "rtcr-side"].map((name) => {
    const { top, right, bottom, left } = document.querySelector(`.${name}`).getBoundingClientRect();
    return [name, { top, right, bottom, left }];
  }))"""
PHONES = [{"width": 390, "height": 844}, {"width": 844, "height": 390}]


async def controls_are_seen(tab: Page) -> bool:
    return bool(
        await tab.evaluate(
            """() => {
              const { top, bottom } = document.querySelector(".rtcr-deck").getBoundingClientRect();
              const { x, y } = document.querySelector(".rtcr-play").getBoundingClientRect();
              const hit = document.elementFromPoint(x + 9, y + 9)?.closest(".rtcr-play");
              return top >= -1 && bottom <= innerHeight + 1 && hit != null;
            }"""
        )
    )


@pytest.mark.parametrize("width", [900, 1366])
async def test_pictures_and_diagram_stand_side_by_side_where_there_is_room(
    new_window: NewWindow, page: str, width: int
) -> None:
    tab = await shown(new_window, page, viewport={"width": width, "height": 768})

    boxes = await tab.evaluate(BOXES)
    stage, diagram = boxes["rtcw-stage"], boxes["rtcw-live"]
    assert stage["right"] <= diagram["left"]
    assert abs(stage["top"] - diagram["top"]) < 10
    # All of what plays it is seen at once, and both.
    assert boxes["rtcr-deck"]["bottom"] <= 768
    drawing = await tab.locator(".rtcd-scroll").bounding_box()
    assert drawing is not None
    assert drawing["height"] > 500
    assert boxes["rtcr-deck"]["right"] <= diagram["left"]


async def test_firefox_has_them_side_by_side(firefox: Firefox, page: str) -> None:
    tab = await firefox.open(page)

    async def beside() -> bool:
        boxes = await tab.evaluate(BOXES)
        return bool(boxes["rtcw-stage"]["right"] <= boxes["rtcw-live"]["left"])

    await wait_for(beside, 30, "pictures beside the diagram")


@pytest.mark.parametrize("viewport", PHONES)
async def test_on_a_phone_the_controls_stay_and_a_message_is_seen_that_they_lead_to(
    new_window: NewWindow, page: str, viewport: dict[str, int]
) -> None:
    tab = await shown(new_window, page, viewport=viewport)

    boxes = await tab.evaluate(BOXES)
    tops = [boxes[name]["top"] for name in ("rtcw-stage", "rtcr-deck", "rtcw-live", "rtcr-side")]
    assert tops == sorted(tops)
    assert await controls_are_seen(tab)
    for part in (".rtcd-scroll", ".rtcr-side", ".rtcr-states"):
        await tab.locator(part).evaluate("(node) => node.scrollIntoView({ block: 'end' })")
        assert await controls_are_seen(tab), part

    for begin in ("() => scrollTo(0, 0)", "() => scrollTo(0, document.body.scrollHeight)"):
        await seek(tab, 0.0)
        await tab.evaluate(begin)
        for kind in ("offer", "4 candidates", "answer"):
            await tab.get_by_role("button", name="Next message").click()
            assert (await tab.evaluate(LOOK))["open"].startswith(kind)
            title, deck = await tab.evaluate(
                """() => [document.querySelector(".rtcd-panel h3").getBoundingClientRect().top,
                          document.querySelector(".rtcr-deck").getBoundingClientRect().bottom]"""
            )
            assert deck - 1 <= title < viewport["height"], (begin, kind)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_wrong_with_an_exported_page(
    new_window: NewWindow, page: str, scheme: str
) -> None:
    tab = await shown(new_window, page, color_scheme=scheme)
    await tab.evaluate(AXE.read_text("utf-8"))

    assert await violations(tab) == []

    # And with all that can be open.
    await seek(tab, 2.7)
    await tab.keyboard.press("Tab")
    await tab.get_by_role("button", name="Story time").click()
    await tab.keyboard.press(".")
    await tab.evaluate("() => { for (const each of document.querySelectorAll('details')) each.open = true; }")
    assert (await tab.evaluate(LOOK))["open"] is not None
    assert await violations(tab) == []


async def violations(tab: Page) -> list[tuple[str, str]]:
    found = await tab.evaluate(
        """async () => (await axe.run()).violations.flatMap(({ id, nodes }) =>
             nodes.map(({ html, failureSummary }) => [id, html.slice(0, 200), failureSummary]))"""
    )
    return list(map(tuple, found))
