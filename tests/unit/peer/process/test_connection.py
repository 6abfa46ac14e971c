"""One connection to somebody: its m-lines, its states, its tracks, and how it ends."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from aiortc.mediastreams import MediaStreamError

from rtc_widget.peer.process import connection as module
from rtc_widget.peer.process import negotiation
from tests.support.fake_connections import Connected, FakeTrack
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    Connect = Callable[..., Connected]

ALL_LINES = [("audio", "sendrecv", True), ("video", "sendrecv", True)]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Make connections that are closed after the test."""
    made: list[Connected] = []

    def make(**options: Any) -> Connected:
        made.append(Connected(**options))
        return made[-1]

    yield make
    for each in made:
        await each.connection.close()


def test_without_ice_servers_none_is_used_and_others_keep_their_credentials() -> None:
    given = {"urls": "turn:turn.example", "username": "ada", "credential": "secret"}

    async def servers(*entries: dict[str, Any]) -> Any:
        connected = Connected(ice_servers=list(entries))
        await connected.connection.close()
        return connected.pc.configuration.iceServers

    assert asyncio.run(servers()) == []
    (server,) = asyncio.run(servers(given))
    assert (server.urls, server.username, server.credential) == ("turn:turn.example", "ada", "secret")


# -- offers


async def test_who_is_first_offers_audio_video_and_data(connect: Connect) -> None:
    connected = connect(first=True)
    await connected.sends(1)

    assert connected.lines() == ALL_LINES
    assert len(connected.pc.channels) == 1
    assert connected.connection.unanswered
    await connected.hear("answer")
    await wait_for(lambda: connected.pc.remoteDescription, 10)
    assert not connected.connection.unanswered


async def test_who_waits_offers_nothing_until_it_is_asked_to(connect: Connect) -> None:
    connected = connect()
    assert (connected.lines(), connected.sent) == ([], [])

    connected.connection.renegotiate()
    await connected.sends(1)
    assert connected.lines() == ALL_LINES

    await connected.hear("answer")
    connected.connection.renegotiate()
    await connected.sends(2)
    assert connected.lines() == ALL_LINES


@pytest.mark.parametrize(
    ("caps", "sent"),
    [({}, "offer"), ({"rollback": True}, "request_offer"), ({"rollback": False}, "request_offer")],
)
async def test_an_offer_that_does_not_come_is_made_for_a_plain_client_and_asked_for_from_ours(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, caps: dict[str, bool], sent: str
) -> None:
    monkeypatch.setattr(negotiation, "seconds", lambda _name: 0.01)
    connected = connect(caps=caps)

    await connected.sends(1, sent)

    assert set(connected.events) == {sent}


async def test_what_the_other_side_would_receive_is_sent_on_its_own_m_lines(connect: Connect) -> None:
    connected = connect()
    connected.pc.offers("audio", "sendrecv")
    connected.pc.offers("video", "sendonly")

    await connected.hear("offer")
    await connected.sends(1, "answer")

    assert connected.lines() == ALL_LINES
    assert "offer" not in connected.events


async def test_where_it_would_receive_nothing_m_lines_of_our_own_are_offered_afterwards(
    connect: Connect,
) -> None:
    connected = connect()
    for kind in ("audio", "video", "video"):
        connected.pc.offers(kind, "recvonly")

    await connected.hear("offer")
    await connected.sends(1, "offer")

    assert connected.events == ["answer", "offer"]
    assert connected.lines() == [
        *(("audio", "recvonly", False), ("video", "recvonly", False), ("video", "recvonly", False)),
        *(("audio", "sendonly", True), ("video", "sendonly", True)),
    ]


async def test_an_m_line_that_has_ended_is_not_sent_on_and_its_successor_is(connect: Connect) -> None:
    connected = connect(first=True)
    await connected.agrees()
    _audio, video = connected.pc.transceivers
    video.stopped = True
    fresh = connected.pc.offers("video", "sendrecv")

    await connected.hear("offer")
    await connected.sends(1, "answer")

    assert fresh.direction == "sendrecv"
    assert fresh.sender.track is not None
    assert connected.events == ["offer", "answer"]


async def test_data_is_only_opened_where_the_other_side_has_offered_it(connect: Connect) -> None:
    without, with_data = connect(), connect()
    with_data.pc.sctp = SimpleNamespace(transport=with_data.pc.transport)

    for each in (without, with_data):
        await each.hear("offer")
        await each.sends(1, "answer")

    assert (len(without.pc.channels), len(with_data.pc.channels)) == (0, 1)


@pytest.mark.parametrize(
    ("caps", "polite", "outcome"),
    [
        ({}, False, "another"),  # a plain client's newcomer answers
        ({"rollback": True}, True, "ours"),
        ({"rollback": False}, True, "another"),
        ({"rollback": False}, False, "ours"),
    ],
)
async def test_who_gives_way_when_first_offers_cross(
    connect: Connect, caps: dict[str, bool], polite: bool, outcome: str
) -> None:
    connected = connect(caps=caps, polite=polite, first=True)
    await connected.sends(1)

    await connected.hear("offer")
    steps = connected.said("step")
    await wait_for(lambda: steps[-1]["step"] in ("rollback", "ignored"), 10)

    assert len(connected.superseded) == (outcome == "another")


async def test_in_a_call_two_peers_whose_offers_cross_both_begin_anew(connect: Connect) -> None:
    connected = connect(caps={"rollback": False}, polite=True, first=True)
    await connected.agrees()
    connected.connection.renegotiate()
    await connected.sends(2)

    await connected.hear("offer")

    await wait_for(lambda: connected.told == ["crossed"], 10)
    assert connected.superseded == []


async def test_a_description_that_cannot_be_applied_is_told_without_its_text(connect: Connect) -> None:
    connected = connect()
    connected.pc.failing["setRemoteDescription"] = ValueError("v=0 and 192.0.2.7")

    await connected.hear("offer")
    await wait_for(lambda: connected.said("error"), 10)

    (error,) = connected.said("error")
    assert error["code"] == "bad_description"
    assert "ValueError" in error["message"]
    assert "192.0.2.7" not in str(connected.reported)
    assert connected.told == []


async def test_after_a_lost_path_the_offer_goes_again_and_every_state_is_told_anew(connect: Connect) -> None:
    connected = connect(first=True)
    await connected.sends(1)
    connected.reported.clear()

    connected.connection.resume()

    assert connected.events == ["offer", "offer"]
    assert {entry["name"]: entry["value"] for entry in connected.said("state")} == {
        "connection_state": "new",
        "ice_connection_state": "new",
        "ice_gathering_state": "new",
        "signaling_state": "have-local-offer",
    }


# -- states


async def test_states_are_told_as_they_change(connect: Connect) -> None:
    connected = connect()

    connected.pc.becomes("connecting")
    connected.pc.iceConnectionState = "checking"
    connected.pc.emit("iceconnectionstatechange")

    assert connected.said("state") == [
        {"name": "connection_state", "value": "connecting"},
        {"name": "ice_connection_state", "value": "checking"},
    ]


async def test_the_pair_in_use_is_told_once_and_again_when_it_is_another(connect: Connect) -> None:
    connected = connect(first=True)
    connected.pc.select("host", "srflx")
    connected.connection.measure_pair()
    assert connected.said("pair") == []  # nothing flows yet

    connected.pc.becomes("connected")
    connected.connection.measure_pair()
    connected.pc.select("relay", "srflx")
    connected.connection.measure_pair()
    connected.connection.report_all()

    assert [(pair["local"], pair["remote"]) for pair in connected.said("pair")] == [
        *(("host", "srflx"), ("relay", "srflx"), ("relay", "srflx"))
    ]


async def test_messages_that_wait_go_once_it_has_connected(connect: Connect) -> None:
    connected = connect(first=True)
    connected.connection.channel.send_later("early")
    (channel,) = connected.pc.channels
    channel.open()
    assert channel.sent == []

    connected.pc.becomes("connected")
    assert channel.sent == ["early"]

    channel.listeners["message"]("hello")
    assert connected.messages == ["hello"]


@pytest.mark.parametrize("state", ["failed", "closed"])
async def test_a_connection_that_has_failed_is_broken(connect: Connect, state: str) -> None:
    connected = connect()
    connected.pc.becomes("disconnected")
    assert connected.told == []

    connected.pc.becomes(state)

    assert connected.told == ["broken"]


async def test_what_does_not_connect_in_time_is_broken_and_says_so(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CONNECT_SECONDS", 0.01)
    connected = connect()

    await wait_for(lambda: connected.told, 10)

    assert connected.told == ["broken"]
    assert connected.said("state") == [{"name": "connection_state", "value": "failed"}]
    assert [error["code"] for error in connected.said("error")] == ["connection_failed"]


@pytest.mark.parametrize("end", ["connected", "paused", "closed"])
async def test_the_time_to_connect_ends_with_the_connection_and_stands_still_while_the_room_is_paused(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setattr(module, "CONNECT_SECONDS", 0.01)
    connected, control = connect(), connect()
    if end == "connected":
        connected.pc.becomes("connected")
    elif end == "paused":
        connected.clock.set_paused(True)
    else:
        await connected.connection.close()

    # Another one, which was made after it, has run out of time.
    await wait_for(lambda: control.told, 10)

    assert connected.told == []
    assert connected.said("error") == []


# -- tracks


async def test_a_track_goes_to_whoever_looks_and_says_which_it_is(connect: Connect) -> None:
    connected = connect()
    blocks: list[Any] = []
    connected.incoming.audio.listen(lambda block, _when: blocks.append(block))

    track = connected.receives("audio", "0")
    track.frames.put_nowait("a block")
    await wait_for(lambda: blocks, 10)

    assert connected.said("track") == [{"kind": "audio", "mid": "0", "screen": False}]


async def test_the_first_video_is_the_camera_and_any_other_the_screen(connect: Connect) -> None:
    connected = connect()
    shown: dict[str, list[str]] = {"video": [], "screen": []}
    for name, frames in shown.items():
        source = getattr(connected.incoming, name)
        source.push = frames.append

    tracks = [connected.receives("video", mid) for mid in ("0", "1")]
    tracks[0].frames.put_nowait("a face")
    tracks[1].frames.put_nowait("a slide")
    await wait_for(lambda: all(shown.values()), 10)

    assert shown == {"video": ["a face"], "screen": ["a slide"]}
    assert [said["screen"] for said in connected.said("track")] == [False, True]


async def test_the_m_line_on_which_a_camera_is_sent_is_the_cameras_wherever_it_is(connect: Connect) -> None:
    connected = connect(first=True)
    await connected.sends(1)
    own = connected.pc.transceivers[1]
    own.mid, own.receiver.track = "1", FakeTrack("video")
    screen = connected.pc.offers("video", "recvonly")
    screen.mid, screen.receiver.track = "0", FakeTrack("video")
    connected.pc.transceivers = [screen, own]

    for line in (screen, own):
        connected.pc.emit("track", line.receiver.track)

    assert [(said["mid"], said["screen"]) for said in connected.said("track")] == [("0", True), ("1", False)]


async def test_a_track_that_ends_costs_nothing_and_one_that_raises_costs_the_connection(
    connect: Connect,
) -> None:
    connected = connect()
    ending, raising = connected.receives("audio"), connected.receives("audio")

    ending.frames.put_nowait(MediaStreamError())
    await asyncio.sleep(0)
    assert connected.told == []
    raising.frames.put_nowait(RuntimeError("192.0.2.7"))
    await wait_for(lambda: connected.told, 10)

    assert connected.told == ["broken"]
    assert [error["message"] for error in connected.said("error")] == [
        "The connection failed (RuntimeError)."
    ]


# -- the end


async def test_closing_ends_what_runs_and_tells_nobody_that_it_is_broken(connect: Connect) -> None:
    connected = connect(first=True)
    await connected.sends(1)
    connected.receives("audio")
    sending = asyncio.create_task(connected.connection.channel.send("unsent"))
    await asyncio.sleep(0)

    await connected.connection.close()
    await connected.connection.close()

    assert connected.pc.closed == 1
    assert connected.told == []
    assert not await asyncio.wait_for(sending, 10)
    assert connected.audio._tracks == []


async def test_after_the_end_nothing_begins(connect: Connect) -> None:
    connected = connect()
    await connected.connection.close()
    connected.reported.clear()

    connected.connection.renegotiate()
    connected.hear_candidate()
    connected.signaling.receive("answer", {"answer": {"type": "answer", "sdp": ""}, "id": "m"}, 1.0)
    await asyncio.sleep(0)

    assert connected.sent == []
    assert connected.said("error") == []
