"""What a teacher may do to messages on their way, as rules: holding, stepping, breaking. Without sockets."""

from __future__ import annotations

import pytest

from rtc_widget.errors import ProtocolError
from rtc_widget.relay.intercept.acts import Ask, Changed, Forward, Tell, Wake
from rtc_widget.relay.intercept.rules import InterceptRules
from rtc_widget.relay.intercept.signaling_messages import Message, Party

ADA, BOB, EVE = (Party(name.lower(), name) for name in ("Ada", "Bob", "Eve"))
SDP = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=candidate:1 1 udp 2 192.0.2.1 5 typ host\r\n"
HOST = "candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host"
RELAYED = "candidate:2 1 udp 2122260223 192.0.2.9 50000 typ relay raddr 0.0.0.0 rport 0"


def message(kind="offer", sender=ADA, receiver=BOB, key=None, text=HOST, sdp=SDP):
    event = kind
    if kind == "ice_candidate":
        payload = {"candidate": text and {"candidate": text, "sdpMid": "0"}}
    elif kind == "request_offer":
        payload = {}
    else:
        payload = {kind: {"type": kind, "sdp": sdp}}
    return Message(key or f"{kind} of {sender.name}", event, payload, sender, receiver)


def went_on(acts):
    return [act.message.id for act in acts if isinstance(act, Forward)]


def stages(acts):
    return [act.stage for act in acts if isinstance(act, Tell)]


def reasons(acts):
    return [act.reason for act in acts if isinstance(act, Changed)]


def fault(control, action, by="teacher", **options):
    control.add_fault(by, {"fault": action, **options})


def arrivals(control, count, **options):
    """What of so many candidates goes on, by number."""
    gone = []
    for number in range(count):
        gone += went_on(control.arrive(message("ice_candidate", key=str(number), **options)))
    return [int(key) for key in gone]


@pytest.fixture
def control():
    return InterceptRules()


def test_without_a_teacher_messages_go_straight_on(control):
    acts = control.arrive(message())

    assert (stages(acts), went_on(acts)) == (["arrived", "forwarded"], ["offer of Ada"])
    assert reasons(acts) == []


def test_a_pause_holds_everything_until_it_is_resumed_in_order(control):
    control.holding.pause("teacher")

    acts = [act for kind in ("offer", "ice_candidate") for act in control.arrive(message(kind))]

    assert stages(acts) == ["arrived", "held"] * 2
    assert [held["kind"] for held in control.describe()["held"]] == ["offer", "ice_candidate"]
    assert went_on(control.holding.resume()) == ["offer of Ada", "ice_candidate of Ada"]
    assert control.describe()["held"] == []
    assert went_on(control.arrive(message("answer", BOB, ADA))) == ["answer of Bob"]


def test_a_step_lets_the_oldest_go_and_release_lets_one_of_choice_go(control):
    control.holding.pause("teacher")
    for kind in ("offer", "ice_candidate", "request_offer"):
        control.arrive(message(kind))

    assert went_on(control.holding.release("ice_candidate of Ada")) == ["ice_candidate of Ada"]
    assert went_on(control.holding.step()) == ["offer of Ada"]
    assert went_on(control.holding.step()) == ["request_offer of Ada"]


def test_stepping_with_nothing_held_is_refused_and_the_pause_stays(control):
    control.holding.pause("teacher")

    with pytest.raises(ProtocolError) as step:
        control.holding.step()
    with pytest.raises(ProtocolError) as release:
        control.holding.release("gone")

    assert (step.value.code, release.value.code) == ("nothing_held", "nothing_held")
    assert control.describe()["paused"]


def test_a_breakpoint_pauses_with_its_message_held_and_is_then_over(control):
    control.break_on("teacher", {"kind": "answer", "to": "Ada"})

    assert went_on(control.arrive(message("offer"))) == ["offer of Ada"]
    assert went_on(control.arrive(message("answer", ADA, BOB))) == ["answer of Ada"]
    assert reasons(control.arrive(message("answer", BOB, ADA))) == ["break"]
    assert went_on(control.arrive(message("ice_candidate"))) == []
    control.holding.resume()
    assert went_on(control.arrive(message("answer", BOB, ADA))) == ["answer of Bob"]


def test_who_leaves_takes_the_messages_to_and_from_them_along(control):
    control.holding.pause("teacher")
    fault(control, "delay", kind="request_offer")
    for sender, receiver in ((ADA, BOB), (BOB, ADA), (ADA, EVE)):
        control.arrive(message("offer", sender, receiver, key=f"{sender.id} to {receiver.id}"))
    [wake] = [act for act in control.arrive(message("request_offer")) if isinstance(act, Wake)]

    acts = control.gone("bob")

    assert stages(acts) == ["dropped"] * 3
    assert [held["to"] for held in control.describe()["held"]] == ["eve"]
    assert control.due(wake.key) == []


def test_what_a_teacher_did_ends_with_the_teachers_connection(control):
    control.holding.pause("teacher")
    control.arrive(message("offer"))
    control.break_on("teacher", {"kind": "answer"})
    fault(control, "drop", kind="answer")
    fault(control, "drop", by="another", kind="request_offer")

    acts = control.lease_ends("teacher")

    assert (went_on(acts), reasons(acts)) == (["offer of Ada"], ["lease"])
    state = control.describe()
    assert (state["paused"], state["breaks"]) == (False, [])
    assert [each["kind"] for each in state["faults"]] == ["request_offer"]
    assert control.lease_ends("teacher") == []


def test_a_drop_takes_so_many_of_what_is_meant_and_is_over(control):
    fault(control, "drop", kind="ice_candidate", to="Bob", count=2)

    assert went_on(control.arrive(message("offer"))) == ["offer of Ada"]
    assert went_on(control.arrive(message("ice_candidate", ADA, EVE))) == ["ice_candidate of Ada"]
    assert arrivals(control, 4) == [2, 3]
    assert control.describe()["faults"] == []


def test_the_same_seed_breaks_the_same_messages(control):
    def lost(seed):
        control.clear_faults()
        fault(control, "drop", probability=0.5, seed=seed)
        return arrivals(control, 40)

    assert lost(7) == lost(7)
    assert lost(7) != lost(8)
    assert 5 < len(lost(7)) < 35


def test_a_delayed_message_goes_on_when_its_time_has_come(control):
    fault(control, "delay", kind="offer", seconds=3)

    acts = control.arrive(message("offer"))
    [wake] = [act for act in acts if isinstance(act, Wake)]

    assert (stages(acts), wake.seconds) == (["arrived", "delayed"], 3)
    assert went_on(control.arrive(message("ice_candidate"))) == ["ice_candidate of Ada"]
    assert went_on(control.due(wake.key)) == ["offer of Ada"]


def test_a_duplicate_goes_on_twice(control):
    fault(control, "duplicate")
    [duplicating] = control.describe()["faults"]

    assert went_on(control.arrive(message())) == ["offer of Ada", f"offer of Ada-{duplicating['id']}"]


def test_what_two_faults_duplicate_is_four_messages_also_after_a_pause(control):
    fault(control, "duplicate")
    fault(control, "duplicate")
    control.holding.pause("teacher")
    control.arrive(message())

    gone = went_on(control.holding.resume())

    assert len(gone) == len(set(gone)) == 4


def test_a_reordered_message_comes_after_the_next_one(control):
    fault(control, "reorder", kind="ice_candidate", count=1)

    assert arrivals(control, 3) == [1, 0, 2]


def test_a_reordered_message_that_nothing_overtakes_goes_on_after_a_while(control):
    fault(control, "reorder", kind="offer")

    [wake] = [act for act in control.arrive(message()) if isinstance(act, Wake)]

    assert went_on(control.due(wake.key)) == ["offer of Ada"]


def test_a_corrupted_description_still_begins_like_one_and_has_a_line_that_is_none(control):
    fault(control, "corrupt", kind="offer", seed=1)

    [told] = [act for act in control.arrive(message()) if isinstance(act, Tell) and act.stage == "corrupted"]

    assert told.message.content["sdp"].startswith("v=0")
    assert "\r\nm=garbled\r\n" in told.message.content["sdp"]


def cross(control):
    first = control.arrive(message("offer", ADA, BOB))
    return went_on(first), went_on(control.arrive(message("offer", BOB, ADA)))


def test_glare_holds_an_offer_until_the_other_side_has_offered_too(control):
    fault(control, "glare", sender="Ada", to="Bob")

    acts = control.arrive(message("offer", ADA, BOB))

    assert went_on(acts) == []
    assert [act for act in acts if isinstance(act, Ask)] == [Ask(receiver=BOB, sender=ADA)]
    assert went_on(control.arrive(message("offer", BOB, ADA))) == ["offer of Ada", "offer of Bob"]


def test_after_a_glare_one_offer_passes_so_that_who_gave_way_can_say_it_again(control):
    fault(control, "glare", sender="Ada", to="Bob")
    cross(control)

    assert went_on(control.arrive(message("offer", BOB, ADA))) == ["offer of Bob"]
    assert cross(control) == ([], ["offer of Ada", "offer of Bob"])


def test_what_was_late_is_for_the_other_faults_too_as_far_as_they_are_there_then(control):
    fault(control, "delay", kind="offer", seconds=1)
    fault(control, "corrupt", kind="offer", count=1)
    late, later = (
        next(act for act in control.arrive(message("offer")) if isinstance(act, Wake)) for _ in range(2)
    )

    assert [act.stage for act in control.due(late.key) if isinstance(act, Tell)] == ["corrupted", "forwarded"]
    assert [act.stage for act in control.due(later.key) if isinstance(act, Tell)] == ["forwarded"]


def test_who_comes_again_by_the_same_name_crosses_only_with_who_is_there(control):
    again = Party("ada again", "Ada")
    fault(control, "glare", sender="Ada", to="Bob")
    cross(control)

    # The offer that may pass is one of the two whose offers have crossed.
    assert went_on(control.arrive(message("offer", BOB, again))) == []
    assert went_on(control.arrive(message("offer", again, BOB))) == ["offer of Bob", "offer of Ada"]
    control.arrive(message("offer", ADA, BOB))
    assert went_on(control.arrive(message("offer", BOB, again))) == ["offer of Ada"]


def test_a_counted_glare_is_over_after_so_many_crossings(control):
    fault(control, "glare", sender="Ada", to="Bob", count=1)

    assert cross(control) == ([], ["offer of Ada", "offer of Bob"])
    assert control.describe()["faults"] == []
    assert cross(control) == (["offer of Ada"], ["offer of Bob"])


def test_an_offer_that_nothing_crosses_is_not_held_for_ever(control):
    fault(control, "glare", sender="Ada", to="Bob")

    [wake] = [act for act in control.arrive(message()) if isinstance(act, Wake)]

    assert went_on(control.due(wake.key)) == ["offer of Ada"]


def test_without_host_candidates_neither_messages_nor_descriptions_have_any(control):
    fault(control, "no_candidates", types="host")

    assert went_on(control.arrive(message("ice_candidate"))) == []
    assert went_on(control.arrive(message("ice_candidate", text=RELAYED))) == ["ice_candidate of Ada"]
    assert went_on(control.arrive(message("ice_candidate", text=None))) == ["ice_candidate of Ada"]
    [offer] = [act.message for act in control.arrive(message("offer")) if isinstance(act, Forward)]
    assert "a=candidate" not in offer.content["sdp"]
    assert offer.content["sdp"].startswith("v=0\r\nm=audio")


def test_a_line_that_is_hardly_a_candidate_costs_no_more_than_its_length(control):
    # One pattern over the whole description took minutes over these lines.
    fault(control, "no_candidates", types="host")
    offer = message("offer")
    hardly = "a=candidate:x " * 20_000 + "\r\n"
    sent = offer.with_sdp(f"{offer.content['sdp']}{hardly}a=candidate:x{' typ host' * 40_000}")

    [got] = [act.message for act in control.arrive(sent) if isinstance(act, Forward)]

    assert got.content["sdp"].endswith(f"\r\n{hardly}")


def test_clearing_lets_go_what_a_fault_kept_back(control):
    fault(control, "delay", kind="offer", seconds=60)
    control.arrive(message())

    assert went_on(control.clear_faults()) == ["offer of Ada"]
    assert went_on(control.arrive(message("offer", BOB, ADA))) == ["offer of Bob"]


def test_one_fault_can_be_cleared_by_its_id(control):
    fault(control, "drop", kind="offer")
    fault(control, "drop", kind="answer")
    first = control.describe()["faults"][0]["id"]

    control.clear_faults(first)

    assert [each["kind"] for each in control.describe()["faults"]] == ["answer"]
    with pytest.raises(ProtocolError, match="not active"):
        control.clear_faults(first)


def test_what_a_fault_lets_through_is_held_while_paused(control):
    fault(control, "duplicate", kind="offer")
    [duplicating] = control.describe()["faults"]
    control.holding.pause("teacher")

    acts = control.arrive(message())

    assert went_on(acts) == []
    assert went_on(control.holding.resume()) == ["offer of Ada", f"offer of Ada-{duplicating['id']}"]


@pytest.mark.parametrize(
    "options",
    [
        {"fault": "explode"},
        {"fault": "drop", "kind": "letter"},
        {"fault": "drop", "probability": 1.5},
        {"fault": "drop", "count": 0},
        {"fault": "drop", "count": True},
        {"fault": "delay", "seconds": 3600},
        {"fault": "delay", "seconds": "long"},
        {"fault": "no_candidates", "types": "hosts"},
        {"fault": "no_candidates"},
        {"fault": "glare", "sender": "Ada"},
        {"fault": "glare", "sender": "Ada", "to": "Ada"},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(control, options):
    with pytest.raises(ProtocolError) as refused:
        control.add_fault("teacher", options)

    assert refused.value.code == "bad_request"
    assert control.describe()["faults"] == []


def test_no_more_faults_are_taken_than_can_be_looked_after(control):
    for _ in range(64):
        fault(control, "drop", kind="offer", to="nobody")

    with pytest.raises(ProtocolError, match="at most"):
        fault(control, "drop")


def test_a_pause_of_two_teachers_lasts_until_both_are_gone(control):
    control.holding.pause("one")
    control.break_on("one", {"kind": "answer"})
    control.holding.pause("two")
    control.arrive(message("offer"))

    assert went_on(control.lease_ends("two")) == []
    assert control.describe()["paused"]
    assert [each["kind"] for each in control.describe()["breaks"]] == ["answer"]
    assert went_on(control.lease_ends("one")) == ["offer of Ada"]


def test_who_sends_without_end_has_a_share_of_what_is_kept_back_and_takes_none_of_others(control):
    fault(control, "delay", seconds=60)

    gone = arrivals(control, 600)
    others = arrivals(control, 300, sender=BOB, receiver=ADA)

    assert gone == list(range(320, 600))
    assert others == []
    control.clear_faults()
    fault(control, "delay", seconds=60)
    assert arrivals(control, 600) == list(range(320, 600))


def test_large_descriptions_that_are_kept_back_fill_a_share_sooner(control):
    fault(control, "delay", seconds=60)
    large = SDP + "a=x\r\n" * 20_000

    gone = [went_on(control.arrive(message("offer", key=str(number), sdp=large))) for number in range(30)]

    assert 8 <= gone.count([]) <= 10
