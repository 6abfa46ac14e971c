"""Two pages whose networks change: the call comes back by itself. The whole of it is in tests/soak."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.support import network_pages
from tests.support.networks import needs_namespaces

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Playwright


async def test_a_call_comes_back_after_a_cut_and_after_an_address_has_changed(
    playwright: Playwright, tmp_path: Path
) -> None:
    needs_namespaces()
    async with network_pages.call(
        playwright.chromium, tmp_path, "none", "none", kinds=("page", "page")
    ) as call:
        await call.comes_back(30)
        call.home.set_link("down")
        await call.stops()
        await asyncio.sleep(4)  # the fault
        call.home.set_link("up")
        await call.comes_back(30)

        call.home.move()

        await call.comes_back(30)
