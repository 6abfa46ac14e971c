"""The relay as a server: whom it lets in, what it answers, and when it is idle."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from aiohttp.test_utils import make_mocked_request

from rtc_widget.protocol.owner_key import new_owner_key
from rtc_widget.protocol.signaling import PROOF_NAMESPACE, PROTOCOL_VERSION
from rtc_widget.relay import app as module
from rtc_widget.relay.app import RelayServer
from rtc_widget.relay.tokens import entry_token, proof, resume_token
from tests.support.relay_parts import SECRET
from tests.support.waiting import wait_for
from tests.support.wires import Wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from aiohttp import web


def token(room: str = "demo", *, secret: str = SECRET, expires: float = 60.0, **more: Any) -> str:
    return entry_token(secret, room, expires=expires, **{"role": "student", **more})


class Served:
    """A relay without sockets, and its clients."""

    def __init__(self, **options: Any) -> None:
        self.relay = RelayServer(SECRET, allow_origin=lambda _origin, _environ: True, **options)
        self.lost: list[tuple[str, str]] = []
        service: Any = self.relay._service
        service.observer_lost = lambda *given: self.lost.append(given)

    async def wire(self, name: str = "e1", query: str = "") -> Wire:
        """Begin a session."""
        return await Wire(self.relay._sio, name, query).open()

    async def client(self, name: str = "e1", **more: Any) -> Wire:
        """Let a client in."""
        wire = await self.wire(name)
        answer = await wire.connect({"token": token(**more), "owner": new_owner_key()})
        assert "sid" in answer, answer
        return wire

    async def get(self, path: str, port: int = 50_001) -> tuple[dict[str, Any], web.Response]:
        """Ask by HTTP."""
        request = make_mocked_request("GET", path, transport=_at(port))
        found = await self.relay.app.router.resolve(request)
        response = cast("web.Response", await found.handler(request))
        return json.loads(response.text or ""), response

    async def end(self) -> None:
        """Shut it down."""
        await self.relay._shutdown(self.relay.app)


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    made = Served()
    yield made
    await made.end()


def _at(port: int) -> Any:
    return SimpleNamespace(get_extra_info=lambda _what, _default=None: ("127.0.0.1", port))


# -- whom it lets in


@pytest.mark.parametrize(
    "auth",
    [
        *(None, [], {}, {"token": None}, {"token": 7}, {"token": ""}, {"token": "ä.b"}),
        {"token": token(secret="another")},
        {"token": resume_token(SECRET, "demo", "ada", 1)},
    ],
    ids=["none", "list", "nothing", "null", "number", "empty", "no ascii", "another relay", "of a return"],
)
async def test_without_a_token_of_its_own_nobody_gets_in(served: Served, auth: Any) -> None:
    wire = await served.wire()

    refusal = await wire.connect(auth)

    assert refusal["data"]["code"] == "bad_token"
    assert refusal["message"] == refusal["data"]["message"]
    await wire.say('27["clock",{}]')
    assert wire.hear() == []


async def test_a_token_that_has_expired_says_so(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    old = token(expires=1)
    later = time.time() + 10
    monkeypatch.setattr("rtc_widget.relay.tokens.time", SimpleNamespace(time=lambda: later))

    assert (await (await served.wire()).connect({"token": old}))["data"]["code"] == "token_expired"


@pytest.mark.parametrize(
    ("query", "code"), [("room=other", "wrong_room"), ("room=demo", None), ("room=", None)]
)
async def test_who_asks_for_another_room_is_told_at_once(
    served: Served, query: str, code: str | None
) -> None:
    wire = await served.wire(query=query)

    answer = await wire.connect({"token": token()})

    assert answer.get("data", {}).get("code") == code


async def test_too_many_at_once_are_refused_and_who_has_no_token_keeps_nobody_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_CONNECTIONS", (0.000_001, 1.0))
    served = Served()
    for number in range(3):
        await (await served.wire(f"stranger {number}")).connect({"token": "none"})

    await served.client("e1")
    second = await (await served.wire("e2")).connect({"token": token()})
    await served.client("e3", room="another room")

    assert second["data"]["code"] == "rate_limited"
    await served.end()


async def test_a_newcomer_is_told_at_once_that_a_token_was_used_up_and_who_was_here_may_return(
    served: Served,
) -> None:
    once = token(max_uses=1)
    ada = await served.wire("ada")
    await ada.connect({"token": once, "newcomer": True})
    joined = await ada.request("join_room", {"roomId": "demo"})

    late = await (await served.wire("bob")).connect({"token": once, "newcomer": True})
    back = await served.wire("ada again")
    await back.connect({"token": once})
    returned = await back.request("join_room", {"roomId": "demo", "resume": joined["resume"]})

    assert late["data"]["code"] == "token_used"
    assert returned["socketId"] == joined["socketId"]


async def test_a_token_that_was_used_up_stays_so_for_the_next_relay(tmp_path: Path) -> None:
    once, answers = token(max_uses=1), list[Any]()
    for _ in range(2):
        served = Served(ledger=tmp_path / "relay.used")
        wire = await served.wire()
        await wire.connect({"token": once})
        answers.append(await wire.request("join_room", {"roomId": "demo"}))
        await served.end()

    assert [answer.get("error", {}).get("code") for answer in answers] == [None, "token_used"]


# -- what it answers


async def test_a_client_joins_and_leaves(served: Served) -> None:
    ada = await served.client("ada")
    bob = await served.client("bob")

    joined = await ada.request("join_room", {"roomId": "demo", "name": "Ada"})
    assert joined["ok"]
    assert joined["participants"] == []
    others = (await bob.request("join_room", {"roomId": "demo", "name": "Bob"}))["participants"]
    assert [other["name"] for other in others] == ["Ada"]
    assert '"user_joined"' in ada.hear()[-1]

    assert (await bob.request("leave_room", {"roomId": "demo"}))["ok"]
    assert '"user_left"' in ada.hear()[-1]


@pytest.mark.parametrize(
    ("event", "payload", "code"),
    [
        ("dance", [{}], "unknown_event"),
        ("join_room", [], "bad_request"),
        ("join_room", ["demo"], "bad_request"),
        ("join_room", [{"roomId": "another", "name": "Ada"}], "wrong_room"),
        ("control_room", [{"roomId": "demo", "action": "pause"}], "forbidden"),
    ],
)
async def test_what_is_refused_is_answered_with_its_code(
    served: Served, event: str, payload: list[Any], code: str
) -> None:
    client = await served.client()

    answer = await client.request(event, *payload)

    assert (answer["ok"], answer["error"]["code"]) == (False, code)


async def test_somebody_whose_path_is_lost_is_away_and_not_gone(served: Served) -> None:
    ada, bob = await served.client("ada"), await served.client("bob")
    for wire, name in ((ada, "Ada"), (bob, "Bob")):
        await wire.request("join_room", {"roomId": "demo", "name": name})
    ada.hear()

    await bob.close()

    [event] = ada.hear()
    assert '"user_away"' in event


@pytest.mark.parametrize(("reason", "is_lost"), [("transport close", True), ("ping timeout", False)])
async def test_a_kernel_whose_socket_has_closed_is_gone_and_one_that_is_stuck_is_not(
    served: Served, reason: str, is_lost: bool
) -> None:
    kernel = await served.client("kernel", role="observer")
    assert (await kernel.request("watch_room", {"roomId": "demo"}))["ok"]

    await kernel.close(reason)

    assert [room for _owner, room in served.lost] == ["demo"] * is_lost


# -- its health


async def test_its_health_needs_no_token_and_proves_nothing_unasked(served: Served) -> None:
    body, response = await served.get("/health")

    assert body == {"ok": True, "service": "rtc_widget.relay", "protocol": PROTOCOL_VERSION}
    assert response.headers["Cache-Control"] == "no-store"


async def test_a_challenge_is_answered_for_the_port_at_which_it_came(served: Served) -> None:
    body, _response = await served.get("/health?challenge=abc", 50_007)
    assert body["proof"] == proof(SECRET, "abc", 50_007)

    long, _response = await served.get(f"/health?challenge={'x' * 9_000}", 50_007)
    assert long["proof"] == proof(SECRET, "x" * 128, 50_007)


async def test_a_page_may_challenge_before_it_sends_its_token(served: Served) -> None:
    wire = await served.wire()
    namespace = f"{PROOF_NAMESPACE},"
    await wire.connect({}, namespace)

    assert await wire.request("prove", "abc", namespace=namespace) == {"proof": proof(SECRET, "abc", 50_001)}
    assert await wire.request("prove", {"no": "text"}, namespace=namespace) == {"proof": None}
    assert await wire.request("prove", namespace=namespace) == {"proof": None}


# -- its end


async def test_it_is_idle_when_nobody_has_been_here_for_a_while() -> None:
    served = Served(idle_seconds=0.01)
    await served.relay._started(served.relay.app)

    await wait_for(served.relay.idle.is_set, 10)

    await served.end()


async def test_as_long_as_somebody_is_here_it_is_not_idle() -> None:
    served = Served(idle_seconds=0.01)
    control = Served(idle_seconds=0.01)
    await served.relay._started(served.relay.app)
    client = await served.client()
    await control.relay._started(control.relay.app)
    await wait_for(control.relay.idle.is_set, 10)
    assert not served.relay.idle.is_set()

    await client.close()
    await wait_for(served.relay.idle.is_set, 10)

    for each in (served, control):
        await each.end()


async def test_its_end_is_everybodys() -> None:
    served = Served()
    client = await served.client()

    await served.end()

    assert client.hear() == ["1"]
    assert served.relay._clients == {}
