"""Integers that no float can hold cost only the field that they are in; and how things are, out of a log of any length."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.protocol.validate import check
from rtc_widget.recording import json_lines
from rtc_widget.recording.capture.event_filter import EventFilter
from rtc_widget.recording.finalize.event_log import plausible
from rtc_widget.trace import event_log
from rtc_widget.trace.event_log import EventLog
from rtc_widget.trace.events import Event
from rtc_widget.trace.io.values import moment
from rtc_widget.trace.trace import Trace
from tests.support.fakes import entry

if TYPE_CHECKING:
    from pathlib import Path

LONG = 10**400
GOOD = {"type": "state", "at": 2.0, "name": "connection_state", "value": "connected"}


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "pair", "at": 1.0, "rtt": LONG},
        {"type": "pair", "at": 1.0, "pairs": [{"rtt": LONG, "nominated": True}]},
        {"type": "stats", "at": 1.0, "rtt": LONG},
        {"type": "state", "at": LONG},
        {"type": "clock", "at": 1.0, "offset": LONG, "error": 1},
        {"type": "clock", "at": 1.0, "offset": 1, "error": -LONG},
    ],
)
def test_in_a_report_it_costs_its_field(entry: dict[str, Any]) -> None:
    log = EventLog("demo")
    report = check("report", json.loads(json.dumps({"roomId": "demo", "entries": [entry, GOOD]})))

    log.apply("report", {**report, "from": "a1"})

    events = [*log.trace(), *log.stats()]
    assert "connected" in [event.data.get("value") for event in events]
    assert str(LONG) not in str([event.data for event in events])


def test_in_a_recording_it_costs_its_field(tmp_path: Path) -> None:
    entries = [{"type": "pair", "at": 1.0, "rtt": LONG}, GOOD]
    heard = EventFilter(private=True).event("report", {"from": "a1", "entries": entries})
    path = tmp_path / "heard.jsonl"
    path.write_text(json.dumps({"event": "report", "payload": heard}) + "\n")
    log = EventLog("demo")
    problems: list[str] = []

    lines = json_lines.read_file(path, problems, lambda line: log.apply(line["event"], line["payload"]))

    assert len([*lines]) == 1
    assert problems == []
    assert [(event.type, "rtt" in event.data) for event in log.trace()] == [("pair", False), ("state", False)]


def test_it_is_no_time() -> None:
    for value in (LONG, -LONG, True):
        with pytest.raises(ValueError, match="no time"):
            moment(value)
    problems: list[str] = []
    assert len(plausible(Trace([Event(LONG, "a1", "join")], names={}), problems)) == 0
    assert "1 events have an impossible time" in problems[0]


@pytest.mark.parametrize("offset", [-17.0, 0.0, 17.0])
def test_a_part_that_begins_where_somebody_began_has_what_came_of_it_however_wrong_the_clock(
    offset: float,
) -> None:
    log = log_of("ada", "bob")
    log.apply(
        "report", {"from": "ada", "entries": [{"type": "clock", "at": 0.0, "offset": offset, "error": 17.0}]}
    )
    steps = ("restartIce", "createOffer", "setLocalDescription", "sent")
    for at, step in enumerate(steps, 5000):
        report(log, "ada", "bob", "step", step=step, at=at, **({"message": "m1"} if step == "sent" else {}))
    ends = {"id": "m1", "from": "ada", "to": "bob", "event": "offer", "content": {}}
    for at, stage in enumerate(("arrived", "forwarded"), 5004):
        log.apply("signal", {"entries": [{"at": float(at), "stage": stage, **ends}]})
    trace = log.trace()

    since = trace[[event.type for event in trace].index("restartIce") :]

    assert [event.type for event in since] == [*steps, "arrived", "forwarded"]
    assert [message.kind for message in since.messages()] == ["offer"]


# -- how things are: what the live overview is made of


def log_of(*people: str) -> EventLog:
    """Return the log of a room with these people in it."""
    log = EventLog("demo")
    for order, key in enumerate(people, 1):
        log.apply("user_joined", {**entry(key, order), "at": order * 1000.0})
    return log


def report(log: EventLog, sender: str, peer: str, kind: str, /, **fields: Any) -> None:
    """Let somebody report something of a connection."""
    log.apply("report", {"from": sender, "entries": [{"type": kind, "at": 5000.0, "peer": peer, **fields}]})


def test_what_was_reported_long_ago_and_still_holds_is_in_it_once() -> None:
    log = log_of("ada", "bob")
    for value in ("connecting", "connected"):
        report(log, "ada", "bob", "state", name="connection_state", value=value)
    report(log, "ada", "bob", "state", name="signaling_state", value="stable")
    report(log, "ada", "bob", "pair", local="host", remote="host")
    for number in range(50):
        report(log, "ada", "bob", "step", step="gathered", kind=str(number))
        report(log, "ada", "bob", "stats", bitrate=number)

    events, measured = log.present(2)

    assert [str(event) for event in events.filter("state", "pair")] == [
        "state connection_state connected",
        "state signaling_state stable",
        "pair host ↔ host",
    ]
    assert [event.data["kind"] for event in events.filter("gathered")] == ["48", "49"]
    assert [event.participant for event in events.filter("join")] == ["ada", "bob"]
    assert [event.data["bitrate"] for event in measured] == [49]


def test_the_newest_events_begin_with_how_things_were_then_and_not_now() -> None:
    log = EventLog("demo", newest=2)
    for order, key in enumerate(("ada", "bob"), 1):
        log.apply("user_joined", {**entry(key, order), "at": order * 1000.0})
    for value in ("have-local-offer", "stable"):
        report(log, "ada", "bob", "state", name="signaling_state", value=value)
    report(log, "ada", "bob", "step", step="setRemoteDescription", kind="answer")
    report(log, "ada", "bob", "state", name="signaling_state", value="have-remote-offer")

    recent = log.recent()

    assert log.older == 4
    assert [event.data.get("value", event.type) for event in recent.before] == ["stable"]
    assert [event.type for event in recent] == ["join", "join", "setRemoteDescription", "state"]
    assert "have-local-offer" not in recent.diagram().text


def test_it_has_nothing_of_who_has_left_or_never_was_there() -> None:
    log = log_of("ada", "bob")
    for peer in ("bob", "nobody"):
        report(log, "ada", peer, "state", name="connection_state", value="connected")
    log.apply("user_left", {"socketId": "bob", "reason": "left", "at": 9000.0})

    events, _measured = log.present(0)

    assert [(event.type, event.participant) for event in events] == [("join", "ada")]


def test_who_reports_of_people_and_states_that_do_not_exist_makes_nobody_keep_or_wait_for_them() -> None:
    log = log_of("ada", "bob")
    for number in range(1000):
        report(log, "ada", f"stranger {number}", "state", name="connection_state", value="connected")
        report(log, "ada", "bob", "state", name=f"state {number}", value="connected")

    before, measured = log.present(0)

    assert len(before.filter("state")) == 0
    assert len(measured) == 0
    log.settle()  # at once
    assert log._half_told.remaining(0.0) == 0.0


def test_equal_names_of_people_who_are_there_at_once_are_told_apart_wherever_the_trace_shows_them() -> None:
    log = EventLog("demo")

    def joins(key: str, order: int) -> None:
        log.apply("user_joined", {**entry(key, order), "name": "Ada", "at": 1_000.0 * order})

    joins("a1", 1)
    joins("a2", 2)
    log.apply("user_left", {"socketId": "a1", "at": 3_000.0})
    joins("a3", 4)
    joins("a2", 5)

    trace = log.trace()
    assert trace.names == {"a1": "Ada", "a2": "Ada (2)", "a3": "Ada"}
    assert [event.participant for event in trace.by("Ada (2)")] == ["a2", "a2"]
    assert "Ada (2)" in str(trace)


def test_who_has_outstayed_another_of_the_same_name_is_called_as_in_the_tiles() -> None:
    log = EventLog("demo")
    for order, key in ((1, "a1"), (2, "a2")):
        log.apply("user_joined", {**entry(key, order), "name": "Ada", "at": 1_000.0 * order})
    log.apply("user_left", {"socketId": "a1", "at": 3_000.0})

    assert log.trace().names["a2"] == "Ada"
    assert {event.participant for event in log.trace().by("Ada")} == {"a2"}
    log.apply("user_joined", {**entry("a3", 4), "name": "Ada", "at": 4_000.0})

    for trace in (log.trace(), log.recent(), log.present(0)[0]):
        assert {key: trace.names[key] for key in ("a2", "a3")} == {"a2": "Ada", "a3": "Ada (2)"}
    assert repr(log.trace()).endswith("Ada (earlier), Ada, Ada (2)>")
    # A recording tells of them as they were called when they were there.
    assert log.trace(as_then=True).names == {"a1": "Ada", "a2": "Ada (2)", "a3": "Ada"}


def test_who_comes_back_to_a_name_that_was_taken_meanwhile_gets_a_number() -> None:
    log = EventLog("demo")
    for order, (event, key) in enumerate(
        [("user_joined", "a1"), ("user_left", "a1"), ("user_joined", "a2"), ("user_joined", "a1")], 1
    ):
        log.apply(event, {**entry(key, order), "name": "Ada", "at": 1_000.0 * order})

    assert log.names == {"a1": "Ada (2)", "a2": "Ada"}


def test_who_comes_back_with_another_name_has_that_though_the_old_one_looks_numbered() -> None:
    log = EventLog("demo")
    for order, name in enumerate(["Ada (Python)", "Ada"], 1):
        log.apply("user_joined", {**entry("a1", order), "name": name, "at": 1_000.0 * order})

    assert log.names == {"a1": "Ada"}


# -- one who reports and sends without end


def test_who_reports_without_end_pushes_nothing_of_the_others_out(monkeypatch: pytest.MonkeyPatch) -> None:
    # A tenth of what a log holds shows it, too.
    monkeypatch.setattr(event_log, "_MAX_BYTES", event_log._MAX_BYTES // 10)
    monkeypatch.setattr(event_log, "_MAX_STATS", event_log._MAX_STATS // 10)
    log = log_of("ada", "bob", "cy")
    report(log, "bob", "cy", "step", step="gathered", kind="of Bob")
    report(log, "bob", "cy", "stats", bitrate=1)
    signal = {"id": "m1", "stage": "arrived", "at": 6000.0, "from": "bob", "to": "cy", "event": "offer"}
    log.apply("signal", {"entries": [signal]})
    large = {f"field {number}": "x" * 500 for number in range(20)}
    for number in range(800):
        report(log, "ada", "bob", "step", step="gathered", number=number, **large)
        log.apply("signal", {"entries": [{**signal, "id": f"a{number}", "from": "ada", "content": large}]})
    for number in range(2_100):
        report(log, "ada", "bob", "stats", bitrate=number)

    trace, stats = log.trace(), log._trace_of(list(log._stats), {}, {})

    assert log.count < 1_600  # Ada's own are what was dropped.
    assert [event.participant for event in trace.filter("join")] == ["bob", "cy"]
    assert [event.data["kind"] for event in trace.filter("gathered") if event.participant == "bob"] == [
        "of Bob"
    ]
    assert [event.message for event in trace if event.data.get("from") == "bob"] == ["m1"]
    assert [event.data["bitrate"] for event in stats if event.participant == "bob"] == [1]


def test_what_is_reported_of_nobody_and_of_no_state_is_not_kept_as_what_holds() -> None:
    log = EventLog("demo", newest=2)
    for order, key in enumerate(("ada", "bob"), 1):
        log.apply("user_joined", {**entry(key, order), "at": order * 1000.0})
    for number in range(1000):
        report(log, "ada", f"stranger {number}", "state", name="signaling_state", value="stable")
        report(log, "ada", f"stranger {number}", "step", step="setLocalDescription", kind="offer")
        report(log, "ada", "bob", "state", name=f"state {number}", value="stable")
    report(log, "ada", "bob", "state", name="signaling_state", value="stable")
    for _ in range(2):
        report(log, "ada", "bob", "step", step="gathered", kind="host")
    assert [event.data["value"] for event in log.recent().before] == ["stable"]


def test_who_was_in_the_room_long_before_is_said_to_have_been_there_and_who_came_just_now_joins() -> None:
    assert were_here(EventLog("demo")) == {"ada": True, "bob": False, "eve": False, "zoe": False}


def test_in_a_recording_whoever_was_in_the_room_as_it_began_is_said_to_have_been_there() -> None:
    assert were_here(EventLog("demo", recorded=True)) == {
        "ada": True,
        "bob": True,
        "eve": False,
        "zoe": False,
    }


def were_here(log: EventLog) -> dict[str, bool]:
    """Watch a room in which Ada is for ten seconds and Bob for one; Eve comes then, and Zoe while nobody watches."""
    control = {"held": [], "paused": False, "breaks": [], "faults": []}
    people = [entry("ada", 90_000), entry("bob", 99_000)]
    log.snapshot({"time": 100_000.0, "participants": people}, control)
    log.apply("user_joined", {**entry("eve", 101_000), "at": 101_000.0})
    people += [entry("eve", 101_000), entry("zoe", 102_000)]
    log.snapshot({"time": 110_000.0, "participants": people}, control)
    return {event.participant: event.data.get("here", False) for event in log.trace().filter("join")}


def test_a_state_that_is_told_again_for_somebody_who_begins_to_watch_is_no_news() -> None:
    log = log_of("ada", "bob")
    for value in ("connecting", "connected", "connected", "disconnected", "connected"):
        report(log, "ada", "bob", "state", name="connection_state", value=value)

    told = [event.data["value"] for event in log.trace().filter("state")]
    assert told == ["connecting", "connected", "disconnected", "connected"]
