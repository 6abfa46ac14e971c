"""However wide a view is, nothing of its bar is cut off, and all of it can be reached."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rtc_widget.protocol.limits import LIMITS
from tests.support.pages import enter, holds, press
from tests.support.relays import Client
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from tests.support.browser_fixtures import NewWindow
    from tests.support.relays import RunningRelay
    from tests.support.widget_page import Host

AXE = Path(__file__).parents[2] / "js/node_modules/axe-core/axe.min.js"
IN_BAR = ["Microphone", "Camera", "Share screen", "Camera and microphone", "Signaling", "Record", "Leave"]
IN_MENU = ["Share screen", "Camera and microphone", "Signaling", "Record"]

# The names of what is shown in the bar, those of what has its name beside its icon, what is cut off, and whether anything
# has to be scrolled sideways.
LOOK = """() => {
    const root = document.querySelector(".rtcw");
    const bar = root.querySelector(".rtcw-bar");
    const edge = root.getBoundingClientRect();
    const buttons = [...bar.querySelectorAll("button")].filter((button) => button.checkVisibility());
    const cut = (button) => {
        const box = button.getBoundingClientRect();
        return box.width < 30 || box.height < 30 || box.left < edge.left || box.right > edge.right
            || box.right > innerWidth || button.scrollWidth > button.clientWidth + 1;
    };
    return {
        shown: buttons.map((button) => button.textContent),
        named: buttons.filter((button) => button.querySelector(".rtcw-label").clientWidth > 8)
            .map((button) => button.textContent),
        cut: buttons.filter(cut).map((button) => button.textContent),
        scrolls: document.documentElement.scrollWidth > innerWidth || root.scrollWidth > root.clientWidth,
        width: edge.width,
    };
}"""
# How many different initials the others have, and what lies over them.
INITIALS = """() => {
    const all = [...document.querySelectorAll(".rtcw-tile")].slice(1);
    const texts = new Set(all.map((tile) => tile.querySelector(".rtcw-initials").textContent));
    const covers = (tile) => {
        const under = tile.querySelector(".rtcw-initials").getBoundingClientRect();
        return [...tile.querySelectorAll(".rtcw-link, .rtcw-caption")].map((each) => each.getBoundingClientRect())
            .some(({left, right, top, bottom}) => left < under.right && under.left < right
                && top < under.bottom && under.top < bottom);
    };
    return [texts.size, all.filter(covers).map((tile) => tile.getAttribute("aria-label"))];
}"""
GOOD = {"cut": [], "scrolls": False}


async def test_nothing_is_cut_off_between_236_and_2000_pixels_and_the_rest_is_in_a_menu(
    host: Host, relay: RunningRelay, room: str, new_window: NewWindow
) -> None:
    page = await enter(host, await new_window(), relay, room, "Ada")
    tab = page.tab
    await tab.add_style_tag(content="body { margin: 0 }")

    for width, shown, named in (
        (236, ["Microphone", "Camera", "More", "Leave"], []),
        (359, ["Microphone", "Camera", "More", "Leave"], []),
        (360, IN_BAR, []),
        (700, IN_BAR, ["Share screen", "Signaling", "Record", "Leave"]),
        (2000, IN_BAR, ["Microphone", "Camera", "Share screen", "Signaling", "Record", "Leave"]),
    ):
        await tab.set_viewport_size({"width": width, "height": 700})
        wanted = {**GOOD, "shown": shown, "named": named, "width": width}
        await wait_for(lambda wanted=wanted: same(tab, wanted), 30, f"the bar at {width} pixels")

    # Without being closed it would be in the way at once when there is no room again.
    for width in (236, 300):
        await tab.set_viewport_size({"width": width, "height": 700})
        await press(page, "More")
        wanted = {**GOOD, "shown": ["Microphone", "Camera", "More", *IN_MENU, "Leave"], "named": IN_MENU}
        await wait_for(lambda wanted=wanted: same(tab, wanted), 30, f"the menu at {width} pixels")
        await press(page, "Camera and microphone")
        await holds(page, "document.activeElement.matches('select')")
        assert (await tab.evaluate(LOOK))["scrolls"] is False
        await tab.keyboard.press("Escape")
        await tab.add_script_tag(path=AXE)
        violations = "async () => (await axe.run('.rtcw')).violations.map(({ id }) => id)"
        assert await tab.evaluate(violations) == []
        await press(page, "More")


async def same(tab: object, wanted: dict[str, object]) -> bool:
    """Tell whether the bar looks like that, or raise with what it looks like."""
    found = await tab.evaluate(LOOK)  # type: ignore[attr-defined]
    if {key: found[key] for key in wanted} != wanted:
        raise AssertionError(found)
    return True


async def test_beside_other_widgets_it_takes_what_is_left(
    host: Host, relay: RunningRelay, room: str, new_window: NewWindow
) -> None:
    page = await enter(host, await new_window(viewport={"width": 900, "height": 700}), relay, room, "Ada")

    await page.tab.evaluate(
        """() => {
            const row = document.createElement("div");
            row.className = "widget-hbox";
            row.style.cssText = "display: flex; width: 480px";
            const other = document.createElement("div");
            other.style.cssText = "flex: none; width: 240px";
            const view = document.querySelector(".rtcw").parentElement;
            view.replaceWith(row);
            row.append(view, other);
        }"""
    )

    wanted = {**GOOD, "shown": ["Microphone", "Camera", "More", "Leave"], "width": 240}
    await wait_for(lambda: same(page.tab, wanted), 30, "the bar beside another widget")


async def test_in_a_phones_width_nothing_lies_over_the_initials_of_sixteen_people_which_differ(
    host: Host, relay: RunningRelay, room: str, new_window: NewWindow
) -> None:
    clients = [Client(room) for _ in range(LIMITS["room_capacity"] - 1)]
    try:
        for client in clients:
            await client.connect(relay.url, relay.token(room))
            await client.join(name="Guest")
        page = await enter(host, await new_window(), relay, room, "Ada")
        await page.tab.set_viewport_size({"width": 390, "height": 844})
        await holds(page, "document.querySelectorAll('.rtcw-tile').length === 16")
        await holds(page, f"JSON.stringify(({INITIALS})()) === '[15,[]]'")
    finally:
        for client in clients:
            await client.disconnect()
