"""What the relay holds, as Python sees it."""

from __future__ import annotations

import pytest

from rtc_widget.teaching.held_messages import Break, HeldMessage, HeldMessages, rows

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


def test_candidates_in_a_row_are_one_line_of_the_panel() -> None:
    def held(key: str, kind: str, carries: str, sender: str = "Ada") -> HeldMessage:
        return HeldMessage(key, kind, sender, "Bob", 10.0, carries)

    listed = rows(
        [
            held("1", "offer", "audio, video"),
            held("2", "ice_candidate", "host udp"),
            held("3", "ice_candidate", "host udp"),
            held("4", "ice_candidate", "end of candidates"),
            held("5", "ice_candidate", "host udp", "Carol"),
            held("6", "offer", ""),
            held("7", "offer", ""),
        ],
        12.5,
    )

    assert [row["ids"] for row in listed] == [["1"], ["2", "3", "4"], ["5"], ["6"], ["7"]]
    assert (listed[1]["text"], listed[1]["carries"]) == (
        "ICE candidate of Ada to Bob",
        "host udp, end of candidates",
    )
    assert listed[0]["seconds"] == 2.5
