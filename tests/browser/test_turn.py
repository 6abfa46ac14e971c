"""Calls through a real TURN server alone, in Chromium: with each other and with a Peer, over UDP, TCP and TLS."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from rtc_widget import Peer, Relay
from tests.support.coturn import Coturn
from tests.support.notebook_calls import cell, holds, open_notebook
from tests.support.pages import beat, plays
from tests.support.relays import SECRET
from tests.support.turn_calls import Teacher, enter
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.support.browser_fixtures import NewWindow, OwnWindow
    from tests.support.lab import Lab
    from tests.support.relays import RunningRelay
    from tests.support.widget_page import Host

# A certificate of the test's own is trusted by nobody else.
TRUSTING = ["--ignore-certificate-errors"]


@pytest.fixture(scope="module", autouse=True)
def coturn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    """A TURN server whose certificate the peers of this module trust."""
    server = Coturn(tmp_path_factory.mktemp("turn"))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SSL_CERT_FILE", str(server.authority))
        yield server.wait()
    server.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def teacher(relay: RunningRelay, room: str) -> AsyncIterator[Teacher]:
    client = await Teacher.watching(relay, room)
    yield client
    await client.disconnect()


async def test_pages_and_a_peer_meet_at_the_turn_server_whichever_way_each_of_them_reaches_it(
    host: Host,
    own_window: OwnWindow,
    relay: RunningRelay,
    room: str,
    teacher: Teacher,
    coturn: Coturn,
) -> None:
    window = await own_window(args=TRUSTING)
    ways = {"Ada": "udp", "Bob": "tcp", "Cleo": "tls"}
    pages = [
        await enter(host, window, relay, room, name, [coturn.server(way).ice_server()])
        for name, way in ways.items()
    ]
    at = Relay(relay.url, secret=SECRET)
    turn = coturn.server("udp", "tcp", "tls")
    eve = await asyncio.to_thread(Peer, room, name="Eve", source="pattern", relay=at, turn=turn)
    try:
        names = [*ways, "Eve"]
        await asyncio.gather(
            *(
                plays(page, other)
                for page, me in zip(pages, ways, strict=True)
                for other in names
                if other != me
            )
        )
        for name in ways:
            assert (await asyncio.to_thread(eve.frame, name, timeout=30)).size
        await wait_for(lambda: len(teacher.pairs()) == 12, 20, "everybody's pairs")
        assert {local for _who, _whom, local in teacher.pairs()} == {"relay"}
    finally:
        await asyncio.to_thread(eve.close)


async def test_an_ice_restart_after_the_first_credentials_have_ended_uses_the_renewed_ones(
    host: Host, new_window: NewWindow, relay: RunningRelay, room: str, teacher: Teacher, coturn: Coturn
) -> None:
    # So long may a busy machine take to connect with the first ones.
    turn = coturn.server("udp", lifetime=12)
    window = await new_window()
    first = [turn.ice_server() for _ in range(2)]
    ada = await enter(host, window, relay, room, "Ada", [first[0]])
    bob = await enter(host, window, relay, room, "Bob", [first[1]])
    await asyncio.gather(plays(ada, "Bob"), plays(bob, "Ada"))
    await coturn.has_ended(turn.ice_server())

    renewed = [turn.ice_server() for _ in range(2)]
    for page, server in zip((ada, bob), renewed, strict=True):
        await beat(page, relay, room, iceServers=[server])
    await ada.receive({"kind": "command", "to": "*", "action": "restart_ice"})

    def allocated() -> bool:
        return all(f"user <{server['username']}>" in coturn.log for server in renewed)

    await wait_for(allocated, 30, "both with their new credentials")
    await asyncio.gather(plays(ada, "Bob"), plays(bob, "Ada"))


async def test_a_wrong_secret_is_told_in_the_notebook(
    lab: Lab, new_window: NewWindow, coturn: Coturn
) -> None:
    turn = f"turn=TurnServer({coturn.url('udp')!r}, secret='another secret')"
    notebook = await open_notebook(
        lab,
        await new_window(),
        "from rtc_widget import TurnServer\n"
        + cell("Ada", lab.room, more=f'video="pattern", audio=False, {turn}'),
        cell("Bob", lab.room),
    )
    await notebook.run_all()
    await holds(notebook, "ada.error")
    assert (await notebook.execute("print(ada.error['code'])")).strip() == "turn_refused"
    # It is the only thing that is wrong.
    await holds(notebook, "ada.participants and ada.participants['Bob'].connection_state == 'connected'")
