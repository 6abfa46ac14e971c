"""How things are, out of a log of any length: what the live overview is made of."""

from __future__ import annotations

from typing import Any

from rtc_widget.trace.event_log import EventLog
from tests.support.fakes import entry


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
        "pair",
    ]
    assert [event.data["kind"] for event in events.filter("gathered")] == ["48", "49"]
    assert [event.participant for event in events.filter("join")] == ["ada", "bob"]
    assert [event.data["bitrate"] for event in measured] == [49]


def test_it_has_nothing_of_who_has_left_or_never_was_there() -> None:
    log = log_of("ada", "bob")
    for peer in ("bob", "nobody"):
        report(log, "ada", peer, "state", name="connection_state", value="connected")
    log.apply("user_left", {"socketId": "bob", "reason": "left", "at": 9000.0})

    events, _measured = log.present(0)

    assert [(event.type, event.participant) for event in events] == [("join", "ada")]
