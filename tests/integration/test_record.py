"""Recording a real call of the kernel's own peers: what is kept, and what becomes of it when something goes wrong."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget import Recording, Relay, RoomWidget
from rtc_widget.errors import InvalidArgumentError, ProtocolError, RtcWidgetError
from rtc_widget.protocol.limits import LIMITS
from rtc_widget.recording.capture import capture_session, running_capture
from rtc_widget.recording.capture.event_filter import EventFilter
from rtc_widget.runtime import cell_registry
from tests.support.live_recordings import grows, medium_of, of_folder
from tests.support.peers import SECRET, Peers
from tests.support.waiting import free_port, wait_until

if TYPE_CHECKING:
    pass

ROOT = Path(__file__).parents[2]


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
        carol.wait_for("connected", 10)
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


# -- who does not want to be


def test_who_declines_is_left_out_of_all_of_it(peers, tmp_path):
    ada, bob = peers.pair(source="pattern")
    bob.use("pattern", audio="tone")
    with ada.record(tmp_path / "lesson") as recording:
        wait_until(lambda: bob.recorded_by, 30, "Bob told of it")
        bob.send("before")
        folder = of_folder(tmp_path / "lesson")
        wait_until(
            lambda: any(bob.me.id in path.name for path in (folder / "media").iterdir()), 5, "Bob kept"
        )
        bob.decline_recording()
        wait_until(lambda: (folder / "declined.jsonl").exists(), 30, "Bob heard")
        bob.send("after")
        grows(recording)

    [left_out] = [person for person in recording.participants if person.declined]
    assert left_out.name == "Somebody"
    assert [medium.participant for medium in recording.media] == [recording.person("Ada").id]
    assert recording.messages == ()
    with zipfile.ZipFile(recording.path) as file:
        everything = b"".join(file.read(name) for name in file.namelist())
    assert b"Bob" not in everything
    recording.close()


# -- limits


@pytest.mark.parametrize("wrong", [{"max_mb": 0}, {"max_minutes": -1}, {"max_mb": "much"}, {"private": 1}])
def test_limits_that_are_none_are_refused(peers, tmp_path, wrong):
    ada = peers("Ada")

    with pytest.raises(InvalidArgumentError, match="bad_argument"):
        ada.record(tmp_path / "lesson", **wrong)

    assert list(tmp_path.iterdir()) == []


# -- where it goes


def test_a_recording_that_is_there_is_not_lost(peers, tmp_path):
    ada = peers("Ada", source="pattern")
    ada.wait_for("joined", 10)
    with ada.record(tmp_path / "lesson") as first:
        grows(first)

    with pytest.raises(InvalidArgumentError, match=r"already exists.*replace=True"):
        ada.record(tmp_path / "lesson")
    with ada.record(tmp_path / "lesson", replace=True) as second:
        assert Recording.open(tmp_path / "lesson").seconds == first.seconds, "until the new one is made"
        grows(second)

    first.close()
    second.close()
    assert [path.name for path in tmp_path.iterdir()] == ["lesson.rtcw.zip"]


def test_what_a_killed_kernel_left_is_not_lost_either(peers, tmp_path):
    of_folder(tmp_path / "lesson").mkdir()
    ada = peers("Ada")

    with pytest.raises(InvalidArgumentError, match="unfinished recording"):
        ada.record(tmp_path / "lesson")


def test_the_same_file_is_not_recorded_twice_at_once(peers, tmp_path):
    ada = peers("Ada")
    with (
        ada.record(tmp_path / "lesson"),
        pytest.raises(InvalidArgumentError, match="is already being recorded"),
    ):
        ada.record(tmp_path / "lesson", replace=True)


@pytest.mark.parametrize("path", ["nowhere/lesson", "/proc/lesson"])
def test_a_path_that_cannot_be_written_is_refused(peers, path):
    ada = peers("Ada")

    with pytest.raises(InvalidArgumentError, match="Cannot write a recording"):
        ada.record(path)

    assert ada.recorded_by == ()


@pytest.mark.parametrize(
    ("path", "said"), [("", "a file name"), (None, "a str or a Path"), (7, "a str or a Path")]
)
def test_what_is_no_path_is_refused(peers, path, said):
    with pytest.raises(InvalidArgumentError, match=f"{said}.*bad_argument"):
        peers("Ada").record(path)


def test_a_student_cannot_record(peers, tmp_path):
    token = peers.relay.token(peers.room, role="student")
    widget = RoomWidget(peers.room, relay=peers.relay.url, token=token)
    try:
        with pytest.raises(ProtocolError, match="teacher"):
            widget.record(tmp_path / "lesson")
    finally:
        widget.close()

    assert list(tmp_path.iterdir()) == []


def test_what_is_recorded_cannot_be_looked_at_before_its_end(peers, tmp_path):
    ada = peers("Ada")
    with ada.record(tmp_path / "lesson") as recording, pytest.raises(InvalidArgumentError, match="stop"):
        _ = recording.trace


# -- privacy


@pytest.mark.parametrize("private", [True, False])
def test_addresses_and_passwords_of_ice_are_written_only_when_that_is_wanted(peers, tmp_path, private):
    ada = peers("Ada", source="pattern")
    ada.wait_for("joined", 10)
    with ada.record(tmp_path / "lesson", private=private) as recording:
        bob = peers("Bob")
        bob.wait_for("connected", 10)
        bob.send({"text": "I am at 192.0.2.77", "name": "192.0.2.77"})
        said = of_folder(tmp_path / "lesson") / "messages.jsonl"
        wait_until(lambda: said.exists() and said.read_text(), 30, "the message")
        written = of_folder(tmp_path / "lesson") / "heard.jsonl"
        wait_until(lambda: "candidate" in written.read_text(), 30, "candidates")
        wait_until(lambda: "channel" in written.read_text(), 30, "reports")
        heard = written.read_text()

    descriptions = [
        entry["content"]["sdp"]
        for line in map(json.loads, heard.splitlines())
        if line["event"] == "signal"
        for entry in line["payload"]["entries"]
        if (entry.get("content") or {}).get("sdp")
    ]
    lines = [line for sdp in descriptions for line in sdp.splitlines()]
    assert descriptions
    secrets = [line for line in lines if line.startswith(("a=ice-pwd:", "a=ice-ufrag:", "a=fingerprint:"))]
    assert secrets
    assert all(("[" in line) is private for line in secrets)
    everything = heard
    with zipfile.ZipFile(recording.path) as file:
        everything += b"".join(file.read(name) for name in file.namelist()).decode("latin-1")
    assert ("192.0.2.77" in everything) is not private
    recording.close()


def test_a_participant_who_says_nonsense_is_recorded_as_far_as_it_makes_sense(peers, tmp_path):
    import asyncio

    from rtc_widget.signaling.client import RelayClient

    ada = peers("Ada", source="pattern")
    ada.wait_for("joined", 10)
    with ada.record(tmp_path / "lesson") as recording:
        asyncio.run(_say_nonsense(RelayClient, peers, recording.id))
        grows(recording)

    assert medium_of(recording, "Ada").seconds > 0.2
    assert all(medium.participant == recording.person("Ada").id for medium in recording.media)
    recording.close()


async def _say_nonsense(client_class: Any, peers: Peers, recording: str) -> None:
    token = peers.relay.token(peers.room)
    client = await client_class.connect(peers.relay.url, peers.room, {"token": token}, lambda *_heard: None)
    await client.request("join_room", {"roomId": peers.room, "name": "Mallory"})
    piece = {"track": "camera", "number": 0, "offset": 0, "data": "AAAA", "at": 1.0, "mime": "video/webm"}
    flags = {"video": True, "audio": True}
    for wrong in ({"data": "not base64"}, {"offset": 4_000, "number": 3}, {}, {}, {"number": 9, "data": ""}):
        said = {"roomId": peers.room, "recording": recording, "piece": {**piece, **flags, **wrong}}
        await client.request("recorded", said)
    large = {**piece, **flags, "number": 1, "data": "A" * (LIMITS["piece_bytes"] * 4 // 3)}
    await client.request("recorded", {"roomId": peers.room, "recording": recording, "piece": large})
    await client.close()


def test_it_does_not_matter_where_the_kernel_is_by_then(peers, tmp_path, monkeypatch):
    ada, _bob = peers.pair(source="pattern")
    monkeypatch.chdir(tmp_path)
    with ada.record("lesson") as recording:
        grows(recording)
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        monkeypatch.chdir(elsewhere)

    assert recording.path == tmp_path / "lesson.rtcw.zip"
    assert medium_of(recording, "Ada").seconds > 0.3
    recording.close()


def test_another_spelling_of_a_path_is_the_same_file(peers, tmp_path, monkeypatch):
    ada = peers("Ada")
    monkeypatch.chdir(tmp_path)
    with (
        ada.record(tmp_path / "lesson"),
        pytest.raises(InvalidArgumentError, match="is already being recorded"),
    ):
        ada.record("lesson", replace=True)


def test_another_kernel_does_not_record_into_the_same_file(peers, tmp_path):
    ada = peers("Ada")
    program = (
        "import sys; from rtc_widget.recording.capture.output_path import OutputPath, file_of\n"
        "try: OutputPath(file_of(sys.argv[1]), replace=True)\nexcept ValueError as error: print(error.message)"
    )
    with ada.record(tmp_path / "lesson"):
        command = [sys.executable, "-c", program, str(tmp_path / "lesson")]
        said = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout

    assert "is already being recorded" in said


def test_what_is_to_be_replaced_is_there_until_there_is_something_new(peers, tmp_path, monkeypatch):
    monkeypatch.setattr(running_capture, "_BEGIN_SECONDS", 0.5)
    (of_folder(tmp_path / "lesson") / "media").mkdir(parents=True)
    widget = RoomWidget(peers.room, relay=Relay(f"http://127.0.0.1:{free_port()}", secret=SECRET))
    try:
        with pytest.raises(RtcWidgetError, match="nothing is recorded"):
            widget.record(tmp_path / "lesson", replace=True)
    finally:
        widget.close()

    assert (of_folder(tmp_path / "lesson") / "media").is_dir()


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


def test_addresses_in_titles_and_in_names_that_are_complained_of_are_placeholders(
    peers, tmp_path, monkeypatch
):
    monkeypatch.setattr(capture_session, "_DRAIN_SECONDS", 0.0)
    ada = peers("Ada")
    peers("Bob 192.0.2.77", source="pattern").wait_for("connected", 10)
    with ada.record(tmp_path / "lesson") as recording:
        grows(recording)
        recording.chapter("see 192.0.2.78")
    recording.chapter("and 192.0.2.79", 0.1)
    assert {chapter.title for chapter in recording.chapters} >= {"see [address-2]", "and [address-1]"}
    assert "did not arrive in time" in str(recording.problems)
    recording.close()
    with zipfile.ZipFile(tmp_path / "lesson.rtcw.zip") as archive:
        assert "192.0.2" not in archive.read("manifest.json").decode()


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


def test_a_folder_of_the_files_name_is_refused_in_time(peers, tmp_path):
    (tmp_path / "lesson.rtcw.zip").mkdir()
    with pytest.raises(InvalidArgumentError, match="is a folder"):
        peers("Ada").record(tmp_path / "lesson", replace=True)


def test_a_short_recording_has_everybody(peers, tmp_path):
    ada, bob = peers.pair(source="pattern")
    bob.use("pattern")
    for number in range(3):
        with ada.record(tmp_path / f"lesson-{number}") as recording:
            wait_until(lambda recording=recording: recording.seconds > 0.7, 30, "a moment")
        assert len(recording.media) == 2
        assert recording.problems == ()
        recording.close()


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


def test_a_cell_that_is_run_again_stops_what_it_recorded_before(peers, tmp_path, monkeypatch):
    ada, _bob = peers.pair(source="pattern")
    monkeypatch.setattr(cell_registry, "executing_cell", lambda: ("cell 1", "first"))
    first = ada.record(tmp_path / "lesson")
    monkeypatch.setattr(cell_registry, "executing_cell", lambda: ("cell 1", "second"))

    second = ada.record(tmp_path / "lesson", replace=True)

    assert (first.state, second.state) == ("done", "recording")
    second.stop().close()
    first.close()
