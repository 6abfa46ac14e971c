"""The join page of a relay, on phones and elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rtc_widget.relay.address import Relay
from tests.support.pages import phase
from tests.support.relays import SECRET

if TYPE_CHECKING:
    from tests.support.chromium import Window
    from tests.support.relays import RunningRelay

AXE = Path(__file__).parents[2] / "js/node_modules/axe-core/axe.min.js"

PORTRAIT = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
LANDSCAPE = {"viewport": {"width": 844, "height": 390}, "is_mobile": True, "has_touch": True}

# What stands in a page's chat, without the times.
WRITTEN = (
    "[...document.querySelectorAll('.rtcj-lines > li')].map((line) =>"
    " `${line.querySelector('strong').textContent}: ${line.querySelector('.rtcj-text').textContent}`)"
)


class JoinPage:
    """A tab with the page in it."""

    def __init__(self, tab: Any) -> None:
        self.tab = tab

    async def join(self, name: str) -> None:
        """Say a name and join."""
        await self.tab.get_by_label("Your name").fill(name)
        await self.tab.get_by_role("button", name="Join", exact=True).click()
        await phase(self, "joined")

    async def ask(self, name: str) -> None:
        """Say a name and ask to be let in."""
        await self.tab.get_by_label("Your name").fill(name)
        await self.tab.get_by_role("button", name="Ask to join", exact=True).click()
        await self.waits()

    async def waits(self) -> None:
        """Wait until the page waits to be let in, and the relay has let it."""
        await self.tab.get_by_role("heading", name="Waiting to be let in").wait_for(timeout=30_000)

    async def outcome(self) -> str:
        """Wait until the page says why it is not in the call, and return the code."""
        await self.tab.wait_for_selector(".rtcw[data-shown='outcome']", timeout=30_000)
        return str(await self.tab.get_attribute(".rtcj-outcome", "data-code"))


async def violations(tab: Any) -> list[tuple[str, str]]:
    """Return what axe finds wrong in a page."""
    await tab.evaluate(f"() => {{ if (!window.axe) {{ {AXE.read_text('utf-8')} }} }}")
    found = await tab.evaluate(
        """async () => (await axe.run()).violations.flatMap(({ id, nodes }) =>
             nodes.map(({ html, failureSummary }) => [id, html.slice(0, 200), failureSummary]))"""
    )
    return list(map(tuple, found))


def link(relay: RunningRelay, room: str, **options: Any) -> str:
    """Make a link to a relay of the tests."""
    return Relay(relay.url, secret=SECRET).link(room, **options).url


async def open_link(window: Window, url: str) -> JoinPage:
    """Open a link in a new tab of a window whose cameras and connections are watched."""
    await window.watch()
    return JoinPage(await window.open(url))


async def write(page: JoinPage, text: str) -> None:
    """Write in the chat, which is opened if need be."""
    if await page.tab.locator(".rtcj-chat").is_hidden():
        await page.tab.locator(".rtcj-chat-button").click()
    await page.tab.get_by_label("Write to everybody").fill(text)
    await page.tab.get_by_role("button", name="Send").click()
