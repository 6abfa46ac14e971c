"""Descriptions that the application sent again, and those that only look like it."""

from __future__ import annotations

from rtc_widget.trace.captions import captions_of
from rtc_widget.trace.diagram.phases import phases_of
from rtc_widget.trace.resent import resent
from tests.support.stories import stories
from tests.support.traces import ADA, BOB, Script, answer, candidate, make_offer


def lost_and_sent_again() -> tuple[Script, str]:
    """Bob's answer is lost; Ada sends her offer again, which has a candidate by then."""
    script = Script()
    script.join(ADA)
    script.join(BOB, order=2)
    offer = make_offer(script, ADA, BOB)
    first = script.pass_on(ADA, BOB, "offer", offer)
    script.say(BOB, "setRemoteDescription", ADA, first, description="offer")
    lost = script.send(BOB, ADA, "answer", {"type": "answer", "sdp": "v=0\r\n"})
    script.at_relay("dropped", lost, BOB, ADA, "answer")
    script.wait(10_000)
    gathered = offer["sdp"] + f"a={candidate()}\r\na=end-of-candidates\r\n"
    second = script.pass_on(ADA, BOB, "offer", {"type": "offer", "sdp": gathered})
    answer(script, BOB, ADA, second)
    return script, second


def test_a_description_that_was_sent_before_is_sent_again_whatever_was_gathered_since() -> None:
    script, second = lost_and_sent_again()

    assert list(resent(script.trace.messages())) == [second]


def test_what_a_fault_made_of_it_on_its_way_is_not_what_was_sent() -> None:
    script = Script()
    offer = make_offer(script, ADA, BOB)
    first = script.send(ADA, BOB, "offer", offer)
    script.at_relay("corrupted", first, ADA, BOB, "offer", content={**offer, "sdp": "garbled"})
    script.deliver(first, ADA, BOB, "offer")
    second = script.pass_on(ADA, BOB, "offer", offer)

    messages = script.trace.messages()

    assert [each.sdp for each in messages] == ["garbled", offer["sdp"]]
    assert [each.original for each in messages] == [offer, None]
    assert list(resent(messages)) == [second]


def test_the_next_offer_is_a_new_one_though_it_says_nearly_the_same() -> None:
    script = Script()
    script.pass_on(ADA, BOB, "offer", make_offer(script, ADA, BOB))
    script.pass_on(ADA, BOB, "offer", make_offer(script, ADA, BOB, version=3))

    assert list(resent(script.trace.messages())) == []


def test_what_the_other_side_or_the_signaling_server_repeats_was_not_sent_again() -> None:
    script = Script()
    offer = make_offer(script, ADA, BOB)
    script.pass_on(ADA, BOB, "offer", offer)
    script.pass_on(BOB, ADA, "offer", offer)
    script.at_relay("arrived", "copy", ADA, BOB, "offer", content=offer)
    script.at_relay("duplicated", "copy", ADA, BOB, "offer")
    script.deliver("copy", ADA, BOB, "offer")

    assert list(resent(script.trace.messages())) == []


def test_diagram_phases_and_captions_say_so() -> None:
    trace = lost_and_sent_again()[0].trace
    [story] = stories(trace)

    titles = [phase.title for phase in phases_of(story)]
    captions = [caption.text for caption in captions_of(trace, trace[0].time, 60.0)]

    assert "P0->>P1: offer (again)" in trace.to_mermaid()
    assert any("Ada sends the offer again" in title for title in titles), titles
    assert [text for text in captions if "offer" in text] == [
        "Ada sends Bob an offer.",
        "Ada sends Bob an offer again.",
    ]
