"""What a page with two participants in it shows, whatever notebook host it comes from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

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


async def path_is(page: Any, path: str) -> None:
    """Wait until signaling of a page's first widget takes a path; shadow roots are looked into."""
    await page.locator(f".rtcw[data-path='{path}']").first.wait_for(timeout=30_000, state="attached")


def complaints(window: Window) -> list[str]:
    """Return what is red in the console of a window."""
    return [line for line in window.console if re.match("error|uncaught", line)]
