"""What peers, their process and a relay say to each other has the shapes that it had."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from rtc_widget import Peer, Relay, RoomWidget
from tests.support.golden import shapes, taps
from tests.support.relays import SECRET, RunningRelay
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROOM = "lesson"
SMALL = {"source": "pattern", "audio": "tone", "resolution": (160, 120), "fps": 10.0}


def call(relay: Relay, _folder: Path) -> None:
    """Ada and Bob meet, write to each other, look, turn a camera off and on, and part."""
    with (
        Peer(ROOM, name="Ada", relay=relay, **SMALL) as ada,
        Peer(ROOM, name="Bob", relay=relay, **SMALL) as bob,
    ):
        for peer in (ada, bob):
            peer.wait_for("connected")
        heard: list[object] = []
        bob.on_message(lambda data, _sender: heard.append(data))
        ada.send({"hello": "Bob"})
        ada.send(b"\x00\x01", to="Bob")
        wait_until(lambda: len(heard) == 2, 30, "both messages")
        assert bob.frame("Ada").shape == (120, 160, 3)
        assert bob.sound("Ada", seconds=0.1).rate == 48_000
        ada.mute(video=True)
        wait_until(lambda: not bob.participants["Ada"].video, 30, "Ada's camera off")
        ada.unmute(video=True)
        wait_until(lambda: bob.participants["Ada"].stats, 30, "figures")
        bob.leave()
        wait_until(lambda: not ada.participants, 30, "Bob gone")


def step_through(relay: Relay, _folder: Path) -> None:
    """Eve holds what Ada and Bob say to each other, lets it go message by message, and breaks something."""
    eve = RoomWidget(ROOM, name="Eve", relay=relay)
    with Peer(ROOM, name="Ada", relay=relay) as ada:
        ada.wait_for("joined")
        wait_until(lambda: "Ada" in eve.participants, 30, "Eve sees Ada")
        eve.fault.delay("answer", 0.05, count=1)
        eve.break_on("offer")
        with Peer(ROOM, name="Bob", relay=relay) as bob:
            wait_until(lambda: eve.paused, 30, "the breakpoint met")
            assert eve.step(timeout=30).kind == "offer"
            assert eve.step(timeout=30).kind == "answer"
            eve.fault.clear()
            eve.pause()
            eve.resume()
            for peer in (ada, bob):
                peer.wait_for("connected")
    eve.close()


def recording(relay: Relay, folder: Path) -> None:
    """Ada records herself and Bob."""
    with (
        Peer(ROOM, name="Ada", relay=relay, **SMALL) as ada,
        Peer(ROOM, name="Bob", relay=relay, **SMALL) as bob,
    ):
        for peer in (ada, bob):
            peer.wait_for("connected")
        with ada.record(folder / "lesson") as made:
            wait_until(lambda: bob.recorded_by == ("Ada",), 30, "Bob told of it")
            wait_until(lambda: made.size > 60_000, 30, "something of both")
            made.chapter("A mark")
        wait_until(lambda: not bob.recorded_by, 30, "Bob told of the end")
        assert len(made.media) == 2


@pytest.mark.parametrize("scenario", [call, step_through, recording], ids=lambda each: each.__name__)
async def test_what_peers_say_has_the_shapes_that_it_had(
    scenario: Callable[[Relay, Path], None], tmp_path: Path
) -> None:
    with taps.signaling() as signaling, taps.pipe() as pipe:
        running = await RunningRelay.start()
        try:
            await asyncio.to_thread(scenario, Relay(running.url, secret=SECRET), tmp_path)
        finally:
            await running.stop()

    section = f"{scenario.__name__} of peers"
    said = signaling.messages()
    shapes.agree(section, pipe=pipe.messages(), **taps.apart(said))
