"""The diagram in words."""

from __future__ import annotations

from rtc_widget.trace.diagram.text import story_text
from tests.support.stories import stories
from tests.support.traces import glare


def test_lines_are_in_the_order_of_time_also_where_offers_cross() -> None:
    [story] = stories(glare().trace)

    timed = [line for line in story_text(story).splitlines() if " ms  " in line]
    times = [float(line.split()[0]) for line in timed]
    assert times == sorted(times)
    assert "offer from Ada" in timed[next(n for n, line in enumerate(timed) if "Glare" in line) - 1]
