"""What a widget has on the RTC thread: watching, heartbeats, tunnels."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import ANY

import pytest

from rtc_widget.errors import ProtocolError
from rtc_widget.ice.ice_servers import IceServers
from rtc_widget.relay.address import Relay
from rtc_widget.relay.tokens import proof, read_token
from rtc_widget.signaling.observer import ObserverListener
from rtc_widget.signaling.page_origins import PageOrigins
from rtc_widget.widget import kernel_session
from rtc_widget.widget.kernel_session import KernelSession
from tests.support.fakes import FakeThreads
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SECRET = "a secret of the tests"
RELAY = Relay("http://127.0.0.1:9", secret=SECRET)


class FakeObserver:
    """Finds the relay and watches its room as soon as somebody listens, unless a test has the relay wait."""

    is_let_in, connected = True, False

    def __init__(self, room: str, owner_key: str, resolve: Any) -> None:
        self.made_with = (room, owner_key)
        self._resolve = resolve
        self.listeners: list[ObserverListener] = []
        self.requests: list[Any] = []

    def add(self, listener: ObserverListener) -> None:
        self.listeners.append(listener)
        self.watching = asyncio.get_running_loop().create_task(self._watch(listener))

    async def _watch(self, listener: ObserverListener) -> None:
        await self._resolve()
        if self.is_let_in:
            listener.on_snapshot({"participants": []})

    async def remove(self, listener: ObserverListener) -> None:
        self.listeners.remove(listener)

    async def request(self, *asked: Any) -> dict[str, Any]:
        self.requests.append(asked)
        return {"ok": True}


class FakeResolver:
    """Finds one relay, and says what its tokens are for."""

    is_local = True

    def __init__(self) -> None:
        self.found: Relay | None = None
        self.relay = RELAY
        self.number = 0

    async def resolve(self) -> tuple[str, str]:
        self.found = self.relay
        return self.relay.url, "teacher's token"

    def token(self, relay: Relay, *, expires: float = 600.0, max_uses: int | None = None) -> str:
        assert relay is self.found
        self.number += 1
        return f"{'token' if max_uses is None else 'once'} {self.number} for {expires:g} s"


class Opened:
    """A session, and what it has sent and told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(kernel_session, "Observer", FakeObserver)
        monkeypatch.setattr(kernel_session, "PAGE_ORIGINS", PageOrigins())
        self.threads, self.resolver = FakeThreads(), FakeResolver()
        self.sent: list[tuple[dict[str, Any], str]] = []
        self.told: list[Any] = []
        self.stale = asyncio.Event()
        self.is_joined = False
        self.peers: list[str] = []
        self.session = KernelSession(
            "demo",
            "owner key",
            resolver=cast("Any", self.resolver),
            ice_servers=IceServers([{"urls": ["stun:x"]}]),
            threads=cast("Any", self.threads),
            send=lambda message, to="*": self.sent.append((message, to)),
            is_joined=lambda: self.is_joined,
            peers=lambda: self.peers,
            listeners=[ObserverListener(self.told.append)],
            on_stale=self.stale.set,
        )

    @property
    def observer(self) -> FakeObserver:
        return cast("FakeObserver", self.session.observer)

    @property
    def heartbeats(self) -> list[dict[str, Any]]:
        return [message for message, _to in self.sent if message["kind"] == "heartbeat"]

    async def beats(self, count: int) -> dict[str, Any]:
        """Wait for so many heartbeats, and return the last of them."""
        await wait_for(lambda: len(self.heartbeats) >= count, 10, f"{count} heartbeats")
        return self.heartbeats[-1]


@pytest.fixture
async def made(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Opened]:
    made = Opened(monkeypatch)
    yield made
    made.session.close()
    await made.threads.end()


@pytest.fixture
async def opened(made: Opened) -> Opened:
    made.session.open()
    return made


@pytest.mark.parametrize(
    ("invited", "said"), [("a session", [({"kind": "expect", "session": "a session"}, "tab")]), (None, [])]
)
async def test_who_comes_before_there_is_a_relay_hears_which_session_will_be_invited(
    made: Opened, invited: str | None, said: list[Any]
) -> None:
    made.session.invite_tab(invited, now=False)
    made.session.greet("tab")
    made.resolver.found = RELAY
    made.session.greet("late")

    assert (made.sent, made.session.is_inviting) == (said, True)


async def test_who_comes_after_the_invitation_was_withdrawn_hears_of_nobody(made: Opened) -> None:
    made.session.invite_tab("a session", now=False)
    made.session.withdraw_invitation()
    made.session.greet("tab")

    assert (made.sent, made.session.is_inviting) == ([], False)


async def test_a_heartbeat_goes_out_as_soon_as_the_relay_is_found(opened: Opened) -> None:
    heartbeat = await opened.beats(1)

    assert heartbeat == {
        "kind": "heartbeat",
        "relay": RELAY.url,
        "local": True,
        "owner": "owner key",
        "token": "token 1 for 600 s",
        "iceServers": [{"urls": ["stun:x"]}],
        "joined": False,
        "proof": {"challenge": ANY, "answer": ANY},
        "originTokens": {},
    }
    challenge, answer = heartbeat["proof"]["challenge"], heartbeat["proof"]["answer"]
    assert answer == proof(SECRET, challenge, 9)


async def test_no_page_is_asked_to_join_before_the_room_is_watched(made: Opened) -> None:
    made.observer.is_let_in = False
    made.session.open()
    await wait_for(lambda: made.observer.listeners and made.observer.watching.done(), 10)
    assert made.heartbeats == []

    for listener in made.observer.listeners:
        listener.on_snapshot({"participants": []})

    await made.beats(1)


async def test_a_relay_that_does_not_let_the_observer_in_keeps_no_page_out(
    monkeypatch: pytest.MonkeyPatch, made: Opened
) -> None:
    monkeypatch.setattr(kernel_session, "_WATCH_SECONDS", 0.001)
    made.observer.is_let_in = False

    made.session.open()

    await made.beats(1)


async def test_the_kernel_vouches_for_the_pages_that_have_said_hello(opened: Opened) -> None:
    origin = "http://127.0.0.1:2718"
    await opened.beats(1)
    opened.session.greet("tab", origin)
    heartbeat = await opened.beats(2)

    assert read_token(SECRET, heartbeat["originTokens"][origin], "origin")["origin"] == origin


async def test_a_kernel_that_cannot_sign_vouches_for_nobody(made: Opened) -> None:
    made.resolver.is_local = False
    made.resolver.relay = Relay("https://relay.example.org")
    made.session.open()

    assert "originTokens" not in await made.beats(1)


async def test_each_heartbeat_has_another_challenge(opened: Opened) -> None:
    await opened.beats(1)
    opened.session.beat()
    await opened.beats(2)

    assert len({beat["proof"]["challenge"] for beat in opened.heartbeats}) == len(opened.heartbeats)


async def test_somebody_elses_relay_proves_itself_by_its_certificate(opened: Opened) -> None:
    opened.resolver.is_local = False
    await opened.beats(1)
    opened.session.beat()

    assert "proof" not in await opened.beats(2)


async def test_what_is_closed_for_good_stays_closed(opened: Opened) -> None:
    opened.session.close(for_good=True)

    opened.session.open()

    assert not opened.session.is_open


async def test_heartbeats_go_on_by_themselves(monkeypatch: pytest.MonkeyPatch, opened: Opened) -> None:
    monkeypatch.setattr(kernel_session, "seconds", lambda _name: 0.001)
    await opened.beats(1)
    opened.session.beat()

    await opened.beats(5)


async def test_an_invitation_goes_out_at_once_with_one_token_for_all_of_its_heartbeats(
    opened: Opened,
) -> None:
    await opened.beats(1)

    opened.session.invite_tab("jupyter-session", now=True)
    first = (await opened.beats(2))["invitation"]
    opened.session.beat()
    second = (await opened.beats(3))["invitation"]

    assert (first["session"], first["now"]) == ("jupyter-session", True)
    assert first["token"].startswith("once ")
    assert first["token"].endswith(" for 86400 s")
    assert first == second


async def test_heartbeats_say_whether_a_tab_is_in_the_call(opened: Opened) -> None:
    await opened.beats(1)
    opened.is_joined = True
    opened.session.beat()

    assert (await opened.beats(2))["joined"] is True


async def test_an_invitation_may_be_for_one_front_end(opened: Opened) -> None:
    await opened.beats(1)

    opened.session.invite_tab(None, now=True, client="tab")

    assert (await opened.beats(2))["invitation"]["client"] == "tab"


async def test_a_relay_in_the_place_of_another_is_entered_with_an_invitation_of_its_own(
    opened: Opened,
) -> None:
    await opened.beats(1)
    opened.session.invite_tab("jupyter-session", now=True)
    first = (await opened.beats(2))["invitation"]

    opened.resolver.relay = Relay("http://127.0.0.1:10", secret="the secret of another relay")
    await opened.session._url()

    heartbeat = await opened.beats(3)
    assert heartbeat["relay"] == "http://127.0.0.1:10"
    second = heartbeat["invitation"]
    assert (second["session"], second["now"]) == ("jupyter-session", True)
    assert second["key"] != first["key"]
    assert second["token"] != first["token"]


async def test_another_invitation_has_another_key_and_token(opened: Opened) -> None:
    await opened.beats(1)
    opened.session.invite_tab(None, now=False)
    first = (await opened.beats(2))["invitation"]
    opened.session.invite_tab(None, now=False)
    second = (await opened.beats(3))["invitation"]

    assert first["key"] != second["key"]
    assert first["token"] != second["token"]


async def test_a_withdrawn_invitation_is_in_no_heartbeat_any_more(opened: Opened) -> None:
    await opened.beats(1)
    opened.session.invite_tab(None, now=False)
    assert "invitation" in await opened.beats(2)

    opened.session.withdraw_invitation()

    assert "invitation" not in await opened.beats(3)


async def test_withdrawing_what_is_not_there_sends_nothing(opened: Opened) -> None:
    await opened.beats(1)
    opened.session.withdraw_invitation()
    opened.session.beat()
    await opened.beats(2)
    assert len(opened.heartbeats) == 2


async def test_a_snapshot_asks_the_tab_to_report_and_looks_later_who_has_not_come_back(
    monkeypatch: pytest.MonkeyPatch, made: Opened
) -> None:
    monkeypatch.setattr(kernel_session, "_STALE_SECONDS", 0.001)
    made.session.open()
    await made.beats(1)

    assert made.told == [{"participants": []}]
    assert ({"kind": "command", "action": "report"}, "*") in made.sent
    async with asyncio.timeout(10):
        await made.stale.wait()


async def test_opening_twice_watches_once_and_closing_ends_that(opened: Opened) -> None:
    opened.session.open()
    await opened.beats(1)
    assert len(opened.observer.listeners) == 2

    opened.session.close()
    await opened.threads.end()

    assert opened.observer.listeners == []
    assert not opened.session.is_open
    assert opened.session.close() is None


async def test_a_session_can_be_opened_again(opened: Opened) -> None:
    await opened.beats(1)
    opened.session.close()
    await opened.threads.end()
    opened.observer.is_let_in = False

    opened.session.open()

    await wait_for(lambda: len(opened.observer.listeners) == 2 and opened.observer.watching.done(), 10)
    assert len(opened.heartbeats) == 1
    for listener in opened.observer.listeners:
        listener.on_snapshot({"participants": []})
    await opened.beats(2)


async def test_asking_the_relay_for_something_opens_the_session(made: Opened) -> None:
    made.session.request("control_room", {"action": "pause"})

    assert made.session.is_open
    await wait_for(lambda: made.observer.requests == [("control_room", {"action": "pause"})], 10)


async def test_who_asks_what_has_happened_waits_until_the_room_is_watched(made: Opened) -> None:
    made.observer.is_let_in = False
    made.session.open()
    asking = asyncio.create_task(asyncio.to_thread(made.session.reach))
    assert await asyncio.wait([asking], timeout=0.05) == (set(), {asking})

    made.observer.listeners[-1].on_snapshot({"participants": []})

    assert await asking is None


@pytest.mark.parametrize("is_refused", [False, True])
async def test_what_is_not_watched_is_waited_for_once_and_what_is_refused_is_not(
    monkeypatch: pytest.MonkeyPatch, made: Opened, is_refused: bool
) -> None:
    made.session.open()
    if is_refused:
        made.session._listeners[-1].on_failed(ProtocolError("bad_token", "No."))
    else:
        monkeypatch.setattr(kernel_session, "_FIRST_SECONDS", 0.001)
        made.session.reach()
    monkeypatch.setattr(kernel_session, "_FIRST_SECONDS", 3600.0)

    assert made.session.reach() is None


async def test_the_relays_address_for_a_tunnel_is_the_sessions(opened: Opened) -> None:
    await opened.beats(1)

    opened.session.receive_tunnel("tab", {"op": "emit"})

    await wait_for(lambda: ({"kind": "tunnel", "op": "closed"}, "tab") in opened.sent, 10)
