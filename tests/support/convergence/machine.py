"""What may happen in a room, in any order and at any pace: hypothesis chooses, and shrinks what does not end well."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.support.convergence.world import World

if TYPE_CHECKING:
    from collections.abc import Coroutine

PAGES = ("Ada", "Bob", "Cleo")
PEERS = ("Mel", "Nia")
MOST = 4

pauses = st.sampled_from((0.0, 0.0, 0.01, 0.05, 0.2, 0.6))


class Loop:
    """An event loop on a thread of its own, with one world in it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.world: World = self.run(World.start())

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine there and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(120)

    def close(self) -> None:
        """End the world and its loop."""
        self.run(self.world.stop())
        self.run(_rest())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _rest() -> None:
    """End what relays that were killed have left, and let transports close."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0.1)


class Call(RuleBasedStateMachine):
    """A room with two to four participants; `loop` is set by whoever runs it."""

    loop: ClassVar[Loop]

    def __init__(self) -> None:
        super().__init__()
        self.pending: list[asyncio.Future[Any]] = []

    def do(self, work: Coroutine[Any, Any, Any], pause: float) -> None:
        """Let something happen, and what comes next after a pause."""

        async def both() -> None:
            await work
            await asyncio.sleep(pause)

        self.loop.run(both())

    @property
    def world(self) -> World:
        """Who is there."""
        return self.loop.world

    def here(self, names: tuple[str, ...]) -> list[str]:
        """Return who of these is in the room."""
        return [name for name in names if name in self.world.truth]

    @initialize(first=st.sampled_from(PAGES + PEERS), second=st.sampled_from(PAGES + PEERS))
    def begin(self, first: str, second: str) -> None:
        """Two are in the room, or one."""
        self.loop.run(self.world.begin())
        for name in dict.fromkeys((first, second)):
            self._join(name, 0.0)

    def _join(self, name: str, pause: float) -> None:
        join = self.world.join_page if name in PAGES else self.world.join_peer
        self.do(join(name), pause)

    @precondition(lambda self: len(self.world.truth) < MOST)
    @rule(data=st.data(), pause=pauses)
    def join(self, data: st.DataObject, pause: float) -> None:
        """Somebody joins."""
        absent = [name for name in PAGES + PEERS if name not in self.world.truth]
        self._join(data.draw(st.sampled_from(absent), "who"), pause)

    @precondition(lambda self: len(self.world.truth) > 1)
    @rule(data=st.data(), pause=pauses)
    def leave(self, data: st.DataObject, pause: float) -> None:
        """Somebody leaves."""
        self.do(self.world.leave(data.draw(st.sampled_from(sorted(self.world.truth)), "who")), pause)

    @precondition(lambda self: self.here(PAGES))
    @rule(data=st.data(), pause=pauses)
    def reload(self, data: st.DataObject, pause: float) -> None:
        """A page is loaded again."""
        self.do(self.world.reload(data.draw(st.sampled_from(self.here(PAGES)), "who")), pause)

    @precondition(lambda self: self.here(PAGES))
    @rule(data=st.data(), on=st.booleans(), pause=pauses)
    def share(self, data: st.DataObject, on: bool, pause: float) -> None:
        """Somebody shares a screen, another one in its place, or stops."""
        name = data.draw(st.sampled_from(self.here(PAGES)), "who")
        self.do(self.world.turn(name, "screen", on=on), pause)

    @precondition(lambda self: len(self.here(PAGES)) > 1)
    @rule(on=st.booleans(), pause=pauses)
    def share_all(self, on: bool, pause: float) -> None:
        """All share a screen, or stop, at once: their offers cross."""

        async def all_at_once() -> None:
            await asyncio.gather(*(self.world.turn(name, "screen", on=on) for name in self.here(PAGES)))

        self.do(all_at_once(), pause)

    @precondition(lambda self: self.world.truth)
    @rule(data=st.data(), on=st.booleans(), pause=pauses)
    def show(self, data: st.DataObject, on: bool, pause: float) -> None:
        """A camera is turned on, swapped or turned off."""
        name = data.draw(st.sampled_from(sorted(self.world.truth)), "who")
        self.do(self.world.turn(name, "video", on=on), pause)

    @precondition(lambda self: self.world.truth)
    @rule(data=st.data(), pause=pauses)
    def lose_path(self, data: st.DataObject, pause: float) -> None:
        """A signaling path is lost, with what is on its way."""
        self.do(self.world.lose_path(data.draw(st.sampled_from(sorted(self.world.truth)), "who")), pause)

    @precondition(lambda self: self.here(PAGES))
    @rule(number=st.integers(0, 7), pause=pauses)
    def restart(self, number: int, pause: float) -> None:
        """A connection restarts ICE."""
        self.do(self.world.restart(number), pause)

    @rule(seconds=st.sampled_from((0.0, 0.02, 0.1, 0.4)))
    def delay(self, seconds: float) -> None:
        """Signaling becomes slow, or fast again."""
        self.world.delay(seconds)

    @rule(count=st.integers(1, 6))
    def double(self, count: int) -> None:
        """Some messages come twice."""
        self.world.double(count)

    @rule(pause=pauses)
    def kill_relay(self, pause: float) -> None:
        """The relay dies and comes back."""
        self.do(self.world.kill_relay(), pause)

    def teardown(self) -> None:
        """Everybody sees everybody, and nothing is left of them when they have left."""
        problems = self.loop.run(self.world.settle()) or self.loop.run(self.world.exchange())
        left_over = self.loop.run(self.world.end())
        assert not problems, "; ".join(problems)
        assert not left_over, "; ".join(left_over)
