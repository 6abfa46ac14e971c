"""Recording a real call of the kernel's own peers: what is kept, and what becomes of it when something goes wrong."""

from __future__ import annotations

from typing import Any

import pytest

from rtc_widget import RoomWidget
from rtc_widget.errors import InvalidArgumentError
from rtc_widget.runtime import cell_registry
from tests.support.live_recordings import grows, medium_of, of_folder
from tests.support.peers import GREY, Peers
from tests.support.waiting import wait_until

# -- what is kept


def test_everybody_is_recorded_with_what_they_send_say_and_negotiate(peers, tmp_path):
    ada, bob = peers.pair(source="pattern", audio="tone")
    with ada.record(tmp_path / "lesson") as recording:
        wait_until(lambda: bob.recorded_by == ("Ada",), 30, "Bob told of it")
        bob.use("pattern")
        bob.send({"hello": 1})
        bob.send(b"\x00\x01")
        said = of_folder(tmp_path / "lesson") / "messages.jsonl"
        wait_until(lambda: said.exists() and len(said.read_text().splitlines()) == 2, 30, "both messages")
        recording.chapter("A mark")
        wait_until(lambda: recording.seconds > 0.8, 30, "a while, so that joining is another chapter")
        carol = peers("Carol", source="pattern")
        carol.wait_for("connected")
        grows(recording, 100_000)
        carol.close()
        wait_until(lambda: len(ada.participants) == 1, 30, "Carol gone")

    wait_until(lambda: bob.recorded_by == (), 30, "Bob told of the end")
    assert recording.ended.reason == "stopped"
    assert recording.problems == ()
    assert [person.name for person in recording.participants] == ["Ada", "Bob", "Carol"]
    assert recording.person("Carol").here[0][1] is not None
    assert (medium_of(recording, "Ada").video, medium_of(recording, "Ada").audio) == ("vp8", "opus")
    assert medium_of(recording, "Bob").audio is None
    assert medium_of(recording, "Carol").begins > medium_of(recording, "Ada").begins
    assert [said.data for said in recording.messages] == [{"hello": 1}, b"\x00\x01"]
    titles = [chapter.title for chapter in recording.chapters]
    assert "A mark" in titles
    assert "Carol joins" in titles
    kinds = {message.kind for message in recording.trace.between("Ada", "Carol").messages()}
    assert kinds >= {"offer", "answer"}
    assert recording.stats.filter("stats")
    changes = [(change.name, change.value) for change in recording.traits]
    assert ("state", "joined") in changes
    assert ("connection_state", "connected") in changes
    assert recording.frame("Ada", 1.0).shape == (360, 640, 3)
    recording.close()


def test_a_picture_that_does_not_change_is_there_to_the_end(peers, tmp_path):
    _ada, bob = peers.pair(source=GREY)
    with bob.record(tmp_path / "lesson") as recording:
        # It is repeated once a second, and its end is far from that.
        wait_until(lambda: recording.seconds > 3.7, 30, "a while of one picture")

    medium = medium_of(recording, "Ada")
    assert recording.seconds - (medium.begins + medium.shown[-1][1]) < 0.5
    assert abs(float(recording.frame("Ada", recording.seconds - 0.5).mean()) - GREY.mean()) < 8
    recording.close()


def test_what_was_muted_is_silence_and_no_picture(peers, tmp_path):
    ada, _bob = peers.pair(source="pattern", audio="tone")
    with ada.record(tmp_path / "lesson") as recording:
        grows(recording)
        ada.mute(audio=True, video=True)
        muted = recording.seconds
        wait_until(lambda: recording.seconds > muted + 1, 30, "a second of nothing")
        ada.unmute(audio=True, video=True)
        grows(recording)

    medium = medium_of(recording, "Ada")
    assert len(medium.shown) == 2
    assert medium.shown[1][0] - medium.shown[0][1] > 0.5
    assert recording.problems == ()
    recording.close()


def test_a_widget_records_too_and_has_what_it_made(peers, tmp_path):
    peers.pair(source="pattern")
    widget = RoomWidget(peers.room, name="Teacher", relay=peers.relay)
    with widget.record(tmp_path / "lesson") as recording:
        grows(recording)
        wait_until(lambda: widget.recorded_by == ("Teacher",), 30, "the widget's own trait")
        assert repr(recording).startswith(f"<Recording of {peers.room!r}: recording, 0:0")
    assert widget.recordings == (recording,)
    widget.close()
    assert [person.name for person in recording.participants] == ["Ada", "Bob"]
    recording.close()


def test_closing_who_records_makes_the_file(peers, tmp_path):
    ada, _bob = peers.pair(source="pattern")
    recording = ada.record(tmp_path / "lesson")
    grows(recording)

    ada.close()

    assert recording.state == "done"
    assert medium_of(recording, "Ada").seconds > 0.5
    recording.close()


def test_nothing_is_left_behind(no_leaks, service, tmp_path):
    peers = Peers(service)
    ada, _bob = peers.pair(source="pattern")
    ada.record(tmp_path / "lesson")
    peers.close()

    assert [path.name for path in tmp_path.iterdir()] == ["lesson.rtcw.zip"]


# -- limits


@pytest.mark.parametrize("wrong", [{"max_mb": 0}, {"max_minutes": -1}, {"max_mb": "much"}, {"private": 1}])
def test_limits_that_are_none_are_refused(peers, tmp_path, wrong):
    ada = peers("Ada")

    with pytest.raises(InvalidArgumentError, match="bad_argument"):
        ada.record(tmp_path / "lesson", **wrong)

    assert list(tmp_path.iterdir()) == []


def test_a_message_that_no_reader_could_read_costs_nothing_else(peers, tmp_path):
    ada, bob = peers.pair(source="pattern")
    nested: list[Any] = []
    for _level in range(60):
        nested = [nested]
    with ada.record(tmp_path / "lesson") as recording:
        for data in ("before", nested, "half an emoji \ud83d", "after"):
            bob.send(data)
        said = of_folder(tmp_path / "lesson") / "messages.jsonl"
        wait_until(lambda: said.exists() and len(said.read_text().splitlines()) == 4, 30, "all of them")
        grows(recording)

    said_again = [said.data for said in recording.messages]
    assert (said_again[0], said_again[-1], len(said_again)) == ("before", "after", 4)
    assert recording.problems == ()
    recording.close()


@pytest.mark.parametrize(
    ("title", "t"), [*(("A mark", t) for t in ("a", [1], float("nan"), -5, 1e9)), ("", 0), (None, 0)]
)
def test_a_chapter_has_a_title_and_is_at_a_time_that_there_is(peers, tmp_path, title, t):
    ada = peers("Ada")
    with (
        ada.record(tmp_path / "lesson") as recording,
        pytest.raises(InvalidArgumentError, match="bad_argument"),
    ):
        recording.chapter(title, t)


def test_what_somebody_sent_before_leaving_arrives(peers, tmp_path):
    ada, bob = peers.pair()
    bob.use("pattern", audio="tone")
    with ada.record(tmp_path / "lesson") as recording:
        grows(recording)
        bob.close()
        wait_until(lambda: not ada.participants, 30, "Bob gone")
    segments = recording._capture._session._segments.values()
    assert [segment.ended for segment in segments] == [True for _ in segments] != []
    assert medium_of(recording, "Bob").seconds > 0.3
    recording.close()


def test_a_short_recording_has_everybody(peers, tmp_path):
    ada, bob = peers.pair(source="pattern")
    bob.use("pattern")
    for number in range(3):
        with ada.record(tmp_path / f"lesson-{number}") as recording:
            wait_until(lambda recording=recording: recording.seconds > 0.7, 30, "a moment")
        assert len(recording.media) == 2
        assert recording.problems == ()
        recording.close()


def test_a_cell_that_is_run_again_stops_what_it_recorded_before(peers, tmp_path, monkeypatch):
    ada, _bob = peers.pair(source="pattern")
    monkeypatch.setattr(cell_registry, "executing_cell", lambda: ("cell 1", "first"))
    first = ada.record(tmp_path / "lesson")
    monkeypatch.setattr(cell_registry, "executing_cell", lambda: ("cell 1", "second"))

    second = ada.record(tmp_path / "lesson", replace=True)

    assert (first.state, second.state) == ("done", "recording")
    second.stop().close()
    first.close()
