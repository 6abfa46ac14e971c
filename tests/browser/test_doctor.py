"""doctor() in real pages: everything good, and each thing that may be wrong with what is to be done."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from tests.support.notebook_calls import SAVE_STATE, holds, open_notebook
from tests.support.processes import free_port
from tests.support.stun_server import StunServer
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from tests.support.browser_fixtures import NewWindow, OwnWindow
    from tests.support.firefox import Firefox
    from tests.support.lab import Lab
    from tests.support.widget_page import Host


NAT = "192.0.2.7"

# Checks the page as the call's own page would, and tells every row.
MOUNT = """async (iceServers) => {
  const { mountPreflight } = await import("/preflight.js");
  document.body.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: "/preflight.css" }));
  window.unmount = mountPreflight(document.body, { relay: null, link: null, iceServers });
}"""
ROWS = """() => Object.fromEntries([...document.querySelectorAll(".rtcw-doctor li")].map((row) => [
  row.querySelector("strong").textContent,
  [row.dataset.state, ...row.querySelectorAll(".rtcw-doctor-said > span")].map((part) => part.textContent ?? part),
]))"""


def own_address() -> str:
    """Return this machine's address on a network, its loopback one where it has no other."""
    found = [a.address for each in psutil.net_if_addrs().values() for a in each if a.family == socket.AF_INET]
    return next((address for address in found if not address.startswith("127.")), "127.0.0.1")


async def rows(tab: Any, *, until: str = "") -> dict[str, list[str]]:
    """Return state, text and advice of every check once all are done, or once ``until`` is not being checked."""

    async def settled() -> dict[str, list[str]] | None:
        found: dict[str, list[str]] = await tab.evaluate(ROWS)
        looked = [found[until]] if until else list(found.values())
        return found if looked and all(state != "checking" for state, *_ in looked) else None

    found = await wait_for(settled, 30, "the checks' end")
    assert found
    return found


async def mounted(tab: Any, ice_servers: list[dict[str, Any]] | None = None) -> dict[str, list[str]]:
    await tab.evaluate(MOUNT, ice_servers or [])
    return await rows(tab)


async def test_everything_is_good_in_jupyterlab_and_python_sees_it(lab: Lab, new_window: NewWindow) -> None:
    async with StunServer(NAT) as stun:
        code = (
            f"import rtc_widget\nreport = rtc_widget.doctor(ice_servers=[{{'urls': {stun.url!r}}}])\nreport"
        )
        notebook = await open_notebook(lab, await new_window(), code, "print(report.wait(15)); print(report)")
        await notebook.run_cell(0)
        found = await rows(notebook.tab, until="Way to the relay")
        await notebook.run_cell(1)
        found = await rows(notebook.tab)

    assert {check: row for check, row in found.items() if row[0] != "good"} == {}
    assert await notebook.tab.locator(".rtcw-doctor li:visible").count() == 0
    await notebook.tab.get_by_role("button", name="Show what passed").click()
    every = await notebook.tab.locator(".rtcw-doctor li").count()
    assert await notebook.tab.locator(".rtcw-doctor li:visible").count() == every >= len(found)
    way = found["Way to the relay"][1]
    assert re.fullmatch(
        r"Reached directly in \d+ ms, by the Jupyter server's proxy in \d+ ms and through the kernel in \d+ ms\.",
        way,
    )
    assert found["Media without UDP"][1].endswith("media go by the Jupyter server's proxy.")
    assert found["Notebook program"][1].startswith("JupyterLab:")
    text = " ".join((await notebook.cell_text_output(1)).split())
    assert text.startswith("True")
    assert way in text
    assert await notebook.tab.get_by_role("list", name="This browser").get_by_role("listitem").count() == 12
    await holds(notebook, "all(f.state == 'good' for f in report.findings)")


async def test_run_all_can_wait_for_the_page(lab: Lab, new_window: NewWindow) -> None:
    cells = ["import rtc_widget\nreport = rtc_widget.doctor()\nreport", "print(await report.wait_async(15))"]
    notebook = await open_notebook(lab, await new_window(), *cells)

    await notebook.run_all()

    assert (await notebook.cell_text_output(1)).strip() == "True"


async def test_a_kernel_that_is_busy_has_said_before_what_to_reach(lab: Lab, new_window: NewWindow) -> None:
    # The cell's own time, not the test's: longer than a page waits for a kernel.
    busy = "import time\ntime.sleep(9)"
    notebook = await open_notebook(lab, await new_window(), "import rtc_widget\nrtc_widget.doctor()", busy)

    await notebook.run_all(wait=False)
    found = await rows(notebook.tab)

    state, text, _ = found["Way to the relay"]
    assert (state, text[:16]) == ("good", "Reached directly")


async def test_the_kernel_that_goes_leaves_the_browsers_part(lab: Lab, new_window: NewWindow) -> None:
    notebook = await open_notebook(lab, await new_window(), "import rtc_widget\nrtc_widget.doctor()")
    await notebook.run_cell(0)
    await rows(notebook.tab)
    await notebook.kill_kernel()
    await notebook.acknowledge_the_kernels_end()

    await notebook.tab.get_by_role("button", name="Check again").click()
    found = await rows(notebook.tab)

    assert found["WebRTC"][0] == "good"
    assert found["Way to the relay"][0] == "not checked"
    assert "Run the cell again" in found["Way to the relay"][2]
    assert await notebook.tab.get_by_text("The kernel, as of").is_visible()


async def test_a_saved_notebook_holds_no_credential_token_or_address(lab: Lab, new_window: NewWindow) -> None:
    turn = f"{{'urls': 'turn:turn.example.org:{free_port()}', 'username': 'plan' 'ted', 'credential': 'plan' 'ted'}}"
    code = f"import rtc_widget\nreport = rtc_widget.doctor(ice_servers=[{turn}])\nreport"
    notebook = await open_notebook(lab, await new_window(), code)
    await notebook.run_cell(0)
    await rows(notebook.tab)
    await holds(notebook, "report.wait(10)")
    await notebook._call(SAVE_STATE)
    content = json.loads((await notebook.save()).read_text())

    states = content["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"].values()
    (state,) = (each["state"] for each in states if "kernel_findings" in each["state"])
    assert {finding["check"] for finding in state["kernel_findings"]} >= {"Python", "Relay"}
    del state["_esm"], state["_bundle"], state["_css"]
    text = json.dumps(state) + json.dumps(content["cells"]) + await notebook.execute("print(report)")
    assert "turn.example.org" in text
    for secret in ("planted", "eyJ1c2Ui", "candidate:", "127.0.0.1", NAT):
        assert secret not in text, secret
    assert re.findall(r"\b\d{1,3}(?:\.\d{1,3}){3}\b", text) == []


async def test_stun_servers_that_answer_and_that_do_not(host: Host, new_window: NewWindow) -> None:
    async with StunServer(NAT) as behind_nat, StunServer() as plain, StunServer(silent=True) as silent:
        closed = f"stun:127.0.0.1:{free_port()}"
        urls = [behind_nat.url, plain.url, silent.url, closed]
        found = await mounted(await host.blank(await new_window()), [{"urls": urls}])

    assert [found[url][0] for url in urls] == ["good", "good", "problem", "problem"]
    assert re.search(r"answered after \d+ ms", found[behind_nat.url][1])
    assert "TURN" in found[closed][2]


async def test_firefox_is_checked_too(host: Host, firefox: Firefox) -> None:
    # Firefox asks no server at a loopback address.
    async with StunServer(NAT, host=own_address()) as stun:
        closed = f"stun:{own_address()}:{free_port()}"
        found = await mounted(await host.blank(firefox), [{"urls": [stun.url, closed]}])

    assert found["WebRTC"][0] == "good"
    assert found["Codecs"][0] == "good"
    assert found[stun.url][0] == "good"
    assert found[closed][0] != "good"
    assert found["Page's policy"][0] == "not checked"


async def test_an_insecure_page_says_how_to_open_it(host: Host, own_window: OwnWindow) -> None:
    window = await own_window(args=["--host-resolver-rules=MAP hub.test 127.0.0.1"])
    tab = await window.open(host.url.replace("127.0.0.1", "hub.test") + "/blank.html")

    found = await mounted(tab)

    for check in ("Secure page", "Camera and microphone"):
        state, _, advice = found[check]
        assert state == "problem"
        assert "https://" in advice
    assert await tab.get_by_role("status").inner_text() != "Checking…"


async def test_no_devices_say_what_to_use_instead(host: Host, own_window: OwnWindow) -> None:
    found = await mounted(await host.blank(await own_window(devices=False)))

    assert found["Camera and microphone"] == [
        "warning",
        "The browser lists no camera and no microphone.",
        "Plug in what is missing, or use video='pattern', audio='tone'.",
    ]


async def test_the_button_opens_camera_and_microphone_and_closes_them(
    host: Host, new_window: NewWindow
) -> None:
    tab = await host.blank(await new_window())
    await tab.evaluate(
        """() => {
          window.tracks = [];
          const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
          navigator.mediaDevices.getUserMedia = async (wanted) => {
            const stream = await open(wanted);
            tracks.push(...stream.getTracks());
            return stream;
          };
        }"""
    )
    await mounted(tab)
    assert await tab.evaluate("() => tracks.length") == 0

    await tab.get_by_role("button", name="Try camera and microphone").focus()
    await tab.keyboard.press("Enter")

    async def tried() -> bool:
        return "closed again" in (await tab.evaluate(ROWS))["Camera and microphone"][1]

    await wait_for(tried, 30, "camera and microphone tried")
    # What was tried is what is to be seen, though it is good.
    await tab.get_by_text("closed again").wait_for(timeout=30_000)
    assert await tab.evaluate("() => tracks.map(({ readyState }) => readyState)") == ["ended", "ended"]
    assert await tab.evaluate("() => document.activeElement.textContent") == "Try camera and microphone"


async def test_a_refused_camera_says_where_to_allow_it(host: Host, own_window: OwnWindow) -> None:
    tab = await host.blank(await own_window(prompt=False, permissions=[]))
    await mounted(tab)

    await tab.get_by_role("button", name="Try camera and microphone").click()

    async def refused() -> bool:
        state, _, advice = (await tab.evaluate(ROWS))["Camera and microphone"]
        return bool(state == "problem" and "address bar" in advice)

    await wait_for(refused, 30, "the refusal")


async def test_a_frame_without_the_policy_says_what_to_set(host: Host, new_window: NewWindow) -> None:
    tab = await host.blank(await new_window())
    frame_url = host.url.replace("127.0.0.1", "localhost") + "/blank.html"
    await tab.evaluate(
        """(src) => document.body.append(Object.assign(document.createElement("iframe"), { src }))""",
        frame_url,
    )
    frame = await wait_for(lambda: next((f for f in tab.frames if f.url == frame_url), None), 30, "the frame")
    await frame.wait_for_load_state()

    found = await mounted(frame)

    state, text, advice = found["Page's policy"]
    assert (state, "camera" in text, "allow=" in advice) == ("problem", True, True)


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_words_can_be_read_in_either_theme(host: Host, new_window: NewWindow, theme: str) -> None:
    tab = await host.blank(await new_window(color_scheme=theme))
    await tab.evaluate("(theme) => { document.documentElement.style.colorScheme = theme; }", theme)
    await mounted(tab, [{"urls": f"stun:127.0.0.1:{free_port()}"}])
    await asyncio.sleep(0.1)  # the style sheet

    contrast = await tab.evaluate(
        """() => {
          const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
          const light = (...colours) => {
            for (const colour of ["white", ...colours]) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
            const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((c) => c / 255)
              .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const paper = getComputedStyle(document.querySelector(".rtcw-doctor")).backgroundColor;
          return [...document.querySelectorAll(".rtcw-doctor :is(strong, span, h3, h4, p)")].map((node) => {
            const row = node.closest("li");
            const own = row ? getComputedStyle(row).backgroundColor : paper;
            const [low, high] = [light(paper, own), light(paper, own, getComputedStyle(node).color)]
              .sort((a, b) => a - b);
            return (high + 0.05) / (low + 0.05);
          });
        }"""
    )
    assert min(contrast) >= 4.5
