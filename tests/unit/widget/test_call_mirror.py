"""Following a call: from the room's observer and the front ends to the widget's traits."""

from __future__ import annotations

from typing import Any, cast

import pytest
from traitlets import Dict

from rtc_widget.errors import RtcWidgetError
from rtc_widget.room.data_messages import encode
from rtc_widget.room.room_member import RoomMember
from rtc_widget.room.room_state import RoomState
from rtc_widget.runtime.waiters import Waiters
from rtc_widget.widget.call_mirror import CallEvents, CallMirror
from tests.support.fakes import entry, fake_threads

MINE = "widget"


class Widget(RoomMember):
    """The traits of a widget, without a front end."""

    room, name = "demo", "Me"
    devices = Dict(read_only=True)


class Part:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *_given: self.told.append(name)


class Mirrored:
    """A mirror, the widget that it sets, and what follows from its changes."""

    def __init__(self) -> None:
        self.widget = Widget()
        self.waiters: Waiters[Any] = Waiters(self.widget)
        self.recorder, self.summary = Part(), Part()
        self.happened: list[Any] = []
        self.own_reports: list[dict[str, Any]] = []
        self.mirror = CallMirror(
            self.widget,
            RoomState(MINE),
            fake_threads()[1],
            self.waiters,
            recorder=cast("Any", self.recorder),
            summary=cast("Any", self.summary),
            events=CallEvents(
                on_entered=lambda: self.happened.append("entered"),
                on_left=lambda: self.happened.append("left"),
                on_abandoned=lambda: self.happened.append("abandoned"),
                on_message=lambda data, sender: self.happened.append((data, sender)),
                on_reported=self.own_reports.append,
            ),
        )
        self.listener = self.mirror.listener()

    def watch(self, *entries: dict[str, Any]) -> None:
        """Let the relay say who is here."""
        self.listener.on_snapshot({"participants": list(entries), "recordings": []})

    def report(self, *entries: dict[str, Any], sender: str = "me") -> None:
        """Let a participant report something."""
        self.listener.on_event("report", {"from": sender, "entries": list(entries)})

    def phase(self, phase: object, *, unseen: bool = False) -> None:
        """Let a front end say where it stands."""
        self.mirror.receive_phase("tab", {"phase": phase, "unseen": unseen}, [])


@pytest.fixture
def call() -> Mirrored:
    return Mirrored()


def own(**said: Any) -> dict[str, Any]:
    return entry("me", 1, owner=MINE, **said)


def test_a_roster_becomes_state_me_and_participants(call: Mirrored) -> None:
    call.watch(own(), entry("ada", 2))

    assert call.widget.state == "joined"
    assert call.widget.me is not None
    assert call.widget.me.id == "me"
    assert [each.name for each in call.widget.participants] == ["Ada"]
    assert call.happened == ["entered"]


def test_coming_in_forgets_what_went_wrong_before(call: Mirrored) -> None:
    call.listener.on_failed(RtcWidgetError("relay_unreachable", "No relay answers."))
    assert call.widget.error == {"code": "relay_unreachable", "message": "No relay answers."}
    assert call.widget.state == "failed"

    call.watch(own())

    assert call.widget.error is None
    assert call.widget.state == "joined"


def test_a_relay_that_is_there_again_after_a_failure_leaves_the_widget_idle(call: Mirrored) -> None:
    call.listener.on_failed(RtcWidgetError("relay_unreachable", "No relay answers."))

    call.watch()

    assert call.widget.state == "idle"


def test_a_lost_relay_is_reconnecting_until_it_is_back(call: Mirrored) -> None:
    call.watch(own())

    call.listener.on_lost()
    assert call.widget.state == "reconnecting"
    call.watch(own())

    assert call.widget.state == "joined"


def test_who_has_not_come_back_to_a_new_relay_is_out_of_the_room_after_a_while(call: Mirrored) -> None:
    call.watch(own(), entry("ada", 2))
    call.watch(own())
    assert [each.name for each in call.widget.participants] == ["Ada"]

    call.mirror.on_stale()

    assert call.widget.participants == ()


@pytest.mark.parametrize("key", ["me", "ada"])
def test_whose_path_is_lost_for_a_moment_just_then_stays(call: Mirrored, key: str) -> None:
    call.watch(own(), entry("ada", 2))

    call.listener.on_event("user_away", {"socketId": key})
    call.mirror.on_stale()
    call.listener.on_event("user_back", {"socketId": key})

    assert call.widget.state == "joined"
    assert [each.name for each in call.widget.participants] == ["Ada"]


def test_who_has_come_back_and_is_away_again_just_then_stays(call: Mirrored) -> None:
    call.watch(own(), entry("ada", 2))
    call.watch(own())
    call.listener.on_event("user_joined", entry("ada", 2))

    call.listener.on_event("user_away", {"socketId": "ada"})
    call.mirror.on_stale()

    assert [each.name for each in call.widget.participants] == ["Ada"]


def test_a_widget_that_has_not_come_back_itself_has_left(call: Mirrored) -> None:
    call.watch(own())
    call.watch()
    assert call.widget.state == "reconnecting"

    call.mirror.on_stale()

    assert call.widget.state == "left"
    assert call.happened == ["entered", "left"]


def test_a_tab_that_leaves_is_seen_by_the_relay_first(call: Mirrored) -> None:
    call.watch(own())

    call.phase("left")
    assert call.widget.state == "joined"
    call.listener.on_event("user_left", {"socketId": "me"})

    assert call.widget.state == "left"
    assert call.widget.me is None


def test_a_widget_that_nothing_shows_lets_go_of_its_room(call: Mirrored) -> None:
    call.watch(own(), entry("ada", 2))

    call.phase("left", unseen=True)
    call.listener.on_event("user_left", {"socketId": "me"})

    assert call.happened == ["entered", "left", "abandoned"]
    assert call.widget.participants == ()


def test_before_joining_a_front_ends_word_counts(call: Mirrored) -> None:
    call.phase("connecting")

    assert call.widget.state == "connecting"


def test_errors_and_devices_come_by_the_comm_and_by_reports_of_our_own(call: Mirrored) -> None:
    call.watch(own(), entry("ada", 2))

    call.mirror.receive_error("tab", {"code": "no_device", "message": "None.", "kind": "error"}, [])
    assert call.widget.error == {"code": "no_device", "message": "None."}
    call.mirror.receive_devices("tab", {"cameras": ["Front"], "microphones": [7]}, [])
    assert call.widget.devices == {"cameras": ["Front"], "microphones": ["7"]}
    call.report(
        {"type": "error", "code": "screen_denied", "message": "No."}, {"type": "devices", "cameras": []}
    )
    call.report({"type": "error", "code": "device_busy", "message": "No."}, sender="ada")

    assert call.widget.error == {"code": "screen_denied", "message": "No."}
    assert call.widget.devices == {"cameras": [], "microphones": []}


def test_messages_are_handed_on_with_their_sender(call: Mirrored) -> None:
    call.mirror.receive_message("tab", {"from": "ada", "text": "[1]"}, [])
    call.mirror.receive_message("tab", {"from": "ada"}, [b"bytes"])
    call.mirror.receive_message("tab", {"from": "ada", "text": "no JSON"}, [])

    assert call.happened == [([1], "ada"), (b"bytes", "ada"), ("no JSON", "ada")]


def test_numbers_of_a_message_are_those_that_were_sent(call: Mirrored) -> None:
    sent = {"ns": 1732575600123456789, "f": 1.0, "big": 2**70, "-": -0.0, "a": 1}

    call.mirror.receive_message("tab", {"from": "ada", "text": encode(sent)}, [])

    ((data, _sender),) = call.happened
    assert repr(data) == repr(sent)


def test_a_relay_that_refuses_to_have_the_widget_back_ends_its_call(call: Mirrored) -> None:
    call.watch(own(), entry("ada", 2))
    call.listener.on_lost()
    call.listener.on_failed(RtcWidgetError("relay_unreachable", "No relay answers."))
    assert (call.widget.state, len(call.widget.participants)) == ("reconnecting", 1)

    call.listener.on_failed(RtcWidgetError("bad_token", "The token has expired."))

    assert (call.widget.state, call.widget.me, call.widget.participants) == ("left", None, ())
    assert call.widget.error is not None
    assert call.widget.error["code"] == "bad_token"
    assert call.happened == ["entered", "left"]


def test_the_parts_are_told_before_who_waits_is_woken(call: Mirrored) -> None:
    seen: list[Any] = []
    call.waiters.add(lambda widget: seen.append((widget.state, list(call.summary.told))))

    call.watch(own())

    assert call.recorder.told == ["on_snapshot"]
    assert seen == [("joined", ["update"])]


def test_a_recording_is_the_recorders_alone(call: Mirrored) -> None:
    call.listener.on_event("recording", {"recording": "r", "name": "Ada", "on": True})

    assert call.recorder.told == ["on_recording"]
    assert call.summary.told == []


def test_a_closed_widget_has_left_and_fails_whoever_waits(call: Mirrored) -> None:
    call.watch(own(), entry("ada", 2))
    waiting = call.waiters.add(lambda _widget: False)

    call.mirror.end(RtcWidgetError("closed", "It was closed."))

    assert (call.widget.state, call.widget.me, call.widget.participants) == ("left", None, ())
    assert isinstance(waiting.exception(), RtcWidgetError)
