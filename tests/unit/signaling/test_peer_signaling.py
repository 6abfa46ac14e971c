"""The signaling with one other participant."""

from __future__ import annotations

from typing import Any

import pytest

from rtc_widget.signaling.negotiation_clock import NegotiationClock
from rtc_widget.signaling.peer_signaling import OnAcknowledge, PeerSignaling

OFFER = {"type": "offer", "sdp": "v=0"}
ANSWER = {"type": "answer", "sdp": "v=0"}


class Signaled:
    """Signaling with Bob, what was sent, and what was reported."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.acknowledge: list[OnAcknowledge] = []
        self.reported: list[dict[str, Any]] = []
        self.came: list[tuple[Any, ...]] = []
        self.signaling = PeerSignaling(
            "demo",
            "bob",
            session="now",
            post=self._post,
            report=self.reported.append,
            flush_reports=lambda: self.sent.append(("reports", {})),
            clock=NegotiationClock(),
        )
        self.signaling.on_description = lambda *given: self.came.append(("description", *given))
        self.signaling.on_candidate = lambda *given: self.came.append(("candidate", *given))
        self.signaling.on_offer_requested = lambda: self.came.append(("offer requested",))

    def _post(self, event: str, payload: dict[str, Any], on_acknowledge: OnAcknowledge) -> None:
        self.sent.append((event, payload))
        self.acknowledge.append(on_acknowledge)


def test_a_description_goes_to_the_other_as_an_event_of_its_type() -> None:
    said = Signaled()

    said.signaling.send_description(OFFER)
    said.signaling.send_description(ANSWER)
    said.signaling.request_offer()

    there = {"roomId": "demo", "to": "bob", "session": "now"}
    assert [sent for sent in said.sent if sent[0] != "reports"] == [
        ("offer", {**there, "offer": OFFER}),
        ("answer", {**there, "answer": ANSWER}),
        ("request_offer", there),
    ]


def test_what_a_side_did_to_make_a_description_is_reported_before_that_is_sent() -> None:
    said = Signaled()

    said.signaling.send_description(ANSWER)

    assert [event for event, _payload in said.sent] == ["reports", "answer"]


def test_who_uses_one_event_for_both_types_is_answered_with_it() -> None:
    said = Signaled()

    said.signaling.receive("description", {"description": OFFER, "id": "m"}, 1.0)
    said.signaling.send_description(ANSWER)
    said.signaling.receive("offer", {"offer": OFFER, "id": "m"}, 2.0)
    said.signaling.send_description(ANSWER)

    assert [event for event, _payload in said.sent if event != "reports"] == ["description", "answer"]


def test_a_message_is_reported_as_sent_when_the_relay_has_it_and_with_its_id() -> None:
    said = Signaled()
    said.signaling.send_description(OFFER)
    assert said.reported == []

    said.acknowledge[0]({"ok": True, "id": "m-1"})

    (step,) = said.reported
    assert {key: step[key] for key in step if key != "at"} == {
        "type": "step",
        "step": "sent",
        "peer": "bob",
        "event": "offer",
        "message": "m-1",
    }
    assert step["at"] > 0


def test_a_message_that_the_relay_refuses_is_not_reported() -> None:
    said = Signaled()
    said.signaling.send_description(OFFER)

    said.acknowledge[0]({"ok": False, "error": {"code": "unknown_participant", "message": "Gone."}})

    assert said.reported == []


@pytest.mark.parametrize(
    ("event", "payload", "came"),
    [
        ("offer", {"offer": OFFER, "id": "m"}, ("description", OFFER, "m")),
        ("answer", {"answer": ANSWER, "id": "m"}, ("description", ANSWER, "m")),
        ("description", {"description": ANSWER}, ("description", ANSWER, None)),
        (
            "ice_candidate",
            {"candidate": {"candidate": "c"}, "id": "m"},
            ("candidate", {"candidate": "c"}, "m"),
        ),
        ("ice_candidate", {"candidate": None, "id": "m"}, ("candidate", None, "m")),
        ("request_offer", {"from": "bob"}, ("offer requested",)),
    ],
)
def test_what_comes_reaches_whom_it_is_for_and_is_reported(
    event: str, payload: dict[str, Any], came: tuple[Any, ...]
) -> None:
    said = Signaled()

    said.signaling.receive(event, payload, 12.5)

    step = {"type": "step", "step": "received", "peer": "bob", "event": event}
    assert said.came == [came]
    assert said.reported == [{**step, "message": payload.get("id"), "at": 12.5}]


def test_nobody_has_to_listen() -> None:
    reported: list[dict[str, Any]] = []
    signaling = PeerSignaling(
        "demo",
        "bob",
        session="now",
        post=lambda *_sent: None,
        report=reported.append,
        flush_reports=lambda: None,
        clock=NegotiationClock(),
    )

    for event, payload in (
        ("offer", {"offer": OFFER}),
        ("ice_candidate", {"candidate": None}),
        ("request_offer", {}),
    ):
        signaling.receive(event, payload, 1.0)

    assert len(reported) == 3
