"""A link in a notebook: shown with its QR code, saved without its token, and good for a phone, by TLS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.support.join_pages import PORTRAIT, open_link
from tests.support.notebook_calls import SAVE_STATE, cell, holds, in_page, open_notebook, page_holds
from tests.support.pages import plays
from tests.support.waiting import wait_for
from tests.support.widget_page import HostPage

if TYPE_CHECKING:
    from tests.support.browser_fixtures import NewWindow
    from tests.support.chromium import Window
    from tests.support.lab import Lab


async def test_a_phone_joins_a_notebooks_call_by_the_link_that_it_shows(
    lab: Lab, new_window: NewWindow
) -> None:
    share = "from rtc_widget import Relay\nRelay.local(share='127.0.0.1')"
    notebook = await open_notebook(
        lab,
        await new_window(),
        cell("Ada", lab.room),
        share,
        "link = ada.link(expires=600, max_uses=2)\nlink",
    )
    await notebook.run_all()
    await holds(notebook, "ada.state == 'joined'")
    await page_holds(notebook, "document.querySelector('.rtcl-qr')?.naturalWidth > 0")
    url = (await notebook.execute("print(link.url)")).strip()
    address, _, token = url.partition("#")
    assert await in_page(notebook, "document.querySelector('.rtcl-open').href") == url
    shown = await in_page(notebook, "document.querySelector('.rtcl').innerText")
    assert address in shown
    assert token not in shown
    fingerprint = (await notebook.execute("print(Relay.local().fingerprint)")).strip()
    assert fingerprint in shown

    # Who has compared the fingerprint goes on past the browser's warning.
    phone = await open_link(await new_window(**PORTRAIT, ignore_https_errors=True), url)
    assert address.startswith("https://127.0.0.1:")
    await phone.join("Bob")
    await plays(phone, "Ada")
    await holds(notebook, "ada.participants['Bob'].connection_state == 'connected'")
    # A recording of the notebook's has the phone's picture, too.
    await notebook.execute("tape = ada.record('tape')")
    await page_holds(notebook, "document.querySelector('.rtcw-recording')?.innerText >= '0:03'")
    shape = await notebook.execute("tape.stop(); print(tape.frame('Bob', 2).shape)")
    assert "3)" in shape
    # The widget's own way is what it was.
    await page_holds(notebook, "document.querySelector('.rtcw').dataset.path === 'direct'")

    await notebook._call(SAVE_STATE)

    async def save() -> str | None:
        saved = (await notebook.save()).read_text()
        return saved if "widgets" in json.loads(saved)["metadata"] else None

    saved = await wait_for(save, 30, "a saved notebook with its widget state")
    assert "Link(" in saved
    assert token not in saved
    assert address not in saved


class Webview:
    """Opens a server's pages in a frame that is allowed no camera, as VS Code does."""

    def __init__(self, window: Window, lab: Lab) -> None:
        self._window, self._lab = window, lab

    async def open(self, url: str) -> Any:
        tab = await self._window.open(f"{self._lab.url}/login")
        frame = await tab.evaluate_handle(
            """() => {
                const frame = document.createElement("iframe");
                frame.allow = "camera 'none'; microphone 'none'";
                frame.style = "position: fixed; inset: 0; width: 100%; height: 100%";
                document.body.replaceChildren(frame);
                return frame;
            }"""
        )
        inside = await frame.as_element().content_frame()
        await inside.goto(url)
        return inside


async def test_where_a_page_gives_no_camera_the_widget_offers_a_link_and_goes_on_receiving(
    lab: Lab, new_window: NewWindow
) -> None:
    window = await new_window()
    await window.watch()
    notebook = await lab.open(Webview(window, lab), lab.notebook([cell("Ada", lab.room, more="")]))
    await notebook.run_cell(0)
    await page_holds(notebook, "document.querySelector('a.rtcw-action') !== null", 60)
    notice = "document.querySelector('.rtcw-notices').innerText"
    said = str(await in_page(notebook, notice)).split("\n")
    assert said[0] == "This page may not use a camera"
    assert said[-2:] == ["Use a test picture", "Join in a browser"]
    await holds(notebook, "ada.state == 'joined'")

    # The relay of an earlier test may be on the network, with a certificate of its own.
    bob = await open_link(
        await new_window(ignore_https_errors=True),
        await in_page(notebook, "document.querySelector('a.rtcw-action').href"),
    )
    await bob.join("Bob")
    await holds(notebook, "ada.participants['Bob'].connection_state == 'connected'", 60)
    await plays(HostPage(notebook.tab), "Bob")
