"""A teacher's connection at a real relay: who may hold and break, what is told, and that nothing stays stuck."""

from __future__ import annotations

import pytest

from tests.support.relays import CANDIDATE, OFFER
from tests.support.waiting import wait_for


@pytest.fixture
def teacher(relay, connect):
    """Connect a teacher who traces the room."""

    async def connect_teacher():
        client = await connect(token=relay.token(role="teacher"))
        await client.say("watch_room", trace=True)
        return client

    return connect_teacher


async def signal(client, stage):
    """Wait until a teacher is told that a message has come to a stage."""

    def found():
        told = [entry for name, payload in client.heard if name == "signal" for entry in payload["entries"]]
        return [entry for entry in told if entry["stage"] == stage]

    return (await wait_for(found, 30, f"a message that is {stage}"))[0]


async def control(client, action, **options):
    return await client.say("control_room", action=action, options=options)


async def test_a_teacher_sees_every_message_with_its_content_and_what_became_of_it(teacher, join):
    ada, bob = await join(name="Ada"), await join(name="Bob")
    desk = await teacher()

    acknowledged = await ada.say("offer", to=bob.id, offer=OFFER)

    arrived = await signal(desk, "arrived")
    forwarded = await signal(desk, "forwarded")
    assert arrived["content"] == OFFER
    assert (arrived["from"], arrived["to"], arrived["event"]) == (ada.id, bob.id, "offer")
    assert arrived["id"] == forwarded["id"] == acknowledged["id"]
    assert "content" not in forwarded
    assert 0 <= forwarded["at"] - arrived["at"] < 1000


async def test_who_does_not_trace_is_told_of_no_message(relay, connect, join):
    ada, bob = await join(), await join()
    observer = await connect(token=relay.token(role="teacher"))
    await observer.say("watch_room")

    await ada.say("offer", to=bob.id, offer=OFFER)

    assert "signal" not in await observer.caught_up()


@pytest.mark.parametrize("role", ["student", "observer"])
async def test_only_a_teacher_may_trace_hold_or_break(relay, connect, role):
    client = await connect(token=relay.token(role=role))
    await client.say("watch_room")

    assert await client.code("watch_room", trace=True) == "forbidden"
    assert await client.code("control_room", action="pause") == "forbidden"


async def test_a_teacher_who_does_not_watch_cannot_control(relay, connect):
    client = await connect(token=relay.token(role="teacher"))

    assert await client.code("control_room", action="pause") == "not_joined"


async def test_a_participant_of_a_paused_room_hears_nothing_until_the_step(teacher, join):
    desk = await teacher()
    ada, bob = await join(name="Ada"), await join(name="Bob")
    await control(desk, "pause")

    await ada.say("offer", to=bob.id, offer=OFFER)
    await ada.say("ice_candidate", to=bob.id, candidate=CANDIDATE)

    told = await desk.hears("control", reason="held")
    assert (told["held"][0]["kind"], told["held"][0]["from"]) == ("offer", ada.id)
    assert not {"offer", "ice_candidate"} & set(await bob.caught_up())
    await control(desk, "step")
    await bob.hears("offer")
    assert "ice_candidate" not in await bob.caught_up()
    await control(desk, "resume")
    await bob.hears("ice_candidate")


async def test_what_is_held_goes_on_when_the_teacher_vanishes(teacher, join):
    desk, witness = await teacher(), await teacher()
    ada, bob = await join(name="Ada"), await join(name="Bob")
    await control(desk, "pause")
    await ada.say("offer", to=bob.id, offer=OFFER)
    assert "offer" not in await bob.caught_up()

    await desk.vanish()

    await bob.hears("offer")
    assert (await witness.hears("control", reason="lease"))["paused"] is False


async def test_another_rooms_messages_are_not_held(teacher, join):
    desk = await teacher()
    eve, mallory = await join("another"), await join("another")
    await control(desk, "pause")

    await eve.say("offer", to=mallory.id, offer=OFFER)

    await mallory.hears("offer")


async def test_a_delayed_message_comes_and_in_the_end_no_timer_is_left(teacher, join, relay):
    desk = await teacher()
    ada, bob = await join(name="Ada"), await join(name="Bob")
    await control(desk, "fault", fault="delay", kind="offer", seconds=0.05)

    await ada.say("offer", to=bob.id, offer=OFFER)

    await signal(desk, "delayed")
    await bob.hears("offer")
    await wait_for(lambda: not relay.server._timers, 30, "the end of all timers")


async def test_glare_asks_the_other_side_for_an_offer_and_lets_both_cross(teacher, join):
    desk = await teacher()
    ada, bob = await join(name="Ada"), await join(name="Bob")
    await control(desk, "fault", fault="glare", sender="Ada", to="Bob")

    await ada.say("offer", to=bob.id, offer=OFFER)

    assert (await bob.hears("request_offer"))["from"] == ada.id
    assert "offer" not in await bob.caught_up()
    await bob.say("offer", to=ada.id, offer=OFFER)
    assert (await bob.hears("offer"))["from"] == ada.id
    assert (await ada.hears("offer"))["from"] == bob.id


async def test_a_snapshot_says_what_is_held_and_broken(teacher):
    desk = await teacher()
    await control(desk, "pause")
    await control(desk, "fault", fault="drop", kind="answer", to="Bob", count=3)

    state = (await desk.say("watch_room", trace=True))["control"]

    assert state["paused"] is True
    [fault] = state["faults"]
    assert (fault["fault"], fault["kind"], fault["to"], fault["count"]) == ("drop", "answer", "Bob", 3)


async def test_a_relay_that_is_down_drops_everybody_but_the_teacher_and_lets_them_back_later(
    teacher, join, connect
):
    desk = await teacher()
    ada, bob = await join(name="Ada", session="s-ada"), await join(name="Bob")
    resume = ada.joined["resume"]

    await control(desk, "relay_down", seconds=0.4)

    await desk.hears("user_away", socketId=ada.id)
    assert not ada.connected
    assert not bob.connected
    again = await connect()
    assert await again.code("join_room", resume=resume, session="s-ada") == "relay_down"
    await desk.hears("control", reason="relay_up")
    back = await again.join(resume=resume, session="s-ada")
    assert back["socketId"] == ada.id
    await desk.hears("user_back", socketId=ada.id)
    assert "user_left" not in await desk.caught_up()


@pytest.mark.parametrize(
    ("action", "options", "code"),
    [
        ("step", {}, "nothing_held"),
        ("release", {"message": "x"}, "nothing_held"),
        ("explode", {}, "bad_request"),
        ("fault", {"fault": "explode"}, "bad_request"),
        ("clear", {"fault": "f99"}, "bad_request"),
        ("relay_down", {"seconds": 1e9}, "bad_request"),
        ("break_on", {"kind": "letter"}, "bad_request"),
    ],
)
async def test_a_wish_that_makes_no_sense_is_refused(teacher, action, options, code):
    desk = await teacher()

    assert await desk.code("control_room", action=action, options=options) == code


@pytest.mark.parametrize(
    "options", ["drop", {"fault": ["drop"]}, {"kind": "x" * 300}, {str(n): n for n in range(17)}]
)
async def test_options_of_the_wrong_form_are_refused(teacher, options):
    desk = await teacher()

    assert await desk.code("control_room", action="fault", options=options) == "bad_request"


async def test_the_relays_clock_can_be_asked_without_joining(connect):
    client = await connect()

    first = await client.call("clock", {})
    second = await client.call("clock", {})

    assert first["ok"]
    assert 0 <= second["time"] - first["time"] < 5000


async def test_a_relay_that_is_down_is_listed_and_comes_back_when_that_is_cleared(teacher, join, connect):
    desk = await teacher()
    await join(name="Ada")
    await control(desk, "relay_down", seconds=60)
    told = await desk.hears("control", reason="relay_down")
    assert [each["fault"] for each in told["faults"]] == ["relay_down"]

    await control(desk, "clear")

    assert (await desk.hears("control", reason="relay_up"))["faults"] == []
    await (await connect()).join()


async def test_a_relay_is_up_again_when_the_teacher_who_switched_it_off_vanishes(teacher, join, connect):
    desk, witness = await teacher(), await teacher()
    await join(name="Ada")
    await control(desk, "relay_down", seconds=60)

    await desk.vanish()

    await witness.hears("control", reason="relay_up")
    await (await connect()).join()


async def test_who_lets_go_undoes_their_own_and_nothing_of_anothers(teacher):
    desk, other = await teacher(), await teacher()
    await control(desk, "pause")
    await control(other, "fault", fault="drop", kind="answer")

    await control(other, "let_go")

    state = (await other.say("watch_room", trace=True))["control"]
    assert (state["paused"], state["faults"]) == (True, [])


async def test_a_burst_of_held_messages_is_told_in_few_words(teacher, join):
    desk = await teacher()
    ada, bob = await join(name="Ada"), await join(name="Bob")
    await control(desk, "pause")

    for _ in range(50):
        await ada.emit("ice_candidate", {"roomId": "demo", "to": bob.id, "candidate": CANDIDATE})

    await ada.caught_up()
    await desk.caught_up()
    told = (await desk.say("watch_room", trace=True))["control"]
    assert len(told["held"]) == 50
    assert len([name for name in desk.names() if name == "control"]) < 25
