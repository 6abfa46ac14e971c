"""Waiting for a room, and the messages that come from it."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.errors import InvalidArgumentError, RtcWidgetError, WaitTimeoutError
from rtc_widget.room.room_member import RecordedBy, RoomMember
from rtc_widget.room.room_state import assign
from rtc_widget.runtime import threads
from tests.support.cell_outputs import cell_outputs
from tests.support.fakes import entry
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator


class Member(RoomMember):
    """A member of a room without any media."""

    room, name = "demo", "Me"

    def __init__(self) -> None:
        super().__init__()
        self._begin_membership("owner")

    def enter(self, *entries: dict[str, Any]) -> None:
        """Take over a roster, as the observer thread does."""
        self._room_state.snapshot([entry("me", 1, owner="owner"), *entries])
        assign(self, me=self._room_state.me, participants=self._room_state.others)
        self._set_state("joined")
        self._waiters.notify()

    def report(self, peer: str, state: str) -> None:
        """Take over our own report of a connection."""
        told = {"type": "state", "peer": peer, "name": "connection_state", "value": state}
        self._room_state.apply("report", {"from": "me", "entries": [told]})
        self._waiters.notify()

    def pair(self, peer: str) -> None:
        """Take over our own report of a candidate pair."""
        told = {"type": "pair", "peer": peer, "local": "host", "remote": "host", "protocol": "udp"}
        self._room_state.apply("report", {"from": "me", "entries": [told]})
        self._waiters.notify()

    def receive(self, data: Any, sender: str) -> None:
        """Take a message, as the observer thread does."""
        self._receive_message(data, sender)

    def close(self) -> None:
        """Be closed."""
        self._life.closed = True
        self._waiters.notify(RtcWidgetError("closed", "It was closed."))

    @property
    def threads(self) -> threads.Threads:
        """The process's threads."""
        return self._threads


@pytest.fixture
def member(no_leaks: None) -> Iterator[Member]:
    yield Member()
    threads.release()


def test_waiting_for_a_state_ends_when_it_has_come(member: Member) -> None:
    assert member.state == "idle"
    member.threads.post(member.enter)

    member.wait_for("joined", 10)

    assert member.state == "joined"


def test_of_two_of_one_name_it_is_said_which_records(member: Member) -> None:
    member._publish_recorders([RecordedBy("ada-2", "Ada"), RecordedBy(None, "Ada")])
    assert member.recorded_by == ("Ada", "Ada")

    member.enter(entry("ada", 2), entry("ada-2", 3, name="Ada"))

    assert member.recorded_by == ("Ada (2)", "Ada")


def test_everybody_is_connected_only_when_somebody_is_here(member: Member) -> None:
    member.enter()
    with pytest.raises(WaitTimeoutError):
        member.wait_for("connected", 0.0)

    member.enter(entry("ada", 2), entry("bob", 3))
    member.report("ada", "connected")
    with pytest.raises(WaitTimeoutError, match=r"Ada \(connected\), Bob \(new\)"):
        member.wait_for("connected", 0.0)
    member.report("bob", "connected")
    member.pair("ada")
    # By which candidates is not known yet.
    with pytest.raises(WaitTimeoutError):
        member.wait_for("connected", 0.0)
    member.pair("bob")

    member.wait_for("connected", 10)


def test_waiting_in_vain_tells_those_of_one_name_apart(member: Member) -> None:
    member.enter(entry("one", 2, name="Bob"), entry("other", 3, name="Bob"))

    with pytest.raises(WaitTimeoutError, match=r"Bob \(new\), Bob \(2\) \(new\)"):
        member.wait_for("connected", 0.0)


def test_a_function_of_the_member_may_be_waited_for(member: Member) -> None:
    member.threads.post(lambda: member.enter(entry("ada", 2)))

    member.wait_for(lambda room: "Ada" in room.participants, 10)

    assert member.participants["Ada"].id == "ada"


def test_waiting_in_vain_says_what_the_room_is_and_what_went_wrong(member: Member) -> None:
    assign(member, error={"code": "relay_unreachable", "message": "No relay answers."})

    with pytest.raises(
        WaitTimeoutError, match=r"the call is .idle.; in the room: nobody else\. No relay answers"
    ) as refused:
        member.wait_for("joined", 0.0)
    assert refused.value.code == "timeout"
    with pytest.raises(WaitTimeoutError, match=r"waiting for a condition; the call is"):
        member.wait_for(lambda room: room.participants, 0.0)


def test_what_there_is_not_cannot_be_waited_for(member: Member) -> None:
    with pytest.raises(InvalidArgumentError, match="Cannot wait for 'splendid'"):
        member.wait_for("splendid", 0.0)


async def test_a_coroutine_waits_on_its_own_loop(member: Member) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    asyncio.get_running_loop().call_later(0.01, member.threads.post, member.enter)
    await member.wait_for_async("joined", 10)
    ticking.cancel()

    assert ticks > 1


def test_a_callback_may_not_wait(member: Member) -> None:
    raised: list[RtcWidgetError] = []

    def wait() -> None:
        try:
            member.wait_for("joined", 1)
        except RtcWidgetError as error:
            raised.append(error)

    member.threads.post(wait)
    wait_until(lambda: raised, 10)

    assert raised[0].code == "would_deadlock"


def test_who_waits_is_told_when_the_member_is_closed(member: Member) -> None:
    timer = threading.Timer(0.01, member.threads.post, (member.close,))
    timer.start()

    with pytest.raises(RtcWidgetError) as refused:
        member.wait_for("joined", 10)
    timer.join()

    assert refused.value.code == "closed"
    with pytest.raises(RtcWidgetError):
        member.wait_for("joined", 10)


def test_a_message_comes_to_all_who_listen_with_its_sender(
    member: Member, capfd: pytest.CaptureFixture[str]
) -> None:
    heard: list[tuple[Any, str]] = []
    tapped: list[tuple[Any, str, str | None]] = []

    def listen(data: Any, sender: Any) -> None:
        heard.append((data, sender.name))

    member.enter(entry("ada", 2))
    member.on_message(lambda _data, _sender: 1 // 0)
    member.on_message(listen)
    member.tap(lambda *told: tapped.append(told))
    member.receive("hello", "ada")
    member.receive("who?", "nobody")
    member.on_message(listen, remove=True)
    member.receive("again", "ada")

    assert heard == [("hello", "Ada")]
    assert tapped == [("hello", "ada", "me"), ("again", "ada", "me")]
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_what_a_callback_prints_and_raises_is_below_the_cell_that_added_it(member: Member) -> None:
    def complain(_data: Any, _sender: Any) -> None:
        raise ValueError("of the user's")

    member.enter(entry("ada", 2))
    with cell_outputs() as cells:
        cells.run("first", lambda: member.on_message(lambda data, sender: print(sender.name, data)))
        cells.run("second", lambda: member.on_message(complain))
        member.receive("hello", "ada")

    assert [*cells.texts] == ["first", "second"]
    assert cells.texts["first"] == "Ada hello\n"
    assert "of the user's" in cells.texts["second"]


def test_a_tap_that_is_taken_back_hears_nothing(member: Member) -> None:
    heard: list[Any] = []

    def tap(*told: Any) -> None:
        heard.append(told)

    member.enter(entry("ada", 2))
    member.tap(tap)
    member.tap(tap, remove=True)
    member.receive("hello", "ada")

    assert heard == []


def test_what_the_table_of_states_does_not_have_is_logged_and_followed(
    member: Member, caplog: pytest.LogCaptureFixture
) -> None:
    member.enter()

    with caplog.at_level(logging.ERROR):
        member._set_state("idle")

    assert member.state == "idle"
    assert "from joined to idle" in caplog.text


def test_a_message_may_be_waited_for_though_nothing_else_happens(member: Member) -> None:
    heard: list[Any] = []
    member.enter(entry("ada", 2))
    member.on_message(lambda data, _sender: heard.append(data))
    looked: list[bool] = []

    def has_heard(_: Member) -> bool:
        if not looked:
            member.threads.post(lambda: member.receive("hello", "ada"))
        looked.append(bool(heard))
        return bool(heard)

    member.wait_for(has_heard, 2)

    assert heard == ["hello"]


@pytest.mark.parametrize("name", ["on_message", "tap"])
@pytest.mark.parametrize("wrong", [print, None, "print"])
def test_what_was_not_added_cannot_be_removed(member: Member, name: str, wrong: Any) -> None:
    change = getattr(member, name)
    change(len)

    with pytest.raises(InvalidArgumentError, match=r"not added|must be a function") as refused:
        change(wrong, remove=True)

    assert refused.value.code == "bad_argument"
    change(len, remove=True)
