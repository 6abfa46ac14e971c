"""Who records which room, and what goes between recorders and those who are recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.errors import ProtocolError
from rtc_widget.protocol.limits import seconds
from tests.support.relay_parts import RelayParts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from rtc_widget.relay.clients import Client

PIECE = {"done": True}
PIECES = [{"track": "camera", "number": 0, "offset": 9}]


@pytest.fixture
async def relay() -> AsyncIterator[RelayParts]:
    parts = RelayParts()
    yield parts
    await parts.end()


async def record(
    relay: RelayParts, teacher: Client, on: bool = True, recording: str = "r", **more: Any
) -> None:
    await relay.say(teacher, "record_room", recording=recording, on=on, **more)


def told(relay: RelayParts, sid: str) -> list[tuple[str, str, bool]]:
    return [(each["recording"], each["name"], each["on"]) for each in relay.told(sid, "recording")]


async def test_everybody_is_told_that_a_room_is_recorded_and_that_it_is_over(relay: RelayParts) -> None:
    teacher, _ada = await relay.watch("teacher"), await relay.join("ada")

    await record(relay, teacher, name="Eve")
    await record(relay, teacher, on=False)

    assert told(relay, "ada") == told(relay, "teacher") == [("r", "Eve", True), ("r", "Eve", False)]


async def test_who_comes_later_is_told_who_records_and_who_is_away_on_coming_back(relay: RelayParts) -> None:
    teacher, ada = await relay.watch("teacher"), await relay.join("ada")
    member = relay.member(ada)
    await relay.service.path_lost(member)

    await record(relay, teacher, name="Eve")

    joined = await relay.say(relay.client("bob"), "join_room")
    assert joined["recordings"] == [{"recording": "r", "name": "Eve"}]
    assert [event for event, _payload in member.waiting] == ["recording"]
    await record(relay, teacher, on=False)
    assert (await relay.say(relay.client("eve"), "join_room"))["recordings"] == []


async def test_everybody_is_told_which_participant_records(relay: RelayParts) -> None:
    teacher, ada = await relay.watch("teacher"), await relay.join("ada")
    by = relay.member(ada).id

    await record(relay, teacher, name="Ada", by=by)

    assert [each["by"] for each in relay.told("ada", "recording")] == [by]
    joined = await relay.say(relay.client("bob"), "join_room")
    assert joined["recordings"] == [{"recording": "r", "name": "Ada", "by": by}]


async def test_pieces_go_to_who_records_with_whom_they_are_from(relay: RelayParts) -> None:
    teacher, other, ada = await relay.watch("teacher"), await relay.watch("other"), await relay.join("ada")
    await record(relay, teacher)
    await record(relay, other, recording="another")

    await relay.say(ada, "recorded", recording="r", piece=PIECE)

    sender = relay.member(ada).id
    assert relay.told("teacher", "recorded") == [
        {"roomId": "demo", "recording": "r", "piece": PIECE, "from": sender}
    ]
    assert relay.told("other", "recorded") == []


async def test_pieces_of_a_recording_that_there_is_not_are_dropped(relay: RelayParts) -> None:
    ada = await relay.join("ada")

    await relay.say(ada, "recorded", recording="r", piece=PIECE)

    assert [name for _to, name, _payload in relay.sent if name == "recorded"] == []


async def test_what_is_on_its_way_when_a_recording_ends_still_comes(relay: RelayParts) -> None:
    teacher, ada = await relay.watch("teacher"), await relay.join("ada")
    await record(relay, teacher)
    await record(relay, teacher, on=False)

    await relay.say(ada, "recorded", recording="r", piece=PIECE)

    assert len(relay.told("teacher", "recorded")) == 1


async def test_only_who_records_says_what_was_received(relay: RelayParts) -> None:
    teacher, other, ada = await relay.watch("teacher"), await relay.watch("other"), await relay.join("ada")
    await record(relay, teacher)
    said = {"recording": "r", "to": relay.member(ada).id, "pieces": PIECES}

    with pytest.raises(ProtocolError, match="forbidden"):
        await relay.say(other, "received", **said)
    await relay.say(teacher, "received", **said)

    assert relay.told("ada", "received") == [{"roomId": "demo", "recording": "r", "pieces": PIECES}]


async def test_nobody_ends_somebody_elses_recording(relay: RelayParts) -> None:
    teacher, other = await relay.watch("teacher", owner="one"), await relay.watch("other", owner="two")
    await record(relay, teacher)

    with pytest.raises(ProtocolError, match="forbidden"):
        await record(relay, other, on=False)

    assert relay.recordings.entries("demo") == [{"recording": "r", "name": "Somebody"}]


async def test_a_room_is_recorded_by_a_few_at_once_and_those_that_ended_do_not_count(
    relay: RelayParts,
) -> None:
    teacher = await relay.watch("teacher")
    for number in range(8):
        await record(relay, teacher, recording=f"r{number}")

    with pytest.raises(ProtocolError, match="at most 8 recordings"):
        await record(relay, teacher, recording="one-more")
    await record(relay, teacher, on=False, recording="r0")

    await record(relay, teacher, recording="one-more")


async def test_a_recorder_whose_connection_is_lost_may_come_back(relay: RelayParts) -> None:
    teacher, ada = await relay.watch("teacher", owner="one"), await relay.join("ada")
    room = relay.rooms.get("demo")
    assert room is not None
    await record(relay, teacher, name="Eve")

    relay.recordings.gone(room, "teacher")
    assert relay.timers.waiting[("recording", "r")][0] == seconds("return")
    await relay.say(ada, "recorded", recording="r", piece=PIECE)
    again = await relay.watch("teacher again", owner="one")
    await record(relay, again)
    await relay.timers.fire(("recording", "r"))
    await relay.say(ada, "recorded", recording="r", piece=PIECE)

    assert relay.told("teacher", "recorded") == []
    assert len(relay.told("teacher again", "recorded")) == 1
    assert told(relay, "ada") == [("r", "Eve", True), ("r", "Eve", True)]


async def test_a_recorder_that_does_not_come_back_has_ended_its_recording(relay: RelayParts) -> None:
    teacher, _ada = await relay.watch("teacher"), await relay.join("ada")
    room = relay.rooms.get("demo")
    assert room is not None
    await record(relay, teacher, name="Eve")

    relay.recordings.gone(room, "teacher")
    await relay.timers.fire(("recording", "r"))

    assert told(relay, "ada")[-1] == ("r", "Eve", False)
    assert relay.recordings.entries("demo") == []
