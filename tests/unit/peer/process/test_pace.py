"""When the frames of a film are due, whatever its clock does."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from rtc_widget.peer.process.pace import Pace

FRAME = 0.04


def dues(pace: Pace, times: Iterable[float | None], stream: int = 0, now: float = 100.0) -> list[float]:
    return [round(pace.due(stream, time, FRAME, now), 6) for time in times]


def evenly(count: int, begins: float = 100.0) -> list[float]:
    return [round(begins + number * FRAME, 6) for number in range(count)]


def test_a_film_begins_now_wherever_its_clock_does() -> None:
    assert dues(Pace(may_jump=False), [7.0, 7.04, 7.08]) == evenly(3)


def test_a_film_without_a_clock_has_its_streams_rate() -> None:
    assert dues(Pace(may_jump=False), [None] * 5) == evenly(5)


@pytest.mark.parametrize("may_jump", [True, False])
@pytest.mark.parametrize("after", [0.0, 3_600.0, -20.0])
def test_the_pace_is_kept_where_the_clock_jumps(may_jump: bool, after: float) -> None:
    pace = Pace(may_jump=may_jump)
    times = [10 + number * FRAME for number in range(50)]
    jumped = [after + number * FRAME for number in range(50)]

    assert dues(pace, [*times, *jumped]) == pytest.approx(evenly(100))
    assert pace.jumps == 1


def test_one_damaged_time_does_not_hold_up_what_follows() -> None:
    times = [0.0, FRAME, 95_443.7, 3 * FRAME, 4 * FRAME]

    assert dues(Pace(may_jump=True), times) == pytest.approx(evenly(5))


@pytest.mark.parametrize("after", [0.0, 3_600.0])
def test_picture_and_sound_stay_together_over_a_jump(after: float) -> None:
    pace = Pace(may_jump=True)
    for number in range(50):
        dues(pace, [number * FRAME], stream=0)
        dues(pace, [number * FRAME + 0.01], stream=1)

    (picture,) = dues(pace, [after], stream=0)
    (late,) = dues(pace, [50 * FRAME + 0.01], stream=1)  # of before the jump
    (sound,) = dues(pace, [after + 0.02], stream=1)

    assert late == pytest.approx(102.01)
    assert picture == pytest.approx(102.0)
    assert sound - picture == pytest.approx(0.02)


def test_a_slide_stays_for_as_long_as_it_is_said_to() -> None:
    pace = Pace(may_jump=True)

    assert [pace.due(0, time, 30.0, 100.0) for time in (0.0, 30.0, 60.0)] == [100.0, 130.0, 160.0]
    assert pace.jumps == 0


def test_a_picture_may_stand_where_clocks_do_not_jump() -> None:
    pace = Pace(may_jump=False)

    assert dues(pace, [0.0, 0.04, 8.0]) == [100.0, 100.04, 108.0]
    assert pace.jumps == 0


def test_sound_may_pause_while_the_pictures_go_on() -> None:
    pace = Pace(may_jump=False)
    dues(pace, [0.0], stream=1)
    pictures = dues(pace, [number * FRAME for number in range(1_000)], stream=0)

    (sound,) = dues(pace, [39.96], stream=1)

    assert sound == pictures[-1]
    assert pace.jumps == 0


def test_a_duration_that_is_too_long_is_no_jump_back() -> None:
    pace = Pace(may_jump=False)

    assert [pace.due(0, time, 5.0, 100.0) for time in (0.0, 0.04, 0.08)] == [100.0, 100.04, 100.08]


def test_a_film_that_begins_anew_goes_on_where_it_ended() -> None:
    pace = Pace(may_jump=False)
    first = dues(pace, [2.0, 2.04])

    pace.begin_anew()

    assert [*first, *dues(pace, [2.0, 2.04])] == evenly(4)
    assert pace.jumps == 0
