"""What a recording has of what Python saw: changes of traits, and messages."""

from __future__ import annotations

import base64
from typing import Any, cast

import numpy as np
import pytest

from rtc_widget.recording.capture.event_filter import EventFilter
from rtc_widget.recording.capture.member_log import MemberLog
from rtc_widget.room.participants import Participants
from rtc_widget.room.room_state import assign
from tests.support.captures import FakeRoomMember
from tests.support.fakes import participant


class FakeFolder:
    """Keeps the lines."""

    def __init__(self) -> None:
        self.seconds = 1.23456
        self.lines: list[tuple[str, dict[str, Any]]] = []
        self.whose: list[str | None] = []

    def write_line_of(self, participant: str | None, name: str, value: dict[str, Any]) -> None:
        self.whose.append(participant)
        self.lines.append((name, value))


class Logged:
    """A log of a member, and what it has written."""

    def __init__(self, *, private: bool = False) -> None:
        self.member, self.folder = FakeRoomMember(), FakeFolder()
        self.ada = participant("Ada")
        self.member.participants = Participants([self.ada])
        self.log = MemberLog(cast("Any", self.member), cast("Any", self.folder), EventFilter(private))

    def traits(self) -> list[tuple[str | None, str, Any]]:
        """Take out whose trait has become what."""
        lines, self.folder.lines = self.folder.lines, []
        return [
            (line["participant"], line["name"], line["value"]) for name, line in lines if name == "traits"
        ]

    def say(self, data: Any) -> dict[str, Any]:
        """Let Ada send a message; return its line."""
        for tap in self.member.taps:
            tap(data, "ada", "eve")
        name, line = self.folder.lines[-1]
        assert name == "messages"
        return line


@pytest.fixture
def logged() -> Logged:
    return Logged()


def test_the_present_values_come_first_with_their_time(logged: Logged) -> None:
    assert {line["time"] for _name, line in logged.folder.lines} == {1.235}
    written = logged.traits()
    assert written[:2] == [(None, "state", "joined"), (None, "error", None)]
    assert ("ada", "name", "Ada") in written
    assert ("ada", "connection_state", "new") in written


def test_changes_are_written_of_oneself_and_of_whoever_is_here(logged: Logged) -> None:
    logged.traits()

    logged.member.state = "reconnecting"
    assign(logged.ada, audio=True, stats={"fps": 30})

    assert logged.traits() == [(None, "state", "reconnecting"), ("ada", "audio", True)]


def test_whose_a_line_is_is_known(logged: Logged) -> None:
    logged.folder.whose.clear()

    logged.say("hello")
    logged.member.state = "reconnecting"
    assign(logged.ada, audio=True)

    assert logged.folder.whose == ["ada", None, "ada"]


def test_who_comes_later_is_written_once_and_followed_also_after_leaving(logged: Logged) -> None:
    bob, eve = participant("Bob"), participant("Eve")
    logged.traits()

    logged.member.participants = Participants([logged.ada, bob])
    logged.member.me = eve
    begun = logged.traits()
    logged.member.participants = Participants([logged.ada])
    assign(bob, connection_state="closed")
    logged.member.participants = Participants([logged.ada, bob])

    assert {key for key, _name, _value in begun} == {"bob", "eve"}
    assert logged.traits() == [("bob", "connection_state", "closed")]


def test_after_the_end_nothing_is_written(logged: Logged) -> None:
    logged.log.close()
    logged.log.close()
    logged.traits()

    logged.member.state = "left"
    assign(logged.ada, audio=True)
    logged.member.participants = Participants([participant("Bob")])

    assert logged.traits() == []
    assert logged.member.taps == []


@pytest.mark.parametrize("data", ["hello", 7, 0.5, True, None, [1, "a"], {"x": {"y": []}}])
def test_a_message_is_written_as_it_is(logged: Logged, data: Any) -> None:
    assert logged.say(data) == {"time": 1.235, "from": "ada", "to": "eve", "data": data}


@pytest.mark.parametrize("size", [0, 16 * 1024, 16 * 1024 + 1])
def test_of_large_bytes_only_the_length_is_written(logged: Logged, size: int) -> None:
    line = logged.say(b"x" * size)

    assert line["bytes"] == size
    assert "data" not in line
    if size <= 16 * 1024:
        assert base64.b64decode(line["base64"]) == b"x" * size
    else:
        assert "base64" not in line


def test_of_an_array_only_the_length_is_written(logged: Logged) -> None:
    line = logged.say(np.zeros((4, 4), np.uint8))

    assert line == {"time": 1.235, "from": "ada", "to": "eve", "bytes": 16}


def test_addresses_in_messages_and_traits_become_placeholders() -> None:
    logged = Logged(private=True)

    said = logged.say({"my address": ["192.0.2.7"]})
    logged.member.error = {"code": "timeout", "message": "192.0.2.7 does not answer"}

    assert "192.0.2.7" not in str(said)
    assert said["data"]["my address"] != []
    assert "192.0.2.7" not in str(logged.traits())
