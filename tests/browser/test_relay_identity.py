"""Another program that has taken the relay's port learns nothing from the page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.relay.address import Relay
from tests.support.pages import holds, invitation, open_page, phase
from tests.support.relays import SECRET, RunningRelay
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from tests.support.browser_fixtures import NewWindow
    from tests.support.widget_page import Host, HostPage

OWNER_KEY = "the owner's key"


async def beat(page: HostPage, relay: RunningRelay, room: str, *, port: int) -> str:
    """Play the kernel, whose relay listens on this port, and return the token of its heartbeat."""
    proof = Relay(f"http://127.0.0.1:{port}", secret=SECRET).challenge()
    invited = invitation(relay, room)
    await page.heartbeat(relay.url, relay.token(room), owner=OWNER_KEY, proof=proof, invitation=invited)
    return str(invited["token"])


def listen(relay: RunningRelay, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Any], list[str]]:
    """Return what a relay is challenged with from now on, and everything that it is told."""
    challenged: list[Any] = []
    heard: list[str] = []
    sio = relay.server._sio
    prove, receive = sio.handlers["/proof"]["prove"], sio._handle_eio_message

    async def proves(sid: str, challenge: Any) -> Any:
        challenged.append(challenge)
        return await prove(sid, challenge)

    async def receives(eio_sid: str, data: Any) -> None:
        heard.append(str(data))
        await receive(eio_sid, data)

    monkeypatch.setitem(sio.handlers["/proof"], "prove", proves)
    monkeypatch.setattr(sio.eio, "handlers", {**sio.eio.handlers, "message": receives})
    return challenged, heard


async def test_a_page_joins_over_the_relay_that_proves_itself(
    host: Host, relay: RunningRelay, room: str, new_window: NewWindow
) -> None:
    page = await open_page(host, await new_window(), room, "Ada")
    await beat(page, relay, room, port=relay.port)
    await phase(page, "joined")
    await holds(page, "document.querySelector('.rtcw').dataset.path === 'direct'")


@pytest.mark.parametrize("how", ["with another secret", "by asking the relay where it is now"])
async def test_an_impostor_on_the_relays_port_is_told_no_secret(
    host: Host,
    relay: RunningRelay,
    room: str,
    new_window: NewWindow,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    # Both are what the page talks to; the relay that the kernel named listened on the impostor's port.
    if how == "with another secret":
        monkeypatch.setattr(relay.server, "_secret", "of another user")
    port = relay.port if how == "with another secret" else relay.port + 1
    challenged, heard = listen(relay, monkeypatch)
    page = await open_page(host, await new_window(), room, "Ada")
    token = await beat(page, relay, room, port=port)
    # The path through the kernel is tried once this one has been given up.
    await wait_for(lambda: challenged, 30, "the page letting it prove itself")

    async def given_up() -> bool:
        return any(message.get("op") == "open" for message in await page.sent())

    await wait_for(given_up, 30, "the path through the kernel")
    told = json.dumps(heard)
    assert "prove" in told
    assert token not in told
    assert OWNER_KEY not in told


async def test_an_impostor_in_the_place_of_a_killed_relay_is_told_nothing_by_who_comes_back(
    host: Host, relay: RunningRelay, room: str, new_window: NewWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await open_page(host, await new_window(), room, "Ada")
    await beat(page, relay, room, port=relay.port)
    await phase(page, "joined")
    await relay.stop()
    impostor = await RunningRelay.start(relay.port, allow_origin=lambda *_: True)
    try:
        monkeypatch.setattr(impostor.server, "_secret", "of another user")
        challenged, heard = listen(impostor, monkeypatch)

        # By another namespace it would be told the token, the owner's key and who it is that comes back.
        def told() -> list[str]:
            return [each for each in heard if not each[1:].startswith("/proof,")]

        await wait_for(lambda: len(challenged) >= 2 or told(), 30, "the page coming back")

        assert told() == []
    finally:
        await impostor.stop()
