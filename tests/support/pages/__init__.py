"""Pages of the tests' own, and what tests with the shipped bundle on a bare page share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from tests.support.chromium import Window
    from tests.support.relays import RunningRelay
    from tests.support.widget_page import Host, HostPage

PAGES = Path(__file__).parent
# Small: what pictures cost is most of what a page of a test does.
PATTERN: dict[str, Any] = {"video": "pattern", "audio": False, "resolution": [320, 180]}


async def script(tab: Any, name: str) -> None:
    """Run one of this folder's modules in a page of `Host`."""
    await tab.add_script_tag(path=PAGES / name, type="module")
    await wait_for(lambda: tab.evaluate("() => Boolean(window.ready)"), 30, name)


def invitation(relay: RunningRelay, room: str, key: str = "first") -> dict[str, Any]:
    """Return what lets one tab join by itself."""
    return {"key": key, "token": relay.token(room, max_uses=1), "session": None, "now": False}


async def beat(page: HostPage, relay: RunningRelay, room: str, **more: Any) -> None:
    """Play the kernel once: say where the relay is."""
    await page.heartbeat(relay.url, relay.token(room), **more)


async def open_page(host: Host, window: Window, room: str, name: str, **traits: Any) -> HostPage:
    """Show a widget in a window whose cameras and connections are watched."""
    await window.watch()
    return await host.open(window, room=room, name=name, **{**PATTERN, **traits})


async def enter(
    host: Host, window: Window, relay: RunningRelay, room: str, name: str, **traits: Any
) -> HostPage:
    """Show a widget and let it join."""
    page = await open_page(host, window, room, name, **traits)
    await beat(page, relay, room, invitation=invitation(relay, room))
    await phase(page, "joined")
    return page


async def holds(page: HostPage, expression: str, timeout: float = 30) -> Any:
    """Wait until a JavaScript expression is true in the page."""
    return await wait_for(lambda: page.tab.evaluate(f"() => ({expression})"), timeout, expression)


async def ask(page: HostPage, expression: str) -> Any:
    """Evaluate a JavaScript expression in the page."""
    return await page.tab.evaluate(f"() => ({expression})")


async def phase(page: HostPage, wanted: str, timeout: float = 30) -> None:
    """Wait until the first view shows this phase."""
    await holds(page, f"document.querySelector('.rtcw')?.dataset.phase === {wanted!r}", timeout)


async def tiles(page: HostPage, *wanted: str, timeout: float = 30) -> None:
    """Wait until exactly these tiles are shown in the first view, as a screen reader reads them."""

    async def shown() -> bool:
        found = await ask(
            page,
            "[...document.querySelector('.rtcw').querySelectorAll('.rtcw-tile')]"
            ".map((tile) => tile.getAttribute('aria-label'))",
        )
        if sorted(found) != sorted(wanted):
            raise AssertionError(found)
        return True

    await wait_for(shown, timeout, f"tiles {wanted}")


def frames(tile: str) -> str:
    """Return an expression for the number of frames that a tile has shown."""
    return (
        f"([...document.querySelectorAll('.rtcw-tile')].find((tile) => tile.ariaLabel.startsWith({tile!r}))"
        "?.querySelector('video').getVideoPlaybackQuality().totalVideoFrames ?? 0)"
    )


async def plays(page: HostPage, tile: str, count: int = 5) -> None:
    """Wait until a tile shows new frames, from now on."""
    before = await ask(page, frames(tile))
    await holds(page, f"{frames(tile)} >= {before + count}")


async def press(page: HostPage, label: str) -> None:
    """Click the first button of this name, as a person does."""
    await page.tab.get_by_role("button", name=label, exact=True).first.click()


async def press_by_script(page: HostPage, label: str) -> None:
    """Click the first button of this name in any browser; Firefox's driver has no other way."""
    await holds(
        page,
        f"[...document.querySelectorAll('button')].find((button) => button.innerText.trim() === {label!r}"
        f" || button.getAttribute('aria-label') === {label!r})?.click() === undefined",
    )
