"""A link that lets people wait: the join page asks, the notebook says who is there, and lets them in or does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.join_pages import PORTRAIT, open_link, violations
from tests.support.notebook_calls import cell, holds, in_page, open_notebook, page_holds
from tests.support.pages import ask, plays, press
from tests.support.pages import holds as shows

if TYPE_CHECKING:
    from tests.support.browser_fixtures import NewWindow
    from tests.support.lab import Lab

KNOCKS = "[...document.querySelectorAll('.rtcw-notice strong')].map((each) => each.textContent).join()"
SAID = "document.querySelector('.rtcw [role=status]').textContent"


async def test_who_asks_to_join_waits_until_the_notebook_lets_them_in_or_declines(
    lab: Lab, new_window: NewWindow
) -> None:
    notebook = await open_notebook(
        lab, await new_window(), cell("Ada", lab.room), "link = ada.link(wait=True)\nlink"
    )
    await notebook.run_all()
    await holds(notebook, "ada.state == 'joined'")
    url = (await notebook.execute("print(link.url)")).strip()
    assert "wait=True" in await notebook.execute("print(link)")

    dark = {**PORTRAIT, "color_scheme": "dark", "ignore_https_errors": True}
    bob = await open_link(await new_window(**dark), url)
    await press(bob, "Turn on camera and microphone")
    await bob.ask("Bob")
    # What was on before stays on, and nobody else has anything of it.
    assert await ask(bob, "probe.live('video')") == 1
    assert await violations(bob.tab) == []
    await page_holds(notebook, f"{KNOCKS} === 'Bob waits to be let in'")
    assert "Bob waits to be let in" in await in_page(notebook, SAID)
    assert await notebook.execute("print(ada.waiting['Bob'].name, len(ada.participants))") == "Bob 0\n"

    # A reload is in the same place: whoever saw Bob there sees nothing else.
    since = await notebook.execute("print(ada.waiting['Bob'])")
    await bob.tab.reload()
    await bob.waits()
    assert await notebook.execute("print(ada.waiting['Bob'])") == since

    eve = await open_link(await new_window(**{**dark, "color_scheme": "light"}), url)
    await eve.ask("Eve")
    assert await violations(eve.tab) == []
    await page_holds(notebook, f"{KNOCKS} === 'Bob waits to be let in,Eve waits to be let in'")
    await press(eve, "Cancel")
    await page_holds(notebook, f"{KNOCKS} === 'Bob waits to be let in'")
    await eve.ask("Eve")
    await holds(notebook, "'Eve' in ada.waiting")
    await notebook.tab.get_by_role("group", name="Eve waits").get_by_role("button", name="Decline").click()
    assert await eve.outcome() == "not_admitted"
    assert await ask(eve, "probe.live('video') + probe.open()") == 0

    await notebook.tab.get_by_role("group", name="Bob waits").get_by_role("button", name="Let in").click()
    await plays(bob, "Ada")
    await holds(notebook, "ada.participants['Bob'].connection_state == 'connected' and not ada.waiting")
    await page_holds(notebook, f"{KNOCKS} === ''")
    # Who was let in comes back without asking.
    await bob.tab.reload()
    await plays(bob, "Ada")

    await press(eve, "Ask again")
    await eve.waits()
    await holds(notebook, "'Eve' in ada.waiting")
    # Also who has left the call sees who waits, and may answer.
    await notebook.execute("ada.leave()")
    await page_holds(notebook, "document.querySelector('.rtcw').dataset.phase === 'left'")
    await page_holds(notebook, f"{KNOCKS} === 'Eve waits to be let in'")
    await notebook.execute("ada.decline('Eve', revoke=True)")
    assert await eve.outcome() == "not_admitted"
    await press(eve, "Ask again")
    assert await eve.outcome() == "token_revoked"
    await notebook.execute("ada.remove('Bob')")
    assert await bob.outcome() == "removed"
    await shows(bob, "probe.open() === 0")
