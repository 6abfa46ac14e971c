"""`doctor()` in networks as they are: its kernel's part names what is wrong with each and what would help, its page's part the router."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.coturn import Coturn
from tests.support.network_calls import Way, middle
from tests.support.network_pages import ADDRESSES, launch
from tests.support.networks import INTERNET, needs_namespaces

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.async_api import Playwright

    from tests.support.networks import Home, Router

ROOT = Path(__file__).parents[2]

EXAMINE = """
import json, sys
from rtc_widget import Relay, TurnServer, doctor
given = json.loads(sys.argv[1])
report = doctor(
    relay=Relay(given["relay"], secret=given["secret"]),
    ice_servers=given["ice_servers"],
    turn=TurnServer(*given["turn"], secret=given["turn_secret"]),
)
report.wait(0.1)
print(json.dumps([[each.check, each.state, each.text, each.advice] for each in report.findings]))
"""


@dataclass(frozen=True)
class Network:
    """A network, and what doctor() is to say of it.

    Attributes
    ----------
    check, state, text, advice : str
        The finding: its name, its state, and words of it.
    router : str
        Of the home.
    delay : str
        See `tests.support.network_calls.middle`.
    befall : callable, optional
        What is done to the home's line.
    """

    check: str
    state: str
    text: str
    advice: str = ""
    router: Router = "none"
    delay: str = ""
    befall: Callable[[Home], None] | None = None


NETWORKS = {
    "nothing is wrong": Network("UDP path", "good", "60 of 60 packets came back"),
    "40 ms ± 10 each way": Network("UDP path", "good", "round trip took 8", delay="40+10"),
    "200 ms each way": Network("UDP path", "warning", "round trip took 4", "nearer", delay="200"),
    # Two of sixty are not lost once in some sixty runs at 5 % each way.
    "8 % loss": Network(
        "UDP path", "warning", "packets were lost", "cable", befall=lambda home: home.lose(8)
    ),
    "2 Mbit/s": Network(
        "UDP rate", "warning", "Mbit/s pass", "fewer people", befall=lambda home: home.limit("2mbit")
    ),
    "no NAT": Network("Router", "good", "no router translates"),
    "NAT": Network("Router", "good", "STUN leads through it", router="nat"),
    "symmetric NAT": Network("Router", "warning", "symmetric", "TURN", router="symmetric"),
    "UDP blocked": Network(
        "UDP",
        "warning",
        "block UDP",
        "TURN server over TCP",
        befall=lambda home: home.drop("meta l4proto udp"),
    ),
    "link down": Network(
        "Network", "warning", "No server answers", "no network", befall=lambda home: home.set_link("down")
    ),
    "nothing comes in": Network(
        "Network", "warning", "No server answers", "no network", befall=lambda home: home.drop(outward=False)
    ),
}


# What the page's part calls, made of the front end's source.
BUNDLE = (
    "node_modules/.bin/esbuild",
    "src/preflight/router.ts",
    "--bundle",
    "--format=iife",
    "--global-name=checks",
)


@pytest.mark.parametrize(
    ("router", "state", "words"),
    [("nat", "good", "STUN leads through it"), ("symmetric", "warning", "symmetric")],
)
async def test_a_page_is_told_whether_stun_leads_through_its_router(
    playwright: Playwright, tmp_path: Path, table: list[str], router: Router, state: str, words: str
) -> None:
    needs_namespaces()
    source = await asyncio.to_thread(subprocess.check_output, BUNDLE, cwd=ROOT / "js", text=True)
    async with contextlib.AsyncExitStack() as ending, middle(tmp_path, router) as (networks, _options):
        servers = [
            Coturn(made(tmp_path / name), host=INTERNET, prefix=networks.internet.prefix) for name in "ab"
        ]
        for server in servers:
            ending.callback(server.stop)
            await asyncio.to_thread(server.wait)
        browser, _mark = await launch(
            ending, playwright.chromium, networks.homes[0], tmp_path / "chromium", args=[ADDRESSES]
        )
        page = await browser.new_page()
        seeing = [{"urls": f"stun:{INTERNET}:{server.port}"} for server in servers]
        told = await page.evaluate(
            f"async (servers) => {{ {source}; return checks.router(servers, new AbortController().signal); }}",
            seeing,
        )

    table.append(f"| {router}, a page | Router: {told[1]} |")
    assert told[0] == state
    assert words in told[1]


def made(folder: Path) -> Path:
    """Return a folder that is there."""
    folder.mkdir()
    return folder


@pytest.mark.parametrize("name", NETWORKS)
async def test_the_doctor_names_what_is_wrong_with_a_network(
    tmp_path: Path, table: list[str], name: str
) -> None:
    needs_namespaces()
    network = NETWORKS[name]
    terms = {"servers": "turn", "transports": ("udp", "tcp"), "delay": network.delay}
    async with middle(tmp_path, network.router, **terms) as (networks, options):
        (home,) = networks.homes
        second = Coturn(made(tmp_path / "second"), host=INTERNET, prefix=networks.internet.prefix)
        way = Way(networks, home, options["relay"])
        try:
            await asyncio.to_thread(second.wait)
            options |= {"relay": way.url, "ice_servers": [{"urls": [f"stun:{INTERNET}:{second.port}"]}]}
            if network.befall is not None:
                network.befall(home)
            process = networks.start(
                home, [sys.executable, "-c", EXAMINE, json.dumps(options)], stdout=subprocess.PIPE
            )
            said, _ = await asyncio.to_thread(process.communicate, timeout=60)
        finally:
            way.close()
            second.stop()

    found = {check: (state, text, advice) for check, state, text, advice in json.loads(said)}
    state, text, advice = found[network.check]
    table.append(f"| {name} | {network.check}: {text} |")
    assert state == network.state
    assert network.text in text
    assert network.advice in advice
    if network.state == "good":
        # Nothing is said to be wrong with a network where nothing is.
        assert [
            check
            for check in ("UDP path", "UDP rate", "UDP", "Network")
            if found.get(check, ("good",))[0] != "good"
        ] == []
