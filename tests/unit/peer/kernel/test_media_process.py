"""The kernel's end of the media process: answers, events, and what becomes of both when it ends."""

from __future__ import annotations

import concurrent.futures
import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.errors import InvalidArgumentError, ProtocolError, RtcWidgetError, WaitTimeoutError
from rtc_widget.peer.ipc.pipe import HEADER_BYTES, pack
from rtc_widget.peer.kernel import media_process
from rtc_widget.peer.kernel.media_process import MediaProcess, ProcessAnswers, ProcessEnded
from rtc_widget.protocol.media_process import (
    Close,
    FrameReady,
    Handled,
    Mute,
    Notification,
    Ping,
    Reply,
    SourceEnded,
)
from tests.support.fake_media_process import FakeProcess
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

MUTE = Mute("video", True)


class Kernel:
    """A media process' kernel, with two peers."""

    def __init__(self) -> None:
        self.other = FakeProcess()
        self.process = self.other.made()
        self.heard: tuple[list[Any], list[Any]] = ([], [])
        self.ada, self.bob = (self.process.add(heard.append) for heard in self.heard)


@pytest.fixture
def kernel(no_leaks: None) -> Iterator[Kernel]:
    made = Kernel()
    yield made
    made.other.is_stuck = False
    made.process.end()


# -- commands


def test_answers_go_to_whoever_asked_in_whatever_order_they_come(kernel: Kernel) -> None:
    first, second = kernel.ada.request(MUTE), kernel.bob.request(Close())
    requests = [kernel.other.read(), kernel.other.read()]

    kernel.other.answer(requests[1], "second")
    kernel.other.answer(requests[0], "first")

    assert (first.result(10), second.result(10)) == ("first", "second")
    assert [request.command for request in requests] == [MUTE, Close()]
    assert [request.peer for request in requests] == [kernel.ada.key, kernel.bob.key]


def test_what_cannot_be_passed_on_is_refused_and_the_next_command_is_run(kernel: Kernel) -> None:
    refused: Any = Mute("video", object())  # type: ignore[arg-type]

    with pytest.raises(InvalidArgumentError, match="cannot be passed to the media process"):
        kernel.ada.call(refused)
    with pytest.raises(InvalidArgumentError, match="cannot be passed to the media process"):
        kernel.ada.post(refused)
    kernel.ada.post(MUTE)

    assert kernel.other.read().command == MUTE


def test_an_answer_that_cannot_be_read_is_an_error_for_whoever_asked_and_the_next_is_read(
    kernel: Kernel,
) -> None:
    first, second = kernel.ada.request(MUTE), kernel.bob.request(MUTE)
    requests = [kernel.other.read(), kernel.other.read()]
    unreadable = pack(Reply(requests[0].number))

    kernel.other.answers.write(unreadable[:HEADER_BYTES] + bytes(len(unreadable) - HEADER_BYTES))
    kernel.other.answer(requests[1], "second")

    assert second.result(10) == "second"
    with pytest.raises(RtcWidgetError, match="could not be read") as failed:
        first.result(10)
    assert failed.value.code == "peer_failed"


def test_what_has_been_handled_is_told_once_it_is_much(kernel: Kernel) -> None:
    later: list[Any] = []
    kernel.process.add(lambda _event: None, lambda job, *args: later.append((job, args)))
    busy = kernel.bob.key + 1

    kernel.other.say(Notification(kernel.ada.key, SourceEnded(None), 1_000_000))
    kernel.other.say(Notification(kernel.ada.key, SourceEnded(None), 1_000_100))
    kernel.other.say(Notification(busy, SourceEnded(None), 2_000_000))
    assert kernel.other.read().command == Handled(1_000_000)
    wait_until(lambda: later, 10)
    # Nothing more is said before the busy one has handled it.
    kernel.ada.post(MUTE)
    assert kernel.other.read().command == MUTE
    for job, args in later:
        job(*args)
    assert kernel.other.read().command == Handled(2_000_000)


def test_what_nobody_takes_any_more_counts_as_handled(kernel: Kernel) -> None:
    kernel.process.remove(kernel.ada.key)

    kernel.other.say(Notification(kernel.ada.key, SourceEnded(None), 1_000_000))

    assert kernel.other.read().command == Handled(1_000_000)


def test_what_is_posted_asks_for_no_answer(kernel: Kernel) -> None:
    kernel.ada.post(FrameReady())

    assert kernel.other.read().number == 0
    kernel.other.say(Reply(0, "nobody asked"))
    kernel.other.tell(kernel.ada.key, SourceEnded(None))
    wait_until(lambda: kernel.heard[0], 10)


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("ProtocolError", ProtocolError),
        ("InvalidArgumentError", InvalidArgumentError),
        ("RtcWidgetError", RtcWidgetError),
        ("AnErrorOfTomorrow", RtcWidgetError),
    ],
)
def test_a_refusal_is_raised_where_the_command_was_given(
    kernel: Kernel, told: str, kind: type[RtcWidgetError]
) -> None:
    asking = kernel.ada.request(MUTE)
    kernel.other.answer(kernel.other.read(), None, (told, "bad_argument", "No such thing."))

    with pytest.raises(RtcWidgetError, match="No such thing") as caught:
        asking.result(10)

    assert (type(caught.value), caught.value.code) == (kind, "bad_argument")


def test_who_calls_waits_no_longer_than_allowed_and_a_late_answer_harms_nobody(kernel: Kernel) -> None:
    with pytest.raises(WaitTimeoutError, match="Mute") as caught:
        kernel.ada.call(MUTE, timeout=0.01)
    assert caught.value.code == "timeout"
    kernel.other.answer(kernel.other.read(), "late")

    asking = kernel.ada.request(MUTE)
    kernel.other.answer(kernel.other.read(), "in time")
    assert asking.result(10) == "in time"


# -- events


def test_events_go_to_their_peer_and_after_its_end_to_nobody(kernel: Kernel) -> None:
    kernel.other.tell(kernel.bob.key, SourceEnded("one"))
    wait_until(lambda: kernel.heard[1], 10)

    kernel.process.remove(kernel.bob.key)
    kernel.process.remove(kernel.bob.key)
    kernel.other.tell(kernel.bob.key, SourceEnded("two"))
    kernel.other.tell(kernel.ada.key, SourceEnded("three"))
    wait_until(lambda: kernel.heard[0], 10)

    assert kernel.heard == ([SourceEnded("three")], [SourceEnded("one")])


def test_an_event_that_cannot_be_handled_does_not_keep_the_next_one(
    kernel: Kernel, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_event: object) -> None:
        raise ZeroDivisionError

    broken = kernel.process.add(fail)
    kernel.other.tell(broken.key, SourceEnded(None))
    kernel.other.tell(kernel.ada.key, SourceEnded(None))
    wait_until(lambda: kernel.heard[0], 10)

    assert "could not be handled" in caplog.text
    kernel.process.remove(broken.key)


# -- the end


def test_when_it_ends_by_itself_whoever_waits_and_all_peers_hear_why(kernel: Kernel) -> None:
    waiting = [kernel.ada.request(MUTE), kernel.bob.request(MUTE)]
    kernel.other.print("no memory left\n")
    kernel.other.end()

    for each in waiting:
        with pytest.raises(RtcWidgetError, match="Its output: no memory left") as caught:
            each.result(10)
        assert caught.value.code == "peer_failed"
    wait_until(lambda: all(kernel.heard), 10)
    assert [type(event) for heard in kernel.heard for event in heard] == [ProcessEnded, ProcessEnded]
    assert kernel.process.ended


def test_after_its_end_commands_fail_at_once_and_posts_are_dropped(kernel: Kernel) -> None:
    kernel.other.end()
    wait_until(lambda: all(kernel.heard), 10)

    kernel.ada.post(FrameReady())
    with pytest.raises(RtcWidgetError) as caught:
        kernel.ada.call(MUTE, timeout=60)

    assert caught.value.code == "peer_failed"


def test_only_the_last_words_of_a_long_output_are_told(kernel: Kernel) -> None:
    kernel.other.print("begin" + "x" * 5_000 + "end")
    kernel.other.end()
    wait_until(lambda: kernel.heard[0], 10)

    text = kernel.heard[0][0].failure.message
    assert text.endswith("end")
    assert "begin" not in text


def test_a_message_that_is_cut_is_the_end(kernel: Kernel) -> None:
    asking = kernel.ada.request(MUTE)
    kernel.other.answers.write(b"\xff\x00\x00\x00half")

    kernel.other.end()

    with pytest.raises(RtcWidgetError) as caught:
        asking.result(10)
    assert caught.value.code == "peer_failed"


@pytest.mark.parametrize("is_stuck", [False, True])
def test_it_is_told_to_leave_and_killed_only_when_it_does_not(no_leaks: None, is_stuck: bool) -> None:
    other = FakeProcess()
    process = other.made()
    other.is_stuck = is_stuck

    process.end()

    assert other.was_told_to_leave
    assert other.kills == is_stuck
    assert process.ended


def test_a_process_that_was_forked_off_lets_go_without_ending_it(kernel: Kernel) -> None:
    kernel.process.abandon()

    assert kernel.process.ended
    assert kernel.other.kills == 0
    with pytest.raises(RtcWidgetError):
        kernel.ada.call(MUTE, timeout=60)


# -- who does not answer


def test_peers_hear_that_it_does_not_answer_and_that_it_does_again(
    monkeypatch: pytest.MonkeyPatch, no_leaks: None
) -> None:
    monkeypatch.setattr("rtc_widget.peer.kernel.watchdog._EVERY_SECONDS", 0.01)
    monkeypatch.setattr("rtc_widget.peer.kernel.watchdog._PATIENCE_SECONDS", 0.05)
    kernel = Kernel()
    first = kernel.other.read()
    assert (first.peer, first.command) == (0, Ping())
    wait_until(lambda: all(kernel.heard), 10)
    assert kernel.heard[0][0] == ProcessAnswers(now=False)

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        done = pool.submit(_answer_all, kernel.other)
        wait_until(lambda: ProcessAnswers(now=True) in kernel.heard[1], 10)
        kernel.process.end()
        done.result(10)


def _answer_all(process: FakeProcess) -> None:
    """Answer until there is nothing more."""
    with contextlib.suppress(AssertionError, ValueError, OSError):
        while True:
            process.answer(process.read())


# -- who uses it


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch, no_leaks: None) -> list[FakeProcess]:
    """The processes that are started from now on."""
    made: list[FakeProcess] = []

    def make() -> MediaProcess:
        made.append(FakeProcess())
        return made[-1].made()

    monkeypatch.setattr(media_process, "MediaProcess", make)
    return made


def test_peers_share_one_process_and_the_last_ends_it(processes: list[FakeProcess]) -> None:
    first, second = media_process.acquire(), media_process.acquire()
    assert first is second

    media_process.release(first)
    assert not first.ended
    media_process.release(second)

    assert first.ended
    assert len(processes) == 1


def test_one_that_has_ended_is_replaced_and_its_users_do_not_end_the_next(
    processes: list[FakeProcess],
) -> None:
    first = media_process.acquire()
    processes[0].end()
    wait_until(lambda: first.ended, 10)

    second = media_process.acquire()
    media_process.release(first)

    assert second is not first
    assert media_process.acquire() is second
    media_process.release(second)
    assert not second.ended
    media_process.release(second)
    assert second.ended


@pytest.mark.parametrize("given", [None, "glibc.malloc.arena_max=2"])
def test_the_users_own_settings_of_the_heap_are_kept(
    monkeypatch: pytest.MonkeyPatch, given: str | None
) -> None:
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    if given:
        monkeypatch.setenv("GLIBC_TUNABLES", given)

    settings = media_process._steady_heap().split(":")

    assert settings[-2:] == ["glibc.malloc.tcache_count=0", "glibc.malloc.mxfast=0"]
    assert settings[:-2] == ([given] if given else [])
