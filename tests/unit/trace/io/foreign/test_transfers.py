"""What a dump's messages are: each one of its own, also where the next one says the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.trace import Trace
from tests.support.traces import candidate, sdp

if TYPE_CHECKING:
    from pathlib import Path

AT = 1_700_000_000_000
OFFER = {"type": "offer", "sdp": sdp("Kp3c")}
CANDIDATE = {"candidate": candidate(), "sdpMid": "0"}
ANSWER = {"type": "answer", "sdp": sdp("Qz9b", setup="active", session=77)}


def load(path: Path, *rows: tuple[str, str, Any]) -> Trace:
    path.write_text("\n".join(json.dumps([*row, AT + 10 * n]) for n, row in enumerate(rows)))
    return Trace.load(path)


def set_by(name: str, side: str, description: Any) -> list[tuple[str, str, Any]]:
    step = f"set{side}Description"
    return [(step, name, description), (f"{step}OnSuccess", name, None)]


def test_an_offer_with_the_same_o_line_is_an_offer_of_its_own(tmp_path: Path) -> None:
    rounds = [
        row
        for n in range(14)
        for row in (
            *set_by("A", "Remote", {"type": "offer", "sdp": sdp(f"server{n}", session=5)}),
            *set_by("A", "Local", {"type": "answer", "sdp": ANSWER["sdp"].replace(" 77 2 ", f" 77 {n} ")}),
        )
    ]

    messages = load(tmp_path / "dump", *rounds).messages()

    assert [message.kind for message in messages] == ["offer", "answer"] * 14
    assert len({message.sdp for message in messages}) == 28
    assert all(len(message.effects) == 1 for message in messages if message.kind == "offer")


def test_the_same_candidate_twice_is_two_messages(tmp_path: Path) -> None:
    same = {"candidate": candidate(), "sdpMid": "0"}

    trace = load(tmp_path / "dump", *[("addIceCandidate", "A", same), ("onicecandidate", "A", same)] * 2)

    sides = [(message.sender, message.receiver) for message in trace.messages()]
    assert sides == [("A remote", "A"), ("A", "A remote")] * 2


def test_candidates_of_two_m_lines_without_mid_are_two(tmp_path: Path) -> None:
    rows = [("onicecandidate", "A", {"candidate": candidate(), "sdpMLineIndex": n}) for n in (0, 1)]

    assert len(load(tmp_path / "dump", *rows).messages()) == 2


def test_a_page_may_pass_on_an_offer_before_its_own_side_has_set_it(tmp_path: Path) -> None:
    trace = load(
        tmp_path / "dump",
        ("setLocalDescription", "A", OFFER),
        *set_by("B", "Remote", OFFER),
        ("setLocalDescriptionOnSuccess", "A", None),
        *set_by("B", "Local", ANSWER),
        *set_by("A", "Remote", ANSWER),
    )

    assert [(m.kind, m.sender, m.receiver) for m in trace.messages()] == [
        ("offer", "A", "B"),
        ("answer", "B", "A"),
    ]


def test_an_offer_that_came_and_is_not_answered_yet_is_from_the_connection_that_made_it(
    tmp_path: Path,
) -> None:
    trace = load(tmp_path / "dump", *set_by("A", "Local", OFFER), *set_by("B", "Remote", OFFER))

    [offer] = trace.messages()
    assert (offer.sender, offer.receiver) == ("A", "B")
    assert trace.participants == ("A", "B")


def test_what_two_connections_say_of_themselves_tells_nobody(tmp_path: Path) -> None:
    trace = load(
        tmp_path / "dump",
        *set_by("A", "Local", OFFER),
        *set_by("B", "Local", OFFER),
        *set_by("C", "Remote", OFFER),
    )

    assert [(m.sender, m.receiver) for m in trace.messages()] == [
        ("A", "A remote"),
        ("B", "B remote"),
        ("C remote", "C"),
    ]


def test_of_three_only_those_who_answered_each_other_are_joined(tmp_path: Path) -> None:
    trace = load(
        tmp_path / "dump",
        *set_by("A", "Local", OFFER),
        *set_by("C", "Remote", OFFER),
        *set_by("B", "Remote", OFFER),
        *set_by("B", "Local", ANSWER),
        *set_by("A", "Remote", ANSWER),
        *set_by("C", "Local", {**ANSWER, "sdp": ANSWER["sdp"].replace(" 77 ", " 78 ")}),
    )

    assert ("A", "B") in [(m.sender, m.receiver) for m in trace.messages()]
    assert ("C remote", "C") in [(m.sender, m.receiver) for m in trace.messages()]


def test_a_description_that_failed_is_no_later_one(tmp_path: Path) -> None:
    trace = load(
        tmp_path / "dump",
        ("setLocalDescription", "A", {"type": "answer", "sdp": "v=0"}),
        ("setLocalDescriptionOnFailure", "A", "InvalidStateError: no"),
        *set_by("A", "Local", OFFER),
    )

    assert [message.kind for message in trace.messages()] == ["offer"]


@pytest.mark.parametrize("failure", ["addIceCandidateOnFailure", "addIceCandidateFailed"])
def test_a_candidate_that_was_refused_was_not_added(failure: str, tmp_path: Path) -> None:
    came = {"candidate": candidate(), "sdpMid": "0"}
    rows = [("addIceCandidate", "A", came)] if failure == "addIceCandidateOnFailure" else []

    trace = load(tmp_path / "dump", *rows, (failure, "A", "OperationError" if rows else came))

    [message] = trace.messages()
    assert [effect.type for effect in message.effects] == ["refused"]


def test_descriptions_without_a_text_are_told_and_not_made_up(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="2x a session description without its text"):
        trace = load(tmp_path / "dump", *set_by("A", "Remote", ""), *set_by("A", "Local", ""))

    assert [(event.type, dict(event.data)) for event in trace] == [
        ("setRemoteDescription", {}),
        ("setLocalDescription", {}),
    ]


def test_a_description_without_a_word_of_success_is_told(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="1x a local description of which is not said whether it was set"):
        load(tmp_path / "dump", ("create", "A", {}), ("setLocalDescription", "A", OFFER))


def test_states_that_there_are_none_of_are_told(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="1x the unknown state 'constructor', 1x the unknown state 'None'"):
        trace = load(
            tmp_path / "dump",
            ("onconnectionstatechange", "A", "constructor"),
            ("onsignalingstatechange", "A", None),
            ("onsignalingstatechange", "A", '"have-local-pranswer"'),
            ("signalingStateChange", "A", "SignalingStateHaveRemotePrAnswer"),
        )

    assert [event.data["value"] for event in trace] == ["have-local-pranswer", "have-remote-pranswer"]


def test_how_long_a_message_was_on_its_way_is_not_told_where_one_end_is_known(tmp_path: Path) -> None:
    rows = [*set_by("A", "Local", OFFER), *set_by("A", "Remote", ANSWER), ("onicecandidate", "A", CANDIDATE)]
    trace = load(tmp_path / "dump", *rows)
    diagram = trace.diagram()

    again = Trace.load(trace.save(tmp_path / "call.jsonl"))
    for messages in (trace.messages(), again.messages()):
        assert [message.seconds for message in messages] == [None] * 3
        assert str(messages[0]) == "<offer: not known>"
        assert repr(messages).count("not known") == messages._repr_html_().count("not known") == 3
    assert "from connection A to remote of A" in diagram.text
    assert "on its way" not in diagram.text + diagram.svg + diagram.html
    assert "signaling server: 0" not in diagram.html
    assert "remote of A: not known" in diagram.html


def test_how_long_it_was_on_its_way_between_two_of_one_dump_is_told(tmp_path: Path) -> None:
    trace = load(tmp_path / "dump", *set_by("A", "Local", OFFER), *set_by("B", "Remote", OFFER))

    (message,) = trace.messages()
    assert message.way == "10.0 ms"
    assert "10 ms on its way" in trace.diagram().text
    assert "at the signaling server: 0" not in trace.diagram().html
