"""Offers that crossed, and those that only look like it."""

from __future__ import annotations

from rtc_widget.trace.glare import crossings
from tests.support.traces import ADA, BOB, Script, make_offer


def crossed(script: Script) -> list[tuple[str, str]]:
    return [(one.sender, other.sender) for one, other in crossings(script.trace.messages())]


def test_two_offers_that_are_under_way_at_once_have_crossed() -> None:
    script = Script()
    ours = script.send(ADA, BOB, "offer", make_offer(script, ADA, BOB))
    theirs = script.send(BOB, ADA, "offer", make_offer(script, BOB, ADA))
    script.deliver(ours, ADA, BOB, "offer")
    script.deliver(theirs, BOB, ADA, "offer")

    assert crossed(script) == [(ADA, BOB)]


def test_a_copy_that_a_teacher_made_of_an_offer_crosses_nothing() -> None:
    script = Script()
    ours = script.send(ADA, BOB, "offer", make_offer(script, ADA, BOB))
    script.at_relay("arrived", "copy", ADA, BOB, "offer", content=make_offer(script, ADA, BOB))
    script.at_relay("duplicated", "copy", ADA, BOB, "offer")
    script.deliver(ours, ADA, BOB, "offer")
    theirs = script.send(BOB, ADA, "offer", make_offer(script, BOB, ADA))
    script.deliver("copy", ADA, BOB, "offer")
    script.deliver(theirs, BOB, ADA, "offer")

    assert crossed(script) == []
