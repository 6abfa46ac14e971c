"""What waits for a kernel that is busy: bounded, in order, and nobody loses anything by what others send."""

from __future__ import annotations

from typing import Any

import pytest

from rtc_widget.peer.process.kernel_backlog import LIMIT, KernelBacklog
from rtc_widget.protocol.media_process import (
    Entered,
    MessageReceived,
    Notification,
    PathLost,
    Problem,
    RoomEvent,
)
from tests.support.fakes import entry

LARGE = b"x" * (1 << 18)


class Kernel:
    """A kernel that handles what it is told when the test says so."""

    def __init__(self) -> None:
        self.told: list[Notification] = []
        self.again: list[int] = []
        self.backlog = KernelBacklog(
            self.told.append, lambda peer, key: f"{key} of {peer}", self.again.append
        )

    def says(self, sender: str, data: str | bytes = LARGE, *, peer: int = 1, times: int = 1) -> int:
        """Let somebody send messages; return how many reach the kernel."""
        before = len(self.of(MessageReceived))
        for _ in range(times):
            self.backlog.tell(peer, MessageReceived(sender, data))
        return len(self.of(MessageReceived)) - before

    def happens(self, event: str, *, peer: int = 1, **payload: Any) -> bool:
        """Let something happen in the room; return whether the kernel is told."""
        before = len(self.told)
        self.backlog.tell(peer, RoomEvent(event, payload))
        return len(self.told) > before

    def of(self, kind: type) -> list[Any]:
        """Return the events of one kind."""
        return [each.event for each in self.told if isinstance(each.event, kind)]

    def handles(self) -> None:
        """Handle everything."""
        self.backlog.handled(max(each.end for each in self.told))


@pytest.fixture
def kernel() -> Kernel:
    return Kernel()


@pytest.mark.parametrize("data", [LARGE, "short"])
def test_what_a_kernel_does_not_take_is_bounded_and_the_newest_is_dropped(
    kernel: Kernel, data: str | bytes
) -> None:
    taken = kernel.says("ada", data, times=60_000)

    assert 0 < taken * len(data) <= LIMIT
    assert taken < 60_000
    assert kernel.says("ada", data) == 0


def test_that_messages_were_dropped_is_said_once_of_each_sender(kernel: Kernel) -> None:
    kernel.says("ada", times=200)
    kernel.handles()
    kernel.says("ada", times=200)
    kernel.says("bob", times=200)

    said = kernel.of(Problem)
    assert [each.code for each in said] == ["rate_limited", "rate_limited"]
    assert [each.text.split(" were dropped")[0] for each in said] == [
        "Messages of ada of 1",
        "Messages of bob of 1",
    ]


def test_what_has_been_handled_makes_room(kernel: Kernel) -> None:
    taken = kernel.says("ada", times=200)
    kernel.backlog.handled(kernel.told[9].end)

    assert kernel.says("ada", times=200) == 10
    kernel.handles()
    assert kernel.says("ada", times=200) == taken


def test_who_sends_little_loses_nothing_by_who_sends_without_end(kernel: Kernel) -> None:
    kernel.says("eve", times=200)

    assert kernel.says("ada", b"x" * 1_000, times=100) == 100
    assert kernel.says("ada", b"x" * 1_000, peer=2, times=100) == 100
    assert kernel.happens("media_state", audio=True)


def test_however_many_come_and_go_there_is_a_limit_for_all(kernel: Kernel) -> None:
    for number in range(100):
        kernel.says(f"p{number}", times=80)

    assert len(kernel.of(MessageReceived)) * len(LARGE) <= 2 * LIMIT


def test_nothing_is_told_out_of_order(kernel: Kernel) -> None:
    kernel.says("ada", "first")
    kernel.happens("media_state", audio=True)
    kernel.says("ada", "second")

    ends = [each.end for each in kernel.told]
    assert ends == sorted(ends)
    assert [type(each.event) for each in kernel.told] == [MessageReceived, RoomEvent, MessageReceived]


def test_a_room_whose_events_are_too_many_is_told_anew_once_the_kernel_has_caught_up(kernel: Kernel) -> None:
    report = {"entries": ["x" * 100_000]}
    told = [kernel.happens("report", **report) for _ in range(1_000)]

    assert True in told
    assert False in told
    assert not kernel.happens("media_state", audio=True)
    assert kernel.happens("report", peer=2, **report)
    assert kernel.again == []
    kernel.handles()
    assert kernel.again == [1]
    kernel.handles()
    assert kernel.again == [1]
    assert kernel.happens("media_state", audio=True)


def fall_behind(kernel: Kernel) -> None:
    while kernel.happens("report", entries=["x" * 100_000]):
        pass


def test_who_has_left_meanwhile_is_known_to_have_and_who_was_not_known_is_not_told_of(kernel: Kernel) -> None:
    kernel.backlog.tell(1, Entered([entry("ada", 1)]))
    kernel.happens("user_joined", **entry("bob", 2))
    fall_behind(kernel)

    assert not kernel.happens("user_joined", **entry("eve", 3))
    assert not kernel.happens("user_left", socketId="eve")
    assert kernel.happens("user_left", socketId="ada")
    assert kernel.happens("user_left", socketId="bob")
    assert not kernel.happens("user_left", socketId="bob")


def test_what_nobody_else_causes_is_always_told(kernel: Kernel) -> None:
    fall_behind(kernel)
    kernel.backlog.tell(1, PathLost())
    kernel.backlog.tell(1, Entered([entry("ada", 1)]))

    assert kernel.happens("recording", recording="r", on=True)
    assert [(type(each.event), each.end) for each in kernel.told[-3:]] == [
        (PathLost, 0),
        (Entered, 0),
        (RoomEvent, 0),
    ]


def test_of_a_peer_that_has_been_closed_nothing_is_told_again(kernel: Kernel) -> None:
    fall_behind(kernel)
    kernel.backlog.forget(1)
    kernel.handles()

    assert kernel.again == []
