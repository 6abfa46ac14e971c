"""Holding, stepping and breaking a room's signaling, as Python and the panel ask for it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from rtc_widget.errors import InvalidArgumentError, ProtocolError, RtcWidgetError
from rtc_widget.runtime.waiters import Waiters
from rtc_widget.teaching import signaling_control
from rtc_widget.teaching.signaling_control import SignalingControl
from rtc_widget.trace import half_told
from tests.support.fakes import done, entry, fake_life, fake_member, participant
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.fakes import FakeThreads

ADA, BOB = participant("Ada"), participant("Bob")
HELD = {"id": "m1", "kind": "offer", "from": "ada", "to": "bob", "at": 5_000.0}
BREAK = {"id": "b1", "kind": "answer", "sender": None, "to": None}
FAULT = {
    "id": "f1",
    "fault": "drop",
    "kind": "offer",
    "sender": None,
    "to": None,
    "count": None,
    "probability": 1.0,
    "seed": 0,
    "done": 2,
}


class Controlled:
    """A control, what it has asked of the relay, and what it has sent to front ends."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answer: concurrent.futures.Future[dict[str, Any]] = done({"ok": True})
        # What the relay answers to the question what time it is, and what comes before that; None without a relay.
        self.time: concurrent.futures.Future[dict[str, Any]] | None = None
        self.before_time: Callable[[], None] = lambda: None
        self.sent: list[tuple[dict[str, Any], str]] = []
        self.life = fake_life()
        member = fake_member(BOB, me=ADA)
        self.waiters: Waiters[Any] = Waiters(member)
        self.control = SignalingControl(
            member,
            self.life,
            self.waiters,
            request=self._request,
            reach=self._reach,
            send=lambda message, to="*": self.sent.append((message, to)),
        )

    def _request(self, event: str, payload: dict[str, Any]) -> concurrent.futures.Future[dict[str, Any]]:
        assert event == "control_room"
        assert payload["roomId"] == "demo"
        self.asked.append((payload["action"], payload["options"]))
        return self.answer

    def _reach(self) -> concurrent.futures.Future[dict[str, Any]] | None:
        self.before_time()
        return self.time

    def come(self, *people: str) -> None:
        """Let people join."""
        for order, key in enumerate(people, 1):
            self.control.listener().on_event("user_joined", {**entry(key, order), "at": 1.0})

    def reports(self, sender: str, peer: str, state: str) -> None:
        """Let somebody report the state of a connection."""
        entry = {"type": "state", "at": 1.0, "peer": peer, "name": "connection_state", "value": state}
        self.control.listener().on_event("report", {"from": sender, "entries": [entry]})

    def tells(self, **control: Any) -> None:
        """Let the relay tell what is held and broken."""
        state = {"paused": False, "held": [], "breaks": [], "faults": [], **control}
        self.control.listener().on_event("control", {"at": 1.0, "reason": "pause", **state})
        self.waiters.notify()


@pytest.fixture
async def control() -> Controlled:
    return Controlled()


async def test_who_is_in_the_call_is_in_its_trace_and_measurements_before_the_relay_tells_the_observer(
    control: Controlled,
) -> None:
    for seen in (control.control.trace, control.control.stats):
        assert [len(seen.by(who)) for who in ("Ada", "Bob", BOB)] == [0, 0, 0]
        with pytest.raises(
            InvalidArgumentError, match=r"'Cleo' is not in this trace\. Participants: 'Ada', 'Bob'"
        ):
            seen.by("Cleo")


@pytest.mark.parametrize(
    ("ask", "asked"),
    [
        (lambda c: c.stepping.pause(), ("pause", {})),
        (lambda c: c.stepping.resume(), ("resume", {})),
        (lambda c: c.stepping.release("m1"), ("release", {"message": "m1"})),
        (lambda c: c.stepping.drop("m1"), ("drop", {"message": "m1"})),
        (lambda c: c.stepping.duplicate("m1"), ("duplicate", {"message": "m1"})),
        (lambda c: c.stepping.clear_breaks(), ("clear_breaks", {})),
        (lambda c: c.stepping.clear_breaks("b1"), ("clear_breaks", {"break": "b1"})),
        (lambda c: c.stepping.break_on(), ("break_on", {})),
        (
            lambda c: c.stepping.break_on("offer", sender="Eve", to=BOB),
            ("break_on", {"kind": "offer", "sender": "Eve", "to": "bob"}),
        ),
        (lambda c: c.fault.relay_down(2), ("relay_down", {"seconds": 2})),
    ],
)
async def test_each_wish_is_one_request(
    control: Controlled, ask: Callable[[SignalingControl], None], asked: tuple[str, dict[str, Any]]
) -> None:
    ask(control.control)

    assert control.asked == [asked]


@pytest.mark.parametrize(
    ("given", "sent"), [(np.int64(2), 2), (np.float32(0.5), 0.5), (Fraction(1, 2), 0.5), (True, True)]
)
async def test_a_number_of_whatever_library_is_sent_as_json_has_it(
    control: Controlled, given: Any, sent: float
) -> None:
    control.control.fault.relay_down(given)

    ((_action, options),) = control.asked
    assert options == {"seconds": sent}
    assert type(options["seconds"]) is type(sent)


async def test_what_is_no_text_or_number_is_not_sent(control: Controlled) -> None:
    bad: Any = ["Ada"]
    with pytest.raises(InvalidArgumentError, match="sender must be a str or a number"):
        control.control.stepping.break_on("offer", sender=bad)

    assert control.asked == []


@pytest.mark.parametrize(
    ("refusal", "raised", "code"),
    [
        (ProtocolError("bad_request", "No such fault."), InvalidArgumentError, "bad_argument"),
        (ProtocolError("forbidden", "Only a teacher."), ProtocolError, "forbidden"),
        (ProtocolError("nothing_held", "Nothing."), ProtocolError, "nothing_held"),
    ],
)
async def test_a_refusal_is_raised(
    control: Controlled, refusal: ProtocolError, raised: type, code: str
) -> None:
    control.answer = done(refusal)

    with pytest.raises(raised) as refused:
        control.control.stepping.pause()
    assert isinstance(refused.value, RtcWidgetError)
    assert refused.value.code == code


async def test_a_relay_that_does_not_answer_is_a_timeout(
    monkeypatch: pytest.MonkeyPatch, control: Controlled
) -> None:
    monkeypatch.setattr(signaling_control, "_REQUEST_SECONDS", 0.001)
    control.answer = concurrent.futures.Future()

    with pytest.raises(ProtocolError, match="timeout"):
        control.control.stepping.pause()
    assert control.answer.cancelled()


async def test_what_the_relay_tells_is_what_is_held_and_broken(control: Controlled) -> None:
    control.tells(paused=True, held=[HELD], breaks=[BREAK], faults=[FAULT])

    assert control.control.stepping.paused
    assert [each.id for each in control.control.stepping.held] == ["m1"]
    assert control.control.stepping.held[0].since == 5.0
    assert repr(control.control.stepping.breaks[0]) == "<break on answer>"
    assert repr(control.control.fault) == "<drop offer; 2 so far>"
    control.control.listener().on_lost()

    assert (
        control.control.stepping.paused,
        len(control.control.stepping.held),
        len(control.control.fault),
    ) == (False, 0, 0)


async def test_the_panel_says_whether_the_relay_tells_what_happens(control: Controlled) -> None:
    async def shown(count: int) -> bool:
        await wait_for(lambda: len(control.sent) >= count, 10, f"{count} drawings")
        return bool(control.sent[-1][0]["watching"])

    control.control.receive_panel("tab", {"action": "open"})
    assert not await shown(1)
    control.control.listener().on_snapshot({"participants": [], "time": 1.0})
    assert await shown(2)
    control.control.listener().on_lost()
    assert not await shown(3)
    await control.control.close()


async def test_a_snapshot_of_a_relay_of_before_there_was_any_of_this_says_nothing_of_it(
    control: Controlled,
) -> None:
    control.control.listener().on_snapshot({"participants": [], "time": 1.0})

    assert not control.control.stepping.paused
    assert repr(control.control.stepping.held) == "no held messages"
    assert repr(control.control.fault) == "no active faults"


async def test_a_step_lets_the_oldest_go_and_returns_it(control: Controlled) -> None:
    control.tells(paused=True, held=[HELD, {**HELD, "id": "m2"}])

    assert control.control.stepping.step().id == "m1"

    assert control.asked == [("release", {"message": "m1"})]


async def test_a_step_waits_for_a_message_that_is_on_its_way(control: Controlled) -> None:
    stepping = asyncio.create_task(asyncio.to_thread(control.control.stepping.step, 10))
    while not control.waiters._waiting:
        await asyncio.sleep(0.001)

    control.tells(paused=True, held=[HELD])

    assert (await stepping).id == "m1"


async def test_a_step_in_vain_says_that_nothing_is_held(control: Controlled) -> None:
    with pytest.raises(ProtocolError, match="nothing_held"):
        control.control.stepping.step(0.0)

    assert control.asked == []


async def test_only_who_has_asked_for_something_has_something_to_let_go_of(control: Controlled) -> None:
    control.control.let_go()
    assert control.asked == []

    control.control.stepping.pause()
    control.control.let_go()
    control.control.let_go()

    assert control.asked == [("pause", {}), ("let_go", {})]


async def test_what_has_ended_with_its_connection_need_not_be_let_go_of(control: Controlled) -> None:
    control.control.stepping.pause()
    control.life.closed = True
    control.control.let_go()

    assert control.asked == [("pause", {})]


@pytest.mark.parametrize(
    ("content", "asked"),
    [
        ({"action": "pause"}, [("pause", {})]),
        ({"action": "step"}, [("step", {})]),
        ({"action": "resume"}, [("resume", {})]),
        (
            {"action": "release", "messages": ["m1", "m2"]},
            [("release", {"message": "m1"}), ("release", {"message": "m2"})],
        ),
        ({"action": "drop", "messages": ["m1"]}, [("drop", {"message": "m1"})]),
        ({"action": "duplicate", "messages": ["m1"]}, [("duplicate", {"message": "m1"})]),
        ({"action": "clear_break", "id": "b1"}, [("clear_breaks", {"break": "b1"})]),
        ({"action": "release"}, []),
        ({"action": "break_on", "event": "offer"}, [("break_on", {"kind": "offer"})]),
        ({"action": "clear"}, [("clear", {})]),
        ({"action": "relay_down"}, []),
        ({"action": ["pause"]}, []),
        ({}, []),
    ],
)
async def test_the_panels_buttons_ask_without_waiting(
    control: Controlled, content: dict[str, Any], asked: list[Any]
) -> None:
    control.control.receive_panel("tab", content)

    assert control.asked == asked


CANDIDATES = [{**HELD, "id": f"c{n}", "kind": "ice_candidate", "carries": "host udp"} for n in range(2)]


@pytest.mark.parametrize(
    ("action", "held", "released"),
    [
        ("step_over", [*CANDIDATES, HELD, *CANDIDATES], ["c0", "c1"]),
        ("step_over", [HELD], []),
        ("step_to", [*CANDIDATES, HELD], ["c0", "c1"]),
        ("step_to", [HELD, *CANDIDATES, {**HELD, "id": "m2", "kind": "answer"}], ["m1", "c0", "c1"]),
    ],
)
async def test_the_panel_steps_over_candidates_and_to_the_next_offer_or_answer(
    control: Controlled, action: str, held: list[dict[str, Any]], released: list[str]
) -> None:
    control.tells(paused=True, held=held)

    control.control.receive_panel("tab", {"action": action})

    assert control.asked == [("release", {"message": key}) for key in released]


async def test_a_button_that_is_refused_tells_its_own_tab(control: Controlled) -> None:
    control.answer = done(ProtocolError("forbidden", "Only a teacher."))

    control.control.receive_panel("tab", {"action": "pause"})

    error = {"code": "forbidden", "message": "Only a teacher."}
    assert control.sent == [({"kind": "panel", "error": error}, "tab")]


async def test_a_closed_widget_asks_for_nothing(control: Controlled) -> None:
    control.life.closed = True

    with pytest.raises(RtcWidgetError, match="closed"):
        control.control.stepping.pause()
    assert control.asked == []


def states(control: Controlled) -> list[tuple[str, str]]:
    """Return who is in which state in the trace that the control has now."""
    return [(event.participant, event.data["value"]) for event in control.control.trace.filter("state")]


async def test_a_trace_has_what_the_relay_had_sent_when_it_was_asked_for(control: Controlled) -> None:
    control.time = done({"time": 1.0})
    control.before_time = lambda: control.reports("ada", "bob", "connecting")

    assert states(control) == [("ada", "connecting")]


async def test_a_trace_waits_until_the_other_end_has_said_that_it_is_connected_too(
    control: Controlled,
) -> None:
    control.time = done({"time": 1.0})
    control.come("ada", "bob")
    control.reports("ada", "bob", "connected")
    control.reports("bob", "ada", "connecting")
    later = threading.Timer(0.05, control.reports, ("bob", "ada", "connected"))
    later.start()

    assert states(control)[-1] == ("bob", "connected")
    later.join()


async def test_a_trace_is_made_without_what_does_not_come(
    control: Controlled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signaling_control, "_CATCH_UP_SECONDS", 0.01)
    monkeypatch.setattr(half_told, "_PATIENCE_SECONDS", 0.01)
    control.come("ada", "bob")
    control.reports("ada", "bob", "connected")

    for answer in (None, done({"time": 1.0}), concurrent.futures.Future[dict[str, Any]]()):
        control.time = answer
        assert states(control) == [("ada", "connected")]
    refused: concurrent.futures.Future[dict[str, Any]] = concurrent.futures.Future()
    refused.set_exception(ProtocolError("unknown_event", "An old relay."))
    control.time = refused
    assert states(control) == [("ada", "connected")]


async def test_measurements_are_what_the_relay_had_sent_when_they_were_asked_for(control: Controlled) -> None:
    control.before_time = lambda: control.come("cleo")

    assert list(control.control.stats.by("Cleo")) == []


async def test_in_a_callback_a_trace_waits_for_nothing(control: Controlled) -> None:
    control.before_time = lambda: pytest.fail("the relay was asked")
    cast("FakeThreads", control.life.threads).is_observer_thread = True

    assert states(control) == []
