"""What the relay holds, as Python sees it."""

from __future__ import annotations

import pytest

from rtc_widget.teaching.held_messages import Break, HeldMessage, HeldMessages

TOLD = {"id": "m1", "kind": "ice_candidate", "from": "a", "to": "b", "at": 1_500.0}


def test_a_held_message_says_whose_it_is_by_name_or_by_id() -> None:
    held = HeldMessage.of(TOLD, {"a": "Ada"})

    assert (held.id, held.sender, held.to, held.since) == ("m1", "Ada", "b", 1.5)
    assert repr(held) == "<ICE candidate of Ada to b>"


def test_several_are_shown_one_a_line() -> None:
    held = HeldMessages(HeldMessage.of({**TOLD, "kind": kind}, {}) for kind in ("offer", "request_offer"))

    assert repr(held) == "<offer of a to b>\n<request for an offer of a to b>"
    assert repr(HeldMessages()) == "no held messages"


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ({"kind": "offer", "sender": "Ada", "to": None}, "<break on offer of Ada>"),
        ({"kind": None, "sender": None, "to": "Bob"}, "<break on any message to Bob>"),
    ],
)
def test_a_breakpoint_reads_as_a_sentence(told: dict[str, str | None], shown: str) -> None:
    assert repr(Break.of({"id": "b1", **told})) == shown
