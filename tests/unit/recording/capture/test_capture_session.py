"""One recording's line to the relay, and what is made of the pieces that come over it."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Any, cast

import pytest

from rtc_widget.errors import ProtocolError, RelayError, RtcWidgetError
from rtc_widget.recording.capture import capture_session
from rtc_widget.recording.capture.capture_session import CaptureSession
from rtc_widget.recording.capture.event_filter import EventFilter
from tests.support.fakes import entry
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from rtc_widget.signaling.observer import ObserverListener

HEAD = {"at": 5.0, "mime": "video/webm", "video": True, "audio": False}


class FakeObserver:
    """Keeps its listener and the requests."""

    def __init__(self) -> None:
        self.listener: ObserverListener | None = None
        self.connected = True
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.refusal: RtcWidgetError | None = None

    def add(self, listener: ObserverListener) -> None:
        self.listener = listener

    async def remove(self, listener: ObserverListener) -> None:
        assert listener is self.listener
        self.listener = None

    async def request(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((event, payload))
        if self.refusal is not None:
            raise self.refusal
        return {"ok": True}


class FakeFolder:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.began: list[float] = []
        self.problems: list[str] = []
        self.lines: list[tuple[str, dict[str, Any]]] = []
        # Those that count for somebody, and how who is there is called.
        self.shared: list[tuple[str | None, dict[str, Any]]] = []
        self.names: dict[str, str] = {}
        self.files: dict[str, bytes] = {}
        self.finished: list[str] = []
        self.is_full = False

    def set_origin(self, began: float) -> None:
        self.began.append(began)

    def add_problem(self, text: str) -> None:
        self.problems.append(text)

    def introduce(self, participant: str, name: str) -> None:
        self.names[participant] = name

    def write_line(self, name: str, value: dict[str, Any]) -> None:
        self.lines.append((name, value))

    def write_line_of(self, participant: str | None, name: str, value: dict[str, Any]) -> None:
        self.shared.append((participant, value))
        self.write_line(name, value)

    def append(self, file: str, data: bytes, written: Callable[[], None]) -> bool:
        if self.is_full:
            return False
        self.files[file] = self.files.get(file, b"") + data
        written()
        return True

    def finish_file(self, file: str) -> None:
        self.finished.append(file)

    def remove_files(self, files: list[str]) -> None:
        for file in files:
            self.files.pop(file, None)


class Captured:
    """A session with a fake observer and a fake folder."""

    def __init__(self) -> None:
        self.observer, self.folder = FakeObserver(), FakeFolder()
        self.began: list[int] = []
        self.failed: list[RtcWidgetError] = []
        self.session = CaptureSession(
            "demo",
            "r-1",
            name="Eve",
            by="id-of-eve",
            observer=cast("Any", self.observer),
            folder=cast("Any", self.folder),
            event_filter=EventFilter(True),
            max_bytes=1_000,
            began=lambda: self.began.append(1),
            failed=self.failed.append,
        )
        self.session.start()

    @property
    def listener(self) -> ObserverListener:
        """What the session has given the observer."""
        assert self.observer.listener is not None
        return self.observer.listener

    async def watches(self, *entries: dict[str, Any]) -> None:
        """Let the relay say who is here."""
        before = len(self.observer.asked)
        self.listener.on_snapshot({"participants": list(entries), "time": 9_000.0})
        await wait_for(lambda: len(self.observer.asked) > before, 10)
        await asyncio.sleep(0)

    def piece(
        self, data: bytes = b"abc", *, sender: str = "ada", offset: int = 0, last: bool = False, **more: Any
    ) -> None:
        """Let Ada, or somebody else, send a piece of a camera."""
        encoded = base64.b64encode(data).decode()
        head = HEAD if offset == 0 else {}
        piece = {
            "track": "camera",
            "number": 0,
            "offset": offset,
            "data": encoded,
            "last": last,
            **head,
            **more,
        }
        self.says(piece, sender)

    def says(self, piece: dict[str, Any], sender: str = "ada", recording: str = "r-1") -> None:
        """Let somebody send a piece or a word."""
        self.listener.on_event("recorded", {"recording": recording, "from": sender, "piece": piece})

    async def acknowledged(self) -> list[dict[str, Any]]:
        """Wait until somebody was told how far it has come; return the last of it."""
        said = await wait_for(lambda: [p for event, p in self.observer.asked if event == "received"], 10)
        return cast("list[dict[str, Any]]", said[-1]["pieces"])


@pytest.fixture
async def captured(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Captured]:
    monkeypatch.setattr(capture_session, "_ACK_SECONDS", 0.0)
    monkeypatch.setattr(capture_session, "_DRAIN_SECONDS", 0.02)
    made = Captured()
    yield made
    await made.session.close()


async def test_everybody_is_told_before_the_recording_has_begun(captured: Captured) -> None:
    assert captured.began == []

    await captured.watches(entry("ada", 1))

    said = {"roomId": "demo", "recording": "r-1", "on": True, "name": "Eve", "by": "id-of-eve"}
    assert captured.observer.asked == [("record_room", said)]
    assert captured.began == [1]
    assert captured.folder.began == [9.0]
    assert captured.folder.lines[0][1]["event"] == "snapshot"


async def test_another_relay_is_told_again_and_the_recording_goes_on(captured: Captured) -> None:
    await captured.watches()
    captured.listener.on_lost()
    captured.folder.seconds = 30.0

    await captured.watches()

    assert len(captured.observer.asked) == 2
    assert (captured.began, captured.folder.began) == ([1], [9.0])
    assert captured.folder.problems == [
        "The relay was unreachable from 0.0 to 30.0 s: the trace has a gap there."
    ]


async def test_without_a_teachers_token_it_fails_and_says_what_is_needed(captured: Captured) -> None:
    captured.observer.refusal = ProtocolError("forbidden", "No.")
    await captured.watches()

    assert [error.message for error in captured.failed] == [
        "Recording a room needs a teacher's token from the relay's owner."
    ]
    assert captured.began == []


@pytest.mark.parametrize("code", ["timeout", "relay_unreachable"])
async def test_a_connection_that_is_lost_meanwhile_is_no_failure(captured: Captured, code: str) -> None:
    captured.observer.refusal = ProtocolError(code, "Lost.")
    await captured.watches()
    assert (captured.failed, captured.began) == ([], [])

    captured.observer.refusal = None
    await captured.watches()

    assert captured.began == [1]


async def test_only_a_final_refusal_of_the_relay_ends_it(captured: Captured) -> None:
    captured.listener.on_failed(RelayError("relay_unreachable", "No answer."))
    captured.listener.on_failed(RelayError("bad_token", "No."))

    assert [error.code for error in captured.failed] == ["bad_token"]


async def test_pieces_become_a_file_and_their_sender_is_told_how_far(captured: Captured) -> None:
    captured.piece(b"abc")
    captured.piece(b"def", offset=3, last=True)

    assert await captured.acknowledged() == [{"track": "camera", "number": 0, "offset": 7}]
    assert captured.folder.files == {"media/ada-camera-0.webm": b"abcdef"}
    assert captured.folder.finished == ["media/ada-camera-0.webm"]
    (segment,) = [value for name, value in captured.folder.lines if name == "segments"]
    assert (segment["participant"], segment["file"], segment["at"]) == ("ada", "media/ada-camera-0.webm", 5.0)


async def test_what_comes_twice_is_written_once_and_acknowledged_again(captured: Captured) -> None:
    captured.piece()
    await captured.acknowledged()
    captured.observer.asked.clear()

    captured.piece()

    assert await captured.acknowledged() == [{"track": "camera", "number": 0, "offset": 3}]
    assert captured.folder.files == {"media/ada-camera-0.webm": b"abc"}


async def test_a_gap_is_not_written_over(captured: Captured) -> None:
    captured.piece()
    captured.piece(b"xyz", offset=9)
    captured.piece(b"xyz", offset=9, number=1)

    assert captured.folder.files == {"media/ada-camera-0.webm": b"abc"}


async def test_what_does_not_fit_is_not_acknowledged(captured: Captured) -> None:
    captured.folder.is_full = True
    captured.piece()
    captured.folder.is_full = False
    captured.piece()

    assert await captured.acknowledged() == [{"track": "camera", "number": 0, "offset": 3}]


@pytest.mark.parametrize("sender", ["../../etc", "", "a/b", "x" * 65])
async def test_a_sender_whose_id_could_be_a_path_is_not_written(captured: Captured, sender: str) -> None:
    captured.says(
        {"track": "camera", "number": 0, "offset": 0, "data": "AAAA", "last": False, **HEAD}, sender
    )

    assert captured.folder.files == {}


async def test_what_is_no_base64_or_of_another_recording_is_dropped(captured: Captured) -> None:
    captured.piece(data=b"", number=0)
    captured.says({"track": "camera", "number": 1, "offset": 0, "data": "!!", "last": False, **HEAD})
    captured.says(
        {"track": "camera", "number": 2, "offset": 0, "data": "AAAA", "last": False, **HEAD}, recording="x"
    )

    assert set(captured.folder.files.values()) == {b""}


async def test_who_declines_is_left_out_with_everything_that_had_come(captured: Captured) -> None:
    captured.piece()
    captured.says({"declined": True})
    captured.piece(b"more", offset=3)
    captured.piece(b"new", number=1)

    assert captured.folder.files == {}
    assert ("declined", {"participant": "ada"}) in captured.folder.lines


async def test_the_end_waits_for_those_who_record_themselves(captured: Captured) -> None:
    await captured.watches(entry("ada", 1, caps={"records": True}), entry("bob", 2))
    ending = asyncio.create_task(captured.session.end(drain=True))
    await wait_for(lambda: captured.observer.asked[-1][1]["on"] is False, 10)

    captured.says({"done": True})

    async with asyncio.timeout(10):
        await ending
    assert captured.folder.problems == []


async def test_the_end_does_not_wait_for_ever(captured: Captured) -> None:
    await captured.watches(entry("ada", 1, caps={"records": True}))

    await captured.session.end(drain=True)

    assert captured.folder.problems == ["The last seconds of Ada did not arrive in time."]


async def test_who_has_left_is_not_waited_for(captured: Captured) -> None:
    await captured.watches(entry("ada", 1, caps={"records": True}))
    captured.listener.on_event("user_left", {"socketId": "ada"})

    await captured.session.end(drain=True)

    assert captured.folder.problems == []


async def test_events_are_kept_and_pieces_are_not_among_them(captured: Captured) -> None:
    captured.listener.on_event("user_joined", entry("ada", 1))
    captured.piece()
    captured.listener.on_event("recording", {"on": True})

    assert [value["event"] for name, value in captured.folder.lines if name == "heard"] == ["user_joined"]


async def test_what_anybody_may_cause_any_number_of_counts_for_whose_it_is(captured: Captured) -> None:
    await captured.watches(entry("ada", 1))
    entries = [
        {"id": number, "stage": "arrived", "from": sender, "to": "eve", "event": "offer", "at": 1.0}
        for number, sender in enumerate(["ada", "ada", "bob", "ada"])
    ]
    captured.listener.on_event("user_joined", entry("bob", 2))
    captured.listener.on_event("signal", {"roomId": "demo", "entries": entries})
    captured.listener.on_event("media_state", {"from": "bob", "audio": True, "at": 1.0})
    captured.listener.on_event("user_away", {"socketId": "ada", "at": 1.0})
    captured.listener.on_event("report", {"from": "bob", "entries": [{"type": "step", "at": 1.0}]})
    captured.listener.on_event("control", {"paused": True, "at": 1.0})
    captured.listener.on_event("user_left", {"socketId": "bob", "reason": "left", "at": 1.0})

    assert captured.folder.names == {"ada": "Ada", "bob": "Bob"}
    assert [(whose, value["event"]) for whose, value in captured.folder.shared] == [
        ("ada", "signal"),
        ("bob", "signal"),
        ("ada", "signal"),
        ("bob", "media_state"),
        ("ada", "user_away"),
        ("bob", "report"),
        (None, "control"),
    ]
    parts = [value["payload"]["entries"] for _, value in captured.folder.shared if value["event"] == "signal"]
    assert [each["id"] for part in parts for each in part] == [0, 1, 2, 3]


async def test_nobody_fills_a_recording_that_others_are_in(captured: Captured) -> None:
    await captured.watches(*(entry(key, 1, caps={"records": True}) for key in ("ada", "bob")))
    captured.piece(b"b", sender="bob", last=True)
    captured.piece(b"x" * 400)
    captured.piece(b"x" * 400, offset=400)
    captured.piece(b"x" * 400, number=1)
    captured.piece(b"b", sender="bob", number=1)

    assert {name: len(data) for name, data in captured.folder.files.items()} == {
        "media/bob-camera-0.webm": 1,
        "media/ada-camera-0.webm": 400,
        "media/bob-camera-1.webm": 1,
    }
    captured.says({"done": True}, "bob")
    await captured.session.end(drain=True)
    assert captured.folder.problems == [
        "What Ada sent took half of the recording's limit: the rest was left out."
    ]


async def test_who_is_alone_in_a_recording_may_fill_it(captured: Captured) -> None:
    for number in range(9):
        captured.piece(b"x" * 100, number=number)

    assert sum(len(data) for data in captured.folder.files.values()) == 900
