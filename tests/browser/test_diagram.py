"""The diagram in a real browser: keyboard, pointer, no scripts, both themes; and real dumps of Chromium's."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbconvert import HTMLExporter

from rtc_widget.trace import Trace
from tests.support.traces import call, crowd, glare

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.browser_fixtures import NewWindow, OwnWindow
    from tests.support.lab import Lab
    from tests.support.traces import Script

# Two connections of one page that call each other, the first trickling before the answer.
CALL = """async () => {
  const [ada, bob] = [0, 1].map(() => new RTCPeerConnection());
  ada.onicecandidate = ({ candidate }) => candidate && bob.addIceCandidate(candidate);
  bob.onicecandidate = ({ candidate }) => candidate && ada.addIceCandidate(candidate);
  ada.createDataChannel("data");
  const open = new Promise((resolve) => { bob.ondatachannel = resolve; });
  await ada.setLocalDescription();
  await bob.setRemoteDescription(ada.localDescription);
  await bob.setLocalDescription();
  await ada.setRemoteDescription(bob.localDescription);
  await open;
  window.kept = [ada, bob];
}"""


async def shown(new_window: NewWindow, folder: Path, script: Script, **options: Any) -> Any:
    path = script.trace.diagram().save(folder / "diagram.html")
    return await (await new_window(**options)).open(path.as_uri())


async def test_the_keyboard_opens_every_message(new_window: NewWindow, tmp_path: Path) -> None:
    tab = await shown(new_window, tmp_path, glare())
    panel = tab.locator(".rtcw-panel")
    titles = []

    await tab.locator(".m").first.focus()
    for _ in range(3):
        titles.append(await panel.locator("h3").inner_text())
        await tab.keyboard.press("ArrowDown")

    assert [title.split(",")[0] for title in titles] == [
        "offer from Ada to Bob",
        "offer from Bob to Ada",
        "answer from Bob to Ada",
    ]
    await tab.keyboard.press("Enter")
    assert await panel.evaluate("(panel) => document.activeElement === panel")
    assert await panel.locator("table").last.get_by_text("a=setup:active", exact=True).count() == 1
    await tab.keyboard.press("Escape")
    assert await tab.evaluate("() => document.activeElement.dataset.m") == "2"


async def test_tab_stops_once_and_goes_on(new_window: NewWindow, tmp_path: Path) -> None:
    tab = await shown(new_window, tmp_path, crowd())

    assert await tab.locator('.m[tabindex="0"]').count() == 1
    await tab.locator('.m[tabindex="0"]').focus()
    await tab.keyboard.press("Tab")
    assert await tab.evaluate("() => document.activeElement.closest('.rtcw-scroll') === null")


async def test_the_pointer_opens_a_message_and_a_click_keeps_it(
    new_window: NewWindow, tmp_path: Path
) -> None:
    tab = await shown(new_window, tmp_path, call())
    title = tab.locator(".rtcw-panel h3")

    await tab.locator(".m .name").nth(0).hover()
    assert (await title.inner_text()).startswith("offer from Ada")
    await tab.locator(".m .name").nth(2).click()
    await tab.locator(".m .name").nth(0).hover()
    assert (await title.inner_text()).startswith("answer from Bob")


async def test_without_scripts_the_same_is_below(new_window: NewWindow, tmp_path: Path) -> None:
    tab = await shown(new_window, tmp_path, call(), java_script_enabled=False)

    await tab.get_by_text("The messages, opened").click()
    await tab.locator("summary", has_text="answer from Bob to Ada").click()
    assert await tab.get_by_text("the answerer begins the DTLS handshake").is_visible()
    await tab.get_by_text("Every line of these messages, explained").click()
    assert await tab.locator(".rtcw-lines").get_by_text("is the only one of the BUNDLE").last.is_visible()
    await tab.get_by_text("The diagram in words").click()
    assert await tab.get_by_text("queued 4 candidates").last.is_visible()


async def test_two_diagrams_in_one_page_do_not_meet(new_window: NewWindow, tmp_path: Path) -> None:
    path = tmp_path / "two.html"
    path.write_text(f"<!doctype html>{call().trace.diagram().html}{glare().trace.diagram().html}")
    tab = await (await new_window()).open(path.as_uri())

    await tab.locator(".rtcw-page").nth(1).locator(".m").first.focus()

    panels = tab.locator(".rtcw-panel")
    assert await panels.nth(0).locator("h3").count() == 0
    assert await panels.nth(1).locator("h3").count() == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_words_can_be_read_in_either_theme(new_window: NewWindow, tmp_path: Path, theme: str) -> None:
    tab = await shown(new_window, tmp_path, glare(), color_scheme=theme)

    contrast = await tab.evaluate(
        """() => {
          const light = (colour) => {
            const [r, g, b] = colour.match(/\\d+/g).map((c) => c / 255)
              .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const fill = (node) => light(getComputedStyle(node).fill);
          const paper = fill(document.querySelector(".paper"));
          return [...document.querySelectorAll(".rtcw-diagram text:not(.value)")].map((node) => {
            const [low, high] = [fill(node), paper].sort((a, b) => a - b);
            return (high + 0.05) / (low + 0.05);
          });
        }"""
    )
    assert min(contrast) >= 4.5


async def test_jupyterlabs_theme_comes_before_the_systems(new_window: NewWindow, tmp_path: Path) -> None:
    tab = await shown(new_window, tmp_path, call(), color_scheme="light")
    paper = tab.locator(".rtcw-scroll .paper").first

    before = await paper.evaluate("(node) => getComputedStyle(node).fill")
    await tab.evaluate("() => document.body.setAttribute('data-jp-theme-light', 'false')")
    assert await paper.evaluate("(node) => getComputedStyle(node).fill") != before


async def test_a_notebook_shows_it_and_keeps_it_without_a_kernel(
    lab: Lab, new_window: NewWindow, tmp_path: Path
) -> None:
    path = glare().trace.save(tmp_path / "glare.jsonl")
    code = f"from rtc_widget.trace import Trace\nTrace.load({str(path)!r}).diagram()"
    notebook = await lab.open(
        await new_window(viewport={"width": 1300, "height": 1400}), lab.notebook([code])
    )
    tab = notebook.tab

    await notebook.run_all()
    await tab.locator(".rtcw-page .m").first.focus()
    assert await tab.locator(".rtcw-panel h3").inner_text() == (
        "offer from Ada to Bob, 11.2 ms on its way, glare: it crossed an offer of the other side"
    )

    saved = nbformat.read(await notebook.save(), as_version=4)
    (output,) = saved.cells[0].outputs
    assert set(output.data) == {"text/html", "image/svg+xml", "text/plain"}
    page, _ = HTMLExporter().from_notebook_node(saved)
    (tmp_path / "page.html").write_text(page)
    static = await (await new_window(java_script_enabled=False)).open((tmp_path / "page.html").as_uri())
    assert await static.locator(".rtcw-diagram").last.is_visible()


@pytest.mark.parametrize("button", ["#dump-click-target", "#dump-click-target-rtcstats"])
async def test_chromiums_own_dumps_load(own_window: OwnWindow, tmp_path: Path, button: str) -> None:
    window = await own_window()
    internals = await window.open("chrome://webrtc-internals")
    caller = await window.open("data:text/html,<title>a call</title>")
    await caller.evaluate(CALL)
    await internals.bring_to_front()
    # The page asks for figures once a second.
    await internals.locator("text=candidate-pair").first.wait_for(state="attached")
    await internals.evaluate(
        "() => document.querySelectorAll('details').forEach((each) => { each.open = true; })"
    )
    async with asyncio.timeout(20):
        async with internals.expect_download() as download:
            await internals.locator(button).click()
        await (await download.value).save_as(tmp_path / "dump.gz")

    trace = Trace.load(tmp_path / "dump.gz")

    offer, answer = (message for message in trace.messages() if message.kind != "ice_candidate")
    assert (offer.kind, answer.kind) == ("offer", "answer")
    assert (offer.sender, offer.receiver) == (answer.receiver, answer.sender)
    assert {event.data["value"] for event in trace.filter("state")} >= {"stable", "connected"}
    assert "host ↔ host over UDP won" in trace.why(offer.sender, offer.receiver)
    assert "left out" not in str(trace.diagram())
