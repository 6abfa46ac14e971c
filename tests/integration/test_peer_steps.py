"""What two Python peers tell of their negotiation, over a real relay."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.errors import ProtocolError
from rtc_widget.ice.ice_servers import IceServers
from rtc_widget.peer.process.room import PeerRoom
from rtc_widget.protocol.limits import LIMITS
from rtc_widget.protocol.owner_key import new_owner_key
from rtc_widget.signaling import clock_sync
from rtc_widget.signaling.event_reporter import EventReporter
from tests.support.peer_sides import no_events, publish
from tests.support.relays import ANSWER, CANDIDATE, OFFER
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tests.support.relays import Client, RunningRelay

    Join = Callable[..., Awaitable[Client]]
    Enter = Callable[[str], Awaitable[PeerRoom]]

Entry = dict[str, Any]


class Watch:
    """What the participants of a room report."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def told(self, peer: PeerRoom, *types: str) -> list[Entry]:
        """Return a peer's entries of these types, in the order of its clock."""
        entries = [
            entry
            for event, payload in self._client.heard
            if event == "report" and payload["from"] == peer.id
            for entry in payload["entries"]
            if entry["type"] in types
        ]
        return sorted(entries, key=lambda entry: entry["at"])

    def steps(self, peer: PeerRoom, *names: str) -> list[Entry]:
        """Return a peer's steps of these names, or all."""
        return [step for step in self.told(peer, "step") if not names or step["step"] in names]

    def story(self, peer: PeerRoom) -> list[str]:
        """Return a peer's steps in a word or two."""
        return [
            " ".join(str(step[key]) for key in ("step", "event", "description") if key in step)
            for step in self.steps(peer)
        ]


@pytest.fixture
async def watch(connect: Callable[..., Awaitable[Client]]) -> Watch:
    client = await connect()
    await client.say("watch_room")
    return Watch(client)


@pytest.fixture
async def enter(relay: RunningRelay) -> AsyncIterator[Enter]:
    """Let peers join; they leave after the test."""
    rooms: list[PeerRoom] = []
    tasks: list[asyncio.Task[None]] = []

    async def find() -> tuple[str, str]:
        return relay.url, relay.token()

    async def join(name: str) -> PeerRoom:
        room = PeerRoom(
            "demo", name, new_owner_key(), resolve=find, ice_servers=IceServers(), events=no_events()
        )
        rooms.append(room)
        tasks.extend([asyncio.create_task(room.run()), asyncio.create_task(publish(room.video))])
        await wait_for(lambda: room.id, 30, f"{name} in the room")
        return room

    yield join
    for room in rooms:
        room.leave()
    for task in tasks[1::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_first_negotiation_is_told_step_by_step_from_both_sides(watch: Watch, enter: Enter) -> None:
    ada, bob = await enter("Ada"), await enter("Bob")

    for peer in (ada, bob):
        await wait_for(lambda peer=peer: watch.told(peer, "channel") and watch.told(peer, "pair"), 30)
        await wait_for(lambda peer=peer: watch.steps(peer, "sent"), 30, "what was sent")

    assert [step for step in watch.story(ada) if step != "gathered"] == [
        "negotiationneeded",
        "createOffer",
        "setLocalDescription offer",
        "sent offer",
        "received answer",
        "setRemoteDescription answer",
    ]
    assert [step for step in watch.story(bob) if step != "gathered"] == [
        "received offer",
        "setRemoteDescription offer",
        "createAnswer",
        "setLocalDescription answer",
        "sent answer",
    ]
    for peer in (ada, bob):
        *gathered, end = watch.steps(peer, "gathered")
        assert {(step["kind"], step["protocol"]) for step in gathered} == {("host", "udp")}
        assert end["kind"] is None
        assert [(t["kind"], t["screen"]) for t in watch.told(peer, "track")] == [
            ("audio", False),
            ("video", False),
        ]
        assert [entry["value"] for entry in watch.told(peer, "channel")] == ["open"]
        (pair,) = watch.told(peer, "pair")
        won, *_others = pair["pairs"]
        assert (won["selected"], won["state"], pair["local"]) == (True, "succeeded", won["local"])


async def test_what_one_side_sent_is_what_the_other_received(watch: Watch, enter: Enter) -> None:
    ada, bob = await enter("Ada"), await enter("Bob")
    await wait_for(lambda: "setRemoteDescription answer" in watch.story(ada), 30, "the answer")
    await wait_for(lambda: "sent answer" in watch.story(bob), 30, "its acknowledgement")

    for sender, receiver in ((ada, bob), (bob, ada)):
        (sent,), (received,) = watch.steps(sender, "sent"), watch.steps(receiver, "received")
        (applied,) = watch.steps(receiver, "setRemoteDescription")
        assert isinstance(sent["message"], str)
        assert sent["message"] == received["message"] == applied["message"]
        assert (sent["peer"], received["peer"]) == (receiver.id, sender.id)
        assert sent["at"] <= received["at"]


async def test_a_browser_that_offers_at_the_same_moment_is_ignored(
    watch: Watch, enter: Enter, join: Join
) -> None:
    page = await join(name="page", caps={"rollback": True})
    ada = await enter("Ada")
    to = (await page.hears("offer"))["from"]

    ids = [
        (await page.say("offer", to=to, offer=OFFER))["id"],
        (await page.say("ice_candidate", to=to, candidate=CANDIDATE))["id"],
        (await page.say("answer", to=to, answer={**ANSWER, "sdp": "v=0\r\nnonsense"}))["id"],
    ]
    await wait_for(lambda: watch.steps(ada, "failed"), 30, "the failure")

    assert [step["message"] for step in watch.steps(ada, "ignored", "queued", "failed")] == ids
    (failed,) = watch.steps(ada, "failed")
    assert failed["operation"] == "setRemoteDescription"
    assert "nonsense" not in json.dumps(watch.told(ada, "step", "error"))


async def test_a_client_that_never_gives_way_makes_ours_begin_anew(
    watch: Watch, enter: Enter, join: Join
) -> None:
    ada = await enter("Ada")
    page = await join(name="tutorial")
    to = (await page.hears("offer"))["from"]

    await page.say("offer", to=to, offer=OFFER)

    (rollback,) = await wait_for(lambda: watch.steps(ada, "rollback"), 30, "the rollback")
    assert rollback["replaced"] is True


async def test_a_candidate_that_is_no_good_costs_no_connection(watch: Watch, enter: Enter) -> None:
    ada, bob = await enter("Ada"), await enter("Bob")
    await wait_for(lambda: watch.told(ada, "channel"), 30, "the connection")
    connection = ada.remote(str(bob.id)).connection

    bad = {**CANDIDATE, "candidate": "candidate:1 1 udp x 127.0.0.1 y typ host", "usernameFragment": None}
    local = {**CANDIDATE, "candidate": CANDIDATE["candidate"].replace("127.0.0.1", "x.local")}
    signaling = ada._remotes[str(bob.id)].signaling
    signaling.on_candidate(bad, "bad")
    signaling.on_candidate(local, "hidden")
    signaling.on_candidate({**CANDIDATE, "usernameFragment": None}, "good")
    signaling.on_candidate({**CANDIDATE, "usernameFragment": "of another"}, "waits")

    def became() -> dict[str, str]:
        steps = watch.steps(ada, "refused", "added", "discarded", "queued")
        return {step["message"]: step["step"] for step in steps}

    await wait_for(lambda: len(became()) == 4, 30, "what became of them")
    assert became() == {"bad": "refused", "hidden": "discarded", "good": "added", "waits": "queued"}
    assert ada.remote(str(bob.id)).connection is connection
    assert connection.connected


async def test_no_report_holds_an_address_or_a_description(watch: Watch, enter: Enter) -> None:
    ada, bob = await enter("Ada"), await enter("Bob")
    for peer in (ada, bob):
        await wait_for(lambda peer=peer: watch.told(peer, "pair") and watch.told(peer, "stats"), 30)

    told = json.dumps([watch.told(peer, "step", "pair", "stats", "state", "error") for peer in (ada, bob)])

    for remote in (ada.remote(str(bob.id)).connection, bob.remote(str(ada.id)).connection):
        for line in remote.pc.remoteDescription.sdp.splitlines():
            if line.startswith("a=candidate:"):
                assert line.split()[4] not in told
    assert "a=" not in told


async def test_figures_say_what_is_sent_too(watch: Watch, enter: Enter) -> None:
    ada, bob = await enter("Ada"), await enter("Bob")
    for peer in (ada, bob):
        peer.set_media(video=True)

    figures = await wait_for(
        lambda: next((one for one in watch.told(ada, "stats") if one["jitter"] is not None), None), 10
    )

    assert figures["sent_bitrate"] > 0
    assert {"bitrate", "fps", "width", "height", "loss", "rtt", "frames_dropped", "freeze_count"} <= set(
        figures
    )


# -- reports


async def test_a_burst_of_reports_goes_out_in_several_messages_and_nothing_is_lost() -> None:
    sent: list[list[Entry]] = []
    reporter = EventReporter(lambda entries: sent.append(list(entries)) is None)
    for number in range(450):
        reporter.add({"type": str(number)})

    reporter.flush()

    assert [len(part) for part in sent] == [LIMITS["report_entries"], LIMITS["report_entries"], 50]
    assert [entry["type"] for part in sent for entry in part] == [str(number) for number in range(450)]


async def test_the_newest_reports_wait_for_a_path() -> None:
    reporter = EventReporter(lambda _entries: False)
    for number in range(1_500):
        reporter.add({"type": str(number)})
    reporter.flush()

    sent: list[Entry] = []
    reporter._send = lambda entries: sent.extend(entries) is None
    reporter.flush()

    assert [sent[0]["type"], sent[-1]["type"]] == ["500", "1499"]


# -- clocks


async def test_a_peer_compares_its_clock_with_the_relays(watch: Watch, enter: Enter) -> None:
    ada = await enter("Ada")

    (told,) = await wait_for(lambda: watch.told(ada, "clock"), 30, "the clock")

    assert 0 < told["error"] < 100
    assert abs(told["offset"]) <= told["error"] + 1


class Answers:
    """A relay whose clock is 1000 ms ahead; each answer takes so long to be asked for and to come."""

    def __init__(self, *ways: tuple[float, float], monkeypatch: pytest.MonkeyPatch) -> None:
        self._ways = list(ways)
        self._now = 0.0
        self.gone = asyncio.Event()
        monkeypatch.setattr(clock_sync, "now", lambda: self._now)

    async def request(self, event: str, payload: Entry) -> Entry:
        assert (event, payload) == ("clock", {})
        there, back = self._ways.pop(0)
        self._now += there + back
        return {"ok": True, "time": self._now - back + 1000}


async def test_the_quickest_answer_tells_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    relay: Any = Answers((40, 2), (5, 5), (3, 1), (80, 80), (9, 9), monkeypatch=monkeypatch)

    measured = await clock_sync.measure_offset(relay)

    assert measured.error == 2
    assert abs(measured.offset - 1000) <= measured.error


async def test_a_relay_without_a_clock_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_sync, "_FIRST_SECONDS", 0.0)
    monkeypatch.setattr(clock_sync, "_EVERY_SECONDS", 0.0)
    asked: list[str] = []

    class Old:
        gone = asyncio.Event()

        async def request(self, event: str, _payload: Entry) -> Entry:
            asked.append(event)
            raise ProtocolError("unknown_event", "The relay knows no event 'clock'.")

    old: Any = Old()
    await asyncio.wait_for(clock_sync.keep_time(old, lambda _offset: None), 30)

    assert asked == ["clock"]
