"""`Peer`: what its media process reports becomes its traits, what users ask becomes commands, and its end."""

from __future__ import annotations

from typing import Any

import pytest

from rtc_widget import Peer
from rtc_widget.errors import (
    InvalidArgumentError,
    InvalidCallError,
    ProtocolError,
    RtcWidgetError,
    WaitTimeoutError,
)
from rtc_widget.peer.kernel import media_process
from rtc_widget.peer.kernel.media_process import OnEvent, ProcessAnswers, ProcessEnded
from rtc_widget.protocol import media_process as wire
from rtc_widget.protocol.owner_key import owner_name
from rtc_widget.room import kernel_peers
from rtc_widget.room.data_messages import encode
from rtc_widget.runtime import threads
from tests.support.fakes import FakeLink, InlineThreads, entry


class FakeMediaProcess:
    """Where peers would be."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.link, self.threads = FakeLink(), InlineThreads()
        self.link.key = 1  # type: ignore[attr-defined]
        self.on_event: OnEvent = lambda _event: None
        self.removed: list[int] = []
        self.released = self.threads_released = 0
        self.failure: Exception | None = None
        monkeypatch.setattr(threads, "acquire", lambda: self.threads)
        monkeypatch.setattr(threads, "release", self.release_threads)
        monkeypatch.setattr(media_process, "acquire", self.acquire)
        monkeypatch.setattr(media_process, "release", self.release)

    def acquire(self) -> FakeMediaProcess:
        if self.failure is not None:
            raise self.failure
        return self

    def release(self, _process: object) -> None:
        self.released += 1

    def release_threads(self) -> None:
        self.threads_released += 1

    def add(self, on_event: OnEvent, _post: object) -> FakeLink:
        self.on_event = on_event
        return self.link

    def remove(self, key: int) -> None:
        self.removed.append(key)

    @property
    def opened(self) -> wire.Open:
        [command] = self.link.given(wire.Open)
        assert isinstance(command, wire.Open)
        return command

    def enter(self, *others: dict[str, Any]) -> None:
        """Let the peer be in the room, with others."""
        me = entry("bot", 1, kind="python", owner=owner_name(self.opened.owner_key))
        self.on_event(wire.Entered([me, *others]))

    def tell(self, name: str, /, **payload: Any) -> None:
        self.on_event(wire.RoomEvent(name, payload))

    def report(self, **said: Any) -> None:
        self.tell("report", **{"from": "bot", "entries": [said]})


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> FakeMediaProcess:
    return FakeMediaProcess(monkeypatch)


def seen(peer: Peer) -> list[str]:
    """Note the states that the peer goes through."""
    states: list[str] = []
    peer.observe(lambda change: states.append(change["new"]), "state")
    return states


# -- it is made


def test_it_is_opened_with_what_the_user_has_asked_for(process: FakeMediaProcess) -> None:
    servers = [{"urls": ["stun:stun.example.org"]}]
    peer = Peer("demo", name="bot", ice_servers=servers)

    assert (process.opened.room, process.opened.name) == ("demo", "bot")
    assert process.opened.ice_servers == servers
    assert peer.state == "connecting"
    assert process.opened.owner_key not in repr(peer)


def test_a_process_that_does_not_start_is_an_error_and_leaves_nothing(process: FakeMediaProcess) -> None:
    process.failure = OSError("no more processes")

    with pytest.raises(RtcWidgetError, match="no more processes") as failed:
        Peer("demo")

    assert failed.value.code == "peer_failed"
    assert process.threads_released == 1


def test_a_source_that_cannot_be_used_closes_the_peer_again(process: FakeMediaProcess) -> None:
    process.link.answers[wire.Use] = InvalidArgumentError("bad_source", "It cannot be opened.")

    with pytest.raises(InvalidArgumentError, match="cannot be opened"):
        Peer("demo", source="film.mp4")

    assert process.link.given(wire.Close)
    assert process.released == process.threads_released == 1


def test_what_cannot_be_passed_to_the_process_closes_the_peer_again(
    process: FakeMediaProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_command: object) -> None:
        raise InvalidArgumentError("bad_argument", "It cannot be passed.")

    monkeypatch.setattr(process.link, "post", refuse)

    with pytest.raises(InvalidArgumentError, match="cannot be passed"):
        Peer("demo")

    assert process.released == process.threads_released == 1


def test_an_unknown_keyword_is_answered_with_the_nearest_one_before_anything_begins(
    process: FakeMediaProcess,
) -> None:
    with pytest.raises(InvalidCallError, match="Did you mean 'source'"):
        Peer("demo", sorce="pattern")  # type: ignore[call-arg]
    assert process.link.commands == []


# -- what its process reports


def test_who_is_in_the_room_is_known_once_it_is_in(process: FakeMediaProcess) -> None:
    peer = Peer("demo", name="bot")
    states = seen(peer)

    process.enter(entry("ada", 0))

    assert states == ["joined"]
    assert peer.me is not None
    assert [each.name for each in peer.participants] == ["Ada"]


def test_who_comes_and_goes_is_followed(process: FakeMediaProcess) -> None:
    peer = Peer("demo")
    process.enter()

    process.tell("user_joined", **entry("ada", 2))
    assert [each.id for each in peer.participants] == ["ada"]
    process.tell("user_left", socketId="ada", reason="left")

    assert list(peer.participants) == []


def test_the_states_of_its_connections_are_those_of_the_others(process: FakeMediaProcess) -> None:
    peer = Peer("demo")
    process.enter(entry("ada", 0))

    process.report(type="state", peer="ada", name="connection_state", value="connected")
    process.report(type="pair", peer="ada", local="host", remote="srflx", protocol="udp")

    assert peer.participants["Ada"].connection_state == "connected"
    peer.wait_for("connected", timeout=0.01)


def test_an_error_that_it_reports_is_its_error_until_it_has_entered_anew(process: FakeMediaProcess) -> None:
    peer = Peer("demo")
    process.enter()

    process.report(type="error", code="bad_description", message="It could not be used.")
    assert peer.error == {"code": "bad_description", "message": "It could not be used."}
    process.enter()

    assert peer.error is None


def test_a_lost_path_is_a_state_and_the_call_goes_on(process: FakeMediaProcess) -> None:
    peer = Peer("demo")
    process.on_event(wire.PathLost())
    assert peer.state == "connecting"
    process.enter(entry("ada", 0))
    states = seen(peer)

    process.on_event(wire.PathLost())
    process.enter(entry("ada", 0))

    assert states == ["reconnecting", "joined"]
    assert [each.name for each in peer.participants] == ["Ada"]


def test_a_process_that_hangs_is_said_and_taken_back_when_it_answers_again(process: FakeMediaProcess) -> None:
    peer = Peer("demo")
    process.on_event(ProcessAnswers(False))
    assert peer.state == "connecting"
    process.enter()

    process.on_event(ProcessAnswers(False))
    assert (peer.state, peer.error and peer.error["code"]) == ("reconnecting", "timeout")
    process.on_event(ProcessAnswers(True))

    assert (peer.state, peer.error) == ("joined", None)


def test_a_message_comes_with_its_sender_and_only_from_somebody_who_is_there(
    process: FakeMediaProcess,
) -> None:
    peer = Peer("demo")
    process.enter(entry("ada", 0))
    received: list[Any] = []
    peer.on_message(lambda data, sender: received.append((data, sender.name)))

    process.on_event(wire.MessageReceived("ada", encode({"hello": 1})))
    process.on_event(wire.MessageReceived("nobody", encode("boo")))

    assert received == [({"hello": 1}, "Ada")]


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (wire.TransformFailed("Traceback\nZeroDivisionError"), "bad_transform"),
        (wire.Problem("bad_source", "The film is damaged."), "bad_source"),
    ],
)
def test_what_goes_wrong_in_the_users_own_code_is_printed_and_kept(
    process: FakeMediaProcess, capsys: pytest.CaptureFixture[str], event: Any, code: str
) -> None:
    peer = Peer("demo")

    process.on_event(event)

    assert peer.error is not None
    assert peer.error["code"] == code
    assert "\n" not in peer.error["message"]
    assert peer.error["message"] in capsys.readouterr().err


@pytest.mark.parametrize(
    ("problem", "error"), [(None, None), ("It stopped.", {"code": "bad_source", "message": "It stopped."})]
)
def test_a_source_that_ends_is_an_error_only_when_something_was_wrong(
    process: FakeMediaProcess, problem: str | None, error: object
) -> None:
    peer = Peer("demo")

    process.on_event(wire.SourceEnded(problem))

    assert peer.error == error


# -- sending


def test_nothing_is_sent_before_it_is_in(process: FakeMediaProcess) -> None:
    with pytest.raises(ProtocolError) as refused:
        Peer("demo").send("hello")

    assert refused.value.code == "not_joined"
    assert process.link.given(wire.Send) == []


def test_a_message_goes_to_everybody_or_to_one_by_name(process: FakeMediaProcess) -> None:
    peer = Peer("demo")
    process.enter(entry("ada", 0))

    peer.send({"hello": 1})
    peer.send(b"\x00", to="Ada", timeout=3)

    assert process.link.given(wire.Send) == [
        wire.Send(encode({"hello": 1}), None, 10.0),
        wire.Send(encode(b"\x00"), "ada", 3),
    ]


def test_who_is_not_there_cannot_be_sent_anything(process: FakeMediaProcess) -> None:
    peer = Peer("demo")
    process.enter(entry("ada", 0))

    with pytest.raises(InvalidArgumentError) as refused:
        peer.send("hello", to="Bob")

    assert refused.value.code == "unknown_participant"


def test_a_callback_sends_without_waiting(process: FakeMediaProcess) -> None:
    peer = Peer("demo")
    process.enter(entry("ada", 0))
    process.threads.is_observer_thread = True

    peer.send("hello")

    assert len(process.link.waiting) == 1
    assert process.link.given(wire.Send) == [wire.Send(encode("hello"), None, 10.0)]


# -- its end


@pytest.mark.parametrize(("was_in", "state"), [(True, "left"), (False, "failed")])
def test_a_refusal_is_the_end_and_all_who_wait_hear_why(
    process: FakeMediaProcess, was_in: bool, state: str
) -> None:
    peer = Peer("demo")
    if was_in:
        process.enter(entry("ada", 0))
    waiting = peer._begin_waiting("connected")

    process.on_event(wire.Ended({"code": "removed", "message": "A teacher has removed you."}))

    assert peer.state == state
    assert peer.me is None
    with pytest.raises(RtcWidgetError, match="A teacher has removed you"):
        waiting.result(0)


def test_a_process_that_ends_is_a_failure_unless_the_call_was_over(process: FakeMediaProcess) -> None:
    peer, failure = Peer("demo"), RtcWidgetError("peer_failed", "It has ended.")
    process.on_event(ProcessEnded(failure))
    assert (peer.state, peer.error) == ("failed", failure.info())

    over = Peer("demo 2")
    process.on_event(wire.Ended(None))
    process.on_event(ProcessEnded(failure))

    assert (over.state, over.error) == ("left", None)


def test_leaving_waits_for_the_process_and_does_not_mind_that_it_has_ended(process: FakeMediaProcess) -> None:
    process.link.answers[wire.Close] = RtcWidgetError("peer_failed", "It has ended.")
    peer = Peer("demo")

    peer.leave()

    assert process.link.given(wire.Close)


def test_it_is_closed_once_with_all_that_it_has(process: FakeMediaProcess) -> None:
    with Peer("demo") as peer:
        process.enter()
        assert kernel_peers.ids("demo") == ["bot"]
        waiting = peer._begin_waiting("left")
    peer.close()

    waiting.result(0)
    assert peer.state == "left"
    assert process.removed == [1]
    assert process.released == process.threads_released == 1
    assert kernel_peers.ids("demo") == []
    for act in (lambda: peer.send("hello"), peer.leave, lambda: peer.wait_for("joined")):
        with pytest.raises(RtcWidgetError) as refused:
            act()
        assert refused.value.code == "closed"


def test_a_wait_that_takes_too_long_says_how_things_are(process: FakeMediaProcess) -> None:
    peer = Peer("demo")
    process.enter(entry("ada", 0))

    with pytest.raises(WaitTimeoutError, match=r"'joined'; in the room: Ada \(new\)"):
        peer.wait_for("connected", timeout=0.01)


@pytest.mark.parametrize("options", [{"relay": 5}, {"relay": b"http://127.0.0.1:1"}, {"token": object()}])
def test_what_is_no_relay_is_refused_and_leaves_nothing(
    process: FakeMediaProcess, options: dict[str, Any]
) -> None:
    with pytest.raises(InvalidArgumentError, match="bad_argument"):
        Peer("demo", **options)
    assert process.link.commands == []


@pytest.mark.parametrize("timeout", [None, "x", float("inf")])
def test_a_message_is_not_sent_with_a_time_that_is_none(process: FakeMediaProcess, timeout: Any) -> None:
    peer = Peer("demo")
    process.enter()
    with pytest.raises(InvalidArgumentError, match=r"timeout must be.*bad_argument"):
        peer.send("hello", timeout=timeout)
    assert process.link.given(wire.Send) == []


@pytest.mark.parametrize("listen", ["on_message", "tap", "on_frame", "on_sound"])
def test_what_cannot_be_called_is_no_callback(process: FakeMediaProcess, listen: str) -> None:
    peer = Peer("demo")
    with pytest.raises(InvalidArgumentError, match=r"must be a function, not 5.*bad_argument"):
        getattr(peer, listen)(5)
