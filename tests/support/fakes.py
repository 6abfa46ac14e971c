"""What stands in for threads, relays, media processes and rooms where a part is tested by itself."""

from __future__ import annotations

import asyncio
import concurrent.futures
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from rtc_widget.errors import ProtocolError, RtcWidgetError, WaitTimeoutError
from rtc_widget.room.participants import Participant, Participants
from rtc_widget.room.room_state import assign
from rtc_widget.runtime.lifetime import Lifetime

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from rtc_widget.peer.kernel.media_process import PeerLink
    from rtc_widget.room.room_member import RoomMember
    from rtc_widget.runtime.threads import Threads
    from rtc_widget.signaling.client import RelayClient

Answer = dict[str, Any]


class FakeThreads:
    """Runs what is posted at once, on the caller's thread, and what is spawned on the caller's loop."""

    def __init__(self) -> None:
        self.is_observer_thread = False
        self.tasks: list[asyncio.Task[Any]] = []

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop of the test."""
        return asyncio.get_running_loop()

    def post(self, job: Callable[..., Any], *args: object) -> None:
        """Run a job."""
        job(*args)

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> concurrent.futures.Future[Any]:
        """Run a coroutine; cancelling the future cancels it."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self.tasks.append(task)
        future: concurrent.futures.Future[Any] = concurrent.futures.Future()
        future.add_done_callback(lambda done: task.cancel() if done.cancelled() else None)
        return future

    def on_observer_thread(self) -> bool:
        """Tell what the test has set."""
        return self.is_observer_thread

    async def end(self) -> None:
        """Wait until what was spawned has ended."""
        await asyncio.gather(*self.tasks, return_exceptions=True)


class InlineThreads(FakeThreads):
    """Runs what is spawned at once too, on the caller's thread: nothing of it may have to wait."""

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> concurrent.futures.Future[Any]:
        """Run a coroutine to its end."""
        try:
            coroutine.send(None)
        except StopIteration as end:
            return done(end.value)
        except Exception as error:
            return done(error)
        coroutine.close()
        raise AssertionError(f"{coroutine} waits for something")


def fake_threads() -> tuple[FakeThreads, Threads]:
    """Return the same object twice: as the test and as the package see it."""
    threads = FakeThreads()
    return threads, cast("Threads", threads)


def fake_life(owner: str = "RoomWidget") -> Lifetime:
    """Return a lifetime on fake threads."""
    return Lifetime(owner, fake_threads()[1])


def participant(name: str, key: str = "", **traits: Any) -> Participant:
    """Make a participant, whose id is the name in small letters unless another is given."""
    made = Participant()
    assign(made, id=key or name.lower(), name=name, **traits)
    return made


def fake_member(*others: Participant, me: Participant | None = None, **more: Any) -> RoomMember:
    """Return what has the traits of a member of a room, and no threads: what it waits for is there or never comes."""
    fields: dict[str, Any] = {"room": "demo", "name": "Ada", "state": "joined", "wait_for": _is_true, **more}
    return cast("RoomMember", SimpleNamespace(me=me, participants=Participants(others), **fields))


def _is_true(condition: Callable[[Any], Any], timeout: float) -> None:
    if not condition(None):
        raise WaitTimeoutError("timeout", f"Not within {timeout} s.")


def entry(key: str, order: int, **said: Any) -> dict[str, Any]:
    """Return a line of the relay's roster."""
    defaults = {
        "socketId": key,
        "order": order,
        "name": key.title(),
        "kind": "browser",
        "away": False,
        "media": {"audio": True, "video": True, "screen": False},
        "caps": {},
        "session": f"{key}-life",
    }
    return {**defaults, **said}


class FakeClient:
    """A connection to a relay that answers what the test says; what is sent is kept.

    Parameters
    ----------
    answers : dict
        By event: what is acknowledged, or an error.
    """

    def __init__(self, answers: dict[str, Answer | RtcWidgetError] | None = None) -> None:
        self.answers = answers or {}
        self.sent: list[tuple[str, Any]] = []
        self.gone = asyncio.Event()
        self.is_closed = False

    async def request(self, event: str, payload: dict[str, Any]) -> Answer:
        """Send, and raise what is refused."""
        self.sent.append((event, payload))
        answer = self.answers.get(event, {"ok": True})
        if isinstance(answer, RtcWidgetError):
            raise answer
        return answer

    async def forward(self, event: str, payload: Any) -> Answer:
        """Send, and return a refusal as the relay says it."""
        try:
            return await self.request(event, payload)
        except ProtocolError as error:
            return {"ok": False, "error": error.info()}

    async def close(self) -> None:
        """End the connection."""
        self.is_closed = True
        self.gone.set()

    @property
    def as_client(self) -> RelayClient:
        """The same, as the package sees it."""
        return cast("RelayClient", self)


class FakeRelays:
    """Stands in for `RelayClient.connect`: each attempt gets the next outcome, the last one again and again."""

    def __init__(self, *outcomes: FakeClient | Exception) -> None:
        self._outcomes = list(outcomes)
        self.attempts: list[tuple[str, str, dict[str, Any]]] = []
        self.on_event: Callable[[str, dict[str, Any]], None] = lambda _event, _payload: None

    async def connect(
        self, url: str, room: str, auth: dict[str, Any], on_event: Callable[[str, dict[str, Any]], None]
    ) -> FakeClient:
        """Make an attempt."""
        self.attempts.append((url, room, auth))
        outcome = self._outcomes.pop(0) if len(self._outcomes) > 1 else self._outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        self.on_event = on_event
        return outcome


class FakeLink:
    """A peer in a media process that answers what the test says; commands are kept in their order."""

    def __init__(self) -> None:
        self.commands: list[object] = []
        self.answers: dict[type, Any] = {}
        self.waiting: list[concurrent.futures.Future[Any]] = []

    def post(self, command: object) -> None:
        """Take a command."""
        self.commands.append(command)

    def request(self, command: object) -> concurrent.futures.Future[Any]:
        """Take a command, whose answer the test gives later."""
        self.commands.append(command)
        self.waiting.append(concurrent.futures.Future())
        return self.waiting[-1]

    def call(self, command: object, timeout: float = 20.0) -> Any:
        """Take a command, and return or raise its answer."""
        self.commands.append(command)
        answer = self.answers.get(type(command))
        if isinstance(answer, Exception):
            raise answer
        return answer(command) if callable(answer) else answer

    def given(self, kind: type) -> list[Any]:
        """Return the commands of one kind."""
        return [command for command in self.commands if isinstance(command, kind)]

    @property
    def as_link(self) -> PeerLink:
        """The same, as the package sees it."""
        return cast("PeerLink", self)


def done(result: Any = None) -> concurrent.futures.Future[Any]:
    """Return a future that has come true, or has failed with an exception."""
    future: concurrent.futures.Future[Any] = concurrent.futures.Future()
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
    return future
