"""A connection that is made again whenever it is lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.errors import FATAL, ProtocolError, RelayError, RtcWidgetError
from rtc_widget.protocol.limits import seconds
from rtc_widget.signaling import reconnecting_connection
from rtc_widget.signaling.client import RelayClient
from rtc_widget.signaling.reconnecting_connection import ReconnectingConnection
from tests.support.fakes import FakeClient, FakeRelays
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

UNREACHABLE = RelayError("relay_unreachable", "No relay answers.")


class Connected:
    """A connection over fake relays, and what it has told."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, *outcomes: FakeClient | Exception, **options: Any
    ) -> None:
        self.relays = FakeRelays(*outcomes)
        monkeypatch.setattr(RelayClient, "connect", self.relays.connect)
        self.told: list[Any] = []
        self.entering: Callable[[RelayClient], Any] = lambda _client: None
        self.connection = ReconnectingConnection(
            "demo",
            "owner key",
            resolve=self._resolve,
            enter=self._enter,
            on_event=lambda event, _payload: self.told.append(event),
            on_lost=lambda: self.told.append("lost"),
            on_failed=lambda error: self.told.append(error.code),
            **options,
        )
        self.running: asyncio.Task[None] | None = None

    async def _resolve(self) -> tuple[str, str]:
        return "http://relay", "token"

    async def _enter(self, client: RelayClient) -> Callable[[], None]:
        self.entering(client)
        return lambda: self.told.append("begin")

    def run(self) -> asyncio.Task[None]:
        """Run beside the test."""
        self.running = asyncio.create_task(self.connection.run())
        return self.running

    async def connected(self) -> None:
        """Wait until the room has been entered."""
        await wait_for(lambda: self.connection.connected, 10, "a connection")


@pytest.fixture
async def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the connection waits for between two attempts, which takes no time."""
    waited: list[float] = []

    async def wait(self: ReconnectingConnection, pause: float) -> None:
        waited.append(pause)
        await asyncio.sleep(0)

    monkeypatch.setattr(ReconnectingConnection, "_wait", wait)
    return waited


@pytest.fixture
async def made(pauses: list[float]) -> AsyncIterator[list[Connected]]:
    """Connections that are ended after the test."""
    connections: list[Connected] = []
    yield connections
    for each in connections:
        if each.running is not None:
            each.running.cancel()
            await asyncio.gather(each.running, return_exceptions=True)


@pytest.mark.parametrize("code", sorted(FATAL))
async def test_what_refuses_for_good_ends_it_at_once(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    made = Connected(monkeypatch, RelayError(code, "No."))

    with pytest.raises(RtcWidgetError) as refused:
        async with asyncio.timeout(5):
            await made.connection.run()

    assert refused.value.code == code
    assert len(made.relays.attempts) == 1
    assert made.told == []


@pytest.mark.parametrize("problem", [UNREACHABLE, RelayError("room_full", "Full."), ValueError("unforeseen")])
async def test_anything_else_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, made: list[Connected], problem: Exception
) -> None:
    made.append(Connected(monkeypatch, problem, problem, FakeClient()))
    made[0].run()

    await made[0].connected()

    failed = getattr(problem, "code", "relay_failed")
    # That the first attempt has not reached the relay is nothing yet.
    assert made[0].told == [failed, failed, "begin"][problem is UNREACHABLE :]


@pytest.mark.parametrize(
    ("problem", "is_told"),
    [
        (RuntimeError("cannot schedule new futures after interpreter shutdown"), False),
        (ValueError("no"), True),
    ],
)
async def test_a_fault_is_logged_and_the_end_of_a_program_is_none(
    monkeypatch: pytest.MonkeyPatch,
    made: list[Connected],
    caplog: pytest.LogCaptureFixture,
    problem: Exception,
    is_told: bool,
) -> None:
    made.append(Connected(monkeypatch, problem, FakeClient()))
    made[0].run()

    await made[0].connected()

    assert bool(caplog.records) == is_told


async def test_a_refusal_of_the_room_counts_as_one_of_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    client = FakeClient()
    made = Connected(monkeypatch, client)

    def refuse(_client: RelayClient) -> None:
        raise ProtocolError("token_used", "This token has been used.")

    made.entering = refuse

    with pytest.raises(RtcWidgetError, match="token_used"):
        await made.connection.run()
    assert client.is_closed
    assert not made.connection.connected


async def test_pauses_double_up_to_the_last_and_are_spread_by_half(
    monkeypatch: pytest.MonkeyPatch, made: list[Connected], pauses: list[float]
) -> None:
    attempts = 12
    made.append(Connected(monkeypatch, *[UNREACHABLE] * attempts, FakeClient()))
    made[0].run()
    await made[0].connected()

    wanted = [min(seconds("retry_first") * 2**number, seconds("retry_last")) for number in range(attempts)]
    assert len(pauses) == attempts
    for pause, middle in zip(pauses, wanted, strict=True):
        assert 0.5 * middle <= pause <= 1.5 * middle
    # By chance: that they all are the table's own is as good as impossible.
    assert pauses != wanted


async def test_after_a_connection_the_pauses_begin_anew(
    monkeypatch: pytest.MonkeyPatch, made: list[Connected], pauses: list[float]
) -> None:
    first = FakeClient()
    made.append(Connected(monkeypatch, *[UNREACHABLE] * 6, first, FakeClient()))
    made[0].run()
    await made[0].connected()

    first.gone.set()
    await wait_for(lambda: made[0].told.count("begin") == 2, 10)

    assert pauses[-1] <= 1.5 * seconds("retry_first")


async def test_a_lost_connection_is_told_and_made_again(
    monkeypatch: pytest.MonkeyPatch, made: list[Connected]
) -> None:
    first, second = FakeClient(), FakeClient()
    made.append(Connected(monkeypatch, first, second))
    made[0].run()
    await made[0].connected()

    first.gone.set()
    await wait_for(lambda: len(made[0].told) == 3, 10)

    assert made[0].told == ["begin", "lost", "begin"]
    assert first.is_closed
    assert made[0].relays.attempts == [("http://relay", "demo", {"token": "token", "owner": "owner key"})] * 2


async def test_before_the_room_was_ever_entered_nothing_is_lost(
    monkeypatch: pytest.MonkeyPatch, made: list[Connected]
) -> None:
    made.append(Connected(monkeypatch, UNREACHABLE, FakeClient()))
    made[0].run()
    await made[0].connected()

    assert "lost" not in made[0].told


async def test_one_that_is_not_persistent_raises_the_first_failure_at_once(
    monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    made = Connected(monkeypatch, RelayError("room_full", "Full."), persistent=False)

    with pytest.raises(RelayError, match="room_full"):
        await made.connection.run()

    assert pauses == []
    assert made.told == []


async def test_one_that_is_not_persistent_raises_the_second_failure_to_reach_a_relay(
    monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    made = Connected(monkeypatch, UNREACHABLE, UNREACHABLE, persistent=False)

    with pytest.raises(RelayError, match="relay_unreachable"):
        await made.connection.run()

    assert len(pauses) == 1
    assert made.told == []


async def test_a_relay_that_ended_as_it_was_found_fails_nobody(
    monkeypatch: pytest.MonkeyPatch, made: list[Connected]
) -> None:
    made.append(Connected(monkeypatch, UNREACHABLE, FakeClient(), persistent=False))
    made[0].run()

    await made[0].connected()

    assert made[0].told == ["begin"]


async def test_one_that_is_not_persistent_comes_back_once_it_was_in_the_room(
    monkeypatch: pytest.MonkeyPatch, made: list[Connected]
) -> None:
    first = FakeClient()
    made.append(Connected(monkeypatch, first, UNREACHABLE, FakeClient(), persistent=False))
    made[0].run()
    await made[0].connected()

    first.gone.set()
    await wait_for(lambda: made[0].told.count("begin") == 2, 10)

    assert made[0].told == ["begin", "lost", "relay_unreachable", "lost", "begin"]


@pytest.mark.parametrize(("goodbye", "sent"), [(True, [("leave_room", {"roomId": "demo"})]), (False, [])])
async def test_leaving_says_goodbye_unless_the_room_has_been_left(
    monkeypatch: pytest.MonkeyPatch, made: list[Connected], goodbye: bool, sent: list[Any]
) -> None:
    client = FakeClient()
    made.append(Connected(monkeypatch, client))
    running = made[0].run()
    await made[0].connected()

    made[0].connection.leave(goodbye=goodbye)
    async with asyncio.timeout(10):
        await running

    assert client.sent == sent
    assert client.is_closed
    assert made[0].told == ["begin"]


async def test_leaving_ends_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconnecting_connection, "seconds", lambda _name: 1_000.0)
    made = Connected(monkeypatch, RelayError("room_full", "Full."))
    running = made.run()
    await wait_for(lambda: made.told == ["room_full"], 10)

    made.connection.leave()

    async with asyncio.timeout(10):
        await running


async def test_a_request_waits_for_the_connection(
    monkeypatch: pytest.MonkeyPatch, made: list[Connected]
) -> None:
    client = FakeClient({"clock": {"ok": True, "time": 7.0}})
    made.append(Connected(monkeypatch, UNREACHABLE, client))
    request = asyncio.create_task(made[0].connection.request("clock", {}))
    await asyncio.sleep(0)
    assert not request.done()

    made[0].run()

    async with asyncio.timeout(10):
        assert (await request)["time"] == 7.0


async def test_a_request_waits_for_a_relay_that_is_slow_to_start(
    monkeypatch: pytest.MonkeyPatch, made: list[Connected]
) -> None:
    monkeypatch.setattr(reconnecting_connection, "_REQUEST_SECONDS", 0.001)
    made.append(Connected(monkeypatch, FakeClient({"clock": {"ok": True, "time": 7.0}})))
    request = asyncio.create_task(made[0].connection.request("clock", {}))
    await asyncio.sleep(0.05)  # many times as long as one waits for a relay that was there
    assert not request.done()

    made[0].run()

    async with asyncio.timeout(10):
        assert (await request)["time"] == 7.0


@pytest.mark.parametrize("refused", [False, True], ids=["not begun", "refused for good"])
async def test_a_request_gives_up_where_no_connection_comes(
    monkeypatch: pytest.MonkeyPatch, refused: bool
) -> None:
    monkeypatch.setattr(reconnecting_connection, "_FIRST_SECONDS", 10.0 if refused else 0.001)
    monkeypatch.setattr(reconnecting_connection, "_REQUEST_SECONDS", 0.001)
    connection = Connected(monkeypatch, RelayError("bad_token", "No.")).connection
    if refused:
        with pytest.raises(RtcWidgetError, match="bad_token"):
            await connection.run()

    async with asyncio.timeout(5):
        with pytest.raises(ProtocolError, match="could not be reached") as given_up:
            await connection.request("clock", {})

    assert given_up.value.code == "relay_unreachable"


async def test_a_post_goes_only_where_there_is_a_connection(
    monkeypatch: pytest.MonkeyPatch, made: list[Connected]
) -> None:
    client = FakeClient({"offer": ProtocolError("unknown_participant", "Gone.")})
    made.append(Connected(monkeypatch, client))
    answers: list[Any] = []
    assert made[0].connection.post("offer", {"to": "bob"}, answers.append) is False
    made[0].run()
    await made[0].connected()

    assert made[0].connection.post("offer", {"to": "bob"}, answers.append) is True

    await wait_for(lambda: answers, 10)
    assert answers[0]["error"]["code"] == "unknown_participant"
    assert client.sent == [("offer", {"to": "bob"})]


async def test_who_leaves_posts_nothing_that_would_be_refused(
    monkeypatch: pytest.MonkeyPatch, made: list[Connected]
) -> None:
    made.append(Connected(monkeypatch, FakeClient()))
    made[0].run()
    await made[0].connected()

    made[0].connection.leave()

    assert made[0].connection.post("report", {"entries": []}) is False


async def test_cancelling_closes_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    client = FakeClient()
    made = Connected(monkeypatch, client)
    running = made.run()
    await made.connected()

    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert client.is_closed
    assert not made.connection.connected
