"""What a page with two participants in it shows, whatever notebook host it comes from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.support.join_pages import open_link
from tests.support.pages import plays
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from tests.support.chromium import Window

# Where there are no such connections, `every` would be content.
MOVING = """async () => {
    const open = probe.connections.filter((pc) => pc.connectionState === "connected");
    const decoded = await Promise.all(open.map(async (pc) => {
        const inbound = [...(await pc.getStats()).values()].filter(
            (entry) => entry.type === "inbound-rtp" && entry.kind === "video",
        );
        return inbound.reduce((frames, entry) => frames + (entry.framesDecoded ?? 0), 0);
    }));
    return decoded.filter((frames) => frames > 10).length;
}"""


async def pictures_move(page: Any, connections: int) -> None:
    """Wait until so many connections of a page bring moving pictures."""

    async def enough() -> bool:
        return bool(await page.evaluate(MOVING) >= connections)

    await wait_for(enough, 60, f"{connections} connections with moving pictures")


async def joins_by_the_link(page: Any, phone: Window, name: str, sees: str) -> None:
    """Let somebody join by the link that a page shows, and see somebody."""
    guest = await open_link(phone, await page.locator("a.rtcl-open").get_attribute("href"))
    await guest.join(name)
    await plays(guest, sees)


async def path_is(page: Any, path: str) -> None:
    """Wait until signaling of one of a page's widgets takes a path; shadow roots are looked into."""

    async def taken() -> list[str | None]:
        return [await widget.get_attribute("data-path") for widget in await page.locator(".rtcw").all()]

    async def is_taken() -> bool:
        return path in await taken()

    try:
        await wait_for(is_taken, 30, f"signaling by {path!r}")
    except TimeoutError as error:
        error.add_note(f"it takes {await taken()}")
        raise


async def record_and_replay(page: Any, which: int = 0) -> None:
    """Record by a *Record* button, the first one of the page unless another is named, and play what there is."""
    record = page.get_by_role("button", name="Record", exact=True).nth(which)
    await record.click()
    time = page.locator(".rtcw-recording:visible").first
    await wait_for(lambda: _time_is_over(time, "0:02"), 60, "two seconds of a recording")
    await record.click()
    await page.get_by_role("button", name="Play here").click()
    replay = page.locator(".rtcw-replay[data-ready=true]")
    await replay.wait_for(timeout=60_000)
    await replay.get_by_role("button", name="Play", exact=True).click()
    video = replay.locator("video").first
    await wait_for(lambda: video.evaluate("(video) => video.currentTime > 0.5"), 30, "the replay to go on")


async def _time_is_over(element: Any, text: str) -> bool:
    return str(await element.inner_text()).strip() >= text


def complaints(window: Window) -> list[str]:
    """Return what is red in the console of a window."""
    return [line for line in window.console if re.match("error|uncaught", line)]
