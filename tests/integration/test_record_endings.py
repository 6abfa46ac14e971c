"""However a recording ends, what was recorded until then is kept, and it says how it ended."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from rtc_widget import Recording, Relay
from rtc_widget.errors import RtcWidgetError
from rtc_widget.recording.capture import running_capture
from rtc_widget.recording.capture.staging_folder import StagingFolder
from tests.support.live_recordings import grows, medium_of, of_folder
from tests.support.peers import SECRET, Peers, start_relay
from tests.support.processes import free_port
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]


def test_a_kernel_that_is_killed_leaves_a_recording(peers, tmp_path):
    peers("Ada", source="pattern", audio="tone")
    program = f"""
        import time
        from rtc_widget import Peer, Relay
        peer = Peer({peers.room!r}, name="Script", relay=Relay({peers.relay.url!r}, secret={SECRET!r}))
        peer.wait_for("connected", 20)
        recording = peer.record({str(tmp_path / "lesson")!r})
        while recording.size < 60_000:
            time.sleep(0.05)
        print("recorded", flush=True)
        time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    script = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True)
    assert script.stdout is not None
    assert script.stdout.readline() == "recorded\n"
    os.kill(script.pid, signal.SIGKILL)
    script.communicate()

    with Recording.open(tmp_path / "lesson") as recording:
        assert recording.ended.reason == "kernel"
        assert [person.name for person in recording.participants] == ["Ada", "Script"]
        assert medium_of(recording, "Ada").seconds > 0.4
        assert recording.frame("Ada", 0.3).shape == (360, 640, 3)


def test_a_relay_that_is_killed_and_comes_back_costs_nothing(tmp_path):
    port = free_port()
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    serve = [sys.executable, "-m", "rtc_widget.relay", "--port", str(port), "--secret-file", str(secret)]

    def start() -> subprocess.Popen[str]:
        service = subprocess.Popen(serve, stdout=subprocess.PIPE, text=True)
        assert service.stdout is not None
        assert service.stdout.readline()
        return service

    service = start()
    peers = Peers(Relay(f"http://127.0.0.1:{port}", secret=SECRET))
    try:
        ada, bob = peers.pair(source="pattern")
        recording = ada.record(tmp_path / "lesson")
        grows(recording)
        service.kill()
        service.communicate()
        dead = recording.seconds
        wait_until(lambda: recording.seconds > dead + 1, 30, "a second without a relay")
        service = start()
        wait_until(lambda: bob.state == "joined" and ada.state == "joined", 30, "both back")
        grows(recording, 60_000)
        recording.stop()

        medium = medium_of(recording, "Ada")
        assert recording.ended.reason == "stopped"
        assert len(medium.shown) == 1, "what was recorded while there was no relay is there"
        assert recording.frame("Ada", dead + 0.5).shape == (360, 640, 3)
        recording.close()
    finally:
        peers.close()
        service.kill()
        service.communicate()


def test_a_disk_that_is_full_ends_it_and_keeps_what_there_is(peers, tmp_path, monkeypatch, capsys):
    ada, _bob = peers.pair(source="pattern")
    original = StagingFolder._append

    def append(folder: StagingFolder, name: str, data: bytes) -> None:
        if folder.size > 60_000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        original(folder, name, data)

    writing = StagingFolder._write_manifest

    def write_manifest(folder: StagingFolder) -> None:
        if folder.size > 60_000 and not folder._reserve.closed:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        writing(folder)

    monkeypatch.setattr(StagingFolder, "_append", append)
    monkeypatch.setattr(StagingFolder, "_write_manifest", write_manifest)
    recording = ada.record(tmp_path / "lesson")

    wait_until(lambda: recording.state == "done", 30, "its end")

    assert recording.ended.reason == "disk"
    assert medium_of(recording, "Ada").seconds > 0.3
    wait_until(lambda: "No space left" in capsys.readouterr().err, 30, "a word of it")
    recording.close()


def test_a_file_that_cannot_be_made_leaves_the_folder(peers, tmp_path, monkeypatch):
    ada, _bob = peers.pair(source="pattern")
    recording = ada.record(tmp_path / "lesson")
    grows(recording)
    # A folder of that name has come meanwhile.
    (tmp_path / "lesson.rtcw.zip").mkdir()

    with pytest.raises(RtcWidgetError, match="recording_failed"):
        recording.stop()

    (tmp_path / "lesson.rtcw.zip").rmdir()
    with Recording.open(tmp_path / "lesson") as kept:
        assert medium_of(kept, "Ada").seconds > 0.3
    recording.close()


def test_a_file_that_could_not_be_made_is_made_when_it_is_stopped_again(peers, tmp_path, monkeypatch):
    ada, _bob = peers.pair(source="pattern")
    recording = ada.record(tmp_path / "lesson")
    grows(recording)
    original = running_capture.finish
    for error in (KeyboardInterrupt, RtcWidgetError("recording_failed", "No space left.")):
        monkeypatch.setattr(running_capture, "finish", lambda *_, error=error: (_ for _ in ()).throw(error))
        with pytest.raises((KeyboardInterrupt, RtcWidgetError)):
            recording.stop()
        assert of_folder(tmp_path / "lesson").is_dir()

    monkeypatch.setattr(running_capture, "finish", original)
    recording.stop()

    assert [path.name for path in tmp_path.iterdir()] == ["lesson.rtcw.zip"]
    assert (recording.ended.reason, medium_of(recording, "Ada").seconds > 0.3) == ("stopped", True)
    recording.close()


def test_a_disk_that_is_full_from_the_beginning_is_said(peers, tmp_path, monkeypatch, capsys):
    def append(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(StagingFolder, "_append", append)
    ada = peers("Ada", source="pattern")

    recording = ada.record(tmp_path / "lesson")
    wait_until(lambda: recording.state == "done", 30, "its end")
    recording.stop()

    wait_until(lambda: "No space left" in capsys.readouterr().err, 30, "a word of it")
    assert recording.ended.reason == "disk"
    wait_until(lambda: ada.recorded_by == (), 30, "nobody records")
    recording.close()


def test_it_stops_at_its_limit_and_says_so_before(peers, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(running_capture, "_TICK_SECONDS", 0.05)
    ada, _bob = peers.pair(source="pattern")
    recording = ada.record(tmp_path / "lesson", max_minutes=1.5 / 60)

    wait_until(lambda: recording.state == "done", 30, "its end")

    wait_until(lambda: "has ended" in capsys.readouterr().err, 30, "a word of it")
    assert recording.nearly_full
    assert recording.ended.reason == "limit"
    assert recording.seconds > 1
    recording.close()


def test_stopping_works_after_it_was_interrupted(peers, tmp_path, monkeypatch):
    ada, _bob = peers.pair(source="pattern")
    recording = ada.record(tmp_path / "lesson")
    grows(recording)
    original = running_capture.RunningCapture._stop_capture
    monkeypatch.setattr(
        running_capture.RunningCapture,
        "_stop_capture",
        lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt),
    )
    with pytest.raises(KeyboardInterrupt):
        recording.stop()
    assert recording.state == "finishing"
    assert "finishing, 0:0" in repr(recording)

    monkeypatch.setattr(running_capture.RunningCapture, "_stop_capture", original)
    recording.stop()

    assert medium_of(recording, "Ada").seconds > 0.3
    recording.close()


def test_a_relay_that_is_gone_for_good_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(running_capture, "_GONE_SECONDS", 0.5)
    service, relay = start_relay(tmp_path)
    peers = Peers(relay)
    try:
        ada, _bob = peers.pair(source="pattern")
        recording = ada.record(tmp_path / "lesson")
        grows(recording)
        service.kill()
        service.communicate()
        wait_until(lambda: recording.progress.endswith("no relay"), 30, "a word of it")
        gone = recording.seconds
        wait_until(lambda: recording.seconds > gone + 1, 30, "a second without it")
        recording.stop()
        assert recording.ended.reason == "relay"
        assert medium_of(recording, "Ada").seconds > 0.3
        recording.close()
    finally:
        peers.close()


def test_an_outage_in_between_is_said(peers, tmp_path, monkeypatch):
    from rtc_widget.recording.capture import capture_session

    monkeypatch.setattr(capture_session, "_GAP_SECONDS", -1.0)
    ada, _bob = peers.pair(source="pattern")
    with ada.record(tmp_path / "lesson") as recording:
        grows(recording)
        loop, client = ada._threads.loop, recording._capture._session._observer._connection._client
        loop.call_soon_threadsafe(lambda: loop.create_task(client.close()))
        wait_until(lambda: recording._capture._session.lost_at is not None, 30, "the connection's end")
        wait_until(lambda: recording._capture._session.connected, 30, "another connection")
        grows(recording)

    assert recording.ended.reason == "stopped"
    assert [problem for problem in recording.problems if "The relay was unreachable from" in problem]
    recording.close()
