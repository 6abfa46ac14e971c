"""The diagram in a real browser: keyboard, pointer, no scripts, every theme; and real dumps of Chromium's."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbconvert import HTMLExporter

from rtc_widget.trace import Trace
from tests.support.traces import call, crowd, glare, meeting, stepped
from tests.support.waiting import wait_for

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
    panel = tab.locator(".rtcd-panel")
    titles = []

    await tab.locator(".rtcd-m > summary").first.focus()
    assert not await panel.is_visible()
    await tab.keyboard.press("Home")
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
    await tab.keyboard.press("Escape")
    assert not await panel.is_visible()
    opened = "() => document.activeElement.closest('.rtcd-m').classList.contains('answer')"
    assert await tab.evaluate(opened)


async def test_it_opens_at_what_waits_and_otherwise_at_its_beginning(
    new_window: NewWindow, tmp_path: Path
) -> None:
    small = {"width": 900, "height": 420}
    held = await shown(new_window, tmp_path, stepped(), viewport=small)
    await held.locator(".rtcd-waits").last.wait_for()
    at_end = "(e) => e.scrollTop > 0 && e.scrollTop + e.clientHeight >= e.scrollHeight - 2"
    await wait_for(lambda: held.locator(".rtcd-scroll").evaluate(at_end), 30, "its end")

    whole = await shown(new_window, tmp_path, call(), viewport=small)
    assert (
        await whole.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => done(document.querySelector('.rtcd-scroll').scrollTop)))"
        )
        == 0
    )


async def test_tab_stops_once_and_goes_on(new_window: NewWindow, tmp_path: Path) -> None:
    tab = await shown(new_window, tmp_path, crowd())
    stops = tab.locator('.rtcd-m > summary[tabindex="0"]')

    assert await stops.count() == 1
    await tab.locator(".rtcd-choice label", has_text="Bob\N{EN DASH}Carol").click()
    assert await stops.count() == 1
    assert await stops.is_visible()
    await stops.focus()
    await tab.keyboard.press("Tab")
    assert await tab.evaluate("() => document.activeElement.closest('.rtcd-m') === null")


async def test_a_click_opens_a_message_beside_it_and_another_closes_it(
    new_window: NewWindow, tmp_path: Path
) -> None:
    tab = await shown(new_window, tmp_path, call())
    panel = tab.locator(".rtcd-panel")

    await tab.locator(".rtcd-m.offer > summary").click()
    assert (await panel.locator("h3").inner_text()).startswith("offer from Ada")
    assert await panel.locator("dt").all_inner_texts() == [
        "Codecs",
        "Directions",
        "DTLS role",
        "ICE username fragment (ufrag)",
        "Candidates",
    ]
    ufrag = panel.get_by_role("link", name="RFC 8839, 5.4")
    assert await ufrag.get_attribute("href") == "https://www.rfc-editor.org/rfc/rfc8839#section-5.4"
    await tab.locator(".rtcd-m.answer > summary").click()
    assert (await panel.locator("h3").inner_text()).startswith("answer from Bob")
    await tab.locator(".rtcd-m.answer > summary").click()
    assert not await panel.is_visible()
    await tab.locator(".rtcd-m.candidate > summary").first.click()
    assert await panel.locator("dd").first.inner_text() == "host over UDP, 5.2 ms on its way, queued"
    await panel.get_by_role("button", name="Close").click()
    assert not await panel.is_visible()


async def test_a_description_is_folded_at_its_m_lines_and_can_be_searched(
    new_window: NewWindow, tmp_path: Path
) -> None:
    tab = await shown(new_window, tmp_path, call())
    panel = tab.locator(".rtcd-panel")
    await tab.locator(".rtcd-m.answer > summary").click()
    await panel.get_by_role("tab", name="SDP").click()

    assert await panel.locator(".rtcd-section > summary").all_inner_texts() == [
        "session 5 lines",
        "video, mid 0 12 lines",
    ]
    assert await panel.locator("tr:visible").count() == 0
    await panel.get_by_role("searchbox").fill("begins the dtls handshake")
    assert await panel.locator("tr:visible").count() == 1
    assert await panel.get_by_text("a=setup:active", exact=True).is_visible()
    await panel.get_by_role("tab", name="SDP").press("ArrowRight")
    raw = await panel.locator("pre").inner_text()
    assert raw.startswith("v=0\n")
    assert "a=setup:active" in raw
    # Who compares two descriptions stays with what was looked at.
    await tab.locator(".rtcd-m.offer > summary").click()
    assert "a=setup:actpass" in await panel.locator("pre").inner_text()


@pytest.mark.parametrize("width", [480, 860, 1366])
async def test_what_is_opened_is_seen_and_hides_no_arrow(
    new_window: NewWindow, tmp_path: Path, width: int
) -> None:
    tab = await shown(new_window, tmp_path, call(), viewport={"width": width, "height": 700})

    for index in range(4):
        arrow = tab.locator(".rtcd-m > summary").nth(index)
        await arrow.click()
        panel, line = await tab.evaluate(
            """(index) => [document.querySelector(".rtcd-panel"), document.querySelectorAll(".rtcd-m > summary")[index]]
                .map((element) => element.getBoundingClientRect().toJSON())""",
            index,
        )
        assert panel["top"] >= 0
        assert panel["bottom"] <= 700
        beside = panel["left"] >= line["right"] or panel["top"] >= line["bottom"] - 8
        assert beside or panel["bottom"] <= line["top"] + 8, f"message {index} is hidden at {width} px"
        await tab.keyboard.press("Escape")


async def test_filters_leave_no_gap_and_more_is_shown_when_asked_for(
    new_window: NewWindow, tmp_path: Path
) -> None:
    tab = await shown(new_window, tmp_path, call())
    height = "() => document.querySelector('.rtcd-pair').offsetHeight"
    whole = await tab.evaluate(height)

    assert await tab.locator(".rtcd-machine:visible").count() == 0
    await tab.get_by_text("ICE · gathering · connection").click()
    assert await tab.locator(".rtcd-machine:visible").count() > 4
    assert await tab.locator(".rtcd-thin:visible").count() > 6
    assert await tab.evaluate(height) > whole
    for name in ("ICE · gathering · connection", "Calls", "Candidates", "Signaling state"):
        await tab.locator(".rtcd-filters").get_by_text(name, exact=True).click()
    assert await tab.locator(":is(.rtcd-chip.call, .rtcd-m.candidate, .rtcd-state):visible").count() == 0
    assert await tab.locator(".rtcd-m:visible").count() == 2
    assert await tab.evaluate(height) < whole * 0.6


async def test_a_phase_folds(new_window: NewWindow, tmp_path: Path) -> None:
    tab = await shown(new_window, tmp_path, call())

    await tab.get_by_text("Bob answers, both connect").first.click()
    assert await tab.locator(".rtcd-m:visible").count() == 2
    assert await tab.get_by_text("Bob answers, both connect").first.is_visible()


async def test_one_of_three_connections_is_shown_and_another_can_be_chosen(
    new_window: NewWindow, tmp_path: Path
) -> None:
    for scripts in (True, False):
        tab = await shown(new_window, tmp_path, crowd(), java_script_enabled=scripts)
        names = tab.locator(".rtcd-name:not(.s):visible strong")

        # Bob has left.
        assert await names.all_inner_texts() == ["Ada", "Carol"]
        await tab.locator(".rtcd-choice label", has_text="Ada\N{EN DASH}Bob").click()
        assert await names.all_inner_texts() == ["Ada", "Bob"]


async def test_mermaid_is_copied(new_window: NewWindow, tmp_path: Path) -> None:
    window = await new_window()
    path = call().trace.diagram().save(tmp_path / "diagram.html")
    tab = await window.open(path.as_uri())
    await tab.evaluate(
        """() => Object.defineProperty(navigator, "clipboard",
            { value: { writeText: async (text) => { window.copied = text; } } })"""
    )

    await tab.get_by_role("button", name="Copy as Mermaid").click()
    await tab.get_by_role("button", name="Copied").wait_for()
    assert await tab.evaluate("copied") == call().trace.to_mermaid()


async def test_without_scripts_messages_open_where_they_are(new_window: NewWindow, tmp_path: Path) -> None:
    tab = await shown(new_window, tmp_path, call(), java_script_enabled=False)

    await tab.locator(".rtcd-m.answer > summary").click()
    assert await tab.get_by_text("active: this side begins the DTLS handshake").is_visible()
    await tab.locator(".rtcd-m.answer").get_by_text("video, mid 0").click()
    assert await tab.locator(".rtcd-m.answer pre").get_by_text("a=setup:active").is_visible()
    await tab.get_by_text("Every line of these messages, explained").click()
    assert await tab.locator(".rtcd-lines").get_by_text("is the only one of the BUNDLE").last.is_visible()
    await tab.get_by_text("The diagram in words").click()
    assert await tab.locator(".rtcd-words").get_by_text("queued 4: no remote description yet").is_visible()
    await tab.get_by_text("Calls", exact=True).click()
    assert await tab.locator(".rtcd-chip.call:visible").count() == 0


async def test_two_diagrams_in_one_page_do_not_meet(new_window: NewWindow, tmp_path: Path) -> None:
    path = tmp_path / "two.html"
    path.write_text(f"<!doctype html>{crowd().trace.diagram().html}{crowd().trace.diagram().html}")
    tab = await (await new_window()).open(path.as_uri())
    pages = tab.locator(".rtcd-page")

    await pages.nth(1).locator(".rtcd-choice label").first.click()
    await pages.nth(1).locator(".rtcd-matrix td .rtcd-open").last.click()
    await pages.nth(1).locator(".rtcd-m:visible > summary").first.click()

    assert await pages.nth(0).locator(".rtcd-panel").is_hidden()
    assert await pages.nth(1).locator(".rtcd-panel h3").count() == 1
    assert await pages.nth(0).locator(".rtcd-pick:checked").get_attribute("value") == "1"
    assert await pages.nth(1).locator(".rtcd-pick:checked").get_attribute("value") == "2"


# Of each word, how much lighter or darker than its ground it is.
CONTRAST = """() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map((c) => c / 255)
      .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    if (!node) return matchMedia("(prefers-color-scheme: dark)").matches ? "rgb(18, 18, 18)" : "rgb(255, 255, 255)";
    const colour = getComputedStyle(node).backgroundColor;
    return colour === "rgba(0, 0, 0, 0)" ? ground(node.parentElement) : colour;
  };
  return [...document.querySelectorAll(".rtcd-pair *, .rtcd-matrix *, .rtcd-legend li")]
    .filter((node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()))
    .map((node) => {
      const [low, high] = [light(getComputedStyle(node).color), light(ground(node))].sort((a, b) => a - b);
      return [(high + 0.05) / (low + 0.05), node.className, node.textContent];
    });
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("script", [glare, stepped, meeting])
async def test_words_can_be_read_in_either_theme(
    new_window: NewWindow, tmp_path: Path, theme: str, script: Any
) -> None:
    tab = await shown(new_window, tmp_path, script(), color_scheme=theme)

    found = await tab.evaluate(CONTRAST)
    assert len(found) > 20
    assert [each for each in found if each[0] < 4.5] == []


async def test_forced_colours_are_kept_and_everything_is_seen(new_window: NewWindow, tmp_path: Path) -> None:
    tab = await shown(new_window, tmp_path, stepped(), forced_colors="active", color_scheme="dark")

    paper, line, arrow = [
        await tab.locator(selector).first.evaluate(
            "(node, part) => getComputedStyle(node, part[0])[part[1]]", part
        )
        for selector, part in (
            (".rtcd-scroll", [None, "backgroundColor"]),
            (".rtcd-rows > .rtcd-line.busy", [None, "backgroundColor"]),
            (".rtcd-m.offer .rtcd-way", ["::after", "backgroundColor"]),
        )
    ]
    assert paper == "rgb(0, 0, 0)"
    assert line != paper
    assert arrow != paper


async def test_paper_gets_all_of_it_and_no_buttons(new_window: NewWindow, tmp_path: Path) -> None:
    tab = await shown(new_window, tmp_path, stepped(), viewport={"width": 700, "height": 300})
    await tab.emulate_media(media="print")

    assert not await tab.locator(".rtcd-bar").is_visible()
    inner, outer = await tab.locator(".rtcd-scroll").evaluate("(box) => [box.scrollHeight, box.clientHeight]")
    assert inner <= outer + 1


async def test_slides_have_larger_words(new_window: NewWindow, tmp_path: Path) -> None:
    sizes = []
    for size in ("normal", "slides"):
        path = call().trace.diagram(size=size).save(tmp_path / f"{size}.html")
        tab = await (await new_window(viewport={"width": 1100, "height": 900})).open(path.as_uri())
        chip = tab.locator(".rtcd-chip").first
        sizes.append(await chip.evaluate("(node) => parseFloat(getComputedStyle(node).fontSize)"))
    assert sizes[0] == 13
    assert sizes[1] >= 18


async def test_jupyterlabs_theme_comes_before_the_systems(new_window: NewWindow, tmp_path: Path) -> None:
    tab = await shown(new_window, tmp_path, call(), color_scheme="light")
    paper = tab.locator(".rtcd-scroll")

    before = await paper.evaluate("(node) => getComputedStyle(node).backgroundColor")
    await tab.evaluate("() => document.body.setAttribute('data-jp-theme-light', 'false')")
    assert await paper.evaluate("(node) => getComputedStyle(node).backgroundColor") != before


async def test_a_notebook_shows_it_and_keeps_it_without_a_kernel(
    lab: Lab, new_window: NewWindow, tmp_path: Path
) -> None:
    path = glare().trace.save(tmp_path / "glare.jsonl")
    code = f"from rtc_widget.trace import Trace\nTrace.load({str(path)!r}).diagram()"
    notebook = await lab.open(await new_window(viewport={"width": 1366, "height": 768}), lab.notebook([code]))
    tab = notebook.tab

    await notebook.run_all()
    await tab.locator(".rtcd-m .rtcd-label").first.click()
    assert await tab.locator(".rtcd-panel h3").inner_text() == (
        "offer from Ada to Bob, 11 ms on its way, glare: it crossed an offer of the other side"
    )
    sideways = "() => { const box = document.querySelector('.rtcd-scroll'); return box.scrollWidth - box.clientWidth; }"
    assert await tab.evaluate(sideways) <= 0

    saved = nbformat.read(await notebook.save(), as_version=4)
    (output,) = saved.cells[0].outputs
    assert set(output.data) == {"text/html", "image/svg+xml", "text/plain"}
    page, _ = HTMLExporter().from_notebook_node(saved)
    (tmp_path / "page.html").write_text(page)
    static = await (await new_window(java_script_enabled=False)).open((tmp_path / "page.html").as_uri())
    await static.locator(".rtcd-m.answer > summary").click()
    assert await static.get_by_text("What became of the offer").is_visible()


@pytest.mark.parametrize("button", ["#dump-click-target", "#dump-click-target-rtcstats"])
async def test_chromiums_own_dumps_load(own_window: OwnWindow, tmp_path: Path, button: str) -> None:
    window = await own_window(whole=True)
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
