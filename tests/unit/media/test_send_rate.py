"""How much of a video may be under way, on paths that are simulated: a queue with a rate and a delay."""

from __future__ import annotations

import pytest

from rtc_widget.media.send_rate import SendRate, scale_for

FPS = 15


class Path:
    """Carries so many bits per second, one message after the other, and answers after a delay."""

    def __init__(self, rate: SendRate, bits: float, delay: float = 0.04) -> None:
        self.rate, self.bits, self.delay = rate, bits, delay
        self._free_at = 0.0
        self._answers: list[tuple[float, int]] = []
        self.waits: list[float] = []
        self.arrived = 0

    def run(self, begin: float, seconds: float) -> None:
        number = round(begin * FPS) + 1
        for step in range(round(seconds * 100)):
            now = begin + step / 100
            while self._answers and self._answers[0][0] <= now:
                self.rate.acknowledged(self._answers.pop(0)[1], now)
            if step % round(100 / FPS) == 0 and self.rate.may_send(now):
                size = round(self.rate.bitrate / FPS / 8)
                self.rate.sent(number, size, now)
                self._free_at = max(now, self._free_at) + size * 8 / self.bits
                self.waits.append(self._free_at - now)
                self._answers.append((self._free_at + self.delay, number))
                self.arrived += size
                number += 1


def test_a_path_that_carries_everything_gets_more_until_there_is_enough() -> None:
    rate = SendRate(600_000, 60_000, 1_500_000)

    Path(rate, 20_000_000).run(0, 20)

    assert rate.bitrate == 1_500_000


@pytest.mark.parametrize("delay", [0.01, 0.2, 0.6])
def test_a_narrow_path_is_used_and_nothing_waits_for_long(delay: float) -> None:
    rate = SendRate(600_000, 60_000, 1_500_000)
    path = Path(rate, 200_000, delay)

    path.run(0, 10)
    path.waits.clear()
    path.arrived = 0
    path.run(10, 20)

    assert max(path.waits) < 0.6
    assert path.arrived * 8 / 20 > 0.6 * 200_000


def test_a_path_that_gets_wider_is_used() -> None:
    rate = SendRate(600_000, 60_000, 1_500_000)
    path = Path(rate, 150_000)
    path.run(0, 10)
    assert rate.bitrate < 250_000

    path.bits = 20_000_000
    path.run(10, 60)

    assert rate.bitrate == 1_500_000


def test_a_path_that_answers_nothing_gets_nothing_more() -> None:
    rate = SendRate(600_000, 60_000, 1_500_000)
    sent = 0
    for step in range(1_000):
        now = step / 100
        if rate.may_send(now):
            rate.sent(step, 1_000, now)
            sent += 1

    assert sent <= 64
    assert not rate.may_send(10.0)


def test_the_rate_never_falls_below_the_least() -> None:
    rate = SendRate(600_000, 60_000, 1_500_000)

    Path(rate, 1_000).run(0, 30)

    assert rate.bitrate == 60_000


def test_pictures_get_smaller_where_the_rate_is_too_low_for_them() -> None:
    assert [scale_for(640, 360, bits) for bits in (600_000, 70_000, 30_000, 10_000)] == [1, 0.75, 0.5, 1 / 3]
