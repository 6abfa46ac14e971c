"""Offers, answers and candidates of one connection: perfect negotiation, with what aiortc cannot do."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from rtc_widget.peer.process import negotiation
from rtc_widget.peer.process.negotiation import Yields
from rtc_widget.protocol.limits import LIMITS
from tests.support.negotiations import Side, candidate
from tests.support.waiting import wait_for

# The cases that the negotiators of both languages share.
CASES = Path(__file__).parents[4] / "js/test/negotiation/cases.json"
SHARED: list[dict[str, Any]] = json.loads(CASES.read_text("utf-8"))


async def happen(side: Side, event: dict[str, Any]) -> None:
    """Let one event of a shared case happen."""
    ufrag = event.get("ufrag", "")
    match event:
        case {"need": True}:
            await side.need()
        case {"resend": True}:
            side.negotiation.resend()
        case {"close": True}:
            side.negotiation.close()
        case {"receive": "offer" | "answer" as kind}:
            await side.describe(kind, event["id"], ufrag)
        case {"receive": "candidate"}:
            await side.candidate(event["id"], ufrag)
        case {"receive": "end of candidates"}:
            await side.receive("ice_candidate", {"candidate": None}, event["id"])
        case _:
            pytest.fail(f"no such event: {event}")


YIELDS: dict[bool, Yields] = {True: "always", False: "never"}


@pytest.mark.parametrize(
    ("case", "yields"),
    [
        (case, yields)
        for case in SHARED
        for yields in ([YIELDS[case["polite"]]] if "polite" in case else YIELDS.values())
    ],
    ids=lambda value: value["name"] if isinstance(value, dict) else f"yields={value}",
)
async def test_what_both_languages_do_alike(case: dict[str, Any], yields: Yields) -> None:
    side = Side(yields=yields)

    for event in case["events"]:
        await happen(side, event)

    assert side.steps == case["steps"]
    assert side.events == case["sent"]


async def test_a_need_makes_an_offer_and_its_answer_ends_it() -> None:
    side = Side()

    await side.need()
    assert side.events == ["offer"]
    await side.describe("answer", "m1")

    assert side.step_names == [
        "negotiationneeded",
        "createOffer",
        "setLocalDescription",
        "setRemoteDescription",
    ]
    assert side.told == ["applied"]
    assert side.pc.signalingState == "stable"


async def test_a_call_says_how_long_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    side = Side()
    apply = side.pc.setRemoteDescription

    async def slowly(description: Any) -> None:
        await asyncio.sleep(0.02)
        await apply(description)

    monkeypatch.setattr(side.pc, "setRemoteDescription", slowly)
    await side.describe("offer", "m1")

    assert side.durations["setRemoteDescription"] > 15
    assert side.durations["setLocalDescription"] < 15


async def test_an_offer_is_answered_after_it_was_asked_what_to_send() -> None:
    side = Side()

    await side.describe("offer", "m1")

    assert side.events == ["answer"]
    assert side.told == ["answering", "applied"]


async def test_what_is_added_with_an_offer_is_added_right_before_it() -> None:
    side, added = Side(), []
    await side.need()
    await side.need(lambda: added.append(side.pc.signalingState))
    assert added == []

    await side.describe("answer", "m1")

    assert added == ["stable"]
    assert side.events == ["offer", "offer"]


async def test_needs_that_come_while_an_offer_is_pending_become_one_offer() -> None:
    side = Side()
    for _need in range(4):
        await side.need()
    assert side.events == ["offer"]

    await side.describe("answer", "m1")

    assert side.events == ["offer", "offer"]


async def test_when_offers_cross_the_side_that_stands_ignores_the_others() -> None:
    side = Side(yields="never")
    await side.need()

    await side.describe("offer", "m1")

    assert side.steps[-1] == {"step": "ignored", "description": "offer", "message": "m1"}
    assert side.pc.signalingState == "have-local-offer"
    assert side.superseded == []
    assert side.events == ["offer"]


async def test_when_offers_cross_the_side_that_yields_gives_way_to_another_connection() -> None:
    side = Side(yields="always")
    await side.need()
    await side.candidate("m0", "theirs")

    await side.describe("offer", "m1", "theirs")

    ((offer, message, candidates),) = side.superseded
    assert (offer["type"], message) == ("offer", "m1")
    assert [each.message for each in candidates] == ["m0"]
    assert side.steps[-1] == {"step": "rollback", "replaced": True}
    assert "applied" not in side.told


async def test_an_offer_of_another_connection_of_theirs_is_another_connections_to_answer() -> None:
    side = Side()
    await side.describe("offer", "m1", fingerprint="AA")

    await side.describe("offer", "m2", fingerprint="BB")

    assert [message for _offer, message, _candidates in side.superseded] == ["m2"]
    assert side.events == ["answer"]


async def test_a_description_of_a_connection_of_theirs_that_is_gone_is_left_aside() -> None:
    side = Side(yields="always", gone={"sha-256 AA"})
    await side.need()
    for kind in ("offer", "answer"):
        await side.describe(kind, "m", fingerprint="AA")
        assert side.steps[-1] == {"step": "ignored", "description": kind, "message": "m"}


@pytest.mark.parametrize("state", ["failed", "closed"])
async def test_an_offer_for_a_connection_that_is_over_is_another_ones(state: str) -> None:
    side = Side()
    await side.describe("offer", "m1")
    side.pc.connectionState = state

    await side.describe("offer", "m2")

    assert [message for _offer, message, _candidates in side.superseded] == ["m2"]


async def test_an_offer_that_renegotiates_is_this_connections() -> None:
    side = Side()
    await side.describe("offer", "m1")

    await side.describe("offer", "m2")

    assert side.superseded == []
    assert side.events == ["answer", "answer"]


async def test_the_answer_to_an_offer_that_was_said_twice_is_ignored_the_second_time() -> None:
    side = Side()
    await side.need()
    await side.describe("answer", "m1")

    await side.describe("answer", "m2")

    assert side.steps[-1] == {"step": "ignored", "description": "answer", "message": "m2"}


async def test_a_candidate_waits_for_its_description() -> None:
    side = Side()
    await side.need()
    await side.candidate("m1")
    assert side.steps[-1] == {"step": "queued", "message": "m1"}
    assert side.pc.added == []

    await side.describe("answer", "m2")

    assert side.steps[-1] == {"step": "added", "message": "m1"}
    (added,) = side.pc.added
    assert (added.ip, added.sdpMid, added.sdpMLineIndex) == ("192.0.2.7", "0", 0)


@pytest.mark.parametrize("fragment", ["u", None, ""])
async def test_a_candidate_of_the_description_in_force_is_added_at_once(fragment: str | None) -> None:
    side = Side()
    await side.describe("offer", "m1")

    await side.candidate("m2", fragment)

    assert side.steps[-1] == {"step": "added", "message": "m2"}
    assert "queued" not in side.step_names


async def test_the_candidates_of_an_ignored_offer_are_discarded_with_it() -> None:
    side = Side(yields="never")
    await side.need()
    await side.describe("offer", "m1", "ignored-one")
    await side.candidate("m2", "ignored-one")
    await side.candidate("m3")

    await side.describe("answer", "m4")

    assert {"step": "discarded", "message": "m2", "reason": "ignored"} in side.steps
    assert side.steps[-1] == {"step": "added", "message": "m3"}
    assert len(side.pc.added) == 1


async def test_of_too_many_candidates_that_wait_the_oldest_go() -> None:
    side = Side()
    for number in range(LIMITS["queued_candidates"] + 3):
        await side.candidate(f"m{number}", address=f"192.0.2.{number % 250}")

    overflow = [step["message"] for step in side.steps if step["step"] == "discarded"]

    assert overflow == ["m0", "m1", "m2"]
    assert {step["reason"] for step in side.steps if step["step"] == "discarded"} == {"overflow"}


@pytest.mark.parametrize("line", ["1b2c3d4e-0000-4000-8000-1234567890ab.local"])
async def test_a_candidate_that_the_ice_agent_must_not_see_is_discarded(line: str) -> None:
    side = Side()
    await side.describe("offer", "m1")

    await side.candidate("m2", address=line)

    assert side.steps[-1] == {"step": "discarded", "message": "m2", "reason": "unusable"}
    assert side.pc.added == []


@pytest.mark.parametrize("end", [None, {"candidate": ""}])
async def test_the_end_of_candidates_is_left_to_the_ice_agent(end: dict[str, Any] | None) -> None:
    side = Side()
    await side.receive("ice_candidate", {"candidate": end}, "m1")

    assert side.steps == []


async def test_one_bad_candidate_is_refused_and_nothing_else_happens() -> None:
    side = Side()
    await side.describe("offer", "m1")
    bad = {**candidate(), "candidate": "candidate:1 1 udp many 192.0.2.7 50000 typ host"}

    await side.receive("ice_candidate", {"candidate": bad}, "m2")
    await side.candidate("m3")

    assert [step["step"] for step in side.steps[-2:]] == ["refused", "added"]
    assert side.steps[-2]["error"] == "ValueError"
    assert side.told == ["answering", "applied"]


async def test_closing_discards_what_waits() -> None:
    side = Side()
    await side.candidate("m1")

    side.negotiation.close()

    assert side.steps[-1] == {"step": "discarded", "message": "m1", "reason": "closed"}


async def test_a_pending_offer_is_sent_again_as_it_is_and_nothing_else_is() -> None:
    side = Side()
    side.negotiation.resend()
    await side.need()
    side.negotiation.resend()
    await side.describe("answer", "m1")
    side.negotiation.resend()

    assert side.events == ["offer", "offer"]
    assert side.sent[0] == side.sent[1]


async def test_first_offers_of_two_peers_that_cross_end_with_the_one_that_stands() -> None:
    side = Side(yields="first")
    await side.need()

    await side.describe("offer", "m1", "theirs")

    ((offer, message, _candidates),) = side.superseded
    assert (offer["type"], message) == ("offer", "m1")
    assert "crossed" not in side.told


async def test_offers_of_two_peers_that_cross_in_a_call_need_new_connections_on_both_sides() -> None:
    side = Side(yields="first")
    await side.describe("offer", "m1")
    await side.need()

    await side.describe("offer", "m2")

    assert side.told[-1] == "crossed"
    assert side.superseded == []
    assert side.steps[-1] == {"step": "rollback", "replaced": True}


async def test_an_offer_without_an_answer_is_sent_again_until_it_has_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(negotiation, "seconds", lambda _name: 0.01)
    side = Side()
    await side.need()

    await wait_for(lambda: len(side.sent) > 2, 10, "the offer again and again")
    await side.describe("answer", "m1")
    count = len(side.sent)
    await asyncio.sleep(0.05)  # several times as long as it would take

    assert {event for event, _payload in side.sent} == {"offer"}
    assert len(side.sent) == count


async def test_an_offer_that_does_not_come_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(negotiation, "seconds", lambda _name: 0.001)
    side = Side()

    side.negotiation.expect_offer()

    await wait_for(lambda: side.told == ["no offer"], 10)


@pytest.mark.parametrize("what", ["an offer comes", "we offer", "it is closed"])
async def test_nobody_waits_for_an_offer_any_more_when(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    side = Side()
    timers: list[Any] = []
    call_later = asyncio.get_running_loop().call_later

    def remember(*given: Any) -> asyncio.TimerHandle:
        timers.append(call_later(*given))
        return timers[-1]

    monkeypatch.setattr(asyncio.get_running_loop(), "call_later", remember)
    side.negotiation.expect_offer()
    (timer,) = timers

    if what == "an offer comes":
        await side.describe("offer", "m1")
    elif what == "we offer":
        await side.need()
    else:
        side.negotiation.close()

    assert timer.cancelled()


@pytest.mark.parametrize("operation", ["setRemoteDescription", "setLocalDescription"])
async def test_a_description_that_cannot_be_applied_is_told_by_its_errors_name(operation: str) -> None:
    side = Side()
    side.pc.failing[operation] = ValueError("v=0 and other secrets")

    await side.describe("offer", "m1")

    (step,) = [step for step in side.steps if step["step"] == "failed"]
    assert (step["operation"], step["error"]) == (operation, "ValueError")
    assert side.told[-1] == ("failed", "ValueError")
    assert "secrets" not in str(side.steps)


async def test_after_a_failure_the_next_offer_is_answered() -> None:
    side = Side()
    side.pc.failing["setRemoteDescription"] = ValueError("bad")
    await side.describe("offer", "m1")
    side.pc.failing.clear()

    await side.describe("offer", "m2")

    assert side.events == ["answer"]
