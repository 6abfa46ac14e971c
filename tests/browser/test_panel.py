"""The live diagram in the widget: drawn while somebody looks, and the buttons that stop and step the signaling."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest_asyncio

from tests.support.notebook_calls import cell, holds, open_notebook
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest

    from tests.support.browser_fixtures import NewWindow
    from tests.support.lab import Lab
    from tests.support.notebook import Notebook


WINDOW = {"width": 1250, "height": 1400}


def bob(room: str) -> str:
    """Return a cell that puts Bob into the room, in Ada's notebook."""
    return f"bob = RoomWidget({room!r}, name='Bob', video='pattern', audio=False)\nbob"


def button(view: Any, name: str) -> Any:
    """Find a button of a view by its whole name."""
    return view.get_by_role("button", name=re.compile(f"^{name}$"))


async def text_is(locator: Any, text: str) -> None:
    """Wait until an element has this text."""

    async def same() -> bool:
        return bool((await locator.inner_text()) == text)

    await wait_for(same, 30, f"{text!r} in {locator}")


@pytest_asyncio.fixture(loop_scope="session")
async def ada(lab: Lab, new_window: NewWindow, room: str) -> AsyncIterator[tuple[Notebook, Any]]:
    """A notebook with Ada in the first cell, her diagram open, and her view."""
    notebook = await open_notebook(lab, await new_window(viewport=WINDOW), cell("Ada", room), bob(room))
    await notebook.run_cell(0)
    view = notebook.tab.locator(".rtcw").first
    await button(view, "Signaling").click()
    await view.locator(".rtcd-page").wait_for()
    await text_is(view.locator(".rtcw-signaling"), "Messages pass freely")
    yield notebook, view


async def test_messages_appear_while_it_is_open_and_nothing_is_drawn_when_it_is_not(ada: Any) -> None:
    notebook, view = ada
    assert await view.locator(".rtcd-m").count() == 0

    await notebook.run_cell(1)
    await view.locator(".rtcd-m.offer").wait_for()
    await view.locator(".rtcd-m.answer").wait_for()
    scroll = view.locator(".rtcd-scroll")
    assert await scroll.evaluate("(e) => e.scrollTop + e.clientHeight >= e.scrollHeight - 2")
    assert (
        await notebook.execute(
            "print(len(ada._control._diagram._leases), len(bob._control._diagram._leases))"
        )
    ) == "1 0\n"

    await button(view, "Signaling").click()
    await holds(notebook, "not ada._control._diagram._leases")
    # The next thing that happens wakes the drawing up, for the last time.
    await notebook.execute("bob.close()")
    await holds(notebook, "ada._control._diagram._drawing is None")


async def test_a_teacher_steps_a_late_joiner_into_the_call_with_the_buttons(
    ada: Any, subtests: pytest.Subtests
) -> None:
    notebook, view = ada

    with subtests.test("faults are listed, and cleared"):
        await notebook.execute("ada.fault.drop('offer', to='Bob')")
        await text_is(view.locator(".rtcw-fault").first, "drop offer to Bob; 0 so far")

        await button(view, "Clear").click()
        await view.locator(".rtcw-fault").wait_for(state="detached")
        await holds(notebook, "not ada.fault")

    with subtests.test("a late joiner is stepped into the call"):
        assert await button(view, "Step").get_attribute("aria-disabled") == "true"

        await button(view, "Pause").click()
        await button(view, "Resume").wait_for()
        await notebook.run_cell(1)
        release = button(view, "Release offer of Ada to Bob")
        await release.wait_for()
        assert await notebook.execute("print(ada.paused, bob.paused)") == "True True\n"
        await (
            view.get_by_role("status")
            .get_by_text("Message held: offer of Ada to Bob")
            .wait_for(state="attached")
        )

        await button(view, "Step").click()
        await release.wait_for(state="detached")
        await button(view, "Release answer of Bob to Ada").click()
        await holds(notebook, "[p.signaling_state for p in ada.participants] == ['stable']")
        await button(view, "Resume").click()
        await holds(notebook, "ada.participants['Bob'].connection_state == 'connected'")
        await text_is(view.locator(".rtcw-signaling"), "Messages pass freely")
        assert await view.locator(".rtcw-held:visible, .rtcw-chip:visible").count() == 0

    with subtests.test("everybody is a tab with figures that follow, and a click opens a connection"):
        await view.locator(".rtcd-choice label", has_text="Everybody").click()
        cell = view.locator(".rtcd-matrix tbody td").nth(1)
        await cell.get_by_text("✓ host").wait_for()

        seen: set[str] = set()

        async def changes() -> bool:
            seen.add(await cell.inner_text())
            return sum("kbit/s" in text for text in seen) > 1

        await wait_for(changes, 30, "figures that change")
        await cell.locator("button").click()
        await view.locator(".rtcd-m.offer:visible").wait_for()
        assert await cell.is_hidden()
        await holds(notebook, "not ada._control._diagram._overviews")


async def test_what_is_open_stays_open_while_more_comes(ada: Any) -> None:
    notebook, view = ada
    await button(view, "Pause").click()
    await button(view, "Resume").wait_for()
    await notebook.run_cell(1)
    offer = view.locator(".rtcd-m.offer > summary").first
    await offer.wait_for()

    await offer.focus()
    await notebook.tab.keyboard.press("Enter")
    opened = view.locator(".rtcd-panel")
    assert (await opened.locator("h3").inner_text()).startswith("offer held, from Ada to Bob")
    assert await opened.evaluate("(e) => document.activeElement === e")
    await opened.evaluate("(e) => { e.scrollTop = 40; }")
    count = await view.locator(".rtcd-m").count()
    await button(view, "Resume").evaluate("(e) => e.click()")
    await view.locator(".rtcd-m.answer").wait_for()
    assert await view.locator(".rtcd-m").count() > count
    # What has become of it meanwhile is told too.
    await opened.get_by_text("setRemoteDescription offer").wait_for()
    assert await opened.evaluate("(e) => document.activeElement === e && e.scrollTop") == 40
    assert (await view.locator(".rtcd-m.on").get_attribute("class") or "").startswith("rtcd-m offer")

    scroll = view.locator(".rtcd-scroll")
    await scroll.evaluate("(e) => { e.scrollTop = 0; }")
    await notebook.execute("bob.close()")
    await view.locator(".rtcd-presence").get_by_text("leaves").wait_for(state="attached")
    assert await scroll.evaluate("(e) => e.scrollTop") == 0


async def test_a_wish_that_the_relay_refuses_says_why(ada: Any) -> None:
    notebook, view = ada
    await button(view, "Pause").click()
    await button(view, "Resume").wait_for()
    await notebook.run_cell(1)
    release = button(view, "Release offer of Ada to Bob")
    await release.wait_for()

    # The second comes before the kernel has told of the first.
    await release.evaluate("(e) => { e.click(); e.click(); }")
    alert = view.get_by_role("alert")
    await alert.get_by_text("That message is not held, or no longer").wait_for()
    await button(view, "Resume").click()
    await alert.wait_for(state="detached")
    await holds(notebook, "ada.participants['Bob'].connection_state == 'connected'")
