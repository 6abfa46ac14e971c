"""Whatever a client sends, the relay answers with "ok" or a known code, and a call beside it goes on.

The messages are generated: right ones, right ones with one thing wrong, and anything that JSON can say, sent through
real sockets into the very room in which two bystanders have their call. The same ones every time, so that a failure
in CI can be had at home.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections import Counter
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rtc_widget.errors import CODES
from rtc_widget.protocol.signaling import SERVER_EVENTS, SHAPES
from rtc_widget.relay import clients, engine
from tests.support.relays import ANSWER, CANDIDATE, OFFER, Client, RunningRelay

if TYPE_CHECKING:
    import pytest

# So many messages, and so many frames; `make soak` asks for more, of new seeds.
MESSAGES = int(os.environ.get("MESSAGES", "3000"))
# Lists of five to twenty-five have about eight on average, as hypothesis draws them; the count is asserted below.
BATCHES = MESSAGES // 7
# Otherwise the same examples on every run; how long one takes is the machine's affair.
FIXED = settings(
    derandomize="MESSAGES" not in os.environ,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
# A target is drawn as a word and becomes an id when the message is sent.
TARGETS = ("<ada>", "<bob>", "<me>", "<other fuzzer>")
PIECE = {
    "track": "camera",
    "number": 1,
    "offset": 0,
    "data": "YWJj",
    "last": False,
    "at": 1.0,
    "mime": "video/webm",
    "video": True,
    "audio": False,
}
# What the library below has a meaning for, and what is in the relay and no event.
MEANT_FOR_OTHERS = ("*", "message", "_forward", "control_room")
NAMES = st.text(st.characters(codec="utf-8"), max_size=70)

RIGHT: dict[str, st.SearchStrategy[Any]] = {
    "room": st.just("demo"),
    "name": st.just("Ada") | NAMES,
    "id": st.sampled_from(TARGETS),
    "kind": st.sampled_from(["browser", "python", "robot", "pause", "fault", "relay_down"]),
    "media": st.dictionaries(st.sampled_from(["audio", "video", "screen"]), st.booleans()),
    "caps": st.dictionaries(st.sampled_from(["rollback", "endOfCandidates"]), st.booleans()),
    "token": st.sampled_from(["<my resume token>", "a.forgery"]),
    "flag": st.booleans(),
    "description": st.sampled_from([OFFER, ANSWER])
    | st.builds(lambda t: {**OFFER, "sdp": "v=0" + t}, st.text()),
    "candidate": st.none() | st.just(CANDIDATE) | st.builds(lambda t: {"candidate": t}, st.text()),
    "entries": st.lists(
        st.builds(lambda kind, more: {**more, "type": kind}, st.text(), st.dictionaries(st.text(), ANY_JSON)),
        min_size=1,
        max_size=5,
    ),
    "options": st.dictionaries(
        st.sampled_from(["fault", "kind", "to", "seconds", "count", "message"]),
        st.sampled_from(["drop", "glare", "offer", "Bob", 1, -1, 0.5, True]),
    ),
    "piece": st.sampled_from([PIECE, {"done": True}, {"declined": True}])
    | st.builds(lambda data: {**PIECE, "data": data}, st.text()),
    "pieces": st.lists(st.just({"track": "camera", "number": 1, "offset": 3}), min_size=1, max_size=5),
}
ALMOST = {
    "room": st.sampled_from(["", " ", "demo\n", "Demo", "x" * 129, "another room"]),
    "id": st.sampled_from(["", "nobody", "../x", "a" * 65, "__proto__"]),
    "description": st.sampled_from([{"type": "rollback", "sdp": ""}, {"type": "offer"}, {"sdp": "v=0"}]),
    "candidate": st.sampled_from(
        [{}, {"candidate": 1}, {"candidate": "x" * 4_097}, {**CANDIDATE, "sdpMid": 0}]
    ),
    "token": st.sampled_from(["", ".", "a.b", "x" * 2_049, "é.é"]),
    "entries": st.sampled_from([[], [{}], [{"type": "x"}] * 201, {}]),
    "piece": st.sampled_from(
        [{}, [], {**PIECE, "offset": -1}, {**PIECE, "data": "A" * 100_000}, {**PIECE, "at": "now"}]
    ),
    "pieces": st.sampled_from([[], [{}], [{"track": "camera"}], {}]),
    "options": st.sampled_from([[], {"fault": {}}, {"fault": "x" * 257}, {str(n): n for n in range(17)}]),
}


@st.composite
def messages(draw: st.DrawFn) -> tuple[str, Any]:
    """Draw an event's name and its payload."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.text(max_size=30) | st.sampled_from([*SERVER_EVENTS, *MEANT_FOR_OTHERS])), draw(
            ANY_JSON
        )
    event = draw(st.sampled_from(sorted(SHAPES)))
    payload: dict[str, Any] = {}
    for field, kind in SHAPES[event].items():
        if not field.endswith("?") or draw(st.booleans()):
            payload[field.removesuffix("?")] = draw(RIGHT[kind])
    damage = draw(
        st.sampled_from(["none", "none", "missing", "wrong", "almost", "almost", "extra", "anything"])
    )
    if damage == "anything":
        return event, draw(ANY_JSON)
    if damage == "extra":
        payload[draw(st.text(max_size=8))] = draw(ANY_JSON)
    if damage in ("missing", "wrong", "almost") and payload:
        field = draw(st.sampled_from(sorted(payload)))
        if damage == "missing":
            del payload[field]
        elif damage == "wrong":
            payload[field] = draw(ANY_JSON)
        else:
            kind = SHAPES[event].get(field) or SHAPES[event][f"{field}?"]
            payload[field] = draw(ALMOST.get(kind, ANY_JSON))
    return event, payload


def errors_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the libraries below the relay log when a handler raised: a client could fill a disk with it."""
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


class Table:
    """Two bystanders in a call, and three clients in the same room that send whatever is drawn."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self._rounds = 0

    async def open(self) -> None:
        self.relay = await RunningRelay.start()
        self.ada, self.bob = Client(), Client()
        for client in (self.ada, self.bob):
            await client.connect(self.relay.url, self.relay.token())
            await client.join()
        self.fuzzers = [Client() for _ in range(3)]
        for fuzzer, role in zip(self.fuzzers, ("student", "student", "observer"), strict=True):
            await fuzzer.connect(self.relay.url, self.relay.token(role=role))

    async def close(self) -> None:
        for client in (self.ada, self.bob, *self.fuzzers):
            await client.disconnect()
        await self.relay.stop()

    def _filled_in(self, payload: Any, number: int) -> Any:
        if not isinstance(payload, dict):
            return payload
        me, other = self.fuzzers[number], self.fuzzers[1 - number]
        words = {
            "<ada>": self.ada.id,
            "<bob>": self.bob.id,
            "<me>": me.joined.get("socketId", "not-joined"),
            "<other fuzzer>": other.joined.get("socketId", "not-joined"),
            "<my resume token>": me.joined.get("resume", ""),
        }
        return {
            key: words.get(value, value) if isinstance(value, str) else value
            for key, value in payload.items()
        }

    async def send(self, batch: list[tuple[str, Any]], number: int, inside: bool) -> None:
        fuzzer = self.fuzzers[number]
        # Most of what is drawn would otherwise be sent by somebody who is not in the room.
        entered = await fuzzer.call("join_room" if inside else "leave_room", {"roomId": "demo"})
        fuzzer.joined = entered if "socketId" in entered else fuzzer.joined
        for event, payload in batch:
            ack = await asyncio.wait_for(fuzzer.call(event, self._filled_in(payload, number % 2)), 30)
            outcome = "ok" if ack["ok"] is True else ack["error"]["code"]
            assert outcome == "ok" or outcome in CODES, ack
            self.outcomes[outcome] += 1
            if outcome == "ok" and event == "join_room":
                fuzzer.joined = ack

    async def the_call_goes_on(self) -> None:
        self._rounds += 1
        candidate = {"candidate": f"round {self._rounds}"}
        await self.ada.say("ice_candidate", to=self.bob.id, candidate=candidate)
        await self.bob.hears("ice_candidate", **{"from": self.ada.id})
        for name, heard in self.bob.heard:
            assert name in SERVER_EVENTS
            assert heard["roomId"] == "demo"
            if heard.get("from") == self.ada.id:
                assert heard["candidate"]["candidate"] == candidate["candidate"]
        self.bob.forget()
        self.ada.forget()


def test_every_message_is_answered_and_bystanders_go_on(monkeypatch, capsys, caplog):
    table = Table()
    # The allowances have tests of their own; here they would keep most messages from being looked at.
    monkeypatch.setattr(engine, "_MESSAGES", (1e9, 1e9))
    monkeypatch.setattr(clients, "JOINS", (1e9, 1e9))
    with asyncio.Runner() as runner:
        runner.run(table.open())

        @settings(FIXED, max_examples=BATCHES)
        @given(
            st.lists(messages(), min_size=5, max_size=25),
            st.integers(0, 2),
            st.sampled_from([True, True, False]),
        )
        # A forged resume token is looked at only in a join that is right in all else, which is drawn too rarely.
        @example([("join_room", {"roomId": "demo", "resume": "a.forgery"})], 0, False)
        def send(batch: list[tuple[str, Any]], number: int, inside: bool) -> None:
            async def round_of_messages() -> None:
                await table.send(batch, number, inside)
                await table.the_call_goes_on()

            runner.run(round_of_messages())

        send()
        assert all(client.connected for client in (table.ada, table.bob, *table.fuzzers))
        runner.run(table.close())
    assert errors_in(caplog) == []
    with capsys.disabled():
        print(f"\nfuzz: {table.outcomes.total()} messages answered: {dict(table.outcomes.most_common())}")
    assert table.outcomes.total() >= MESSAGES
    # The generator reaches the handlers, and everything that can be wrong with a message.
    assert table.outcomes["ok"] > table.outcomes.total() / 20
    assert {
        "bad_request",
        "unknown_event",
        "bad_room",
        "bad_name",
        "bad_description",
        "bad_candidate",
        "bad_token",
        "not_joined",
        "already_joined",
        "unknown_participant",
        "wrong_room",
        "forbidden",
    } <= set(table.outcomes)


PIECES = st.sampled_from(
    [
        "0",
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "51-",
        "/",
        ",",
        "[",
        "]",
        "{",
        "}",
        '"',
        "null",
        "-1",
        "1e999",
        '"offer"',
    ]
)
FRAMES = st.one_of(
    st.text(max_size=40),
    st.lists(PIECES, max_size=8).map("".join),
    st.builds(lambda n, v: f"2{n}{json.dumps(v)}", st.integers(0, 10**12), ANY_JSON),
    st.binary(max_size=40),
)


def test_no_frame_that_is_not_a_message_harms_a_bystander(capsys, caplog):
    """Below the messages: text and bytes that Socket.IO itself must make sense of."""
    table = Table()
    sent = 0
    with asyncio.Runner() as runner:
        runner.run(table.open())

        async def throw(frames: list[str | bytes]) -> None:
            nonlocal sent
            fuzzer = Client()
            await fuzzer.connect(table.relay.url, table.relay.token())
            for frame in frames:
                await fuzzer._sio.eio.send(frame)
                sent += 1
            await table.the_call_goes_on()
            await fuzzer.disconnect()

        @settings(FIXED, max_examples=BATCHES)
        @given(st.lists(FRAMES, min_size=5, max_size=20))
        def send(frames: list[str | bytes]) -> None:
            runner.run(throw(frames))

        send()
        runner.run(table.close())
    assert errors_in(caplog) == []
    with capsys.disabled():
        print(f"\nfuzz: {sent} frames survived")
    assert sent >= MESSAGES
