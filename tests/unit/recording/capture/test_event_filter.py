"""What is written down of what the relay tells."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rtc_widget.recording.capture.event_filter import EventFilter
from tests.support.fakes import entry

SDP = "v=0\r\nc=IN IP4 192.0.2.7\r\na=ice-pwd:verysecretpassword123456\r\n"


def test_of_a_participant_only_what_the_roster_shows_is_kept() -> None:
    kept = EventFilter(True).event("user_joined", entry("ada", 1, owner="widget", secret="s"))

    assert kept is not None
    assert {"session", "caps", "owner", "secret"}.isdisjoint(kept)
    assert (kept["socketId"], kept["name"], kept["order"]) == ("ada", "Ada", 1)


def test_of_what_a_client_can_only_whether_it_records_itself_is_kept() -> None:
    entries = [entry("ada", 1, caps={"records": True, "rollback": True}), entry("bob", 2, caps={"x": True})]

    kept = EventFilter(True).snapshot({"participants": entries, "time": 7.0})["participants"]

    assert [each.get("caps") for each in kept] == [{"records": True}, None]


def test_a_snapshot_has_the_roster_the_control_and_the_time() -> None:
    watched = {
        "participants": [entry("ada", 1, owner="widget")],
        "control": {"paused": True},
        "time": 7.0,
        "ok": True,
    }

    kept = EventFilter(True).snapshot(watched)

    assert set(kept) == {"participants", "control", "time"}
    assert "owner" not in kept["participants"][0]
    assert kept["control"] == {"paused": True}


def test_of_reports_only_what_traces_show_is_kept() -> None:
    entries = [{"type": "devices", "cameras": ["Ada's"]}, {"type": "step", "step": "createOffer"}]

    kept = EventFilter(True).event("report", {"from": "ada", "entries": entries})

    assert kept == {"from": "ada", "entries": [{"type": "step", "step": "createOffer"}]}
    assert EventFilter(True).event("report", {"from": "ada", "entries": entries[:1]}) is None


@pytest.mark.parametrize("event", ["recording", "removed", "received", "of a later version"])
def test_what_no_trace_shows_is_not_kept(event: str) -> None:
    assert EventFilter(False).event(event, {"anything": 1}) is None


def test_a_private_recording_has_placeholders_and_the_same_for_the_same() -> None:
    plain = EventFilter(True)
    payload = {"entries": [{"content": {"type": "offer", "sdp": SDP}, "address": "192.0.2.7", "port": 5}]}

    kept: Any = plain.event("signal", payload)
    again: Any = plain.event("signal", payload)

    assert kept == again
    assert "192.0.2.7" not in str(kept)
    assert "verysecret" not in str(kept)
    assert kept["entries"][0]["port"] != 5


def test_one_that_is_not_private_keeps_them() -> None:
    payload = {"entries": [{"content": {"type": "offer", "sdp": SDP}, "address": "192.0.2.7"}]}

    assert EventFilter(False).event("signal", payload) == payload


def test_who_leaves_is_kept_without_whose_widget_it_was() -> None:
    assert EventFilter(True).event("user_left", {"socketId": "ada", "owner": "w"}) == {"socketId": "ada"}


def test_what_is_nested_without_end_has_an_end() -> None:
    deep: Any = "end"
    for _level in range(100):
        deep = {"a": [deep]}

    assert "…" in str(EventFilter(True).report(deep))
    assert "…" in str(EventFilter(False).text_values(deep))


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("p=0.05 is significant", "p=0.05 is significant"),
        ("two\r\nlines\n", "two\r\nlines\n"),
        ("at 192.0.2.7 or fe80::7", "at [address-1] or [address-2]"),
        ("x a=ice-pwd:hunter2", "x a=ice-pwd:[secret-1]"),
        ("token=hunter2, and credential=hunter2", "token=[secret-1], and credential=[secret-1]"),
    ],
)
def test_what_somebody_says_is_kept_but_for_what_is_private(said, kept):
    assert EventFilter(private=True).text_values(said) == kept
    assert EventFilter(private=False).text_values(said) == said


def test_nothing_private_that_a_participant_reports_is_written():
    planted = {
        "type": "step", "step": "gathered", "port": 4711, "address": "192.0.2.7", "password": "hunter2",
        "credential": "hunter2", "fingerprint": "AB:CD", "deviceId": "d3adb33f", "label": "Ada's webcam",
        "usernameFragment": "Kp3c", "message": "no way to turn:192.0.2.7 with a=ice-pwd:hunter2",
    }  # fmt: skip
    devices = {"type": "devices", "cameras": ["Ada's webcam"]}

    kept = EventFilter(private=True).event("report", {"from": "ada", "entries": [planted, devices]})

    assert [entry["step"] for entry in kept["entries"]] == ["gathered"]
    for secret in ("4711", "192.0.2.7", "hunter2", "AB:CD", "d3adb33f", "webcam", "Kp3c"):
        assert secret not in json.dumps(kept), secret
