"""RoomWidget without a browser: arguments, waiting, callbacks, and what is left after closing."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import socketio
from traitlets import TraitError

from rtc_widget import Relay, RoomWidget, RtcWidgetError, WaitTimeoutError
from rtc_widget.runtime import cell_registry
from tests.support.processes import end_processes, marked_processes
from tests.support.waiting import wait_for, wait_until

MARK = "RTC_WIDGET_TEST_WIDGET"
MEDIA = {"audio": True, "video": True, "screen": False}


@pytest.fixture(scope="module")
def own_relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A relay for this module, found through a runtime directory of its own."""
    mark = secrets.token_hex(8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        patch.setenv(MARK, mark)
        Relay.local()
        yield
    end_processes(marked_processes(MARK, mark))


@pytest.fixture
def room() -> str:
    """A room of the test's own: who was lost in the one before may still be away there."""
    return f"room-{secrets.token_hex(4)}"


@pytest.fixture
def make(no_leaks: None, own_relay: None, room: str) -> Iterator[Any]:
    """Make widgets of the test's room that are closed after the test."""
    made: list[RoomWidget] = []

    def one(**named: Any) -> RoomWidget:
        made.append(RoomWidget(room, **named))
        return made[-1]

    yield one
    for widget in made:
        widget.close()


class Client:
    """A participant made of a bare Socket.IO client; with ``widget`` it speaks for that widget's page."""

    def __init__(self, room: str) -> None:
        self.room = room
        self.socket = socketio.AsyncClient(reconnection=False)
        self.id = ""
        self.owner: dict[str, str] = {}
        self.said: dict[str, Any] = {}

    @classmethod
    async def join(cls, room: str, name: str, widget: RoomWidget | None = None) -> Client:
        client = cls(room)
        client.owner = {"owner": widget._session._owner_key} if widget else {}
        client.said = {"roomId": room, "name": name, "media": MEDIA, "session": f"life-of-{name}"}
        await client.come_back()
        return client

    async def come_back(self) -> None:
        """Join, for the first time or again."""
        relay = await asyncio.to_thread(Relay.local)
        auth = {"token": relay.token(self.room), **self.owner}
        await self.socket.connect(relay.url, auth=auth, transports=["websocket"])
        answer = await self.socket.call("join_room", self.said)
        self.id, self.said["resume"] = answer["socketId"], answer["resume"]

    async def vanish(self) -> None:
        """Lose the path without a word."""
        self.socket.eio.ws._response.connection.transport.abort()
        await wait_for(lambda: not self.socket.connected, 30, "the end of the path")

    async def report(self, *entries: dict[str, Any]) -> None:
        await self.call("report", entries=list(entries))

    async def call(self, event: str, **payload: Any) -> None:
        answer = await self.socket.call(event, {"roomId": self.room, **payload})
        assert answer["ok"], answer


@pytest.fixture
async def join(room: str) -> AsyncIterator[Any]:
    """Join clients that are disconnected after the test."""
    clients: list[Client] = []

    async def one(name: str, widget: RoomWidget | None = None) -> Client:
        clients.append(await Client.join(room, name, widget))
        return clients[-1]

    yield one
    for client in clients:
        await client.socket.disconnect()


def state(peer: str, value: str, name: str = "connection_state") -> dict[str, Any]:
    return {"type": "state", "at": 0, "peer": peer, "name": name, "value": value}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"room": ""}, "bad_room"),
        ({"room": "   "}, "bad_room"),
        ({"room": "x" * 129}, "bad_room"),
        ({"room": "two\nlines"}, "bad_room"),
        ({"room": 7}, "bad_room"),
        ({"room": None}, "bad_room"),
        ({"room": "demo", "name": ""}, "bad_name"),
        ({"room": "demo", "name": "x" * 65}, "bad_name"),
        ({"room": "demo", "name": b"Ada"}, "bad_name"),
        ({"room": "demo", "video": "webcam"}, "bad_argument"),
        ({"room": "demo", "video": True}, "bad_argument"),
        ({"room": "demo", "audio": 0}, "bad_argument"),
        ({"room": "demo", "negotiation": "polite"}, "bad_argument"),
        ({"room": "demo", "resolution": (1280,)}, "bad_argument"),
        ({"room": "demo", "resolution": (15, 720)}, "bad_argument"),
        ({"room": "demo", "resolution": (1280, 4097)}, "bad_argument"),
        ({"room": "demo", "resolution": (1280.0, 720)}, "bad_argument"),
        ({"room": "demo", "resolution": "1280x720"}, "bad_argument"),
        ({"room": "demo", "resolution": 720}, "bad_argument"),
        ({"room": "demo", "relay": "relay.example.org", "token": "t"}, "bad_argument"),
        ({"room": "demo", "relay": "https://relay.example.org"}, "bad_token"),
    ],
)
def test_arguments_that_cannot_work_are_refused_with_a_code(
    arguments: dict[str, Any], code: str, no_leaks: None
) -> None:
    with pytest.raises(RtcWidgetError) as refused:
        RoomWidget(**arguments)
    assert refused.value.code == code
    assert isinstance(refused.value, ValueError)


def test_an_unknown_keyword_names_the_nearest() -> None:
    with pytest.raises(TypeError, match="Did you mean 'video'"):
        RoomWidget("demo", vidio="pattern")


def test_a_resolution_is_two_sides_that_may_change_in_a_call(make: Any) -> None:
    assert make().resolution == (640, 360)
    widget = make(resolution=[1280, 720])
    assert widget.resolution == (1280, 720)
    widget.resolution = (16, 4096)
    assert widget.get_state("resolution") == {"resolution": (16, 4096)}
    for wrong in ((15, 720), (1280, 4097), (1280,), (True, 720), "1280x720", None):
        with pytest.raises(TraitError, match="resolution"):
            widget.resolution = wrong
    assert widget.resolution == (16, 4096)


def test_room_name_and_negotiation_are_fixed(make: Any) -> None:
    assert make().negotiation == "perfect"
    widget = make(name="Ada", negotiation="naive")
    assert widget.negotiation == "naive"
    for trait, value in (("room", "other"), ("name", "other"), ("negotiation", "perfect")):
        with pytest.raises(TraitError, match="cannot change"):
            setattr(widget, trait, value)
    for trait in ("state", "participants", "me", "error"):
        with pytest.raises(TraitError):
            setattr(widget, trait, None)


def test_the_repr_is_short_and_holds_no_secret(make: Any, room: str) -> None:
    widget = make(name="Ada")
    assert repr(widget) == f"RoomWidget({room!r}, name='Ada', state='idle', participants=0)"
    assert widget._session._owner_key not in repr(widget) + repr(widget._session._resolver._given)


def test_closing_twice_is_harmless_and_then_everything_says_so(make: Any) -> None:
    widget = make()
    widget.close()
    widget.close()
    for act in (
        widget.join,
        widget.leave,
        widget.mute,
        lambda: widget.send(1),
        lambda: widget.wait_for("joined"),
    ):
        with pytest.raises(RtcWidgetError) as refused:
            act()
        assert refused.value.code == "closed"


def test_threads_end_with_the_last_widget(make: Any) -> None:
    def ours() -> list[str]:
        return [t.name for t in threading.enumerate() if t.name.startswith("rtc_widget")]

    first, second = make(), make()
    assert len(ours()) == 2
    first.close()
    assert len(ours()) == 2
    second.close()
    wait_until(lambda: not ours(), what="the end of our threads")


def test_without_a_browser_waiting_ends_and_says_why(make: Any) -> None:
    widget = make()
    with pytest.raises(TimeoutError, match="No browser displays this widget") as late:
        widget.wait_for("connected", timeout=0.1)
    assert isinstance(late.value, WaitTimeoutError)
    assert late.value.code == "frontend_absent"
    with pytest.raises(RtcWidgetError) as refused:
        widget.wait_for("conected")
    assert refused.value.code == "bad_argument"


async def test_participants_and_their_traits_follow_the_reports(make: Any, join: Any) -> None:
    widget = make(name="Ada")
    states: list[str] = []
    widget.observe(lambda change: states.append(change.new), "state")
    bob = await join("Bob")
    await widget.wait_for_async(lambda room: "Bob" in room.participants, 5)
    assert widget.state == "idle"
    assert widget.me is None
    page = await join("Ada", widget)
    await widget.wait_for_async("joined", 5)
    changes: list[Any] = []
    widget.participants["Bob"].observe(lambda change: changes.append((change.name, change.new)))
    await page.report(
        state(bob.id, "checking", "ice_connection_state"),
        state(bob.id, "connected"),
        {
            "type": "pair",
            "at": 0,
            "peer": bob.id,
            "local": "host",
            "remote": "srflx",
            "protocol": "udp",
            "address": "203.0.113.9",
        },
        {
            "type": "stats",
            "at": 0,
            "peer": bob.id,
            "bitrate": 1,
            "fps": 2,
            "width": 3,
            "height": 4,
            "loss": 0,
            "rtt": None,
        },
        state(bob.id, "not-a-state", "signaling_state"),
        {"type": "unheard-of", "at": 0},
    )
    await widget.wait_for_async("connected", 5)
    await wait_for(lambda: widget.participants["Bob"].stats)
    assert changes[0] == ("ice_connection_state", "checking")
    assert widget.participants["Bob"].selected_candidate_pair == {
        "local": "host",
        "remote": "srflx",
        "protocol": "udp",
    }
    assert widget.participants["Bob"].signaling_state == "stable"
    await bob.call("media_state", audio=False, video=True, screen=True)
    await widget.wait_for_async(
        lambda room: not room.participants["Bob"].audio and room.participants["Bob"].screen, 5
    )
    kept = widget.participants["Bob"]
    await bob.call("leave_room")
    await widget.wait_for_async(lambda room: room.participants == (), 5)
    assert kept.connection_state == "closed"
    await page.socket.disconnect()
    await widget.wait_for_async("left", 5)
    assert states == ["joined", "reconnecting", "left"]


async def test_reports_of_others_do_not_change_our_view(make: Any, join: Any) -> None:
    widget = make()
    await join("Ada", widget)
    bob, eve = await join("Bob"), await join("Eve")
    await widget.wait_for_async(lambda room: len(room.participants) == 2, 5)
    await eve.report(state(bob.id, "connected"))
    await bob.call("leave_room")
    await widget.wait_for_async(lambda room: len(room.participants) == 1, 5)
    assert widget.participants["Eve"].connection_state == "new"


async def test_a_callback_that_raises_is_shown_and_stops_nothing(
    make: Any, join: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    widget = make()

    def broken(_change: Any) -> None:
        raise ZeroDivisionError("the user's own")

    widget.observe(broken, "participants")
    await join("Bob")
    await join("Eve")
    await widget.wait_for_async(lambda room: len(room.participants) == 2, 5)
    assert "the user's own" in capsys.readouterr().err


async def test_a_callback_that_waits_is_told_that_it_would_wait_for_itself(make: Any, join: Any) -> None:
    widget = make()
    told: list[str] = []

    def waits(_change: Any) -> None:
        try:
            widget.wait_for("connected")
        except RtcWidgetError as error:
            told.append(error.code)

    widget.observe(waits, "participants")
    await join("Bob")
    await wait_for(lambda: told)
    assert told == ["would_deadlock"]


async def test_participants_are_found_by_name_id_and_place(make: Any, join: Any) -> None:
    widget = make()
    bob = await join("Bob")
    await join("Eve")
    await widget.wait_for_async(lambda room: len(room.participants) == 2, 5)
    people = widget.participants
    assert people["Bob"] is people[bob.id] is people[0]
    assert [p.name for p in people[:]] == ["Bob", "Eve"]
    assert "Eve" in people
    assert people["Eve"] in people
    assert "Nobody" not in people
    with pytest.raises(KeyError, match="In the room: 'Bob', 'Eve'"):
        people["Nobody"]
    assert [line.split()[0] for line in repr(people).splitlines()] == ["name", "Bob", "Eve"]
    with pytest.raises(RtcWidgetError) as refused:
        widget.send("hello")
    assert refused.value.code == "not_joined"


async def test_who_loses_the_path_for_a_moment_while_the_widget_looks_who_has_not_come_back_stays(
    make: Any, join: Any
) -> None:
    widget = make(name="Ada")
    states: list[str] = []
    widget.observe(lambda change: states.append(change.new), "state")
    page, bob = await join("Ada", widget), await join("Bob")
    await widget.wait_for_async(lambda room: room.state == "joined" and "Bob" in room.participants, 5)
    other = widget.participants["Bob"]

    for client in (page, bob):
        await client.vanish()
    await widget.wait_for_async(lambda _room: widget.me.away and other.away, 5)
    widget._session._on_stale()
    for client in (page, bob):
        await client.come_back()

    await widget.wait_for_async(lambda _room: not (widget.me.away or other.away), 5)
    assert widget.participants == (other,)
    assert "left" not in states


async def test_a_widget_that_closes_takes_its_participants_out_of_the_room(make: Any, join: Any) -> None:
    widget = make(name="Ada")
    page = await join("Ada", widget)
    removed: list[Any] = []
    page.socket.on("removed", lambda payload: removed.append(payload["code"]))
    await widget.wait_for_async("joined", 5)
    widget.close()
    await wait_for(lambda: removed)
    assert removed == ["kernel_gone"]


def test_a_cell_that_is_run_again_replaces_a_widget_that_was_never_shown(make, monkeypatch):
    running = ("cell", "first run")
    monkeypatch.setattr(cell_registry, "executing_cell", lambda: running)
    hidden, shown = make(), make()
    shown._repr_mimebundle_()

    running = ("cell", "second run")
    make()

    assert hidden._life.closed
    assert not shown._life.closed
