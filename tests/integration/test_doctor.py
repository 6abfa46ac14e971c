"""The kernel's part of doctor(), with no browser anywhere: what stands alone, and what it says of what is missing."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient

import rtc_widget
from rtc_widget import Relay
from rtc_widget.preflight import packages, places, stun, udp_path
from rtc_widget.preflight.finding import STATES, Finding, read_findings
from rtc_widget.preflight.kernel_checks import examine
from tests.support.processes import free_port
from tests.support.relays import SECRET, RunningRelay
from tests.support.stun_server import StunServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


TURN = {"urls": "turn:turn.example.org:3478", "username": "planted-user", "credential": "planted-password"}


def by_check(findings: tuple[Finding, ...]) -> dict[str, Finding]:
    return {finding.check: finding for finding in findings}


@pytest.fixture
def nowhere() -> Relay:
    """A relay at a port where nothing listens."""
    return Relay(f"http://127.0.0.1:{free_port()}", secret=SECRET)


@pytest.fixture
def report(nowhere: Relay, no_leaks: None) -> Iterator[Any]:
    made = rtc_widget.doctor(relay=nowhere, ice_servers=[TURN])
    yield made
    made.close()


def test_without_a_browser_the_kernels_part_stands_alone_and_says_so(report: Any) -> None:
    began = time.monotonic()

    assert not report.wait(timeout=0.2)
    assert time.monotonic() - began < 10

    text = repr(report)
    for check in ("Host", "Python", "Widgets", "Front end", "Peer in Python", "Busy cells", "Relay"):
        assert check in text
    assert report.findings[-1] == Finding(
        "Page",
        "not checked",
        "No browser has displayed this report.",
        "Make doctor() the last line of a cell and run it in a browser.",
    )
    assert {finding.state for finding in report.findings} <= set(STATES)


def test_what_is_a_problem_says_what_to_do(report: Any) -> None:
    relay = by_check(report.findings)["Relay"]

    assert relay.state == "problem"
    assert relay.advice in " ".join(repr(report).split())
    assert all(f.advice for f in report.findings if f.state in ("problem", "warning"))


def test_no_secret_and_no_address_is_shown_or_saved(report: Any) -> None:
    text = repr(report) + repr(report.get_state() | {"_esm": "", "_bundle": "", "_css": ""})

    for secret in ("planted", SECRET, "127.0.0.1", report._room):
        assert secret not in text, secret
    assert "turn:turn.example.org:3478" in text


async def test_a_relay_that_runs_is_good_and_its_clock_agrees(relay: RunningRelay) -> None:
    found = by_check(await examine(Relay(relay.url, secret=SECRET), [], "demo"))

    assert (found["Relay"].state, found["Clock"].state) == ("good", "good")


async def test_a_relay_whose_secret_is_not_ours_is_still_there(relay: RunningRelay) -> None:
    without = by_check(await examine(Relay(relay.url), [], "demo"))
    wrong = by_check(await examine(Relay(relay.url, secret="another one"), [], "demo"))

    assert (without["Relay"].state, without["Clock"].state) == ("good", "not checked")
    assert wrong["Relay"].state == "problem"
    assert "secret" in wrong["Relay"].advice


async def test_a_stun_server_answers_in_time() -> None:
    async with StunServer() as server:
        finding = await stun.check(server.url)

    assert finding.state == "good"
    assert finding.text.startswith("Answered the kernel in")


async def test_a_stun_server_that_is_closed_or_silent_is_given_up() -> None:
    closed = await stun.check(f"stun:127.0.0.1:{free_port()}")
    async with StunServer(silent=True) as server:
        silent = await stun.check(server.url)

    assert (closed.state, silent.state) == ("warning", "warning")


async def test_what_is_lost_between_this_process_and_a_stun_server_is_told() -> None:
    async with StunServer(loses=10) as server:
        found = {finding.check: finding for finding in await udp_path.check([server.url])}

    assert found["UDP path"].text.startswith("6 of 60 packets were lost")
    assert found["UDP path"].state == "warning"
    assert "no router" in found["Router"].text


async def test_a_line_that_is_narrow_is_told() -> None:
    async with StunServer(line=500_000) as server:
        found = {finding.check: finding for finding in await udp_path.check([server.url])}

    # This process is server and client, and may look late: unit tests have the exact figure.
    assert found["UDP rate"].state == "warning"
    assert re.match(r"About [01]\.\d Mbit/s pass to stun:", found["UDP rate"].text)
    # What is sent for it counts as lost or found nowhere else.
    assert found["UDP path"].text.startswith("60 of 60 packets came back")


async def test_a_router_that_is_another_to_each_server_is_told_and_how_to_get_through() -> None:
    async with StunServer("203.0.113.1") as one, StunServer("203.0.113.2") as other:
        found = {finding.check: finding for finding in await udp_path.check([one.url, other.url])}

    assert found["UDP path"].text.startswith("60 of 60 packets came back")
    assert "symmetric" in found["Router"].text
    assert "TURN" in found["Router"].advice


async def test_servers_that_are_closed_silent_or_nowhere_measure_nothing() -> None:
    async with StunServer(silent=True) as silent:
        urls = [
            silent.url,
            f"stun:127.0.0.1:{free_port()}",
            "stun:nowhere.invalid",
            "turn:x?transport=tcp",
            "x",
        ]

        assert await udp_path.check(urls) == []


@pytest.mark.parametrize("url", ["turn:user:password@host", "http://x", "stun:", ""])
async def test_an_address_that_is_none_is_not_repeated(url: str) -> None:
    finding = await stun.check(url)

    assert (finding.check, finding.state) == ("ICE server", "problem")
    assert "password" not in repr(finding)


@pytest.mark.parametrize("ice_servers", [[None], [{}], [{"urls": None}], [{"urls": 3}], ["stun:x"]])
async def test_servers_that_are_none_do_not_make_it_faint(ice_servers: list[Any], nowhere: Relay) -> None:
    assert by_check(await examine(nowhere, ice_servers, "demo"))["Relay"].state == "problem"


def run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


BLOCK = "import sys; sys.modules.update(dict.fromkeys({names!r})); import rtc_widget; "
PRINT = "r = rtc_widget.doctor(relay='http://127.0.0.1:9'); print(r); print(type(r).__name__)"


def test_without_the_extra_it_says_what_to_type() -> None:
    text = run(BLOCK.format(names=["aiortc", "av"]) + PRINT)

    assert "aiortc and av not installed" in " ".join(text.split())
    assert 'pip install --upgrade "rtc-widget[peer]"' in text


@pytest.mark.parametrize("names", [["anywidget"], ["socketio"], ["rtc_widget.widget.room_widget"]])
def test_it_works_when_something_else_does_not(names: list[str]) -> None:
    text = run(BLOCK.format(names=names) + PRINT)

    assert "Python 3." in text
    assert text.strip().endswith("Report" if names == ["anywidget"] else "Doctor")


def test_a_broken_front_end_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "widget.js").touch()
    monkeypatch.setattr(places, "STATIC", tmp_path)

    finding = places.front_end()

    assert finding.state == "problem"
    assert "widget.js and widget.css" in finding.text


def test_packages_that_do_not_fit_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "version", lambda name: {"anywidget": "0.9.3"}.get(name, "8.1.9"))

    finding = packages.widgets()

    assert finding.state == "problem"
    assert "anywidget 0.9.3 (needed: " in finding.text


@pytest.mark.parametrize(
    ("subshells", "number", "state", "advice"),
    [
        (True, "7.4.0", "good", ""),
        (False, "6.31.0", "warning", "ipykernel>=7"),
        (False, "7.4.0", "warning", "Pause between"),
    ],
)
def test_a_kernel_that_is_deaf_while_a_cell_runs_is_named(
    monkeypatch: pytest.MonkeyPatch, subshells: bool, number: str, state: str, advice: str
) -> None:
    kernel = SimpleNamespace(_supports_kernel_subshells=subshells)
    monkeypatch.setattr(packages, "_kernel", lambda: kernel)
    monkeypatch.setattr(packages, "version", lambda _name: number)

    finding = packages.ipykernel()

    assert finding.state == state
    assert advice in finding.advice


def test_a_notebook_that_nobody_sees_has_the_kernels_part_in_its_output() -> None:
    code = (
        "import rtc_widget\nreport = rtc_widget.doctor(relay='http://127.0.0.1:9')\nreport.wait(0.1)\nreport"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()

    (output,) = notebook.cells[0].outputs
    text = output["data"]["text/plain"]
    assert "The kernel was started by" in text or "is unknown" in text
    assert "No browser has displayed this report." in text
    assert "127.0.0.1" not in text


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"COLAB_RELEASE_TAG": "x"}, "Colab"),
        ({"JUPYTERHUB_USER": "x", "JPY_SESSION_NAME": "y"}, "JupyterHub"),
    ],
)
def test_the_host_is_recognised(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], name: str
) -> None:
    for variable in ("COLAB_RELEASE_TAG", "JUPYTERHUB_USER", "CODESPACES", "JPY_SESSION_NAME"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)

    assert f"by {name}." in places.host().text


@pytest.mark.parametrize(
    "content", [None, 3, [3], [{}], [{"check": "x", "state": "wrong", "text": "", "advice": ""}]]
)
def test_a_front_end_that_talks_nonsense_is_not_believed(content: Any) -> None:
    assert read_findings(content) == ()


def test_what_the_page_sends_is_in_the_report(report: Any) -> None:
    good = {"check": "WebRTC", "state": "good", "text": "It works.", "advice": ""}
    report._receive(report, {"client_id": "a", "kind": "hello", "again": False}, [])
    report._receive(report, {"client_id": "b", "kind": "findings", "findings": [], "done": True}, [])
    report._receive(report, {"client_id": "a", "kind": "findings", "findings": [good], "done": True}, [])

    assert report.wait(timeout=2)
    assert report.findings[-1] == Finding("WebRTC", "good", "It works.")


async def test_waiting_can_be_awaited(report: Any) -> None:
    assert not await report.wait_async(timeout=0.1)
