"""Who comes by a link that lets people wait is in no room until somebody who teaches lets them in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.errors import ProtocolError
from rtc_widget.protocol.signaling import SHAPES
from rtc_widget.relay.tokens import read_admission
from rtc_widget.relay.waiting_rooms import MOST, MOST_OF_ADDRESS, MOST_OF_LINK
from tests.support.relay_parts import SECRET, RelayParts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from rtc_widget.relay.clients import Client

OFFER = {"type": "offer", "sdp": "v=0"}


@pytest.fixture
async def relay() -> AsyncIterator[RelayParts]:
    parts = RelayParts()
    yield parts
    await parts.end()


def guest(relay: RelayParts, sid: str, link: str = "link", **claims: Any) -> Client:
    """Connect somebody who has a link that lets people wait."""
    return relay.client(sid, id=link, watch=False, wait=True, **claims)


def returning(relay: RelayParts, sid: str, resume: str) -> Client:
    """Connect somebody with what brings them back."""
    return relay.client(sid, **read_admission(SECRET, resume))


async def knock(relay: RelayParts, client: Client, **said: Any) -> dict[str, Any]:
    return await relay.say(client, "knock", **{"name": client.sid.title(), **said})


async def code(relay: RelayParts, client: Client, event: str, **fields: Any) -> str:
    """Return the code with which an event is refused, or "ok"."""
    try:
        await relay.say(client, event, **fields)
    except ProtocolError as error:
        return error.code
    return "ok"


async def answer(relay: RelayParts, teacher: Client, waiting: str, **said: Any) -> None:
    (one,) = [each for each in relay.waiting.entries("demo") if each["name"] == waiting]
    await relay.say(teacher, "answer_knock", **{"participant": one["socketId"], "admit": True, **said})


def told(relay: RelayParts, sid: str) -> list[list[str]]:
    """Return who waited, as often as somebody was told."""
    return [[each["name"] for each in one["waiting"]] for one in relay.told(sid, "waiting")]


def lost(relay: RelayParts, client: Client) -> None:
    """End a client's connection, as the relay's server does."""
    relay.waiting.path_lost(relay.clients.pop(client.sid))


async def test_a_link_that_lets_people_wait_joins_nobody(relay: RelayParts) -> None:
    bob = guest(relay, "bob")
    waits = await knock(relay, bob)

    assert waits["waiting"] is True
    assert await code(relay, bob, "join_room") == "admission_required"
    assert await code(relay, bob, "join_room", resume=waits["resume"]) == "admission_required"
    again = returning(relay, "again", waits["resume"])
    assert await code(relay, again, "join_room", resume=waits["resume"]) == "admission_required"


async def test_who_waits_receives_nothing_of_the_room_and_sends_nothing_into_it(relay: RelayParts) -> None:
    ada, teacher = await relay.join("ada"), await relay.watch("teacher")
    bob = guest(relay, "bob")
    waits = await knock(relay, bob)
    assert set(waits) == {"waiting", "resume"}

    await relay.say(ada, "media_state", audio=True, video=True, screen=False)
    await relay.say(ada, "description", description=OFFER)
    await relay.say(ada, "report", entries=[{"type": "step"}])
    await relay.say(teacher, "control_room", action="pause")
    await relay.say(teacher, "record_room", recording="r", on=True)
    await relay.join("carol")

    assert relay.names("bob") == []
    said: dict[str, dict[str, Any]] = {
        "leave_room": {},
        "offer": {"to": relay.member(ada).id, "offer": OFFER},
        "answer": {"to": relay.member(ada).id, "answer": OFFER},
        "description": {"description": OFFER},
        "ice_candidate": {"to": relay.member(ada).id, "candidate": None},
        "request_offer": {"to": relay.member(ada).id},
        "media_state": {"audio": True, "video": True, "screen": True},
        "report": {"entries": [{"type": "step"}]},
        "recorded": {"recording": "r", "piece": {"done": True}},
    }
    before = len(relay.sent)
    assert {
        event: await code(relay, bob, event, **fields) for event, fields in said.items()
    } == dict.fromkeys(said, "not_joined")
    may_not: dict[str, dict[str, Any]] = {
        "watch_room": {},
        "control_room": {"action": "pause"},
        "remove_participant": {"participant": relay.member(ada).id},
        "answer_knock": {"participant": "bob", "admit": True},
        "record_room": {"recording": "r", "on": True},
        "received": {"recording": "r", "to": "x", "pieces": [{"track": "camera", "number": 0, "offset": 0}]},
    }
    for event, fields in may_not.items():
        assert await code(relay, bob, event, **fields) == "forbidden"
    assert set(SHAPES) - set(said) - set(may_not) == {"join_room", "knock", "withdraw_knock", "clock"}
    assert len(relay.sent) == before
    room = relay.rooms.get("demo")
    assert room is not None
    assert [member.name for member in room.members.values()] == ["Ada", "Carol"]


async def test_those_who_teach_are_told_who_waits_and_who_went(relay: RelayParts) -> None:
    teacher = await relay.watch("teacher")
    await relay.watch("observer", role="observer")
    bob, eve = guest(relay, "bob"), guest(relay, "eve")
    await knock(relay, bob)
    await knock(relay, eve)
    await relay.say(bob, "withdraw_knock")
    await answer(relay, teacher, "Eve")

    assert told(relay, "teacher") == [["Bob"], ["Bob", "Eve"], ["Eve"], []]
    assert relay.told("observer", "waiting") == []


async def test_an_observer_that_comes_later_is_told_who_waits(relay: RelayParts) -> None:
    await knock(relay, guest(relay, "bob"))

    teacher = await relay.say(relay.client("teacher", role="teacher"), "watch_room")
    observer = await relay.say(relay.client("observer", role="observer"), "watch_room")

    assert [(each["name"], each["kind"]) for each in teacher["waiting"]] == [("Bob", "browser")]
    assert observer["waiting"] == []


async def test_who_is_let_in_joins_and_comes_back_without_knocking_also_when_the_link_has_expired(
    relay: RelayParts,
) -> None:
    teacher, bob = await relay.watch("teacher"), guest(relay, "bob")
    waits = await knock(relay, bob)
    await relay.join("ada")

    await answer(relay, teacher, "Bob")

    (admitted,) = relay.told("bob", "admitted")
    joined = await relay.say(bob, "join_room", name="Bob", resume=admitted["resume"])
    assert [each["name"] for each in joined["participants"]] == ["Ada"]
    # Ada was in the room first.
    assert joined["order"] > joined["participants"][0]["order"]
    again = returning(relay, "again", joined["resume"])
    back = await relay.say(again, "join_room", name="Bob", resume=joined["resume"])
    assert back["socketId"] == joined["socketId"] == read_admission(SECRET, waits["resume"])["participant"]


async def test_a_reload_waits_in_the_same_place_and_nobody_is_told_twice(relay: RelayParts) -> None:
    await relay.watch("teacher")
    bob = guest(relay, "bob")
    waits = await knock(relay, bob)
    await knock(relay, guest(relay, "eve"))
    lost(relay, bob)

    again = await knock(relay, returning(relay, "again", waits["resume"]), name="Bob", resume=waits["resume"])

    assert again["waiting"] is True
    assert told(relay, "teacher") == [["Bob"], ["Bob", "Eve"]]
    assert [key for key in relay.timers.waiting if key[0] == "knock away"] == []  # type: ignore[index]


async def test_who_does_not_come_back_is_gone(relay: RelayParts) -> None:
    await relay.watch("teacher")
    bob = guest(relay, "bob")
    waits = await knock(relay, bob)
    lost(relay, bob)

    await relay.timers.fire(("knock away", read_admission(SECRET, waits["resume"])["participant"]))

    assert told(relay, "teacher") == [["Bob"], []]


async def test_who_is_let_in_while_the_page_reloads_comes_in(relay: RelayParts) -> None:
    teacher, bob = await relay.watch("teacher"), guest(relay, "bob")
    waits = await knock(relay, bob)
    lost(relay, bob)
    await answer(relay, teacher, "Bob")

    again = returning(relay, "again", waits["resume"])
    answered = await knock(relay, again, resume=waits["resume"])

    assert answered["waiting"] is False
    assert await code(relay, again, "join_room", resume=answered["resume"]) == "ok"


async def test_who_waits_in_two_pages_waits_in_the_later_one(relay: RelayParts) -> None:
    teacher, bob = await relay.watch("teacher"), guest(relay, "bob")
    waits = await knock(relay, bob)
    await knock(relay, guest(relay, "later"), resume=waits["resume"])
    await answer(relay, teacher, "Bob")

    assert [each["code"] for each in relay.told("bob", "removed")] == ["taken_over"]
    assert relay.names("later") == ["admitted"]


async def test_who_is_declined_is_told_and_does_not_wait_on(relay: RelayParts) -> None:
    teacher, bob = await relay.watch("teacher"), guest(relay, "bob")
    waits = await knock(relay, bob)

    await answer(relay, teacher, "Bob", admit=False)

    assert [each["code"] for each in relay.told("bob", "removed")] == ["not_admitted"]
    assert await code(relay, guest(relay, "again"), "knock", resume=waits["resume"]) == "not_admitted"
    assert await code(relay, guest(relay, "anew"), "knock") == "ok"


async def test_who_is_declined_may_lose_the_link_and_so_do_the_others_who_wait_by_it(
    relay: RelayParts,
) -> None:
    teacher = await relay.watch("teacher")
    for sid, link in (("bob", "link"), ("eve", "link"), ("carol", "another")):
        await knock(relay, guest(relay, sid, link))

    await answer(relay, teacher, "Bob", admit=False, revoke=True)

    assert [each["code"] for each in relay.told("eve", "removed")] == ["token_revoked"]
    assert [each["name"] for each in relay.waiting.entries("demo")] == ["Carol"]
    assert await code(relay, guest(relay, "mallory"), "knock") == "token_revoked"


async def test_a_link_that_is_revoked_lets_nobody_wait_on(relay: RelayParts) -> None:
    teacher, bob, eve = await relay.watch("teacher"), guest(relay, "bob"), guest(relay, "eve")
    await knock(relay, bob)
    await knock(relay, eve)
    await answer(relay, teacher, "Bob")
    (admitted,) = relay.told("bob", "admitted")
    joined = await relay.say(bob, "join_room", name="Bob", resume=admitted["resume"])

    await relay.say(teacher, "remove_participant", participant=joined["socketId"], revoke=True)

    assert [each["code"] for each in relay.told("eve", "removed")] == ["token_revoked"]
    assert await code(relay, guest(relay, "back"), "join_room", resume=joined["resume"]) == "token_revoked"


async def test_whom_nobody_answers_is_told_after_ten_minutes(relay: RelayParts) -> None:
    await relay.watch("teacher")
    waits = await knock(relay, guest(relay, "bob"))
    key = ("knock", read_admission(SECRET, waits["resume"])["participant"])
    assert relay.timers.waiting[key][0] == 600

    await relay.timers.fire(key)

    assert [each["code"] for each in relay.told("bob", "removed")] == ["nobody_answered"]
    assert told(relay, "teacher") == [["Bob"], []]


async def test_a_link_that_has_admitted_as_many_as_it_may_lets_nobody_wait(relay: RelayParts) -> None:
    teacher = await relay.watch("teacher")
    bob, eve = guest(relay, "bob", uses=1), guest(relay, "eve", uses=1)
    await knock(relay, bob)
    await knock(relay, eve)

    await answer(relay, teacher, "Bob")

    assert [each["code"] for each in relay.told("eve", "removed")] == ["token_used"]
    assert await code(relay, guest(relay, "carol", uses=1), "knock") == "token_used"


async def test_nobody_is_answered_who_does_not_wait(relay: RelayParts) -> None:
    teacher = await relay.watch("teacher")
    await knock(relay, guest(relay, "bob"))
    (one,) = relay.waiting.entries("demo")
    await answer(relay, teacher, "Bob")

    for person in ("nobody", one["socketId"]):
        refused = await code(relay, teacher, "answer_knock", participant=person, admit=True)
        assert refused == "unknown_participant"


async def test_who_may_come_in_need_not_knock(relay: RelayParts) -> None:
    assert await code(relay, relay.client("bob", id="link", watch=False), "knock") == "forbidden"
    joined = await relay.say(relay.client("ada", id="link", watch=False), "join_room")
    assert await code(relay, guest(relay, "eve"), "knock", resume=joined["resume"]) == "forbidden"


async def test_a_connection_waits_once(relay: RelayParts) -> None:
    bob = guest(relay, "bob")
    await knock(relay, bob)

    assert await code(relay, bob, "knock") == "already_joined"


async def test_a_room_lets_so_many_wait_and_leaves_room_for_other_links_and_addresses(
    relay: RelayParts,
) -> None:
    async def come(count: int, link: str, address: str | None) -> list[str]:
        codes = []
        for number in range(count):
            client = guest(relay, f"{link} {address} {number}", f"{link}{number if link == 'own' else ''}")
            client.address = address
            codes.append(await code(relay, client, "knock"))
        return codes

    stranger = await come(MOST_OF_ADDRESS + 1, "passed on", "203.0.113.1")
    others = await come(MOST_OF_LINK - MOST_OF_ADDRESS + 1, "passed on", "203.0.113.2")
    rest = await come(MOST - MOST_OF_LINK + 1, "own", "203.0.113.3")

    for codes in (stranger, others, rest):
        assert codes == [*["ok"] * (len(codes) - 1), "waiting_full"]


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", None])
async def test_those_who_come_by_a_proxy_are_not_counted_as_one(
    relay: RelayParts, address: str | None
) -> None:
    codes = []
    for number in range(MOST + 1):
        client = guest(relay, f"guest {number}", f"link {number}")
        client.address = address
        codes.append(await code(relay, client, "knock"))

    assert codes == [*["ok"] * MOST, "waiting_full"]


async def test_who_knocks_and_goes_again_and_again_is_refused_and_others_are_not(relay: RelayParts) -> None:
    codes = []
    for number in range(20):
        eve = guest(relay, f"eve {number}")
        eve.address = "203.0.113.1"
        codes.append(await code(relay, eve, "knock"))
        await relay.say(eve, "withdraw_knock")
    bob = guest(relay, "bob")
    bob.address = "203.0.113.2"

    assert codes[-1] == "rate_limited"
    assert await code(relay, bob, "knock") == "ok"


@pytest.mark.parametrize("name", ["", " Bob", "a" * 65, "\u202eBob"])
async def test_names_of_those_who_wait_are_as_limited_as_others(relay: RelayParts, name: str) -> None:
    assert await code(relay, guest(relay, "bob"), "knock", name=name) == "bad_name"


async def test_nobody_who_waits_is_called_by_somebodys_id(relay: RelayParts) -> None:
    ada = await relay.join("ada")

    assert await code(relay, guest(relay, "bob"), "knock", name=relay.member(ada).id) == "bad_name"
