"""What two real browsers tell of their negotiation, and what becomes of the tutorials' way of negotiating."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from rtc_widget.ice.ice_servers import IceServers
from rtc_widget.peer.process.room import PeerRoom
from rtc_widget.protocol.owner_key import new_owner_key
from rtc_widget.trace.event_log import EventLog
from rtc_widget.trace.resent import resent
from tests.support.pages import PATTERN, beat, enter, holds, invitation, phase, plays, press, tiles
from tests.support.peer_sides import no_events, publish
from tests.support.relays import Client
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tests.support.browser_fixtures import NewWindow
    from tests.support.firefox import Firefox
    from tests.support.lab import Browser
    from tests.support.relays import RunningRelay
    from tests.support.widget_page import Host, HostPage

    Meet = Callable[..., Awaitable[tuple[HostPage, HostPage]]]

ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+|[0-9a-f]+:[0-9a-f]*::?[0-9a-f]+|\.local|candidate:|a=|ufrag")
# Longer than a handshake between two pages of one machine takes, by far.
NEVER_SECONDS = 3.0

# Firefox counts no frames of a stream.
PLAYING = (
    "[...document.querySelectorAll('.rtcw-tile video')]"
    ".filter((video) => video.readyState >= 3 && video.videoWidth > 0 && video.currentTime > 0.2).length"
)

PAIRS = [("naive", "naive"), ("naive", "perfect"), ("perfect", "naive")]


class Teacher(Client):
    """Watches a room, and knows what each participant has reported."""

    def told(self, name: str, *types: str) -> list[dict[str, Any]]:
        """Return a participant's entries of these types, in the order of its clock."""
        found = [
            entry
            for event, payload in self.heard
            if event == "report" and payload["from"] == self.id_of(name)
            for entry in payload["entries"]
            if entry["type"] in types
        ]
        return sorted(found, key=lambda entry: entry["at"])

    def id_of(self, name: str) -> str:
        """Return who has this name."""
        return next(p["socketId"] for event, p in self.heard if event == "user_joined" and p["name"] == name)

    def story(self, name: str) -> list[str]:
        """Return a participant's steps in a word or two."""
        return [
            " ".join(str(step[key]) for key in ("step", "event", "description") if key in step)
            for step in self.told(name, "step")
        ]

    def states(self, name: str, which: str) -> list[str]:
        """Return the states through which one of a participant's state machines went."""
        return [entry["value"] for entry in self.told(name, "state") if entry["name"] == which]

    async def lets_offers_cross(self) -> None:
        """Let Ada and Bob offer at the same moment from now on."""
        await self.say(
            "control_room", action="fault", options={"fault": "glare", "sender": "Ada", "to": "Bob"}
        )


@pytest_asyncio.fixture(loop_scope="session")
async def teacher(relay: RunningRelay, room: str) -> AsyncIterator[Teacher]:
    """A teacher who watches the test's room from its beginning."""
    client = Teacher(room)
    await client.connect(relay.url, relay.token(room, role="teacher"))
    await client.say("watch_room", trace=True)
    yield client
    await client.disconnect()


@pytest.fixture
def meet(host: Host, relay: RunningRelay, room: str, new_window: NewWindow) -> Meet:
    """Let Ada join, and then Bob."""

    async def bring(
        ada: str = "perfect", bob: str = "perfect", window: Browser | None = None, *, shares: bool = False
    ) -> tuple[HostPage, HostPage]:
        first = await enter(host, await new_window(), relay, room, "Ada", negotiation=ada)
        if shares:
            await press(first, "Share screen")
            await holds(first, "document.querySelector('.rtcw-share').ariaPressed === 'true'")
        second = await host.open(
            window or await new_window(), room=room, name="Bob", negotiation=bob, **PATTERN
        )
        await beat(second, relay, room, invitation=invitation(relay, room, "second"))
        await phase(second, "joined")
        return first, second

    return bring


async def connected(ada: HostPage, bob: HostPage) -> None:
    """Wait until both see each other."""
    await asyncio.gather(
        tiles(ada, "Ada (you), microphone off", "Bob, microphone off, connected"),
        tiles(bob, "Bob (you), microphone off", "Ada, microphone off, connected"),
    )
    await asyncio.gather(*(holds(page, f"{PLAYING} === 2") for page in (ada, bob)))


def in_order(story: list[str], *wanted: str) -> None:
    """Assert that these steps are among those of a story, in this order."""
    rest = iter(story)
    for step in wanted:
        assert step in rest, f"{step!r} is not where it should be in {story}"


def settled_with_one_offer_each(teacher: Teacher) -> None:
    """Assert that a crossing took one offer of each side, and that nothing failed."""
    for name in ("Ada", "Bob"):
        # Once: a transceiver of the offer that was taken back and is stopped makes Chromium 156 offer for ever.
        assert teacher.story(name).count("sent offer") == 1
        assert teacher.states(name, "signaling_state")[-1] == "stable"
        assert "failed" not in teacher.story(name)


async def test_a_first_negotiation_is_told_step_by_step_from_both_sides(teacher: Teacher, meet: Meet) -> None:
    await connected(*await meet())

    # Told as soon as there is one, and again when its checks have succeeded, and when all pairs have been checked.
    def works(name: str) -> bool:
        *_, pair = teacher.told(name, "pair") or [{"succeeded": 0}]
        return bool(pair["succeeded"])

    await wait_for(lambda: works("Ada") and works("Bob"), 30, "pairs that work")

    in_order(
        teacher.story("Ada"),
        "negotiationneeded",
        "createOffer",
        "setLocalDescription offer",
        "sent offer",
        "received answer",
        "setRemoteDescription answer",
    )
    in_order(
        teacher.story("Bob"),
        "received offer",
        "setRemoteDescription offer",
        "createAnswer",
        "setLocalDescription answer",
        "sent answer",
    )
    for name, pending in (("Ada", "have-local-offer"), ("Bob", "have-remote-offer")):
        assert teacher.states(name, "signaling_state") == [pending, "stable"]
        assert teacher.states(name, "connection_state") == ["connecting", "connected"]
        in_order(teacher.story(name), "gathered", "sent ice_candidate")
        in_order(teacher.story(name), "received ice_candidate", "added")
        assert [track["kind"] for track in teacher.told(name, "track")] == ["audio", "video"]
        assert [entry["value"] for entry in teacher.told(name, "channel")] == ["open"]
        assert "failed" not in teacher.story(name)
        assert teacher.told(name, "pair")[-1]["pairs"][0]["selected"]


async def test_what_one_side_sent_is_what_the_other_received(teacher: Teacher, meet: Meet) -> None:
    await connected(*await meet())

    def messages(name: str, step: str) -> dict[str, str]:
        return {
            entry["message"]: entry["event"] for entry in teacher.told(name, "step") if entry["step"] == step
        }

    await wait_for(lambda: len(messages("Ada", "sent")) == len(messages("Bob", "received")) > 2)
    await wait_for(lambda: len(messages("Bob", "sent")) == len(messages("Ada", "received")) > 2)
    assert messages("Ada", "sent") == messages("Bob", "received")
    assert messages("Bob", "sent") == messages("Ada", "received")

    def forwarded() -> set[str]:
        signals = [entry for event, p in teacher.heard if event == "signal" for entry in p["entries"]]
        return {entry["id"] for entry in signals if entry["stage"] == "forwarded"}

    await wait_for(lambda: forwarded() == set(messages("Ada", "sent")) | set(messages("Bob", "sent")))
    for name in ("Ada", "Bob"):
        received = messages(name, "received")
        for step in teacher.told(name, "step"):
            if step["step"] in ("added", "queued"):
                assert received[step["message"]] == "ice_candidate"
            elif step["step"] == "setRemoteDescription":
                assert received[step["message"]] == step["description"]


async def test_no_report_holds_an_address_or_a_description(teacher: Teacher, meet: Meet) -> None:
    await connected(*await meet())
    await wait_for(lambda: teacher.told("Ada", "pair") and teacher.told("Bob", "stats"), 30, "the figures")
    reports = [payload for event, payload in teacher.heard if event == "report"]
    assert not ADDRESS.search(json.dumps(reports))
    # What is looked for is there to be found.
    assert ADDRESS.search(json.dumps([payload for event, payload in teacher.heard if event == "signal"]))


async def test_every_page_compares_its_clock_with_the_relays(teacher: Teacher, meet: Meet) -> None:
    await meet()
    for name in ("Ada", "Bob"):
        clock = (await wait_for(lambda name=name: teacher.told(name, "clock"), 30, f"{name}'s clock"))[0]
        assert 0 < clock["error"] < 100
        # All are on one machine; a page's clock is set at its start and may have drifted by a little.
        assert abs(clock["offset"]) < clock["error"] + 50


@pytest.mark.parametrize(("ada", "bob"), PAIRS)
async def test_the_tutorials_way_connects_when_nothing_crosses(
    teacher: Teacher, meet: Meet, ada: str, bob: str
) -> None:
    await connected(*await meet(ada, bob))
    assert "sent offer" in teacher.story("Ada")
    assert "sent offer" not in teacher.story("Bob")


@pytest.mark.parametrize("first", ["page", "peer"])
async def test_the_tutorials_way_connects_with_python(
    host: Host, relay: RunningRelay, room: str, new_window: NewWindow, first: str
) -> None:
    async def find() -> tuple[str, str]:
        return relay.url, relay.token(room)

    peer = PeerRoom(room, "Bot", new_owner_key(), resolve=find, ice_servers=IceServers(), events=no_events())
    peer.set_media(video=True)
    tasks = [asyncio.create_task(publish(peer.video))]
    window = await new_window()
    try:
        if first == "peer":
            tasks.append(asyncio.create_task(peer.run()))
            await wait_for(lambda: peer.id, 30, "the peer in the room")
        page = await enter(host, window, relay, room, "Ada", negotiation="naive")
        if first == "page":
            tasks.append(asyncio.create_task(peer.run()))
        await tiles(page, "Ada (you), microphone off", "Bot, Python, microphone off, connected")
        await plays(page, "Bot")
    finally:
        peer.leave()
        tasks[0].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_the_tutorials_way_fails_when_offers_cross(teacher: Teacher, meet: Meet) -> None:
    await teacher.lets_offers_cross()
    await meet("naive", "naive")

    def failures(name: str) -> list[dict[str, Any]]:
        return [step for step in teacher.told(name, "step") if step["step"] == "failed"]

    await wait_for(lambda: failures("Ada") and failures("Bob"), 30, "both failures")
    for name in ("Ada", "Bob"):
        # The answer may come while the rollback is still going on.
        in_order(teacher.story(name), "sent offer", "received offer", "rollback", "failed")
        in_order(teacher.story(name), "received offer", "received answer", "failed")
        assert failures(name)[0]["operation"] == "setRemoteDescription"
        assert failures(name)[0]["error"] == "InvalidStateError"
    # That something never happens can only be waited for by time.
    await asyncio.sleep(NEVER_SECONDS)
    for name in ("Ada", "Bob"):
        assert "connected" not in teacher.states(name, "connection_state")


@pytest.mark.parametrize("gives_way", ["chromium", "firefox"])
async def test_perfect_negotiation_settles_the_same_crossing(
    teacher: Teacher, meet: Meet, firefox: Firefox, gives_way: str
) -> None:
    await teacher.lets_offers_cross()
    await connected(*await meet(window=firefox if gives_way == "firefox" else None))
    in_order(
        teacher.story("Ada"), "sent offer", "ignored offer", "received answer", "setRemoteDescription answer"
    )
    in_order(teacher.story("Bob"), "sent offer", "rollback", "setRemoteDescription offer", "sent answer")
    settled_with_one_offer_each(teacher)


@pytest.mark.parametrize("gives_way", ["chromium", "firefox"])
async def test_a_crossing_settles_when_one_of_the_two_shares_a_screen_already(
    teacher: Teacher, meet: Meet, firefox: Firefox, gives_way: str
) -> None:
    # Ada's offer has one m-line more than Bob's, so that the data channel's is elsewhere.
    await teacher.lets_offers_cross()
    _, bob = await meet(window=firefox if gives_way == "firefox" else None, shares=True)
    await tiles(
        bob,
        "Bob (you), microphone off",
        "Ada, microphone off, sharing a screen, connected",
        "Ada's screen, connected",
    )
    await holds(bob, f"{PLAYING} === 3")
    in_order(teacher.story("Bob"), "sent offer", "received offer", "rollback", "sent answer")
    settled_with_one_offer_each(teacher)


@pytest.mark.parametrize("gives_way", ["chromium", "firefox"])
async def test_a_crossing_in_a_call_settles_too(
    teacher: Teacher, meet: Meet, firefox: Firefox, gives_way: str
) -> None:
    ada, bob = await meet(window=firefox if gives_way == "firefox" else None)
    await connected(ada, bob)
    await teacher.lets_offers_cross()
    await press(ada, "Share screen")
    await holds(bob, f"{PLAYING} === 3")
    in_order(teacher.story("Ada"), "sent offer", "ignored offer", "received answer")
    in_order(teacher.story("Bob"), "sent offer", "rollback", "setRemoteDescription offer", "sent answer")
    for name in ("Ada", "Bob"):
        assert "failed" not in teacher.story(name)
        assert not teacher.told(name, "error")


@pytest.mark.parametrize(("lost", "begun"), [("offer", False), ("answer", True)])
async def test_a_description_that_the_relay_lost_is_sent_again_by_a_deadline_and_seen_to_be(
    teacher: Teacher, meet: Meet, lost: str, begun: bool
) -> None:
    drop = {"action": "fault", "options": {"fault": "drop", "kind": lost, "count": 1}}
    if not begun:
        await teacher.say("control_room", **drop)
    ada, bob = await meet()
    await connected(ada, bob)
    if begun:
        await teacher.say("control_room", **drop)
        await press(ada, "Share screen")
        await holds(bob, f"{PLAYING} === 3")

    log = EventLog(teacher.room)
    for event, payload in teacher.heard:
        log.apply(event, payload)
    messages = log.trace().messages()
    [dropped] = [each for each in messages if "dropped" in each.fate]
    again = [each for each in messages if each.id in resent(messages)]
    assert dropped.kind == lost
    assert "offer" in [each.kind for each in again]
    assert all(each.departed > dropped.departed for each in again)
    assert not teacher.told("Ada", "error") + teacher.told("Bob", "error")
