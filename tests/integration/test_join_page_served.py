"""What the relay serves as its join page: one page for all rooms, which asks nobody else and runs nothing inline."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import aiohttp
import pytest

from rtc_widget.relay import join_page

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.relays import RunningRelay


async def test_the_page_is_the_same_for_every_room_and_has_no_script_inline(relay: RunningRelay) -> None:
    async with aiohttp.ClientSession() as http:
        pages = set()
        for room in ("demo", "%3Cscript%3E", "a%2Fb", "health"):
            async with http.get(f"{relay.url}/join/{room}") as answer:
                assert answer.status == 200
                pages.add(await answer.text())
                headers = answer.headers
    (page,) = pages
    assert re.findall(r"<script[^>]*>", page) == ['<script src="../static/join.js">']
    assert re.search(r"\son\w+=|style=|https?://", page) is None
    policy = dict(each.strip().split(" ", 1) for each in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"


async def test_the_short_address_leads_to_the_page(relay: RunningRelay) -> None:
    async with aiohttp.ClientSession() as http:
        for room in ("demo", "a%2Fb%20c", "join", "static"):
            async with http.get(f"{relay.url}/{room}", allow_redirects=False) as answer:
                assert (answer.status, answer.headers["Location"]) == (302, f"join/{room}")
        # What is the relay's own stays so.
        async with http.get(f"{relay.url}/health") as answer:
            assert (await answer.json())["ok"]


async def test_nothing_else_of_the_folder_is_served(relay: RunningRelay) -> None:
    async with aiohttp.ClientSession() as http:
        for name in ("join.js", "join.css"):
            async with http.get(f"{relay.url}/static/{name}") as answer:
                assert answer.status == 200
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
        for name in ("widget.js", "", "..%2Ferrors.py", "join.js.map"):
            async with http.get(f"{relay.url}/static/{name}") as answer:
                assert answer.status == 404, name


async def test_a_page_that_is_not_built_says_so(
    relay: RunningRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(join_page, "_STATIC", tmp_path)

    async with aiohttp.ClientSession() as http, http.get(f"{relay.url}/static/join.js") as answer:
        assert answer.status == 503
        assert "make js" in await answer.text()
