"""Who records the room, and leaving oneself out of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from rtc_widget.errors import RtcWidgetError
from rtc_widget.recording.capture.recorder import Recorder, _free_name
from rtc_widget.room.room_member import RecordedBy
from tests.support.fakes import fake_life, fake_member
from tests.support.waiting import wait_until


class Recorded:
    """A recorder, and what it has told."""

    def __init__(self) -> None:
        self.declined: list[str] = []
        self.told: list[Sequence[RecordedBy]] = []
        self.finished: list[Any] = []
        self.life = fake_life()
        self.recorder = Recorder(
            fake_member(),
            self.life,
            observer=lambda: pytest.fail("no recording was to begin"),
            decline=self.declined.append,
            on_recorders=self.told.append,
            on_finished=self.finished.append,
        )

    def makes(self, path: str | RtcWidgetError, state: str = "recording") -> Any:
        """Let there be a recording that ends in a file, or with an error."""
        recording = SimpleNamespace(state=state, stops=0)

        def stop() -> Any:
            recording.stops += 1
            recording.state = "done"
            if isinstance(path, RtcWidgetError):
                raise path
            return SimpleNamespace(path=Path(path))

        recording.stop = stop
        self.recorder.recordings = (*self.recorder.recordings, cast("Any", recording))
        return recording


@pytest.fixture
def recorded(no_leaks: None) -> Recorded:
    return Recorded()


def test_who_records_is_told_at_every_change(recorded: Recorded) -> None:
    recorded.recorder.on_snapshot([{"recording": "r1", "name": "Eve"}])
    recorded.recorder.on_recording({"recording": "r2", "name": "Ada", "by": "id-2", "on": True})
    recorded.recorder.on_recording({"recording": "r1", "name": "Eve", "on": False})
    recorded.recorder.on_recording({"recording": "unknown", "name": "X", "on": False})

    eve, ada = RecordedBy(None, "Eve"), RecordedBy("id-2", "Ada")
    assert recorded.told == [[eve], [eve, ada], [ada], [ada]]


def test_declining_is_of_all_that_are_being_made(recorded: Recorded) -> None:
    recorded.recorder.on_snapshot([{"recording": "r1", "name": "Eve"}, {"recording": "r2", "name": "Ada"}])

    recorded.recorder.decline_recording()

    assert recorded.declined == ["r1", "r2"]


def test_the_button_stops_what_is_being_made(recorded: Recorded) -> None:
    over, going = recorded.makes("/old", "done"), recorded.makes("/new.rtcw.zip")

    recorded.recorder.set_recording(False)
    wait_until(lambda: going.stops, 10)

    assert (over.stops, going.stops) == (0, 1)


def test_the_button_tells_why_a_recording_cannot_begin_or_end(recorded: Recorded) -> None:
    failure = RtcWidgetError("recording_failed", "The disk is full.")
    recorded.makes(failure)

    recorded.recorder.set_recording(False)
    wait_until(lambda: recorded.finished, 10)
    recorded.life.closed = True
    recorded.recorder.set_recording(True)
    wait_until(lambda: len(recorded.finished) == 2, 10)

    assert recorded.finished[0] is failure
    assert recorded.finished[1].code == "closed"


def test_closing_stops_what_is_being_made_and_prints_what_went_wrong(
    recorded: Recorded, capsys: pytest.CaptureFixture[str]
) -> None:
    going = recorded.makes("/new"), recorded.makes(RtcWidgetError("recording_failed", "The disk is full."))

    recorded.recorder.close()

    assert [recording.stops for recording in going] == [1, 1]
    assert capsys.readouterr().out == "The disk is full.\n"


@pytest.mark.parametrize(
    ("room", "begins"),
    [("lesson 3", "lesson-3-"), ("../../etc", "etc-"), ("…", "recording-"), ("Ä" * 99, "Ä" * 40 + "-")],
)
def test_the_buttons_file_has_a_name_that_every_system_takes(room: str, begins: str) -> None:
    name = _free_name(room)

    assert name.is_absolute()
    assert name.parent == Path.cwd()
    assert name.name.startswith(begins)
