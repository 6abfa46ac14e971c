"""What a stranger may send to a relay before anything of it is looked at."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from engineio import packet

from rtc_widget.protocol.limits import LIMITS
from rtc_widget.relay import engine as module
from rtc_widget.relay.engine import Engine
from tests.support.relay_parts import HandTimers
from tests.support.wires import Wire, acknowledged

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Served:
    """An engine that answers events with their name, and a client of it."""

    def __init__(self) -> None:
        self.timers = HandTimers()
        self.engine = Engine(self.timers, async_mode="aiohttp", async_handlers=False)
        self.came: list[Any] = []
        self.engine.on("connect", lambda sid, _environ, _auth=None: self.came.append(("connect", sid)))
        self.engine.on("disconnect", lambda sid, _reason: self.came.append(("disconnect", sid)))
        self.engine.on("*", self._receive)
        self.wire = Wire(self.engine)

    async def _receive(self, event: object, _sid: str, *args: object) -> dict[str, Any]:
        self.came.append((event, *args))
        return {"ok": True}

    @property
    def names(self) -> list[Any]:
        """The names of what came."""
        return [name for name, *_rest in self.came]


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    made = Served()
    await made.wire.open()
    await made.wire.connect()
    yield made
    await made.wire.close()


async def test_an_event_is_handled_and_acknowledged(served: Served) -> None:
    assert await served.wire.request("offer", {"to": "bob"}) == {"ok": True}
    assert served.came[-1] == ("offer", {"to": "bob"})


async def test_what_is_too_large_is_refused_with_its_size_and_never_parsed(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served.engine.packet_class, "json", SimpleNamespace(dumps=json.dumps))
    text = '27["offer",' + "x" * LIMITS["payload_length"]

    await served.wire.say(text)

    answer = acknowledged(served.wire.hear()[-1])
    assert answer["error"]["code"] == "payload_too_large"
    assert str(len(text)) in answer["error"]["message"]
    assert served.names == ["connect"]


async def test_what_is_just_as_large_as_allowed_is_handled(served: Served) -> None:
    head, tail = '27["offer","', '"]'
    await served.wire.say(head + "x" * (LIMITS["payload_length"] - len(head) - len(tail)) + tail)

    assert served.names == ["connect", "offer"]


async def test_who_sends_too_often_is_told_so_with_every_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MESSAGES", (0.000_001, 3.0))
    served = Served()
    await served.wire.open()
    await served.wire.connect()

    answers = [await served.wire.request("offer") for _ in range(4)]

    assert [answer.get("error", {}).get("code") for answer in answers] == [None, None, *["rate_limited"] * 2]
    assert served.names == ["connect", "offer", "offer"]
    another = Wire(served.engine, "e2")
    await another.open()
    await another.connect()
    assert await another.request("offer") == {"ok": True}
    for wire in (served.wire, another):
        await wire.close()


@pytest.mark.parametrize("data", [b"binary", '51-7["offer",{"_placeholder":true,"num":0}]', "6", 41])
async def test_binary_is_refused(served: Served, data: Any) -> None:
    await served.wire.say(data)

    heard = served.wire.hear()
    assert served.names == ["connect"]
    if isinstance(data, str) and data.startswith("5"):
        assert acknowledged(heard[-1])["error"]["code"] == "bad_request"
    else:
        assert heard == []
    assert await served.wire.request("offer") == {"ok": True}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "9",
            "x",
            "2",
            "2[",
            "2[]",
            "2{}",
            "27",
            "2/other,[]",
            '4{"message":"x"}',
            "37[1]",
            "2null",
            "27[null]",
        ),
        "2" + "[" * 100_000,
    ],
    ids=lambda text: text[:16] or "nothing",
)
async def test_what_is_not_socket_io_is_dropped_and_the_session_goes_on(
    served: Served, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    await served.wire.say(text)
    served.wire.hear()

    assert "error" not in caplog.text  # nothing of it was unexpected
    assert "disconnect" not in served.names
    assert await served.wire.request("offer") == {"ok": True}


@pytest.mark.parametrize("name", ["connect", "disconnect", "*"])
async def test_naming_the_relays_own_events_does_not_call_them(served: Served, name: str) -> None:
    before = list(served.came)

    await served.wire.request(name, "somebody else", {})

    assert [each for each in served.came[len(before) :] if each[0] == name] == []
    assert served.came[-1][0] == f"reserved {name!r}"


async def test_a_second_connect_leaves_the_first_as_it_is(served: Served) -> None:
    await served.wire.say("0{}")

    assert served.wire.hear() == []
    assert served.names == ["connect"]


async def test_who_does_not_become_a_client_in_time_is_ended(served: Served) -> None:
    silent = Wire(served.engine, "e2")
    await silent.open()
    assert served.timers.waiting["connect", "e2"][0] == 5.0

    await served.timers.fire(("connect", "e2"))
    await served.timers.fire(("connect", "e1"))

    assert silent.session.closed
    assert not served.wire.session.closed
    assert list(served.engine.eio.sockets) == ["e1"]


async def test_after_its_end_nothing_of_a_session_is_handled_or_kept(served: Served) -> None:
    await served.wire.close()
    await served.wire.say('27["offer"]')

    assert served.names == ["connect", "disconnect"]
    assert served.timers.waiting == {}
    assert served.engine._buckets == {}


async def test_who_does_not_read_is_ended_and_what_was_read_does_not_count(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_OUTBOX_BYTES", 1_000)
    for _ in range(5):
        await served.engine.emit("offer", "x" * 400)
        served.wire.hear()
    assert served.wire.session.queue.size == 0

    for _ in range(5):
        await served.engine.emit("offer", "x" * 400)

    assert served.wire.aborted == 1
    assert served.wire.session.closed
    assert served.names == ["connect", "disconnect"]


async def test_ending_all_waits_for_nobody_to_read(served: Served) -> None:
    another = Wire(served.engine, "e2")
    await another.open()
    await served.engine.emit("offer", "x")

    await served.engine.eio.disconnect()

    assert served.wire.session.closed
    assert another.session.closed
    assert served.engine.eio.sockets == {}


def test_only_short_texts_are_parsed_before_there_is_a_token() -> None:
    Served()
    short: Any = packet.Packet.json

    assert short.loads('{"a": 1}') == {"a": 1}
    with pytest.raises(ValueError, match="long"):
        short.loads(json.dumps("x" * 5_000))
