"""Watching, holding and breaking a real negotiation of two Python peers, from a widget that no browser shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget import RoomWidget, check
from rtc_widget.errors import InvalidArgumentError, ProtocolError
from tests.support.peers import Peers
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def desk(peers: Peers) -> Iterator[RoomWidget]:
    """A teacher's widget in the peers' room."""
    widget = RoomWidget(peers.room, name="Teacher", relay=peers.relay)
    yield widget
    widget.close()


def happens(desk: RoomWidget, what: str, *types: str, timeout: float = 5, **data: Any) -> Any:
    """Wait until an event of these types and data is in the trace."""

    def found() -> Any:
        return desk.trace.filter(
            *types, where=lambda event: all(event.data.get(key) == value for key, value in data.items())
        )

    return wait_until(found, timeout, what)


def test_the_trace_has_both_sides_of_a_negotiation_in_the_order_in_which_it_happened(desk, peers):
    peers.pair()
    happens(desk, "both data channels open", "channel", value="open")
    wait_until(lambda: len(desk.trace.filter("channel")) == 2, 30, "both data channels")
    wait_until(lambda: len(desk.trace.messages()) == 2, 30, "offer and answer")

    trace = desk.trace
    offer, answer = trace.messages()[:2]
    steps = [
        (trace.name_of(event.participant), str(event))
        for event in trace.filter(
            "createOffer", "setLocalDescription", "setRemoteDescription", "createAnswer"
        )
    ]
    assert steps == [
        ("Ada", "createOffer"),
        ("Ada", "setLocalDescription offer"),
        ("Bob", "setRemoteDescription offer"),
        ("Bob", "createAnswer"),
        ("Bob", "setLocalDescription answer"),
        ("Ada", "setRemoteDescription answer"),
    ]
    assert [offer.kind, answer.kind] == ["offer", "answer"]
    assert offer.sdp.startswith("v=0")
    wait_until(lambda: all(event.error < 0.1 for event in desk.trace), 30, "both clocks compared")
    assert trace.by("Ada").filter("join")[0].data["kind"] == "python"


def test_the_trace_knows_who_was_there_before_the_widget(peers):
    ada = peers("Ada")
    ada.wait_for("joined")
    with_late_widget = RoomWidget(peers.room, relay=peers.relay)
    try:
        wait_until(lambda: with_late_widget.trace.filter("join"), 30, "Ada's joining")
        assert with_late_widget.trace.by("Ada")
        ada.close()
        wait_until(lambda: with_late_widget.trace.filter("leave"), 30, "Ada's leaving")
    finally:
        with_late_widget.close()


def test_stats_are_there_for_each_connection_and_direction(desk, peers):
    ada, _bob = peers.pair(source="pattern")
    ada.unmute(video=True)

    wait_until(lambda: len(desk.stats.by("Bob")) > 1, 30, "two measurements of Bob's")

    assert desk.stats.by("Bob")[-1].data["bitrate"] > 0
    assert not desk.trace.filter("stats")


def test_a_paused_negotiation_goes_on_message_by_message(desk, peers):
    desk.pause()
    ada = peers("Ada")
    ada.wait_for("joined", 30)  # first, so that the offer is Ada's
    bob = peers("Bob")

    offer = wait_until(lambda: desk.held, 30, "the offer at the relay")[0]
    assert (offer.kind, offer.sender, offer.to) == ("offer", "Ada", "Bob")
    assert bob.participants["Ada"].connection_state == "new"
    desk.step()
    answer = wait_until(lambda: desk.held, 30, "the answer at the relay")[0]
    assert repr(answer) == "<answer of Bob to Ada>"
    desk.release(answer)
    ada.wait_for("connected")

    desk.resume()
    assert not desk.paused
    assert not desk.held


def test_a_breakpoint_stops_at_the_answer_and_the_diagram_says_who_waits(desk, peers):
    desk.break_on("answer", to="Ada")
    # Who was there before offers.
    peers("Ada").wait_for("joined")
    peers("Bob")

    wait_until(lambda: desk.held, 30, "the answer at the relay")

    assert desk.paused
    assert [each.kind for each in desk.held] == ["answer"]
    happens(desk, "the offer at Bob", "setRemoteDescription")
    wait_until(lambda: "Ada waits" in desk.trace.diagram().text, 30, "who waits, in the diagram")
    desk.resume()


def test_a_dropped_answer_leaves_the_offerer_waiting_and_is_in_the_trace(desk, peers):
    desk.fault.drop("answer", count=1)
    ada = peers("Ada")
    ada.wait_for("joined")
    peers("Bob")

    happens(desk, "the answer's loss", "dropped", event="answer")

    state = lambda: ada.participants["Bob"].signaling_state  # noqa: E731
    wait_until(lambda: state() == "have-local-offer", 30, "Ada waiting for the answer")
    wait_until(lambda: not desk.fault, 30, "the fault's end")
    assert [message.fate for message in desk.trace.messages() if message.kind == "answer"] == [("dropped",)]


def test_faults_are_listed_while_they_last_and_cleared_one_by_one_or_all(desk):
    desk.fault.drop("offer", to="Bob", count=2)
    desk.fault.delay("answer", 0.5, sender="Bob", probability=0.5, seed=3)
    desk.fault.turn_only()
    desk.fault.glare("Ada", "Bob")

    assert [repr(each) for each in desk.fault] == [
        "<drop offer to Bob 2 more; 0 so far>",
        "<delay 0.5 s answer of Bob with probability 0.5, seed 3; 0 so far>",
        "<no candidates host srflx prflx; 0 so far>",
        "<glare of Ada and Bob; 0 so far>",
    ]
    desk.fault.clear(desk.fault[0])
    assert len(desk.fault) == 3
    desk.fault.clear()
    assert repr(desk.fault) == "no active faults"


def test_garbled_offers_are_refused_by_their_receiver_who_says_so(desk, peers):
    desk.fault.corrupt("offer", count=1)
    peers("Ada")
    peers("Bob")

    happens(desk, "the receiver's failure", "failed", operation="setRemoteDescription")


def test_a_relay_that_was_down_is_back_and_the_call_never_broke(desk, peers):
    ada, bob = peers.pair()

    desk.fault.relay_down(0.5)

    ada.wait_for("reconnecting")
    ada.wait_for("joined", 30)
    bob.wait_for("joined", 30)
    ada.wait_for("connected")
    assert not desk.trace.filter("leave")
    states = desk.trace.filter("state", where=lambda event: event.data["value"] in ("disconnected", "closed"))
    assert not states


def test_what_a_closed_widget_held_goes_on(desk, peers):
    second = RoomWidget(peers.room, relay=peers.relay)
    second.pause()
    ada = peers("Ada")
    ada.wait_for("joined")
    peers("Bob")
    wait_until(lambda: desk.held, 30, "the offer at the relay")

    second.close()

    ada.wait_for("connected")
    assert happens(desk, "the lease's end", "control", reason="lease")


def test_what_one_widget_broke_outlasts_another_ones_leaving(desk, peers):
    other = RoomWidget(peers.room, relay=peers.relay)
    other.break_on("answer")
    desk.pause()
    desk.fault.drop("answer")

    other.leave()

    wait_until(lambda: not desk.breaks, 30, "the end of the other one's breakpoint")
    assert desk.paused
    assert [each.action for each in desk.fault] == ["drop"]
    desk.leave()
    wait_until(lambda: not desk.paused and not desk.fault, 30, "the end of its own")
    other.close()


def test_a_breakpoint_is_listed_until_it_is_met_or_taken_away(desk):
    desk.break_on("answer", to="Bob")

    assert repr(desk.breaks) == "(<break on answer to Bob>,)"
    desk.resume()
    assert desk.breaks == ()


def test_a_report_of_a_students_own_making_breaks_neither_trace_nor_diagram_nor_file(desk, peers, tmp_path):
    log = desk._control._log
    wait_until(lambda: log.trace() is not None, 30, "the log")
    entries = [
        {"type": "state", "at": 1e12, "name": ["x"], "value": {}},
        {"type": "state", "at": float("nan"), "name": "signaling_state", "value": "stable"},
        {"type": "pair", "at": 1e12, "pairs": [[], {"local": {}}], "local": ["host"]},
        {"type": "clock", "at": 1e12, "offset": float("inf"), "error": 1},
        {"type": "error", "at": 1e12, "message": "x" * 100_000},
    ]

    log.apply("report", {"from": "student", "entries": entries})

    assert desk.trace.diagram().html
    assert "x" * 600 not in str([event.data for event in desk.trace])
    desk.trace.save(tmp_path / "trace.jsonl")


def test_the_end_of_a_pause_that_nobody_was_told_of_is_in_the_trace(desk, peers):
    desk.pause()
    peers("Ada")
    peers("Bob")
    wait_until(lambda: desk.held, 30, "the offer at the relay")
    log = desk._control._log
    watched = {"participants": [], "time": log.trace()[-1].time * 1000 + 1}

    log.snapshot(watched, {"paused": False, "held": [], "breaks": [], "faults": []})

    assert not any(message.waits for message in log.trace().messages())
    assert log.trace().filter("control")[-1].data["reason"] == "lease"


def test_a_clock_that_was_set_is_believed_anew(desk):
    log = desk._control._log
    entry = {"type": "error", "at": 1_000_000.0, "message": "x"}
    log.apply(
        "report", {"from": "a", "entries": [{"type": "clock", "at": 1.0, "offset": 0, "error": 0.2}, entry]}
    )

    log.apply(
        "report", {"from": "a", "entries": [{"type": "clock", "at": 1.0, "offset": 3_600_000, "error": 1}]}
    )

    assert log.trace().filter("error")[0].time == pytest.approx(4_600)


def test_a_students_token_sees_reports_but_holds_and_traces_nothing(peers):
    token = peers.relay.token(peers.room)
    student = RoomWidget(peers.room, relay=peers.relay.url, token=token)
    try:
        peers.pair()
        wait_until(lambda: student.trace.filter("setLocalDescription"), 30, "a reported step")
        assert not student.trace.filter("arrived")
        with pytest.raises(ProtocolError) as refused:
            student.pause()
        assert refused.value.code == "forbidden"
    finally:
        student.close()


@pytest.mark.parametrize(
    ("wish", "error", "code"),
    [
        (lambda desk: desk.step(timeout=0.1), ProtocolError, "nothing_held"),
        (lambda desk: desk.release("x"), ProtocolError, "nothing_held"),
        (lambda desk: desk.break_on("letter"), InvalidArgumentError, "bad_argument"),
        (lambda desk: desk.fault.drop("letter"), InvalidArgumentError, "bad_argument"),
        (lambda desk: desk.fault.drop(probability=2), InvalidArgumentError, "bad_argument"),
        (lambda desk: desk.fault.drop(count=0), InvalidArgumentError, "bad_argument"),
        (lambda desk: desk.fault.drop(to=["Bob"]), InvalidArgumentError, "bad_argument"),
        (lambda desk: desk.fault.delay("offer", -1), InvalidArgumentError, "bad_argument"),
        (lambda desk: desk.fault.glare(), InvalidArgumentError, "bad_argument"),
        (lambda desk: desk.fault.no_candidates(), InvalidArgumentError, "bad_argument"),
        (lambda desk: desk.fault.no_candidates("hosts"), InvalidArgumentError, "bad_argument"),
        (lambda desk: desk.fault.relay_down(1000), InvalidArgumentError, "bad_argument"),
        (lambda desk: desk.fault.clear("f9"), InvalidArgumentError, "bad_argument"),
        (lambda desk: desk.trace.filter("letters"), InvalidArgumentError, "bad_argument"),
        (lambda desk: desk.trace.by("Nobody"), InvalidArgumentError, "unknown_participant"),
    ],
)
def test_a_wish_that_makes_no_sense_is_an_error_that_says_so(desk, wish, error, code):
    with pytest.raises(error) as refused:
        wish(desk)

    assert refused.value.code == code


def test_a_closed_widget_refuses_to_pause_but_its_trace_stays(peers):
    widget = RoomWidget(peers.room, relay=peers.relay)
    peers("Ada")
    wait_until(lambda: widget.trace.filter("join"), 30, "Ada's joining")
    widget.close()

    assert widget.trace.filter("join")
    with pytest.raises(Exception, match="closed"):
        widget.pause()


def test_the_panel_is_drawn_for_who_looks_and_only_when_something_has_happened(desk, peers, monkeypatch):
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(
        desk._control._diagram, "_send", lambda message, to: sent.append({**message, "to": to})
    )

    desk._channel.receive(desk, {"kind": "panel", "client_id": "tab", "action": "open"}, [])
    wait_until(lambda: sent, 30, "the first drawing")
    peers.pair()

    wait_until(lambda: "Ada" in sent[-1]["html"] and "connected" in sent[-1]["html"], 30, "Ada in the panel")
    assert sent[-1]["to"] == "tab"
    desk._channel.receive(desk, {"kind": "panel", "client_id": "tab", "action": "shut"}, [])
    wait_until(lambda: not desk._control._diagram._leases, 30, "the panel's end")


def test_the_panels_buttons_do_what_the_methods_do(desk, peers, monkeypatch):
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(desk._channel, "_send", lambda content, _buffers: told.append(content))

    def press(**content: Any) -> None:
        desk._channel.receive(desk, {"kind": "panel", "client_id": "tab", **content}, [])

    press(action="pause")
    wait_until(lambda: desk.paused, 30, "the pause")
    peers("Ada")
    peers("Bob")
    held = wait_until(lambda: desk.held, 30, "the offer")[0]
    press(action="release", messages=[held.id])
    wait_until(lambda: [each.kind for each in desk.held] == ["answer"], 30, "the answer")
    press(action="step")
    wait_until(lambda: not desk.held, 30, "nothing held")
    press(action="break_on", event="offer")
    wait_until(lambda: repr(desk.breaks) == "(<break on offer>,)", 30, "the breakpoint")
    press(action="step")
    wait_until(
        lambda: [each for each in told if each.get("error", {}).get("code") == "nothing_held"],
        30,
        "a refusal",
    )
    press(action="resume")
    wait_until(lambda: not desk.paused, 30, "the end of the pause")


def test_the_overview_says_who_is_connected_to_whom_and_how_well(desk, peers):
    ada, _bob = peers.pair(source="pattern")
    ada.unmute(video=True)
    wait_until(lambda: desk.overview()["Ada", "Bob"].bitrate, 30, "a measurement")
    desk.pause()
    carol = peers("Carol")
    carol.wait_for("joined")
    wait_until(lambda: len(desk.held) == 2, 30, "the offers to Carol")

    room = desk.overview()

    assert room.names == ("Ada", "Bob", "Carol")
    assert room["Ada", "Bob"].heading == room["Bob", "Ada"].heading == "✓ host"
    assert "kbit/s" in room["Ada", "Bob"].details
    assert (room["Ada", "Carol"].heading, room["Ada", "Carol"].details) == ("held 1", "offer")
    assert room["Carol", "Ada"].connection_state == "new"


def test_who_is_removed_is_out_of_the_call_and_does_not_return(desk, peers):
    ada, bob = peers.pair()
    wait_until(lambda: len(desk.participants) == 2, 30, "both")

    desk.remove("Bob", revoke=True)

    wait_until(lambda: bob.state == "left", 30, "Bob's end")
    assert bob.error["code"] == "removed"
    wait_until(lambda: [each.name for each in desk.participants] == ["Ada"], 30, "Ada alone")
    assert not ada.participants
    with pytest.raises(InvalidArgumentError, match="unknown_participant"):
        desk.remove("Bob")


def test_exercise_2_1_can_be_done(desk, peers):
    peers.pair()
    wait_until(lambda: len(desk.participants) == 2, 30, "both")
    desk.pause()
    peers("Carol")
    offer = ("offer", "Ada", "Carol")
    desk.wait_for(lambda _: any((each.kind, each.sender, each.to) == offer for each in desk.held))

    desk.release(next(each for each in desk.held if (each.kind, each.sender, each.to) == offer))

    wait_until(lambda: check("2.1", desk), 30, "the answer that waits")
