"""What the relay does with each event: who may send it, and what comes of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.errors import ProtocolError
from rtc_widget.protocol.signaling import SHAPES, SIGNALS
from rtc_widget.relay.handlers import HANDLERS
from rtc_widget.relay.tokens import read_admission
from tests.support.relay_parts import SECRET, RelayParts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from rtc_widget.relay.clients import Client

OFFER = {"type": "offer", "sdp": "v=0"}
MEDIA = {"audio": True, "video": False, "screen": False}
SAID: dict[str, dict[str, Any]] = {
    "leave_room": {},
    "offer": {"to": "nobody", "offer": OFFER},
    "answer": {"to": "nobody", "answer": {"type": "answer", "sdp": "v=0"}},
    "description": {"description": OFFER},
    "ice_candidate": {"to": "nobody", "candidate": None},
    "request_offer": {"to": "nobody"},
    "media_state": MEDIA,
    "report": {"entries": [{"type": "step"}]},
    "control_room": {"action": "pause"},
    "remove_participant": {"participant": "ada"},
    "answer_knock": {"participant": "ada", "admit": True},
    "record_room": {"recording": "r", "on": True},
    "recorded": {"recording": "r", "piece": {"done": True}},
    "received": {"recording": "r", "to": "x", "pieces": [{"track": "camera", "number": 0, "offset": 0}]},
}


@pytest.fixture
async def relay() -> AsyncIterator[RelayParts]:
    parts = RelayParts(ice_servers=[{"urls": ["stun:x"]}])
    yield parts
    await parts.end()


async def code(relay: RelayParts, client: Client, event: str, **fields: Any) -> str:
    """Return the code with which an event is refused, or "ok"."""
    try:
        await relay.say(client, event, **fields)
    except ProtocolError as error:
        return error.code
    return "ok"


async def test_a_connection_that_has_ended_is_refused(relay: RelayParts) -> None:
    ada = await relay.join("ada")
    del relay.clients["ada"]

    assert await code(relay, ada, "media_state", **MEDIA) == "bad_token"


async def test_an_event_that_there_is_not_is_refused_with_its_code(relay: RelayParts) -> None:
    answer = await relay.handlers.receive("no_such_event", relay.client("ada").sid, {})

    assert answer["ok"] is False
    assert answer["error"]["code"] == "unknown_event"


def test_every_event_has_a_handler_and_every_handler_an_event() -> None:
    assert set(HANDLERS) == set(SHAPES)


@pytest.mark.parametrize(
    ("event", "sender"),
    [
        ("join_room", "anybody"),
        ("watch_room", "anybody"),
        ("knock", "anybody"),
        ("withdraw_knock", "anybody"),
        ("clock", "anybody"),
        ("leave_room", "participant"),
        ("offer", "participant"),
        ("answer", "participant"),
        ("description", "participant"),
        ("ice_candidate", "participant"),
        ("request_offer", "participant"),
        ("media_state", "participant"),
        ("report", "participant"),
        ("recorded", "participant"),
        ("control_room", "teacher"),
        ("remove_participant", "teacher"),
        ("answer_knock", "teacher"),
        ("record_room", "teacher"),
        ("received", "teacher"),
    ],
)
def test_who_may_send_what(event: str, sender: str) -> None:
    assert HANDLERS[event].sender == sender


@pytest.mark.parametrize("event", [event for event, one in HANDLERS.items() if one.sender == "participant"])
async def test_who_has_not_joined_cannot_send_to_a_room(relay: RelayParts, event: str) -> None:
    await relay.join("ada")
    outsider = relay.client("eve")

    assert await code(relay, outsider, event, **SAID[event]) == "not_joined"


@pytest.mark.parametrize("event", [event for event, one in HANDLERS.items() if one.sender == "participant"])
async def test_a_participant_cannot_send_to_another_room(relay: RelayParts, event: str) -> None:
    ada = await relay.join("ada")
    await relay.say(relay.client("bob", room="another"), "join_room", roomId="another", name="Bob")

    assert await code(relay, ada, event, roomId="another", **SAID[event]) == "not_joined"


@pytest.mark.parametrize("event", [event for event, one in HANDLERS.items() if one.sender == "teacher"])
async def test_only_a_teacher_who_watches_the_room_controls_it(relay: RelayParts, event: str) -> None:
    ada = await relay.join("ada")
    observer = await relay.watch("observer", role="observer")
    elsewhere = relay.client("teacher", role="teacher")

    assert await code(relay, ada, event, **SAID[event]) == "forbidden"
    assert await code(relay, observer, event, **SAID[event]) == "forbidden"
    assert await code(relay, elsewhere, event, **SAID[event]) == "not_joined"
    assert not [name for _to, name, _payload in relay.sent if name in ("control", "recording", "received")]


async def test_who_joins_is_told_who_is_here_and_the_others_that_it_came(relay: RelayParts) -> None:
    ada = await relay.join("ada")
    bob = relay.client("bob")

    joined = await relay.say(bob, "join_room", name="Bob", kind="python", caps={"records": True})

    assert [each["name"] for each in joined["participants"]] == ["Ada"]
    assert joined["socketId"] == relay.member(bob).id
    assert joined["order"] > relay.member(ada).order
    assert joined["iceServers"] == [{"urls": ["stun:x"]}]
    (told,) = relay.told("ada", "user_joined")
    assert (told["name"], told["kind"], told["socketId"]) == ("Bob", "python", relay.member(bob).id)
    assert relay.names("bob") == []


async def test_a_token_opens_its_own_room_only(relay: RelayParts) -> None:
    assert await code(relay, relay.client("ada"), "join_room", roomId="another") == "wrong_room"
    assert await code(relay, relay.client("eve"), "watch_room", roomId="another") == "wrong_room"


async def test_an_observers_token_watches_but_does_not_join(relay: RelayParts) -> None:
    observer = relay.client("observer", role="observer")

    assert await code(relay, observer, "join_room") == "forbidden"
    assert await code(relay, observer, "watch_room") == "ok"
    assert await code(relay, observer, "watch_room", trace=True) == "forbidden"


async def test_a_connection_joins_once(relay: RelayParts) -> None:
    ada = await relay.join("ada")

    assert await code(relay, ada, "join_room") == "already_joined"
    await relay.say(ada, "leave_room")
    assert await code(relay, ada, "join_room") == "ok"


async def test_a_single_use_token_admits_one(relay: RelayParts) -> None:
    first, second = (relay.client(sid, id="nonce", uses=1) for sid in ("ada", "eve"))
    joined = await relay.say(first, "join_room")

    assert await code(relay, second, "join_room") == "token_used"
    # Whoever proves to have been here needs no second admission.
    assert await code(relay, second, "join_room", resume=joined["resume"]) == "ok"


async def test_a_single_use_token_that_did_not_admit_is_not_used_up() -> None:
    relay = RelayParts(capacity=0)
    client = relay.client("ada", id="nonce", uses=1)

    for _attempt in range(2):
        assert await code(relay, client, "join_room") == "room_full"


async def test_a_token_for_two_admits_two(relay: RelayParts) -> None:
    clients = [relay.client(sid, id="class", uses=2) for sid in ("ada", "bob", "eve")]

    assert [await code(relay, client, "join_room") for client in clients] == ["ok", "ok", "token_used"]


async def test_who_is_removed_is_told_and_does_not_come_back_as_the_same(relay: RelayParts) -> None:
    bob = await relay.join("bob")
    eve = relay.client("eve")
    joined = await relay.say(eve, "join_room", session="one-life")
    teacher = await relay.watch("teacher")

    await relay.say(teacher, "remove_participant", participant=relay.member(eve).id)

    (removed,) = relay.told("eve", "removed")
    assert removed["code"] == "removed"
    (left,) = relay.told("bob", "user_left")
    assert (left["socketId"], left["reason"]) == (joined["socketId"], "removed")
    for session in ("one-life", "another"):
        back = await code(relay, relay.client("back"), "join_room", session=session, resume=joined["resume"])
        assert back == "removed"
    # As somebody else, while the token admits them.
    assert await code(relay, relay.client("mallory"), "join_room") == "ok"
    assert relay.member(bob)


async def test_a_token_that_is_revoked_admits_nobody_and_lets_nobody_watch(relay: RelayParts) -> None:
    eve, unseen, bob = (relay.client(sid, owner=sid, id="class") for sid in ("eve", "unseen", "bob"))
    for client in (eve, bob):
        await relay.say(client, "join_room")
    for client in (unseen, bob):
        await relay.say(client, "watch_room")
    teacher = await relay.watch("teacher")

    await relay.say(teacher, "remove_participant", participant=relay.member(eve).id, revoke=True)

    assert relay.disconnected == ["unseen"]
    assert relay.member(bob)
    for event in ("join_room", "watch_room"):
        assert await code(relay, relay.client("again", id="class"), event) == "token_revoked"
    assert await code(relay, relay.client("carol", id="another"), "join_room") == "ok"


async def test_the_token_of_a_link_joins_and_watches_nothing(relay: RelayParts) -> None:
    guest = relay.client("guest", id="link", watch=False)

    assert await code(relay, guest, "watch_room") == "forbidden"
    assert await code(relay, guest, "join_room") == "ok"
    assert await code(relay, guest, "watch_room") == "forbidden"
    assert await code(relay, guest, "control_room", action="pause") == "forbidden"


async def test_who_came_by_a_link_returns_as_themselves_until_the_link_is_revoked(relay: RelayParts) -> None:
    link = {"id": "link", "watch": False, "uses": 1}
    joined = await relay.say(relay.client("ada", **link), "join_room")
    other = await relay.say(relay.client("bob", id="other", watch=False), "join_room")

    def returning(sid: str) -> Client:
        return relay.client(sid, **read_admission(SECRET, joined["resume"]))

    assert await code(relay, returning("new"), "join_room") == "forbidden"
    assert await code(relay, returning("as another"), "join_room", resume=other["resume"]) == "forbidden"
    back = await relay.say(returning("back"), "join_room", resume=joined["resume"])
    assert back["socketId"] == joined["socketId"]

    teacher = await relay.watch("teacher")
    await relay.say(teacher, "remove_participant", participant=joined["socketId"], revoke=True)
    claims = read_admission(SECRET, joined["resume"])
    with pytest.raises(ProtocolError) as revoked:
        relay.ledger.check_revoked(claims)
    assert revoked.value.code == "token_revoked"


async def test_a_revoked_link_stays_so_for_as_long_as_those_could_return_who_came_by_it(
    relay: RelayParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest = relay.client("guest", id="link", watch=False, exp=time.time() + 60)
    joined = await relay.say(guest, "join_room")
    teacher = await relay.watch("teacher")
    await relay.say(teacher, "remove_participant", participant=joined["socketId"], revoke=True)
    later = time.time() + 3_600
    monkeypatch.setattr(time, "time", lambda: later)

    relay.ledger._compact()

    assert relay.ledger.is_revoked("link")


async def test_nobody_is_removed_who_is_not_there(relay: RelayParts) -> None:
    teacher = await relay.watch("teacher")

    assert await code(relay, teacher, "remove_participant", participant="nobody") == "unknown_participant"


async def test_joining_again_and_again_is_too_much(relay: RelayParts) -> None:
    ada, codes = relay.client("ada"), []
    for _attempt in range(30):
        codes.append(await code(relay, ada, "join_room"))

    assert codes[-1] == "rate_limited"


async def test_a_room_whose_relay_is_down_lets_nobody_in(relay: RelayParts) -> None:
    await relay.join("ada")
    room = relay.rooms.get("demo")
    assert room is not None
    room.down_until = time.monotonic() + 60

    assert await code(relay, relay.client("eve"), "join_room") == "relay_down"


@pytest.mark.parametrize(("resume", "refused"), [("nonsense", "bad_token"), ("", "bad_token")])
async def test_a_resume_token_of_ones_own_making_is_none(
    relay: RelayParts, resume: str, refused: str
) -> None:
    assert await code(relay, relay.client("ada"), "join_room", resume=resume) == refused


async def test_a_resume_token_is_for_its_room(relay: RelayParts) -> None:
    joined = await relay.say(relay.client("ada"), "join_room")
    elsewhere = relay.client("eve", room="another")

    assert (
        await code(relay, elsewhere, "join_room", roomId="another", resume=joined["resume"]) == "wrong_room"
    )


async def test_a_message_reaches_whom_it_is_for_and_nobody_else(relay: RelayParts) -> None:
    ada, bob, eve = [await relay.join(sid) for sid in ("ada", "bob", "eve")]

    answer = await relay.say(ada, "offer", to=relay.member(bob).id, offer=OFFER)

    (told,) = relay.told("bob", "offer")
    assert told == {"roomId": "demo", "offer": OFFER, "from": relay.member(ada).id, "id": answer["id"]}
    assert relay.told("eve", "offer") == relay.told(ada.sid, "offer") == []
    assert eve.member is not None


async def test_a_description_without_a_receiver_goes_to_everybody_else(relay: RelayParts) -> None:
    ada = await relay.join("ada")
    assert await relay.say(ada, "description", description=OFFER) == {}
    for sid in ("bob", "eve"):
        await relay.join(sid)

    await relay.say(ada, "description", description=OFFER)

    assert [len(relay.told(sid, "description")) for sid in ("ada", "bob", "eve")] == [0, 1, 1]


@pytest.mark.parametrize("event", SIGNALS)
async def test_nobody_signals_with_who_is_not_here_with_themselves_or_an_earlier_life(
    relay: RelayParts, event: str
) -> None:
    ada, bob = await relay.join("ada"), await relay.join("bob", session="second")
    key = relay.member(bob).id

    for wrong in ({"to": "nobody"}, {"to": relay.member(ada).id}, {"to": key, "session": "first"}):
        assert await code(relay, ada, event, **{**SAID[event], **wrong}) == "unknown_participant"
    await relay.say(ada, event, **{**SAID[event], "to": key, "session": "second"})
    (told,) = relay.told("bob", event)
    assert "session" not in told


async def test_what_somebody_has_on_is_told_and_kept_for_those_who_come_later(relay: RelayParts) -> None:
    ada = await relay.join("ada")
    await relay.join("bob")

    await relay.say(ada, "media_state", **MEDIA)

    (told,) = relay.told("bob", "media_state")
    assert {key: told[key] for key in MEDIA} == MEDIA
    assert told["from"] == relay.member(ada).id
    late = await relay.say(relay.client("eve"), "join_room")
    assert late["participants"][0]["media"] == MEDIA


async def test_who_reports_without_end_is_refused_and_the_others_are_not(relay: RelayParts) -> None:
    ada, bob = await relay.join("ada"), await relay.join("bob")
    await relay.watch("teacher")
    entries = [{"type": "step"}] * 100

    codes = [await code(relay, ada, "report", entries=entries) for _ in range(100)]

    assert codes.count("ok") < 70
    assert set(codes) == {"ok", "rate_limited"}
    assert await code(relay, bob, "report", entries=entries) == "ok"


async def test_reports_are_for_observers_alone(relay: RelayParts) -> None:
    ada = await relay.join("ada")
    await relay.join("bob")
    await relay.watch("teacher")

    await relay.say(ada, "report", entries=[{"type": "step"}])

    assert relay.told("teacher", "report") == [
        {"roomId": "demo", "entries": [{"type": "step"}], "from": relay.member(ada).id}
    ]
    assert relay.told("bob", "report") == []


async def test_who_watches_is_told_everything_as_it_is(relay: RelayParts) -> None:
    ada = await relay.join("ada")
    teacher = relay.client("teacher", role="teacher")

    watched = await relay.say(teacher, "watch_room", trace=True)

    assert [each["socketId"] for each in watched["participants"]] == [relay.member(ada).id]
    assert watched["control"] == {"paused": False, "held": [], "breaks": [], "faults": []}
    assert watched["recordings"] == []
    assert watched["time"] == pytest.approx(time.time() * 1000, abs=60_000)


async def test_everybody_may_ask_for_the_time(relay: RelayParts) -> None:
    answer = await relay.say(relay.client("ada"), "clock")

    assert answer["time"] == pytest.approx(time.time() * 1000, abs=60_000)
