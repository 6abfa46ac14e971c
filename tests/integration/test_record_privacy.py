"""What of a call is private, and is in no recording unless that is wanted."""

from __future__ import annotations

import json
import zipfile
from typing import Any

import pytest

from rtc_widget.protocol.limits import LIMITS
from rtc_widget.recording.capture import capture_session
from tests.support.live_recordings import grows, medium_of, of_folder
from tests.support.peers import Peers
from tests.support.waiting import wait_until

# -- who does not want to be


def test_who_declines_is_left_out_of_all_of_it(peers, tmp_path):
    ada, bob = peers.pair(source="pattern")
    bob.use("pattern", audio="tone")
    with ada.record(tmp_path / "lesson") as recording:
        wait_until(lambda: bob.recorded_by, 30, "Bob told of it")
        bob.send("before")
        folder = of_folder(tmp_path / "lesson")
        wait_until(
            lambda: any(bob.me.id in path.name for path in (folder / "media").iterdir()), 30, "Bob kept"
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
        # In a film these three bytes may stand by chance.
        texts = b"".join(file.read(name) for name in file.namelist() if not name.startswith("media/"))
    assert b"Bob" not in texts
    recording.close()


# -- privacy


@pytest.mark.parametrize("private", [True, False])
def test_addresses_and_passwords_of_ice_are_written_only_when_that_is_wanted(peers, tmp_path, private):
    ada = peers("Ada", source="pattern")
    ada.wait_for("joined", 30)
    with ada.record(tmp_path / "lesson", private=private) as recording:
        bob = peers("Bob")
        bob.wait_for("connected")
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
    ada.wait_for("joined", 30)
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


def test_addresses_in_titles_and_in_names_that_are_complained_of_are_placeholders(
    peers, tmp_path, monkeypatch
):
    monkeypatch.setattr(capture_session, "_DRAIN_SECONDS", 0.0)
    ada = peers("Ada")
    peers("Bob 192.0.2.77", source="pattern").wait_for("connected")
    with ada.record(tmp_path / "lesson") as recording:
        grows(recording)
        recording.chapter("see 192.0.2.78")
    recording.chapter("and 192.0.2.79", 0.1)
    assert {chapter.title for chapter in recording.chapters} >= {"see [address-2]", "and [address-1]"}
    assert "did not arrive in time" in str(recording.problems)
    recording.close()
    with zipfile.ZipFile(tmp_path / "lesson.rtcw.zip") as archive:
        assert "192.0.2" not in archive.read("manifest.json").decode()
