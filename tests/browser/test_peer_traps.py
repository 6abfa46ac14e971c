"""What plain aiortc gets wrong with a browser, and that this package does not.

Each test runs twice: with aiortc as its examples use it, which has to fail for the reason given, and with ours.
"""

from __future__ import annotations

import asyncio
import re
import threading
import uuid
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from aioice.mdns import MDnsProtocol

from tests.support.moving_pictures import breaking
from tests.support.pages import script
from tests.support.peer_sides import InKernel, InRoom, Message, Ours, Plain, Side, connected, sees
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from aiortc import RTCPeerConnection

    from tests.support.browser_fixtures import NewWindow
    from tests.support.relays import RunningRelay
    from tests.support.widget_page import Host


def descriptions(messages: list[Message]) -> list[str]:
    """Return the types of the descriptions among what was said."""
    return [message["description"]["type"] for message in messages if "description" in message]


def both(reason: str, ours: type[Side] = Ours) -> pytest.MarkDecorator:
    """Run a test with both implementations; plain aiortc's fails, and `reason` says how."""
    fails = pytest.mark.xfail(raises=(AssertionError, TimeoutError), strict=True, reason=reason)
    return pytest.mark.parametrize(
        "implementation", [pytest.param(Plain, marks=fails, id="plain"), pytest.param(ours, id="ours")]
    )


def nameless(message: Message) -> Message:
    """Hide the page's addresses behind names that cannot be found, as where multicast does not pass."""
    description = message["description"]
    hidden = re.sub(r"(a=candidate:\S+ \d udp \d+) \S+", rf"\1 {uuid.uuid4()}.local", description["sdp"])
    assert ".local" in hidden
    return {"description": {**description, "sdp": hidden}}


class Call:
    """A page and a Python side, with a wire between them that can hold what is said."""

    def __init__(self, tab: Any, implementation: type[Side], relay: RunningRelay) -> None:
        self.tab = tab
        self.said: list[Message] = []
        self.heard: list[Message] = []
        self.failures: list[str] = []
        self.alter: Callable[[Message], Message | None] = lambda message: message
        self.flows = asyncio.Event()
        self.flows.set()
        self._to_page: asyncio.Queue[Message] = asyncio.Queue()
        self._to_python: asyncio.Queue[Message] = asyncio.Queue()
        self.python = implementation(self._say, relay)
        self._running = [
            asyncio.create_task(self._deliver(self._to_page, self._hear_in_page)),
            asyncio.create_task(self._deliver(self._to_python, lambda message: self.python.hear(message))),
        ]

    def _say(self, message: Message) -> None:
        self.said.append(message)
        self._to_page.put_nowait(message)

    def hear(self, message: Message) -> None:
        """Take what the page says."""
        altered = self.alter(message)
        if altered is not None:
            self.heard.append(altered)
            self._to_python.put_nowait(altered)

    async def _hear_in_page(self, message: Message) -> None:
        await self.tab.evaluate("(message) => call.hear(message)", message)

    async def _deliver(
        self, messages: asyncio.Queue[Message], hear: Callable[[Message], Awaitable[None]]
    ) -> None:
        while True:
            message = await messages.get()
            await self.flows.wait()
            try:
                await hear(message)
            except Exception as error:
                self.failures.append(repr(error))

    async def run(self, body: str, given: Any = None) -> Any:
        """Run the body of an async function in the page."""
        return await self.tab.evaluate(f"async (given) => {{ {body} }}", given)

    async def until(self, condition: Callable[[], Any], what: str) -> None:
        """Wait for something, for as long as the implementation deserves."""
        await wait_for(condition, self.python.patience, what)

    async def holds(self, expression: str) -> None:
        await self.until(lambda: self.tab.evaluate(f"() => ({expression})"), expression)

    async def shows(self, count: int = 5) -> None:
        """Wait until the page shows new pictures of Python's, from now on."""
        before = await self.run("return call.shown()")
        await self.holds(f"call.shown() >= {before + count}")

    async def answers(self, count: int) -> None:
        """Wait until so many of the browser's offers have been answered and are over."""
        await self.until(lambda: descriptions(self.said).count("answer") == count, f"{count} answers")
        await self.settled()

    async def settled(self) -> None:
        """Wait until both sides have nothing left to say."""
        await self.until(lambda: self.python.pc.signalingState == "stable", "a stable Python")
        await self.holds("call.state.pc.signalingState === 'stable'")

    async def close(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self.python.close()


@pytest_asyncio.fixture(loop_scope="session")
async def call(
    host: Host, new_window: NewWindow, relay: RunningRelay, implementation: type[Side]
) -> AsyncIterator[Call]:
    """A page and Python, not yet connected."""
    tab = await host.blank(await new_window())
    made = Call(tab, implementation, relay)
    await tab.expose_function("say", made.hear)
    await script(tab, "call.js")
    yield made
    await made.close()
    if implementation is not Plain:
        assert await made.run("return call.state.errors") == []
        assert made.failures == []


SEND = "call.start(given); call.state.pc.addTrack(call.camera());"


@both("its rollback is accepted and does nothing, so the browser's offer is refused")
async def test_offers_that_cross_end_with_pictures_both_ways(call: Call) -> None:
    call.flows.clear()
    await call.run(SEND, {"polite": not call.python.polite})
    await call.python.sends()
    await call.python.offer()
    await call.until(lambda: call.said and call.heard, "both offers")
    call.flows.set()
    await connected(call.python)
    call.python.watch()
    await sees(call.python)
    await call.shows()


@both("its offer renumbers the codecs, and its sender and receiver keep the old numbers")
async def test_pictures_go_on_when_python_offers_in_a_call_that_the_browser_began(call: Call) -> None:
    await call.python.sends()
    await call.run(SEND, {})
    await connected(call.python)
    call.python.watch()
    await call.shows()
    await sees(call.python)
    await call.python.offer()
    await call.until(lambda: "answer" in descriptions(call.heard), "the browser's answer")
    await call.settled()
    before = call.python.count
    await call.shows(15)
    await call.until(lambda: call.python.count > before + 15, "pictures in Python")
    # And the other way round again.
    await call.run("call.state.pc.addTransceiver('audio', { direction: 'recvonly' });")
    await call.settled()
    await call.shows(15)
    await sees(call.python, 15)


@both("its track takes the browser's m-line, on which nothing can be sent, and nobody is told")
async def test_python_is_seen_by_a_browser_that_offered_only_to_send(call: Call) -> None:
    await call.python.sends()
    await call.run("call.start(); call.state.pc.addTransceiver(call.camera(), { direction: 'sendonly' });")
    await connected(call.python)
    call.python.watch()
    await sees(call.python)
    await call.shows()


@both("its receiver keeps every picture until somebody takes it, the oldest first")
async def test_who_looks_late_sees_the_newest_picture(call: Call) -> None:
    await call.run("call.start(); call.state.pc.addTrack(call.camera({ color: 'white' }));")
    await connected(call.python)
    await call.holds("call.sent().then((sent) => sent > 5)")
    await call.run("call.state.canvas.dataset.color = 'black';")
    before = await call.run("return call.sent()")
    await call.holds(f"call.sent().then((sent) => sent > {before + 10})")
    assert await call.python.look() < 60


@both("Chromium begins with 300 kbit/s and takes half a minute from there with what aiortc reports to it")
async def test_720p_comes_in_full_size_from_the_beginning(call: Call) -> None:
    await call.run("call.start(); call.state.pc.addTrack(call.camera({ width: 1280, height: 720 }));")
    await connected(call.python)
    call.python.watch()
    await wait_for(lambda: call.python.width == 1280, 15, "a picture in full size")
    call.python.widths.clear()
    await call.until(lambda: len(call.python.widths) >= 45, "45 pictures")
    assert set(call.python.widths) == {1280}


@both("it answers a stopped m-line as if it went on, and the browser refuses the answer")
async def test_a_call_goes_on_when_the_browser_stops_a_transceiver(call: Call) -> None:
    await call.python.sends()
    await call.run(
        "call.start(); call.state.pc.addTrack(call.camera()); call.second = call.state.pc.addTransceiver(call.camera());"
    )
    await connected(call.python)
    call.python.watch()
    await call.run("call.second.stop();")
    await call.answers(2)
    await call.shows()
    await sees(call.python)
    # It stays stopped in offers of either side, until one makes use of it again (RFC 8829, section 5.2.2).
    await call.python.offer()
    await call.until(lambda: descriptions(call.heard).count("answer") == 1, "the browser's answer")
    await call.run("call.state.pc.createDataChannel('new');")
    await call.answers(3)
    await call.run(
        "call.state.pc.addTransceiver(call.camera({ width: 480, height: 270 }), { direction: 'sendonly' });"
    )
    await call.answers(4)
    await call.shows()
    await sees(call.python)


@both("it waits for names until it gives them up")
async def test_names_in_place_of_addresses_cost_no_time(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    # It is a second, which is no time on a machine that is busy.
    monkeypatch.setattr(MDnsProtocol.resolve, "__defaults__", (60.0,))
    call.alter = nameless
    await call.python.sends()
    await call.run("call.start({ trickle: false }); call.state.pc.addTrack(call.camera());")
    await call.until(lambda: call.heard, "the offer")
    await connected(call.python)


@both(
    "it gives up at the end of candidates when it could not use any, and does not wait for the browser's checks"
)
async def test_the_end_of_candidates_is_not_the_end_of_connecting(call: Call) -> None:
    def ended(message: Message) -> Message:
        """Say the end as Firefox does, in the description."""
        text = nameless(message)["description"]["sdp"]
        return {
            "description": {
                "type": "offer",
                "sdp": text.replace("a=ice-ufrag", "a=end-of-candidates\r\na=ice-ufrag"),
            }
        }

    call.alter = ended
    await call.python.sends()
    await call.run("call.start({ trickle: false }); call.state.pc.addTrack(call.camera());")
    await call.until(lambda: call.heard, "the offer")
    await connected(call.python)
    call.python.watch()
    await sees(call.python)


@pytest.mark.parametrize("implementation", [InRoom], ids=["ours"])
@pytest.mark.parametrize("first", ["page", "python"])
async def test_offers_that_cross_with_a_client_that_never_gives_way_end_with_pictures(
    call: Call, first: str
) -> None:
    call.flows.clear()
    await call.python.sends()
    await call.python.enter(first=first == "page")
    await call.run(SEND, {"polite": False, "renews": False})
    if first == "page":
        call.python.connection.renegotiate()
    await call.until(lambda: call.said and call.heard, "both offers")
    call.flows.set()
    await call.shows()
    call.python.watch()
    await sees(call.python)


@both("it cannot restart ICE: it answers with what it had, and the path that is lost stays lost", InRoom)
async def test_a_lost_path_is_made_again(call: Call) -> None:
    if isinstance(call.python, InRoom):
        await call.python.enter(rollback=True)
    await call.python.sends()
    await call.run(SEND, {})
    await connected(call.python)
    call.python.watch()
    await sees(call.python)
    await call.shows()
    cut(call.python.pc)
    # Finding out takes a browser 15 seconds. What it does then it knows from the roster.
    await call.run(call.python.cure)
    await call.shows(10)
    await sees(call.python, 10)


def cut(pc: RTCPeerConnection) -> None:
    """Take the sockets from a connection."""
    for protocol in pc.getTransceivers()[0].receiver.transport.transport._connection._protocols:
        protocol.transport.close()


@both("its sender ends with the first exception of its track, and no other track revives it", InKernel)
async def test_another_source_is_seen_after_one_that_raised(call: Call) -> None:
    broken = threading.Event()
    await call.python.sends(breaking(broken))
    await call.run(SEND, {})
    await call.shows()
    broken.set()
    await call.holds("call.quiet(500)")
    await call.python.sends()
    await call.shows(20)
