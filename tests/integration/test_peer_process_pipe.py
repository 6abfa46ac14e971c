"""What a notebook's kernel passes to the process of its peers: plain values, and nothing that costs another peer."""

from __future__ import annotations

import concurrent.futures
from enum import StrEnum
from typing import TYPE_CHECKING

import pytest

from rtc_widget import RoomWidget
from rtc_widget.errors import RtcWidgetError
from rtc_widget.peer.ipc.pipe import _HEADER
from tests.support.peers import Peers, relay_with_media

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rtc_widget import Relay


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    yield from relay_with_media(tmp_path_factory.mktemp("relay"))


@pytest.fixture
def peers(relay: Relay) -> Iterator[Peers]:
    made = Peers(relay)
    yield made
    made.close()


class Word(StrEnum):
    BOT = "bot"
    PATTERN = "pattern"
    TONE = "tone"
    STUN = "stun:127.0.0.1:9"


def test_members_of_an_enumeration_are_the_texts_that_they_are(
    peers: Peers, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A notebook's names are in no module that another process could import.
    monkeypatch.setattr(Word, "__module__", "__main__")
    bob = peers("Bob", source="pattern")
    bot = peers(Word.BOT, ice_servers=[{"urls": Word.STUN}])
    bot.use(Word.PATTERN, audio=Word.TONE)

    bob.wait_for(lambda peer: peer.participants and peer.participants["bot"].audio, 20)

    assert bob.participants["bot"].video
    assert (bot.name, repr(bot.name)) == ("bot", "'bot'")
    assert bob.state == "joined"


def test_a_peer_and_a_widget_meet_in_a_room_whatever_its_name(peers: Peers) -> None:
    peers.room = f"%41 r%2Fx+100%25 a%20b&c=d#{peers.room}"
    widget = RoomWidget(peers.room, relay=peers.relay)
    try:
        peer = peers("Bob")
        peer.wait_for("joined", 20)
        widget.wait_for(lambda room: "Bob" in room.participants, 20)
    finally:
        widget.close()


def test_a_request_that_cannot_be_read_costs_no_peer(peers: Peers) -> None:
    ada, bob = peers.pair()
    process = ada._process
    future: concurrent.futures.Future[object] = concurrent.futures.Future()
    process._waiting[10_000_000] = future

    process._writer._write(_HEADER.pack(3, ada._link.key, 10_000_000) + b"???")

    error = future.exception(20)
    assert isinstance(error, RtcWidgetError)
    assert error.code == "peer_failed"
    assert "could not be read" in error.message
    bob.send("hello")
    assert (ada.state, bob.state) == ("joined", "joined")
