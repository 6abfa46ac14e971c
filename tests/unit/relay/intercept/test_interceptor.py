"""Signaling messages between their arrival and their going on, and who is told of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.errors import ProtocolError
from rtc_widget.relay.intercept import interceptor
from rtc_widget.relay.tokens import resume_token
from tests.support.relay_parts import SECRET, RelayParts
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from rtc_widget.relay.clients import Client
    from rtc_widget.relay.roster import Room

OFFER = {"type": "offer", "sdp": "v=0"}


class Call:
    """Ada and Bob in a room that a teacher watches."""

    def __init__(self, relay: RelayParts, ada: Client, bob: Client, teacher: Client) -> None:
        self.relay, self.ada, self.bob, self.teacher = relay, ada, bob, teacher

    async def offers(self) -> str:
        """Let Ada offer; return the message's id."""
        answer = await self.relay.say(self.ada, "offer", to=self.relay.member(self.bob).id, offer=OFFER)
        return str(answer["id"])

    async def control(self, action: str, **options: Any) -> None:
        """Let the teacher ask for something."""
        await self.relay.say(self.teacher, "control_room", action=action, options=options)

    @property
    def room(self) -> Room:
        """The room."""
        room = self.relay.rooms.get("demo")
        assert room is not None
        return room

    @property
    def delivered(self) -> list[str]:
        """Ids of the offers that have reached Bob."""
        return [told["id"] for told in self.relay.told("bob", "offer")]

    async def signals(self, count: int) -> list[dict[str, Any]]:
        """Wait until the teacher has been told of so many stages of messages."""

        def entries() -> list[dict[str, Any]]:
            return [entry for told in self.relay.told("teacher", "signal") for entry in told["entries"]]

        await wait_for(lambda: len(entries()) >= count, 10, f"{count} signals")
        return entries()


@pytest.fixture
async def call() -> AsyncIterator[Call]:
    relay = RelayParts()
    ada, bob = await relay.join("ada"), await relay.join("bob")
    yield Call(relay, ada, bob, await relay.watch("teacher"))
    await relay.end()


async def test_a_message_goes_on_at_once_and_its_way_is_told_to_who_traces(call: Call) -> None:
    await call.relay.watch("observer", role="observer")

    key = await call.offers()
    assert call.delivered == [key]
    entries = await call.signals(2)

    assert [(entry["id"], entry["stage"]) for entry in entries] == [(key, "arrived"), (key, "forwarded")]
    assert entries[0]["content"] == OFFER
    assert "content" not in entries[1]
    assert call.relay.told("observer", "signal") == []


async def test_a_burst_is_told_in_few_messages(monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    monkeypatch.setattr(interceptor, "_TRACE_SECONDS", 1_000.0)
    for _offer in range(20):
        await call.offers()

    # 40 entries are as many as wait; none of them has waited for its time.
    assert [len(told["entries"]) for told in call.relay.told("teacher", "signal")] == [40]


async def test_a_paused_room_holds_its_messages_until_they_are_stepped_or_resumed(call: Call) -> None:
    await call.control("pause")
    keys = [await call.offers() for _offer in range(3)]
    assert call.delivered == []
    state = call.relay.interceptor.state_of(call.room)
    assert [each["id"] for each in state["held"]] == keys

    await call.control("step")
    assert call.delivered == keys[:1]
    await call.control("release", message=keys[2])
    assert call.delivered == [keys[0], keys[2]]
    await call.control("resume")

    assert call.delivered == [keys[0], keys[2], keys[1]]


async def test_what_a_teacher_changes_is_told_to_observers_and_not_to_participants(call: Call) -> None:
    await call.control("pause")

    (told,) = call.relay.told("teacher", "control")
    assert told["paused"] is True
    assert told["reason"]
    assert call.relay.told("ada", "control") == []


async def test_a_burst_of_held_messages_is_told_once_and_soon(call: Call) -> None:
    await call.control("pause")
    before = len(call.relay.told("teacher", "control"))
    for _offer in range(5):
        await call.offers()

    await wait_for(lambda: len(call.relay.told("teacher", "control")) > before, 10)

    (told,) = call.relay.told("teacher", "control")[before:]
    assert len(told["held"]) == 5


@pytest.mark.parametrize(
    ("action", "options", "code"),
    [
        ("dance", {}, "bad_request"),
        ("release", {"message": "nonsense"}, "nothing_held"),
        ("step", {}, "nothing_held"),
        ("fault", {"fault": "earthquake"}, "bad_request"),
        ("break_on", {"kind": "earthquake"}, "bad_request"),
        ("relay_down", {"seconds": 0}, "bad_request"),
        ("relay_down", {"seconds": True}, "bad_request"),
        ("relay_down", {"seconds": "5"}, "bad_request"),
        ("relay_down", {"seconds": 1e9}, "bad_request"),
    ],
)
async def test_what_there_is_not_is_refused(
    call: Call, action: str, options: dict[str, Any], code: str
) -> None:
    with pytest.raises(ProtocolError) as refused:
        await call.control(action, **options)

    assert refused.value.code == code


async def test_a_delayed_message_goes_on_when_its_time_has_come(call: Call) -> None:
    await call.control("fault", fault="delay", kind="offer", seconds=0.01)

    key = await call.offers()
    assert call.delivered == []

    await wait_for(lambda: call.delivered == [key], 10)


async def test_a_delayed_message_of_a_room_that_has_ended_meanwhile_goes_nowhere(call: Call) -> None:
    await call.control("fault", fault="delay", kind="offer", seconds=0.01)
    await call.offers()
    for client in (call.ada, call.bob):
        await call.relay.say(client, "leave_room")
    call.relay.rooms.unwatch("demo", "teacher")

    await wait_for(lambda: not call.relay.interceptor._timers, 10)

    assert call.delivered == []


async def test_what_waits_for_somebody_goes_with_them(call: Call) -> None:
    await call.control("pause")
    await call.offers()

    await call.relay.say(call.bob, "leave_room")

    assert call.relay.interceptor.state_of(call.room)["held"] == []


async def test_a_message_for_somebody_away_waits_for_them(call: Call) -> None:
    member = call.relay.member(call.bob)
    await call.relay.service.path_lost(member)

    key = await call.offers()

    assert call.delivered == []
    assert [payload["id"] for event, payload in member.waiting if event == "offer"] == [key]


async def test_a_fault_of_an_id_is_not_of_who_is_called_like_it(call: Call) -> None:
    relay, ada, bob = call.relay, call.relay.member(call.ada), call.relay.member(call.bob)
    # While Ada is not there, her id is a name like any other.
    await relay.say(call.ada, "leave_room")
    eve, again = relay.client("eve"), relay.client("ada again")
    await relay.say(eve, "join_room", name=ada.id)
    await relay.say(again, "join_room", resume=resume_token(SECRET, "demo", ada.id, ada.order))
    await call.control("fault", fault="drop", kind="offer", sender=ada.id)

    keys = [(await relay.say(each, "offer", to=bob.id, offer=OFFER))["id"] for each in (eve, again)]

    assert call.delivered == keys[:1]


async def test_what_a_teacher_holds_and_breaks_ends_with_the_teacher(call: Call) -> None:
    await call.control("fault", fault="drop", kind="answer")
    await call.control("pause")
    key = await call.offers()

    await call.relay.interceptor.lease_ends(call.room, "teacher")

    assert call.delivered == [key]
    state = call.relay.interceptor.state_of(call.room)
    assert (state["paused"], state["faults"]) == (False, [])


async def test_a_relay_that_is_down_cuts_everybody_and_says_so_until_it_is_up(call: Call) -> None:
    await call.control("relay_down", seconds=30)

    assert set(call.relay.disconnected) == {"ada", "bob"}
    (fault,) = call.relay.interceptor.state_of(call.room)["faults"]
    assert fault["fault"] == "relay_down"
    assert 0 < fault["seconds"] <= 30
    await call.control("clear", fault="down")

    assert call.room.down_until == 0.0
    assert [told["reason"] for told in call.relay.told("teacher", "control")][-1] == "relay_up"


async def test_a_relay_that_is_down_comes_up_by_itself(call: Call) -> None:
    await call.control("relay_down", seconds=0.01)

    await wait_for(lambda: call.relay.interceptor.state_of(call.room)["faults"] == [], 10)
    await wait_for(lambda: call.relay.told("teacher", "control")[-1]["reason"] == "relay_up", 10)


async def test_a_relay_that_is_down_comes_up_when_who_asked_for_it_goes(call: Call) -> None:
    await call.control("relay_down", seconds=30)
    await call.relay.interceptor.lease_ends(call.room, "somebody else")
    assert call.room.down_until > 0

    await call.relay.interceptor.lease_ends(call.room, "teacher")

    assert call.room.down_until == 0.0


async def test_what_was_on_its_way_from_or_to_a_life_that_is_over_is_not_the_next_ones(call: Call) -> None:
    ada, bob = call.relay.member(call.ada), call.relay.member(call.bob)
    forward = call.relay.interceptor.forward
    for gone, other in ((ada, bob), (bob, ada)):
        # The same participant in another life: a page that was loaded again.
        call.room.members[gone.id] = replace(gone, session="another")
        assert await forward(call.room, gone, [other], "answer", {"answer": OFFER}) is None
        assert await forward(call.room, other, [gone], "answer", {"answer": OFFER}) is None
        call.room.members[gone.id] = gone

    assert await forward(call.room, ada, [bob], "answer", {"answer": OFFER}) is not None
    assert len(call.relay.told("bob", "answer")) == 1
