"""Calls over networks as they are: far, lossy, narrow, behind routers, blocked, cut. Each comes back by itself; how long it took is printed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.network_pages import call as network_call
from tests.support.networks import needs_namespaces

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.async_api import Playwright

    from tests.support.networks import Home, Router

CUT_SECONDS = 4.0
ONE_WAY_SECONDS = 10.0
TURN = {"servers": "turn", "transports": ("udp", "tcp")}

KINDS = {
    "two pages": ("page", "page"),
    "page and Peer": ("page", "peer"),
    "two Peers": ("peer", "peer"),
}


@dataclass(frozen=True)
class Network:
    """What is between the two, and what becomes of it in the call.

    Attributes
    ----------
    routers : tuple
        Of each home.
    terms : dict
        See `tests.support.network_calls.middle`.
    befall : callable, optional
        What happens to the first one's line once they are in a call.
    lasts : float, optional
        Seconds after which it is over; it is for good otherwise.
    kinds : set of str
        Kinds of candidates of which some have to be in use at the end.
    most : float
        Seconds that it may take.
    """

    routers: tuple[Router, Router] = ("none", "none")
    terms: dict[str, Any] = field(default_factory=dict)
    befall: Callable[[Home], None] | None = None
    lasts: float | None = None
    kinds: frozenset[str] = frozenset()
    most: float = 30.0


def restored(home: Home) -> None:
    """Put everything back."""
    home.mend()
    home.set_link("up")


NETWORKS = {
    "40 ms ± 10 each way": Network(terms={"delay": "40+10"}),
    "5 % loss": Network(befall=lambda home: home.lose(5)),
    "2 Mbit/s": Network(befall=lambda home: home.limit("2mbit")),
    "NAT to NAT, with STUN": Network(
        ("nat", "nat"), {"servers": "stun"}, kinds=frozenset({"srflx", "prflx"})
    ),
    "symmetric NAT, with TURN": Network(("symmetric", "symmetric"), TURN, kinds=frozenset({"relay"})),
    "address changes": Network(befall=lambda home: home.move()),
    "UDP blocked, with TURN": Network(
        ("none", "nat"), TURN, lambda home: home.drop("meta l4proto udp"), kinds=frozenset({"relay"})
    ),
    f"link down for {CUT_SECONDS:g} s": Network(befall=lambda home: home.set_link("down"), lasts=CUT_SECONDS),
    f"nothing comes in for {ONE_WAY_SECONDS:g} s": Network(
        befall=lambda home: home.drop(outward=False), lasts=ONE_WAY_SECONDS
    ),
}


@pytest.fixture(autouse=True)
def _namespaces() -> None:
    needs_namespaces()


@pytest.mark.parametrize("kinds", KINDS)
@pytest.mark.parametrize("name", NETWORKS)
async def test_network(
    playwright: Playwright, tmp_path: Path, table: list[str], name: str, kinds: str
) -> None:
    network = NETWORKS[name]
    async with network_call(
        playwright.chromium, tmp_path, *network.routers, kinds=KINDS[kinds], **network.terms
    ) as call:
        took = await call.comes_back(network.most)
        if network.befall is not None:
            network.befall(call.home)
            if network.lasts is not None:
                await asyncio.sleep(network.lasts)  # the fault
                restored(call.home)
            took = await call.comes_back(network.most)
        table.append(f"| {name} | {kinds} | {took:.1f} s |")
        if network.kinds:
            assert network.kinds & await call.kinds()


@pytest.mark.parametrize("kinds", KINDS)
async def test_a_link_that_is_down_for_good_is_told_and_one_that_is_back_after_all_is_used(
    playwright: Playwright, tmp_path: Path, table: list[str], kinds: str
) -> None:
    async with network_call(playwright.chromium, tmp_path, "none", "none", kinds=KINDS[kinds]) as call:
        await call.comes_back(30)
        call.home.set_link("down")
        took = await call.is_given_up(60)
        table.append(f"| link down for good: not `connected` any more | {kinds} | {took:.1f} s |")
        restored(call.home)
        took = await call.comes_back(60)
        table.append(f"| … and back after all | {kinds} | {took:.1f} s |")
