"""The media process runs each peer's commands in their order, and no peer waits for another's."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from rtc_widget.errors import InvalidArgumentError, ProtocolError
from rtc_widget.peer.ipc.pipe import Unreadable
from rtc_widget.peer.process.media_host import MediaHost
from rtc_widget.protocol import media_process as wire
from rtc_widget.protocol.media_process import Notification, Reply, Request
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from rtc_widget.peer.process.hosted_peer import HostedPeer, Send

OPEN = wire.Open("room", "Ada", "key", None, None, [])


class FakePeer:
    """A peer whose commands take as long as the test says."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.ran: list[object] = []
        self.frames = 0
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.outcome: Callable[[object], object] = lambda _command: None
        self.is_closed = False

    async def run(self, command: object) -> object:
        self.ran.append(command)
        await self.go_on.wait()
        return self.outcome(command)

    def take_frame(self) -> None:
        self.frames += 1

    async def close(self) -> None:
        await self.go_on.wait()
        self.is_closed = True


class Kernel:
    """The other end of the pipe, and the peers that it has opened."""

    def __init__(self) -> None:
        self.heard: list[Reply | Notification] = []
        self.peers: list[FakePeer] = []
        self.failure: Exception | None = None
        self._number = 0
        self.host = MediaHost(self.heard.append, self._make)

    def _make(self, _options: wire.Open, send: Send) -> HostedPeer:
        if self.failure is not None:
            raise self.failure
        self.peers.append(FakePeer(send))
        return cast("HostedPeer", self.peers[-1])

    def asks(self, peer: int, command: Any) -> int:
        self._number += 1
        self.host.receive(Request(number=self._number, peer=peer, command=command))
        return self._number

    def opens(self, peer: int) -> FakePeer:
        self.asks(peer, OPEN)
        return self.peers[-1]

    async def reply(self, number: int) -> Reply:
        def found() -> list[Reply]:
            return [each for each in self.heard if isinstance(each, Reply) and each.number == number]

        await wait_for(found, 5, f"the answer to {number}")
        (one,) = found()
        return one


@pytest.fixture
async def kernel():
    made = Kernel()
    yield made
    for peer in made.peers:
        peer.go_on.set()
    await made.host.close()


async def test_a_command_is_answered_with_what_the_peer_returned(kernel):
    peer = kernel.opens(1)
    peer.outcome = lambda _command: True

    reply = await kernel.reply(kernel.asks(1, wire.Use("video", None)))

    assert (reply.value, reply.error) == (True, None)


async def test_one_peers_commands_wait_for_each_other_and_not_for_another_peers(kernel):
    slow, quick = kernel.opens(1), kernel.opens(2)
    slow.go_on.clear()
    first = kernel.asks(1, wire.Mute("video", True))
    second = kernel.asks(1, wire.Mute("video", False))

    await kernel.reply(kernel.asks(2, wire.Mute("audio", True)))
    assert len(quick.ran) == 1
    assert slow.ran == [wire.Mute("video", True)]

    slow.go_on.set()
    await kernel.reply(first)
    await kernel.reply(second)
    assert slow.ran == [wire.Mute("video", True), wire.Mute("video", False)]


async def test_frames_and_messages_do_not_wait_for_a_slow_command(kernel):
    peer = kernel.opens(1)
    peer.go_on.clear()
    kernel.asks(1, wire.Use("video", None))
    kernel.asks(1, wire.FrameReady())
    kernel.asks(1, wire.Send("hello", None, 1.0))

    assert peer.frames == 1
    await wait_for(lambda: wire.Send("hello", None, 1.0) in peer.ran, 5, "the message")


async def test_a_refusal_keeps_its_type_code_and_words(kernel):
    def refuse(_command: object) -> None:
        raise ProtocolError("unknown_participant", "Nobody has that id.")

    kernel.opens(1).outcome = refuse

    reply = await kernel.reply(kernel.asks(1, wire.Subscribe("bob", "video")))

    assert reply.error == ("ProtocolError", "unknown_participant", "Nobody has that id.")


async def test_a_fault_of_ours_is_told_with_where_it_happened_and_the_next_command_runs(kernel):
    peer = kernel.opens(1)
    peer.outcome = lambda _command: {}["missing"]

    failed = await kernel.reply(kernel.asks(1, wire.Mute("video", True)))
    peer.outcome = lambda _command: None
    worked = await kernel.reply(kernel.asks(1, wire.Mute("video", True)))

    assert failed.error is not None
    assert failed.error[1] == "peer_failed"
    assert "KeyError: 'missing'" in failed.error[2]
    assert worked.error is None


async def test_a_peer_that_was_closed_says_so_and_may_be_closed_twice(kernel):
    kernel.opens(1)
    await kernel.reply(kernel.asks(1, wire.Close()))

    again = await kernel.reply(kernel.asks(1, wire.Close()))
    late = await kernel.reply(kernel.asks(1, wire.Mute("video", True)))
    kernel.asks(1, wire.FrameReady())

    assert again.error is None
    assert late.error is not None
    assert late.error[1] == "closed"


async def test_events_say_whose_they_are(kernel):
    kernel.opens(1)
    kernel.opens(7).send(wire.SourceEnded(None))

    assert kernel.heard[-1] == Notification(peer=7, event=wire.SourceEnded(None))


async def test_a_ping_is_answered_at_once(kernel):
    number = kernel.asks(0, wire.Ping())

    assert kernel.heard == [Reply(number)]


async def test_at_the_end_all_leave_their_rooms_and_who_does_not_is_not_waited_for_long(kernel, monkeypatch):
    monkeypatch.setattr("rtc_widget.peer.process.media_host._GOODBYE_SECONDS", 0.05)
    good, stuck = kernel.opens(1), kernel.opens(2)
    stuck.go_on.clear()

    await kernel.host.close()

    assert good.is_closed
    assert not stuck.is_closed


@pytest.mark.parametrize(
    ("failure", "code"),
    [(InvalidArgumentError("bad_argument", "No address."), "bad_argument"), (KeyError("x"), "peer_failed")],
)
async def test_a_peer_that_cannot_be_made_is_told_so_and_costs_no_other(
    kernel: Kernel, failure: Exception, code: str
) -> None:
    kernel.opens(1)
    kernel.failure = failure

    number = kernel.asks(2, OPEN)

    assert (await kernel.reply(number)).error is not None
    [told] = [each for each in kernel.heard if isinstance(each, Notification)]
    assert told.peer == 2
    assert isinstance(told.event, wire.Ended)
    assert told.event.error is not None
    assert told.event.error["code"] == code
    assert (await kernel.reply(kernel.asks(1, wire.GetStats()))).error is None


async def test_who_waits_for_a_request_that_cannot_be_read_is_answered(kernel: Kernel) -> None:
    kernel.opens(1)
    kernel.host.refuse(Unreadable(1, 77, "no module"))

    reply = await kernel.reply(77)

    assert reply.error is not None
    assert reply.error[1] == "peer_failed"
    assert "no module" in reply.error[2]


@pytest.mark.parametrize(("peer", "told"), [(1, wire.Problem), (2, wire.Ended)])
async def test_a_peer_whose_command_cannot_be_read_is_told_so_and_one_that_was_never_made_has_ended(
    kernel: Kernel, peer: int, told: type
) -> None:
    kernel.opens(1)

    kernel.host.refuse(Unreadable(peer, 0, "no module"))

    assert isinstance(kernel.heard[-1], Notification)
    assert kernel.heard[-1].peer == peer
    assert isinstance(kernel.heard[-1].event, told)


async def test_a_kernel_that_has_handled_nothing_is_told_no_more_than_a_limit_until_it_has(kernel):
    peer = kernel.opens(1)
    peer.room = SimpleNamespace(entry=lambda key: {"name": key.title()})

    def heard() -> list[Notification]:
        told = [each for each in kernel.heard if isinstance(each, Notification)]
        return [each for each in told if isinstance(each.event, wire.MessageReceived)]

    for _ in range(100):
        peer.send(wire.MessageReceived("ada", "x" * 250_000))
    waiting = heard()
    kernel.asks(0, wire.Handled(waiting[-1].end))
    peer.send(wire.MessageReceived("ada", "after that"))

    assert 50 < len(waiting) < 70
    assert heard()[-1].event.data == "after that"
    (problem,) = [
        each.event
        for each in kernel.heard
        if isinstance(each, Notification) and isinstance(each.event, wire.Problem)
    ]
    assert "Messages of Ada were dropped" in problem.text
