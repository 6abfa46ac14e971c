"""`RoomWidget`: which of its parts does what a user asks, when a tab is invited, and its end."""

from __future__ import annotations

import json
from concurrent.futures import Future
from typing import Any

import pytest
from traitlets import TraitError

from rtc_widget import RoomWidget
from rtc_widget.errors import InvalidArgumentError, InvalidCallError, RtcWidgetError, WaitTimeoutError
from rtc_widget.room import kernel_peers
from rtc_widget.runtime import threads
from rtc_widget.widget import kernel_session, room_widget
from tests.support.fakes import InlineThreads, done, entry

TAB = "the tab that runs the cell"


class FakeSession:
    """A widget's signaling session: what it is told is kept."""

    def __init__(self, room: str, owner_key: str, **parts: Any) -> None:
        self.room, self.owner_key, self.parts = room, owner_key, parts
        self.told: list[Any] = []
        self.requests: list[tuple[str, dict[str, Any]]] = []

    def open(self) -> None:
        self.told.append("open")

    def close(self, *, for_good: bool = False) -> Future[None]:
        self.told.append(("close", for_good))
        return done()

    def invite_tab(self, session: str | None, *, now: bool, client: str | None = None) -> None:
        self.told.append(("invite", session, now, client))

    def withdraw_invitation(self) -> None:
        self.told.append("withdraw")

    def beat(self) -> None:
        self.told.append("beat")

    def request(self, event: str, payload: dict[str, Any]) -> Future[dict[str, Any]]:
        self.requests.append((event, payload))
        return done({"ok": True})

    def reach(self) -> None:
        return None

    def greet(self, *_given: object) -> None: ...

    def receive_tunnel(self, *_given: object) -> None: ...


class House:
    """What widgets are made of, without sockets, threads and pages."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.threads, self.released = InlineThreads(), 0
        self.sessions: list[FakeSession] = []
        self.sent: list[dict[str, Any]] = []

        def make(*given: Any, **parts: Any) -> FakeSession:
            self.sessions.append(FakeSession(*given, **parts))
            return self.sessions[-1]

        def send(_widget: RoomWidget, message: dict[str, Any], buffers: object = None) -> None:
            if message["method"] == "custom":
                self.sent.append(message["content"])

        monkeypatch.setattr(threads, "acquire", lambda: self.threads)
        monkeypatch.setattr(threads, "release", self.release)
        monkeypatch.setattr(kernel_session, "KernelSession", make)
        monkeypatch.setattr(room_widget, "executing_tab", lambda: TAB)
        monkeypatch.setattr(RoomWidget, "_send", send)

    def release(self) -> None:
        self.released += 1

    @property
    def session(self) -> FakeSession:
        return self.sessions[-1]

    def told(self) -> list[Any]:
        """Return what the session was told since the last time."""
        told, self.session.told = self.session.told, []
        return told

    def snapshot(self, *others: dict[str, Any], is_in: bool = True) -> None:
        """Let the room's observer see the widget in the room, and others."""
        from rtc_widget.protocol.owner_key import owner_name

        me = [entry("me", 1, owner=owner_name(self.session.owner_key))] if is_in else []
        for listener in self.session.parts["listeners"]:
            listener.on_snapshot({"participants": [*me, *others], "time": 1.0})

    def event(self, name: str, **payload: Any) -> None:
        for listener in self.session.parts["listeners"]:
            listener.on_event(name, payload)


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    return House(monkeypatch)


# -- it is made


def test_its_room_is_observed_and_the_tab_that_runs_the_cell_invited_once_it_shows_it(house: House) -> None:
    RoomWidget("demo", name="Ada")

    assert house.session.room == "demo"
    assert house.told() == ["open", ("invite", TAB, False, None)]


def test_without_a_name_it_is_a_guest_and_no_two_are_called_the_same(house: House) -> None:
    names = {RoomWidget("demo").name for _ in range(3)}

    assert len(names) == 3
    assert all(name.startswith("Guest ") for name in names)


def test_nothing_secret_is_in_what_is_saved_or_printed(house: House) -> None:
    servers = [{"urls": "turn:turn.example.org", "username": "u", "credential": "a credential"}]
    room = RoomWidget("demo", ice_servers=servers)

    saved = json.dumps(room.get_state(), default=repr) + repr(room) + json.dumps(room._card())

    for secret in (house.session.owner_key, "a credential", "turn.example.org"):
        assert secret not in saved


@pytest.mark.parametrize("trait", ["room", "name", "negotiation"])
def test_what_is_fixed_cannot_be_changed(house: House, trait: str) -> None:
    room = RoomWidget("demo", name="Ada")

    with pytest.raises(TraitError, match="cannot change: create another"):
        setattr(room, trait, "naive" if trait == "negotiation" else "other")
    setattr(room, trait, getattr(room, trait))

    assert (room.room, room.name, room.negotiation) == ("demo", "Ada", "perfect")


def test_a_resolution_out_of_bounds_is_refused_also_later(house: House) -> None:
    with pytest.raises(InvalidArgumentError, match="resolution"):
        RoomWidget("demo", resolution=(1, 1))
    room = RoomWidget("demo")

    with pytest.raises(TraitError):
        room.resolution = (1, 1)


def test_an_unknown_keyword_is_answered_with_the_nearest_one_before_anything_begins(house: House) -> None:
    with pytest.raises(InvalidCallError, match="Did you mean 'name'"):
        RoomWidget("demo", nmae="Ada")  # type: ignore[call-arg]

    assert house.sessions == []


# -- it joins and leaves


def test_join_invites_the_tab_even_before_it_shows_the_widget(house: House) -> None:
    room = RoomWidget("demo")
    house.told()

    room.join()

    assert house.told() == ["open", ("invite", TAB, True, None)]


def test_who_has_joined_is_not_invited_any_more(house: House) -> None:
    room = RoomWidget("demo")
    house.told()

    house.snapshot(entry("bob", 0))

    assert room.state == "joined"
    assert room.me is not None
    assert [each.name for each in room.participants] == ["Bob"]
    assert house.told() == ["withdraw", "beat"]
    assert house.session.parts["is_joined"]()


def test_leaving_reaches_every_tab_and_ends_what_it_holds(house: House) -> None:
    room = RoomWidget("demo")
    house.snapshot()
    room.pause()
    house.told()

    room.leave()

    assert house.told() == ["withdraw"]
    assert {"kind": "command", "action": "leave", "to": "*"} in house.sent
    assert [payload["action"] for _, payload in house.session.requests] == ["pause", "let_go"]


def test_a_widget_that_has_left_and_is_shown_again_invites_the_tab_that_shows_it(house: House) -> None:
    room = RoomWidget("demo")
    room._repr_mimebundle_()
    house.told()
    house.snapshot()
    house.event("user_left", socketId="me", reason="left")
    assert room.state == "left"
    assert house.told() == ["withdraw", "beat", "beat"]

    bundle = room._repr_mimebundle_()

    assert house.told() == ["open", ("invite", TAB, False, None)]
    assert bundle["text/plain"] == repr(room)
    assert "text/html" in bundle


def test_one_that_is_in_the_call_is_shown_without_an_invitation(house: House) -> None:
    room = RoomWidget("demo")
    house.snapshot()
    house.told()

    room._repr_mimebundle_()

    assert house.told() == []


# -- waiting


def test_who_waits_for_a_call_wants_it_now_and_hears_that_no_browser_shows_it(house: House) -> None:
    room = RoomWidget("demo")
    house.told()

    with pytest.raises(WaitTimeoutError, match="No browser displays this widget") as late:
        room.wait_for("joined", timeout=0.01)

    assert late.value.code == "frontend_absent"
    assert house.told() == [("invite", TAB, True, None)]


def test_who_waits_for_what_others_do_does_not_join_for_that(house: House) -> None:
    room = RoomWidget("demo")
    house.told()

    with pytest.raises(WaitTimeoutError, match="waiting for") as late:
        room.wait_for(lambda room: room.trace.filter("dropped"), timeout=0.01)

    assert late.value.code == "timeout"
    assert house.told() == []


def test_who_waits_for_somebody_else_hears_how_things_are(house: House) -> None:
    room = RoomWidget("demo")
    house.snapshot(entry("bob", 0))

    with pytest.raises(WaitTimeoutError, match=r"in the room: Bob \(new\)") as late:
        room.wait_for("connected", timeout=0.01)

    assert late.value.code == "timeout"


# -- what its parts need of each other


def test_messages_reach_callbacks_with_their_sender(house: House) -> None:
    room = RoomWidget("demo")
    house.snapshot(entry("bob", 0))
    received: list[Any] = []
    room.on_message(lambda data, sender: received.append((data, sender.name)))

    for sender in ("bob", "nobody"):
        content = {"kind": "message", "client_id": "a tab", "from": sender, "text": '{"hello": 1}'}
        room._channel.receive(room, content, [])

    assert received == [({"hello": 1}, "Bob")]


def test_peers_of_the_kernel_are_reached_past_the_network_unless_somebody_holds_messages(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel_peers, "ids", lambda room: [f"a peer of {room}"])
    RoomWidget("demo")
    house.snapshot()
    peers = house.session.parts["peers"]
    assert peers() == ["a peer of demo"]

    state = {"paused": True, "held": [], "breaks": [], "faults": []}
    house.event("control", at=1.0, reason="pause", **state)

    assert peers() == []


def test_what_a_teacher_holds_is_known_before_a_change_of_state_wakes_anybody(house: House) -> None:
    room = RoomWidget("demo")
    house.snapshot()
    paused: list[bool] = []
    room.observe(lambda _change: paused.append(room.paused), "participants")

    control = {"paused": True, "held": [], "breaks": [], "faults": []}
    for listener in house.session.parts["listeners"]:
        listener.on_snapshot({"participants": [entry("bob", 0)], "time": 1.0, "control": control})

    assert paused == [True]


# -- its end


def test_it_is_closed_once_with_all_that_it_has(house: House) -> None:
    room = RoomWidget("demo")
    house.snapshot(entry("bob", 0))
    waiting = room._begin_waiting("connected")
    house.told()

    room.close()
    room.close()

    assert ("close", True) in house.told()
    assert house.released == 1
    assert room.state == "left"
    assert list(room.participants) == []
    with pytest.raises(RtcWidgetError, match="closed while something was waiting"):
        waiting.result(0)


@pytest.mark.parametrize(
    "act", [RoomWidget.join, RoomWidget.leave, lambda room: room.wait_for("joined"), RoomWidget.pause]
)
def test_a_closed_widget_says_so(house: House, act: Any) -> None:
    room = RoomWidget("demo")
    room.close()

    with pytest.raises(RtcWidgetError) as refused:
        act(room)

    assert refused.value.code == "closed"
    assert ("invite", TAB, True, None) not in house.told()


def test_a_closed_widget_takes_nothing_from_a_page_any_more(house: House) -> None:
    room = RoomWidget("demo")
    room.close()

    room._channel.receive(room, {"kind": "error", "client_id": "a tab", "code": "x", "message": "y"}, [])

    assert room.error is None
