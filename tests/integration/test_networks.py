"""Two Peers whose networks change, fail, or let little through: the call comes back by itself. The whole of it is in tests/soak."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import network_calls
from tests.support.networks import needs_namespaces

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _namespaces() -> None:
    needs_namespaces()


async def test_a_call_comes_back_after_an_address_has_changed(tmp_path: Path) -> None:
    async with network_calls.peers(tmp_path, "none", "none") as call:
        await call.comes_back(30)

        call.home.move()

        await call.comes_back(20)


async def test_where_udp_is_blocked_in_a_call_it_goes_on_by_turn_over_tcp(tmp_path: Path) -> None:
    async with network_calls.peers(
        tmp_path, "none", "nat", servers="turn", transports=("udp", "tcp")
    ) as call:
        # aioice takes the pair that answers first, on a busy machine the TURN server's too, which is by UDP then.
        await call.comes_back(30)

        call.home.drop("meta l4proto udp")

        await call.comes_back(30)
        assert "relay" in await call.kinds()
