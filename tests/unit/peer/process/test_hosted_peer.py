"""One peer in the media process: what it says of its media, whose frames are transformed, and what the kernel is told."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from rtc_widget.errors import ProtocolError
from rtc_widget.media.frame import Frame, to_i420
from rtc_widget.peer.ipc.shared_memory import RgbBuffer
from rtc_widget.peer.process import hosted_peer, room
from rtc_widget.peer.process.hosted_peer import HostedPeer
from rtc_widget.peer.process.incoming import Incoming
from rtc_widget.protocol import media_process as wire
from rtc_widget.signaling.client import RelayClient
from tests.support.fake_rooms import FakeRemote, joined, sent
from tests.support.fakes import FakeRelays, entry
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

WIDTH, HEIGHT = 64, 48
KERNEL = wire.SourceSpec(what="kernel", size=(WIDTH, HEIGHT), fps=30, both=False, loop=False)


def grey(level: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.full((HEIGHT, WIDTH, 3), level, np.uint8)


class RemoteWithMedia(FakeRemote):
    """Another participant, of whom frames can come."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.incoming: Any = Incoming()


class Hosted:
    """A peer in a room of a fake relay's, and what the kernel is told of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *others: dict[str, Any]) -> None:
        monkeypatch.setattr(room, "RemotePeer", RemoteWithMedia)
        self.client = joined(*others)
        self.relays = FakeRelays(self.client)
        monkeypatch.setattr(RelayClient, "connect", self.relays.connect)
        self.told: list[Any] = []
        self.sent: list[int] = []
        options = wire.Open(
            "demo", "Ada", "owner key", ("https://relay.example", "a secret of the tests"), None, []
        )
        self.peer = HostedPeer(options, self.told.append)
        self.peer.room.video.listen(lambda frame: self.sent.append(frame.to_ndarray(format="rgb24")[0, 0, 0]))
        self.buffer = RgbBuffer(WIDTH * HEIGHT * 3)

    async def says(self, *commands: wire.Command) -> Any:
        """Run the kernel's commands, and return the last one's result."""
        result = None
        for command in commands:
            result = await self.peer.run(command)
        return result

    async def sends_from_the_kernel(self) -> None:
        """Send what the kernel writes."""
        await self.says(
            wire.UseFrameBuffer(self.buffer.path, self.buffer.capacity), wire.Use("video", KERNEL)
        )

    async def writes(self, level: int) -> None:
        """Write a grey frame, as the kernel does."""
        self.buffer.write(grey(level), 1, 0.0)
        self.peer.take_frame()

    def remote(self, key: str) -> RemoteWithMedia:
        """Return another participant."""
        found = self.peer.room._remotes[key]
        assert isinstance(found, RemoteWithMedia)
        return found

    def of(self, kind: type) -> list[Any]:
        """Return what the kernel was told of one kind."""
        return [each for each in self.told if isinstance(each, kind)]

    def inputs(self) -> list[str | None]:
        """Return whose frames the transform was given, one after the other."""
        return [each.participant for each in self.of(wire.TransformInput)]

    async def announced(self) -> list[tuple[bool, bool]]:
        """Return what it has said of its video and audio, one after the other."""
        await asyncio.sleep(0)  # what was posted is sent by a task
        return [(payload["video"], payload["audio"]) for payload in sent(self.client, "media_state")]


@pytest.fixture
async def host(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    made: list[Hosted] = []

    async def host(*others: dict[str, Any]) -> Hosted:
        made.append(Hosted(monkeypatch, *others))
        await wait_for(lambda: made[-1].of(wire.Entered), 10, "the room")
        return made[-1]

    yield host
    for each in made:
        await each.says(wire.Close())
        each.buffer.unlink()


async def test_the_kernel_is_told_the_roster_and_what_happens_in_the_room(host):
    hosted = await host(entry("bob", 1))

    hosted.relays.on_event("user_joined", entry("eve", 6))
    hosted.relays.on_event("offer", {"from": "bob", "offer": {}})

    (entered,) = hosted.of(wire.Entered)
    assert [each["socketId"] for each in entered.roster] == ["bob", "me"]
    # What others signal is not the kernel's.
    assert [each.name for each in hosted.of(wire.RoomEvent)] == ["user_joined"]


async def test_it_says_that_it_sends_while_it_does(host):
    hosted = await host()

    await hosted.sends_from_the_kernel()
    await hosted.says(wire.Mute("video", True))
    await hosted.says(wire.Use("audio", KERNEL))
    await hosted.says(wire.Use("video", None))

    assert await hosted.announced() == [(True, False), (False, False), (False, True)]


async def test_a_muted_picture_is_not_sent_and_shown_again_afterwards(host):
    hosted = await host()
    await hosted.sends_from_the_kernel()
    await hosted.writes(10)
    await hosted.says(wire.Mute("video", True))
    await hosted.writes(200)
    assert len(hosted.sent) == 1

    await hosted.says(wire.Mute("video", False))

    assert hosted.sent == pytest.approx([10, 200], abs=3)


async def test_who_joins_later_does_not_see_what_has_ended(host):
    hosted = await host()
    await hosted.sends_from_the_kernel()
    await hosted.writes(10)

    await hosted.says(wire.Use("video", None))

    seen: list[object] = []
    hosted.peer.room.video.listen(seen.append)
    assert seen == []


@pytest.mark.parametrize(
    ("others", "of", "chosen"),
    [
        ([], None, None),
        ([entry("bot", 1, kind="python"), entry("bob", 2), entry("eve", 3)], None, "bob"),
        ([entry("bot", 1, kind="python")], None, "bot"),
        ([entry("bob", 1), entry("eve", 2)], "Eve", "eve"),
        ([entry("bob", 1), entry("eve", 2)], "eve", "eve"),
        ([entry("bob", 1, name="eve"), entry("eve", 2)], "eve", "eve"),
        ([entry("bob", 1)], "Eve", None),
    ],
    ids=[
        "nobody",
        "the first browser",
        "a peer",
        "a name",
        "an id",
        "an id that is a name too",
        "somebody who is not here",
    ],
)
async def test_a_transform_gets_the_frames_of(host, others, of, chosen):
    hosted = await host(*others)

    await hosted.says(wire.SetTransform("kernel", of, None))

    assert hosted.inputs() == [chosen]
    # Without an input nothing comes out.
    assert hosted.peer.room._media["video"] is (chosen is not None)


async def test_a_transform_gets_its_own_source_first_and_somebody_elses_when_that_ends(host):
    hosted = await host(entry("bob", 1))
    await hosted.sends_from_the_kernel()

    await hosted.says(wire.SetTransform("kernel", None, None), wire.Use("video", None))

    # The kernel's own frames are transformed before they come here.
    assert hosted.inputs() == [None, "bob"]


async def test_a_transforms_input_follows_who_comes_and_goes(host):
    hosted = await host(entry("bob", 1))
    await hosted.says(wire.SetTransform("kernel", None, None))

    hosted.relays.on_event("user_joined", entry("eve", 6))
    hosted.relays.on_event("user_left", {"socketId": "bob", "reason": "left"})
    hosted.relays.on_event("user_left", {"socketId": "eve", "reason": "left"})

    assert hosted.inputs() == ["bob", "eve", None]


async def test_of_the_frames_that_come_while_a_transform_is_slow_only_the_newest_is_transformed(
    host, monkeypatch
):
    began, goes_on = threading.Event(), threading.Event()

    def slow(_frame: Frame) -> None:
        began.set()
        assert goes_on.wait(10)

    monkeypatch.setattr(hosted_peer, "load_transform", lambda _pickled: slow)
    hosted = await host()
    await hosted.sends_from_the_kernel()
    await hosted.says(wire.SetTransform("peer", None, b"the function"))

    await hosted.writes(10)
    await wait_for(began.is_set, 10)
    for level in (50, 100, 150, 200):
        await hosted.writes(level)
    goes_on.set()
    await wait_for(lambda: hosted.sent and hosted.sent[-1] > 190, 10)

    assert [round(level / 10) for level in hosted.sent] == [1, 20]
    assert (await hosted.says(wire.GetStats()))["transform"]["dropped"] == 3


async def test_a_subscription_goes_on_with_a_participants_next_page_and_ends_with_them(host):
    hosted = await host(entry("bob", 1))
    await hosted.says(wire.Subscribe("bob", "video"), wire.Subscribe("bob", "video"))

    def frames() -> None:
        with contextlib.suppress(KeyError):
            hosted.remote("bob").incoming.video.push(to_i420(grey(50)))

    frames()
    (memory,) = hosted.of(wire.MemoryReady)
    hosted.relays.on_event("user_joined", entry("bob", 1, session="another life"))
    frames()
    hosted.relays.on_event("user_left", {"socketId": "bob", "reason": "left"})

    assert (memory.participant, memory.track) == ("bob", "video")
    assert len(hosted.of(wire.MemoryReady)) == 1
    assert hosted.peer._sinks == {}


async def test_a_stranger_cannot_be_subscribed_to(host):
    hosted = await host()

    with pytest.raises(ProtocolError, match="no participant") as refused:
        await hosted.says(wire.Subscribe("stranger", "video"))

    assert refused.value.code == "unknown_participant"


async def test_a_source_that_cannot_be_opened_leaves_the_one_that_is_there(host, tmp_path):
    hosted = await host()
    await hosted.sends_from_the_kernel()
    missing = wire.SourceSpec(
        what=str(tmp_path / "missing.mp4"), size=(64, 48), fps=30, both=True, loop=False
    )

    with pytest.raises(Exception, match="missing"):
        await hosted.says(wire.Use("video", missing))
    await hosted.writes(10)

    assert len(hosted.sent) == 1
    assert await hosted.announced() == [(True, False)]


async def test_what_has_been_sent_is_counted(host):
    hosted = await host()
    await hosted.sends_from_the_kernel()
    await hosted.writes(10)
    await hosted.writes(20)

    assert await hosted.says(wire.GetStats()) == {"transform": None, "sent": 2}
