"""What an opened message says."""

from __future__ import annotations

import re

from rtc_widget.trace.diagram.facts import facts_of_candidates, facts_of_description
from tests.support.stories import arrows
from tests.support.traces import ADA, BOB, answer, call, candidate, make_offer, sdp, stepped


def test_a_description_has_five_facts() -> None:
    assert facts_of_description(sdp("Kp3c")) == [
        ("Codecs", "video: VP8, rtx", "RFC 8866, 6.6"),
        ("Directions", "video sendrecv", "RFC 8866, 6.7"),
        ("DTLS role", "actpass: the answerer chooses who begins the DTLS handshake", "RFC 8842, 5"),
        ("ICE username fragment (ufrag)", "Kp3c", "RFC 8839, 5.4"),
        ("Candidates", "none in it: they follow", "RFC 8839, 5.1"),
    ]
    assert facts_of_description("nothing of the kind") == []


def test_a_candidate_that_stands_in_several_m_lines_counts_once() -> None:
    text = sdp("Kp3c") + 3 * f"a={candidate()}\r\n"

    assert ("Candidates", "1 host", "RFC 8839, 5.1") in facts_of_description(text)


def test_who_begins_is_for_the_answer_to_say() -> None:
    text = sdp("Kp3c", setup="actpass")

    assert (
        "the answerer chooses" in {name: value for name, value, _ in facts_of_description(text)}["DTLS role"]
    )
    answer = {name: value for name, value, _ in facts_of_description(text, "answer")}
    assert "which an answer may not do" in answer["DTLS role"]


def test_candidates_in_a_description_are_counted() -> None:
    text = (
        sdp("Kp3c")
        + "a=candidate:1 1 udp 2 192.0.2.1 5 typ host\r\na=candidate:1 1 udp 2 192.0.2.1 5 typ srflx\r\n"
    )

    assert ("Candidates", "1 host, 1 srflx", "RFC 8839, 5.1") in facts_of_description(text)


def test_a_group_tells_of_each_candidate_what_became_of_it() -> None:
    group = arrows(call().trace)[1]

    facts = facts_of_candidates(group.messages)
    assert [fact.name for fact in facts] == ["1", "2", "3", "4"]
    assert facts[0].value == "host over UDP, 5.2 ms on its way, queued"
    assert facts[3].value.startswith("srflx over UDP")


def test_an_opened_message_says_its_lines_its_way_and_what_it_made_happen() -> None:
    html = call().trace.diagram().html

    assert "leaves the choice to the answer" in html
    assert "signaling server → Bob: 2.4 ms" in html
    assert "setRemoteDescription offer" in html
    assert "Negotiated away" in html or "None was dropped" in html


def test_its_lines_are_divided_at_the_m_lines() -> None:
    html = call().trace.diagram().html

    titles = re.findall(r'class="rtcd-section"><summary>([^<]+) <small>(\d+) lines', html)
    assert titles[:2] == [("session", "5"), ("video, mid 0", "14")]


def test_a_second_description_says_what_changed() -> None:
    script = call()
    answer(
        script, BOB, ADA, script.pass_on(ADA, BOB, "offer", make_offer(script, ADA, BOB, "NewF", 3)), "NewQ"
    )
    html = script.trace.diagram().html

    assert "gone: <code>a=ice-ufrag:[ufrag-1]</code>" in html
    assert "new: <code>a=ice-ufrag:[ufrag-3]</code>" in html


def test_contents_can_be_left_out() -> None:
    diagram = stepped().trace.diagram()

    assert "a=setup" in diagram.page()
    assert "a=setup" not in diagram.page(contents=False)
    assert "rtcd-m" in diagram.page(contents=False)
