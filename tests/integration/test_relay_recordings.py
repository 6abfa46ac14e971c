"""A room that is recorded: who is told, who may record, and how the pieces travel."""

from __future__ import annotations

import base64

import pytest

from rtc_widget.protocol.limits import LIMITS
from rtc_widget.relay import recording_router

KEY, OTHER_KEY = "the secret key of one widget", "the secret key of another"
SEGMENT = {"at": 1763859764417.0, "mime": "video/webm", "video": True, "audio": True}


@pytest.fixture
def teacher(connect, relay):
    async def make(owner=KEY):
        client = await connect(token=relay.token(role="teacher"), owner=owner)
        await client.say("watch_room")
        return client

    return make


def piece(data=b"abc", *, offset=0, number=0, **said):
    encoded = base64.b64encode(data).decode()
    return {"track": "camera", "number": number, "offset": offset, "data": encoded, **SEGMENT, **said}


async def test_everybody_is_told_who_records_and_newcomers_with_their_first_word(join, teacher):
    ada = await join()
    ada.forget()
    kernel = await teacher()

    await kernel.say("record_room", recording="r1", on=True, name="Grace")
    bob = await join()

    told = await ada.hears("recording", recording="r1")
    assert (told["name"], told["on"]) == ("Grace", True)
    assert bob.joined["recordings"] == [{"recording": "r1", "name": "Grace"}]


async def test_when_it_ends_everybody_is_told_and_newcomers_hear_of_nothing(join, teacher):
    ada = await join()
    kernel = await teacher()
    await kernel.say("record_room", recording="r1", on=True)

    await kernel.say("record_room", recording="r1", on=False)

    assert (await ada.hears("recording", on=False))["recording"] == "r1"
    assert (await join()).joined["recordings"] == []


async def test_pieces_go_to_who_records_and_to_nobody_else(join, teacher):
    ada, bob = await join(), await join()
    kernel, other = await teacher(), await teacher(OTHER_KEY)
    await kernel.say("record_room", recording="r1", on=True)

    await ada.say("recorded", recording="r1", piece=piece())

    told = await kernel.hears("recorded")
    assert told["from"] == ada.id
    assert told["piece"] == piece() | {"last": False}
    assert "recorded" not in await other.caught_up()
    assert "recorded" not in await bob.caught_up()


async def test_what_has_been_received_is_told_to_who_sent_it(join, teacher):
    ada, bob = await join(), await join()
    kernel = await teacher()
    await kernel.say("record_room", recording="r1", on=True)
    pieces = [{"track": "camera", "number": 0, "offset": 3}]

    await kernel.say("received", recording="r1", to=ada.id, pieces=pieces)

    assert (await ada.hears("received"))["pieces"] == pieces
    assert "received" not in await bob.caught_up()


async def test_what_is_on_its_way_when_a_recording_ends_still_arrives(join, teacher):
    ada = await join()
    kernel = await teacher()
    await kernel.say("record_room", recording="r1", on=True)
    await kernel.say("record_room", recording="r1", on=False)

    await ada.say("recorded", recording="r1", piece=piece(last=True))

    assert (await kernel.hears("recorded"))["piece"]["last"] is True


async def test_a_student_cannot_record_nor_can_a_teacher_who_does_not_watch(connect, relay):
    student = await connect(token=relay.token(role="student"))
    await student.say("watch_room")
    blind = await connect(token=relay.token(role="teacher"))

    assert await student.code("record_room", recording="r1", on=True) == "forbidden"
    assert await blind.code("record_room", recording="r1", on=True) == "not_joined"


async def test_nobody_takes_over_or_ends_or_answers_for_the_recording_of_another(join, teacher):
    ada = await join()
    kernel, other = await teacher(), await teacher(OTHER_KEY)
    await kernel.say("record_room", recording="r1", on=True)

    assert await other.code("record_room", recording="r1", on=False) == "forbidden"
    pieces = [{"track": "camera", "number": 0, "offset": 3}]
    assert await other.code("received", recording="r1", to=ada.id, pieces=pieces) == "forbidden"


async def test_who_records_may_lose_its_connection_and_come_back(join, teacher):
    ada = await join()
    kernel = await teacher()
    await kernel.say("record_room", recording="r1", on=True)
    await kernel.disconnect()
    ada.forget()

    again = await teacher()
    await again.say("record_room", recording="r1", on=True)
    await ada.say("recorded", recording="r1", piece=piece())

    assert (await ada.hears("recording"))["on"] is True
    assert await again.hears("recorded")


async def test_a_recording_whose_kernel_does_not_come_back_has_ended_for_everybody(
    join, teacher, monkeypatch
):
    monkeypatch.setattr(recording_router, "seconds", lambda _name: 0.1)
    ada = await join()
    kernel = await teacher()
    await kernel.say("record_room", recording="r1", on=True)

    await kernel.vanish()

    assert (await ada.hears("recording", on=False))["recording"] == "r1"
    assert (await join()).joined["recordings"] == []


async def test_who_was_away_hears_of_a_recording_on_coming_back(connect, join, teacher):
    ada = await join(session="life-1")
    await ada.vanish()
    kernel = await teacher()
    await kernel.say("record_room", recording="r1", on=True)

    back = await connect()
    joined = await back.join(session="life-1", resume=ada.joined["resume"])

    assert joined["recordings"] == [{"recording": "r1", "name": "Somebody"}]


@pytest.mark.parametrize(
    "wrong",
    [
        {"track": "kitchen"},
        {"number": -1},
        {"offset": 1.5},
        {"data": 7},
        {"data": "A" * (LIMITS["piece_bytes"] * 2)},
        {"at": "now"},
        {"mime": None},
        {"video": 1},
    ],
)
async def test_a_piece_of_another_form_is_refused(join, wrong):
    ada = await join()

    assert await ada.code("recorded", recording="r1", piece=piece() | wrong) == "bad_request"


async def test_a_room_is_not_recorded_by_any_number(teacher):
    kernel = await teacher()
    for number in range(8):
        await kernel.say("record_room", recording=f"r{number}", on=True)

    assert await kernel.code("record_room", recording="r9", on=True) == "bad_request"
