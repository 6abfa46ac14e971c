"""A user's function on frames: what it makes goes out, and whatever it does, the call goes on."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from rtc_widget.media.frame import Frame
from rtc_widget.peer.ipc.transform_worker import TransformWorker
from tests.support.cell_outputs import cell_outputs
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Worked:
    """A worker, the newest frame that it is given, and what it has written and told."""

    def __init__(self, transform: Callable[[Frame], Any]) -> None:
        self.newest: Frame | None = None
        self.written: list[Any] = []
        self.told: list[str] = []
        self.worker = TransformWorker(transform, self._take, self.written.append, self.told.append)

    def _take(self) -> Frame | None:
        newest, self.newest = self.newest, None
        return newest

    def give(self, number: int) -> None:
        """Give a black frame."""
        frame = np.zeros((4, 6, 3), np.uint8).view(Frame)
        frame.number = number
        self.newest = frame
        self.worker.notify()

    async def gives(self, number: int) -> Any:
        """Give a black frame, and return what is written for it."""
        before = len(self.written)
        self.give(number)
        await wait_for(lambda: len(self.written) > before, 10)
        return self.written[-1]


@pytest.fixture
def work() -> Iterator[Callable[[Callable[[Frame], Any]], Worked]]:
    made: list[Worked] = []

    def make(transform: Callable[[Frame], Any]) -> Worked:
        made.append(Worked(transform))
        return made[-1]

    yield make
    for each in made:
        each.worker.stop()
        assert not each.worker._thread.is_alive()


async def test_a_function_prints_below_its_cell(work: Callable[[Callable[[Frame], Any]], Worked]) -> None:
    with cell_outputs() as cells:
        worked = cells.run("first", lambda: work(lambda frame: print(frame.number)))
        await worked.gives(1)

    assert cells.texts == {"first": "1\n"}


async def test_what_the_function_returns_is_written(work: Any) -> None:
    worked = work(lambda frame: 255 - frame)

    assert (await worked.gives(1) == 255).all()


async def test_what_it_draws_in_place_is_written(work: Any) -> None:
    def paint(frame: Frame) -> None:
        frame[:] = 7

    assert (await work(paint).gives(1) == 7).all()


async def test_an_exception_is_told_once_and_every_such_frame_goes_out(work: Any) -> None:
    worked = work(lambda frame: frame.nothing)

    assert (await worked.gives(3) == 0).all()
    await worked.gives(4)

    (told,) = worked.told
    assert told.startswith("The transform raised at frame 3. ")
    assert "AttributeError" in told
    assert worked.worker.stats["errors"] == 2


async def test_what_was_drawn_before_it_raised_goes_out_as_is_said(work: Any) -> None:
    def paint(frame: Frame) -> None:
        frame[:] = 7
        raise ValueError

    worked = work(paint)

    assert (await worked.gives(1) == 7).all()
    assert "sent as they were, unless it has written into them" in worked.told[0]


async def test_a_function_that_exits_ends_neither_its_thread_nor_the_video(work: Any) -> None:
    worked = work(lambda _frame: sys.exit(1))

    await worked.gives(1)
    await worked.gives(2)

    assert "SystemExit" in worked.told[0]


async def test_frames_that_come_while_it_is_slow_are_left_out_but_for_the_newest(work: Any) -> None:
    began, goes_on, seen = threading.Event(), threading.Event(), list[int]()

    def slow(frame: Frame) -> Frame:
        seen.append(frame.number)
        began.set()
        assert goes_on.wait(10)
        return frame

    worked = work(slow)
    worked.give(1)
    await wait_for(began.is_set, 10)
    for number in range(2, 8):
        worked.give(number)
    goes_on.set()
    await wait_for(lambda: len(worked.written) == 2, 10)
    await worked.gives(8)

    assert seen == [1, 7, 8]
    assert worked.worker.stats["dropped"] == 5


async def test_frames_between_are_counted_as_dropped(work: Any) -> None:
    worked = work(lambda frame: frame)
    await worked.gives(1)
    await worked.gives(5)

    assert worked.worker.stats["dropped"] == 3
