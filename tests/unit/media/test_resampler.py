"""Sound that is another kind of sound midway."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from rtc_widget.media.resampler import Resampler
from tests.support.films import tone

KINDS = [
    (48_000, "stereo", "s16"),
    (44_100, "stereo", "fltp"),
    (48_000, "mono", "s16"),
    (8_000, "mono", "s16"),
]


@pytest.mark.parametrize("block", [None, 960])
def test_sound_that_changes_midway_is_all_there_and_as_loud(block: int | None) -> None:
    resampler = Resampler(block=block)
    made = []

    for rate, layout, sample_format in [*KINDS, *KINDS]:
        for _ in range(10):
            made += resampler.resample(tone(rate // 50, rate, layout, sample_format))
    made += resampler.resample(None)

    samples = np.concatenate([each.to_ndarray().reshape(-1, 2) for each in made])
    assert {(each.format.name, each.layout.name, each.sample_rate) for each in made} == {
        ("s16", "stereo", 48_000)
    }
    assert len(samples) == pytest.approx(8 * 10 * 960, abs=100)
    # A tone at half of full scale, in each of the eight parts, on both sides.
    for part in np.array_split(samples, 8):
        middle = part[len(part) // 4 : -len(part) // 4].astype(float)
        assert np.sqrt((middle**2).mean()) / 32_768 == pytest.approx(0.3536, abs=0.005)


def test_blocks_are_of_one_size_until_the_end() -> None:
    resampler = Resampler(block=960)

    sizes = [each.samples for each in resampler.resample(tone(2_000, 48_000, "stereo"))]
    ending = [each.samples for each in resampler.resample(None)]

    assert (sizes, ending) == ([960, 960], [80])


def test_sound_goes_on_after_an_end() -> None:
    resampler = Resampler("fltp", "mono", block=960)
    resampler.resample(tone(960, 8_000, "mono"))
    resampler.resample(None)

    made = resampler.resample(tone(1_920, 48_000, "stereo"))

    assert sum(each.samples for each in made) == 1_920
    assert all((each.format.name, each.layout.name) == ("fltp", "mono") for each in made)


def test_blocks_keep_their_times_over_a_pause() -> None:
    resampler = Resampler("s16", "mono", block=960)
    first, second = tone(1_470, 44_100, "stereo"), tone(1_470, 44_100, "stereo")
    first.pts, first.time_base = 0, Fraction(1, 1_000)
    second.pts, second.time_base = 5_000, Fraction(1, 1_000)

    made = [*resampler.resample(first), *resampler.resample(second), *resampler.resample(None)]

    assert made[0].time == pytest.approx(0, abs=0.001)
    assert made[-1].time + made[-1].samples / 48_000 == pytest.approx(5 + 1_470 / 44_100, abs=0.002)
