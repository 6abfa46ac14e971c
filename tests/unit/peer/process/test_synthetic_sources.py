"""The test pattern and the tone."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from rtc_widget.media.frame import RATE
from rtc_widget.peer.process.sources import BLOCK
from rtc_widget.peer.process.synthetic_sources import PatternSource, ToneSource
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

NOON = datetime(2026, 1, 2, 12, 0, 0, 500_000, UTC)


def luma(of: Any) -> np.ndarray[Any, Any]:
    return np.asarray(of.to_ndarray(format="gray"))


async def pattern(name: str = "Ada", size: tuple[int, int] = (320, 240)) -> PatternSource:
    return PatternSource(name, size, 30, lambda _frame: None)


async def test_a_pattern_has_its_size_and_the_same_frame_looks_the_same() -> None:
    source = await pattern()
    first, again = source.draw(7, NOON), source.draw(7, NOON)

    assert (first.width, first.height, first.format.name) == (320, 240, "yuv420p")
    assert (first.to_ndarray() == again.to_ndarray()).all()


async def test_its_counter_clock_and_dot_move() -> None:
    source = await pattern()
    drawn = luma(source.draw(1, NOON)).astype(int)
    counted = np.argwhere(luma(source.draw(2, NOON)) != drawn)
    later = np.argwhere(luma(source.draw(1, NOON.replace(second=1))) != drawn)

    # The counter is in the band at the bottom, the clock in the middle.
    assert len(counted) > 0
    assert counted[:, 0].min() > 240 * 5 // 6
    assert any(100 < row < 140 for row, _column in later)


async def test_its_counter_begins_with_a_number_sign_of_two_strokes_each_way() -> None:
    drawn = luma((await pattern()).draw(7, NOON))[240 * 11 // 12 - 5 : 240 * 11 // 12 + 5] > 200
    sign = drawn[:, drawn.any(axis=0)][::2, ::2]

    assert [row[:5].tolist() for row in sign[:2]] == [[False, True, False, True, False], [True] * 5]
    assert (sign[:, :5] == sign[:, :5].T).all()


async def test_everybody_has_a_colour_of_their_own() -> None:
    ada, bob = [(await pattern(name)).draw(0, NOON).to_ndarray(format="rgb24") for name in ("Ada", "Bob")]

    assert tuple(ada[5, 5]) != tuple(bob[5, 5])


@pytest.mark.parametrize("size", [(2, 2), (16, 16), (64, 48), (1920, 1080), (48, 640)])
async def test_a_pattern_of_any_size_is_drawn(size: tuple[int, int]) -> None:
    source = await pattern(size=size)

    for second in range(4):  # the dot comes to both edges
        drawn = source.draw(10**9, NOON.replace(second=second))
        assert (drawn.width, drawn.height) == size


@pytest.mark.parametrize("kind", ["pattern", "tone"])
async def test_a_source_makes_things_until_it_is_stopped(no_leaks: None, kind: str) -> None:
    made: list[Any] = []
    sources: dict[str, Callable[[], PatternSource | ToneSource]] = {
        "pattern": lambda: PatternSource("Ada", (64, 48), 200, made.append),
        "tone": lambda: ToneSource(made.append),
    }
    source = sources[kind]()
    source.start()
    await wait_for(lambda: len(made) > 2, 10)

    await source.stop()
    count = len(made)
    await asyncio.sleep(0)

    assert len(made) == count
    assert not source._thread.is_alive()


async def test_a_tone_is_heard_on_both_sides_and_goes_on_without_a_step(no_leaks: None) -> None:
    blocks: list[Any] = []
    source = ToneSource(blocks.append)
    source.start()
    await wait_for(lambda: len(blocks) > 4, 10)
    await source.stop()

    samples = np.concatenate([each.to_ndarray().reshape(-1, 2) for each in blocks]).astype(int)
    assert {(each.samples, each.sample_rate) for each in blocks} == {(BLOCK, RATE)}
    assert (samples[:, 0] == samples[:, 1]).all()
    # 440 Hz at most 6 % loud: from one sample to the next it moves less than this.
    assert 0 < np.abs(np.diff(samples[:, 0])).max() < 150
    crossings = np.count_nonzero(np.diff((samples[:, 0] > 0).astype(int)) > 0)
    assert crossings / (len(samples) / RATE) == pytest.approx(440, rel=0.05)
