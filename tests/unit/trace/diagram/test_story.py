"""What a diagram shows: arrows, chips, states and notes."""

from __future__ import annotations

import pytest

from rtc_widget.trace import Trace
from rtc_widget.trace.diagram.parts import Arrow, Change, Chip, Fold
from rtc_widget.trace.events import RELAY
from tests.support.stories import arrows, chips, notes, stories
from tests.support.traces import (
    ADA,
    BOB,
    Script,
    answer,
    call,
    candidate,
    glare,
    long_trace,
    make_offer,
    sdp,
    stepped,
    trickle,
)


def test_candidates_of_one_way_and_fate_are_one_arrow() -> None:
    assert [arrow.label for arrow in arrows(call().trace)] == [
        "offer",
        "4 candidates (3 host, 1 srflx)",
        "answer",
        "4 candidates (3 host, 1 srflx)",
    ]


def test_held_candidates_are_one_arrow_until_some_of_them_go_on() -> None:
    script = Script()
    keys = []
    for _ in range(4):
        keys.append(script.send(ADA, BOB, "ice_candidate", {"candidate": candidate()}))
        script.at_relay("held", keys[-1], ADA, BOB, "ice_candidate")
        script.wait(9000)  # somebody reads
    assert [(arrow.label, arrow.fate) for arrow in arrows(script.trace)] == [("4 candidates (host)", "held")]

    for key in keys[:2]:
        script.at_relay("released", key, ADA, BOB, "ice_candidate")
        script.deliver(key, ADA, BOB, "ice_candidate")
    gone, waiting = arrows(script.trace)
    assert (gone.label, gone.fate) == ("2 candidates (host)", "held 27.0\N{EN DASH}36.0 s")
    assert (waiting.label, waiting.fate) == ("2 candidates (host)", "held")


def test_what_is_delayed_and_held_has_stayed_once() -> None:
    script = Script()
    key = script.send(ADA, BOB, "offer", make_offer(script, ADA, BOB))
    for fate in ("delayed", "held"):
        script.at_relay(fate, key, ADA, BOB, "offer")
    script.wait(2000)
    script.deliver(key, ADA, BOB, "offer")

    assert [arrow.fate for arrow in arrows(script.trace)] == ["delayed, held 2.0 s"]


def test_candidates_that_waited_are_told_from_those_that_did_not() -> None:
    script = Script()
    early = script.pass_on(ADA, BOB, "ice_candidate", {"candidate": candidate()})
    script.say(BOB, "queued", ADA, early)
    key = script.pass_on(ADA, BOB, "offer", make_offer(script, ADA, BOB))
    answer(script, BOB, ADA, key)
    script.say(BOB, "added", ADA, early)
    late = script.pass_on(ADA, BOB, "ice_candidate", {"candidate": candidate()})
    script.say(BOB, "negotiationneeded", ADA)
    script.say(BOB, "added", ADA, late)

    said = chips(script.trace)
    assert "queued 1: no remote description yet" in said
    assert "added the queued candidate" in said
    assert "added 1 candidate" in said


def test_a_call_stands_where_it_was_made_and_lasts_until_it_is_done() -> None:
    script = Script()
    script.say(ADA, "createOffer", BOB)
    script.say(ADA, "setLocalDescription", BOB, description="offer", duration=8)
    script.state(ADA, BOB, "signaling_state", "have-local-offer")

    (story,) = stories(script.trace)
    parts = [part for part in story.parts if isinstance(part, Chip | Change) and part.time > story.zero]
    assert [getattr(part, "text", "") or getattr(part, "value", "") for part in parts] == [
        "setLocalDescription(offer)",
        "have-local-offer",
    ]
    (done,) = (part.until for part in parts if isinstance(part, Chip))
    assert done == pytest.approx(parts[0].time + 0.008)


def test_a_call_of_which_only_the_end_is_known_stands_above_what_it_changed() -> None:
    script = Script()
    script.say(ADA, "createOffer", BOB)
    # As reports were until 0.1: the state has changed before the promise is resolved.
    script.state(ADA, BOB, "signaling_state", "have-local-offer")
    script.say(ADA, "setLocalDescription", BOB, description="offer")

    (story,) = stories(script.trace)
    order = [
        part.text if isinstance(part, Chip) else part.value
        for part in story.parts
        if isinstance(part, Chip | Change)
    ]
    assert order == ["stable", "createOffer()", "setLocalDescription(offer)", "have-local-offer"]


def test_both_sides_are_stable_before_anything_is_said() -> None:
    script = call()
    (story,) = stories(script.trace)
    first = {
        part.lane: part.value
        for part in reversed(story.parts)
        if isinstance(part, Change) and part.machine == "signaling_state"
    }

    assert first == {ADA: "stable", BOB: "stable"}


def test_media_that_take_the_notebooks_own_connection_say_so_on_a_chip() -> None:
    script = call()
    script.say(ADA, "pair", BOB, local="notebook", remote="notebook", protocol="notebook")

    assert any("over the notebook" in chip for chip in chips(script.trace))


def test_what_is_known_of_a_connection_is_one_chip() -> None:
    (story,) = stories(call().trace)
    told = [part for part in story.parts if isinstance(part, Chip) and part.text.startswith("connected")]

    assert [chip.lane for chip in told] == [ADA, BOB]
    assert {chip.detail for chip in told} == {"host ↔ host udp · video"}
    assert all("won" in chip.more for chip in told)
    assert "track: video" not in chips(call().trace)


def test_a_pair_that_takes_the_others_place_is_told_as_what_is_in_use_now() -> None:
    script = call()
    script.say(ADA, "pair", BOB, local="host", remote="prflx", protocol="udp")

    assert "now host ↔ prflx udp" in chips(script.trace)


def test_offers_that_cross_are_glare_and_others_are_not() -> None:
    ours, theirs, reply = arrows(glare().trace)

    assert (ours.glare, theirs.glare, reply.glare) == (True, True, False)
    assert theirs.outcome == "rolled back by Bob"
    assert ours.at == theirs.at == max(ours.sent, theirs.sent)
    assert not any(arrow.glare for arrow in arrows(call().trace))
    assert notes(glare().trace) == ["Glare: Ada and Bob both sent an offer"]


def test_offers_one_after_the_other_are_no_glare() -> None:
    script = call()
    answer(script, ADA, BOB, script.pass_on(BOB, ADA, "offer", make_offer(script, BOB, ADA, "x")))

    assert not any(arrow.glare for arrow in arrows(script.trace))


def test_an_arrow_is_broken_only_where_something_kept_the_message() -> None:
    broken = {arrow.fate or arrow.label: arrow.broken for arrow in arrows(stepped().trace)}

    assert broken == {
        "dropped": True,
        "delayed 401 ms": True,
        "duplicated": False,
        "corrupted": False,
        "held 3.2 s": True,
        "held": True,
    }


@pytest.mark.parametrize("early", [True, False])
def test_an_answer_that_candidates_have_overtaken_is_two_arrows(early: bool) -> None:
    script = Script()
    offer = script.pass_on(ADA, BOB, "offer", make_offer(script, ADA, BOB))
    script.say(BOB, "setRemoteDescription", ADA, offer, description="offer")
    key = script.send(BOB, ADA, "answer", {"type": "answer", "sdp": sdp("Qz9b")})
    if not early:
        script.deliver(key, BOB, ADA, "answer")
    trickle(script, BOB, ADA, early=early)
    if early:
        script.deliver(key, BOB, ADA, "answer")

    (answered,) = (arrow for arrow in arrows(script.trace) if arrow.first.kind == "answer")

    assert answered.broken is early


def test_what_waits_says_what_each_side_waits_for() -> None:
    waiting = [arrow.waits for arrow in arrows(stepped().trace) if arrow.waits]

    assert waiting == ["Ada waits for Bob's answer; for Bob the negotiation is complete"]


def test_an_offer_that_waits_while_the_other_offers_too_says_so() -> None:
    script = Script()
    key = script.send(ADA, BOB, "offer", make_offer(script, ADA, BOB))
    script.at_relay("held", key, ADA, BOB, "offer")
    make_offer(script, BOB, ADA)

    (arrow,) = arrows(script.trace)
    assert arrow.waits == "Ada waits for Bob's answer; Bob waits for an answer to its own offer"


def test_the_teachers_hand_is_shown() -> None:
    assert notes(stepped().trace)[:2] == [
        "fault: drop candidates to Bob",
        "paused: messages wait at the signaling server",
    ]


def test_a_lease_that_ends_says_why() -> None:
    script = call()
    script.say(RELAY, "control", paused=True, held=[], breaks=[], faults=[])
    script.say(RELAY, "control", paused=False, held=[], breaks=[], faults=[], reason="lease")

    assert notes(script.trace)[-1] == "resumed: the teacher has gone"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"fault": "delay", "kind": "answer", "seconds": 0.5}, "fault: delay answers by 0.5 s"),
        (
            {"fault": "drop", "sender": "Ada", "probability": 0.5},
            "fault: drop every message from Ada with probability 0.5",
        ),
        ({"fault": "glare", "sender": "Ada", "to": "Bob"}, "fault: glare between Ada and Bob"),
        ({"fault": "no_candidates", "types": "host srflx"}, "fault: no candidates of type host srflx"),
    ],
)
def test_a_fault_is_named_once_however_often_it_strikes(rule: dict[str, object], words: str) -> None:
    script = call()
    for done in range(3):
        script.say(RELAY, "control", paused=False, faults=[{"id": "f1", "done": done, **rule}])
    script.say(RELAY, "control", paused=False, faults=[], reason="clear")

    assert notes(script.trace) == [words, words.replace("fault", "fault over", 1)]


def test_times_are_counted_from_the_first_signaling_event() -> None:
    (story,) = stories(call().trace)
    said = call().trace.diagram().text.splitlines()

    assert story.zero == next(event.time for event in call().trace if event.type == "negotiationneeded")
    assert next(line for line in said if "negotiationneeded" in line).strip().startswith("0.0 ms")
    assert said[0].strip() == "-900.8 ms  Ada joined"


def test_how_exact_the_times_are_is_said() -> None:
    assert "Ada: times ±0.4 ms" in str(call().trace.diagram())
    assert "Bob: clock not yet compared with the signaling server's, times may be off" in str(
        stepped().trace.diagram()
    )


def test_a_long_one_leaves_out_what_is_ordinary_and_keeps_what_is_not() -> None:
    trace = long_trace(10_000)
    (story,) = stories(trace)

    folds = [part for part in story.parts if isinstance(part, Fold)]
    dropped = [part for part in story.parts if isinstance(part, Arrow) and part.fate]
    assert folds
    assert "offers" in folds[0].text
    assert len(dropped) == len(trace.filter("dropped"))
    assert len(trace.diagram().html) < 2_000_000


def test_states_within_what_is_left_out_hold_after_it() -> None:
    (story,) = stories(long_trace(10_000))
    fold = next(part for part in story.parts if isinstance(part, Fold))

    assert {change.lane for change in fold.changes} == {ADA, BOB}


def test_an_empty_trace_has_no_connection() -> None:
    assert stories(Trace([], names={})) == []
