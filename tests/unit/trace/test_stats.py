"""Measurements as figures with units, and as charts."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from rtc_widget.trace import Stats
from rtc_widget.trace.stats import FIGURES
from tests.support.traces import ADA, BOB, NAMES, Script


def measured(seconds: int = 3, **more: float | None) -> Stats:
    """Ada and Bob measure once a second: Ada receives 400, 401, … kbit/s of Bob's."""
    script = Script()
    for second in range(seconds):
        for who, peer, bitrate in ((ADA, BOB, 400_000 + second * 1000), (BOB, ADA, 511_000)):
            size = {"width": 640, "height": 360} if who == ADA else {"width": 0, "height": 0}
            figures = {"bitrate": bitrate, "sent_bitrate": 0, "fps": 29.6, "loss": 0.042, "rtt": 6.4, **more}
            script.say(who, "stats", peer, **figures, **size)
        script.wait(1000)
    return Stats.of(script.trace)


def test_the_newest_figures_of_each_connection_have_units_and_no_ids() -> None:
    assert [re.split(r"\s{2,}", line) for line in repr(measured()).splitlines()] == [
        ["6 measurements in 2.0 s; the newest of each connection:"],
        [
            *("measured by", "of", "received", "sent", "frames", "picture"),
            *("round trip", "lost", "jitter"),
        ],
        ["Ada", "Bob", "402 kbit/s", "0 kbit/s", "30 fps", "640x360", "6.4 ms", "4.2 %", "-"],
        ["Bob", "Ada", "511 kbit/s", "0 kbit/s", "30 fps", "-", "6.4 ms", "4.2 %", "-"],
    ]


def test_in_a_notebook_they_are_a_table_in_which_names_are_text() -> None:
    stats = measured()
    html = Stats(stats, names={**NAMES, BOB: "<b>Bob</b>"})._repr_html_()

    assert html.count("<tr>") == 3
    assert "&lt;b&gt;Bob" in html
    assert "<b>" not in html
    assert not re.search(ADA + r"\b|17000000", html)


def test_what_is_chosen_of_measurements_are_measurements() -> None:
    stats = measured()
    for part in (stats.by("Ada"), stats.between("Ada", "Bob"), stats[:2], stats.filter("stats")):
        assert isinstance(part, Stats)
    assert "Bob  Ada" not in repr(stats.by("Ada"))


def test_before_anything_was_measured_that_is_what_is_said() -> None:
    empty = Stats((), names={})
    for said in (repr(empty), empty._repr_html_(), str(empty.plot()), empty.plot()._repr_html_()):
        assert "Nothing has been measured yet." in said


def charts(stats: Stats) -> list[ET.Element]:
    """Return the charts of a plot."""
    svgs = re.findall(r'<svg[^>]* role="img".*?</svg>', stats.plot()._repr_html_(), re.DOTALL)
    return [ET.fromstring(svg) for svg in svgs]


def test_each_figure_that_was_measured_is_a_chart_with_a_line_for_each_connection() -> None:
    plot = measured().plot()._repr_html_()

    assert re.findall(r"<figcaption>(.*?)</figcaption>", plot) == [
        f"{figure.title.capitalize()} <small>{figure.unit}</small>" for figure in FIGURES[:-1]
    ]
    assert [len(chart.findall("path[@class='line']")) for chart in charts(measured())] == [2] * 5
    assert len(charts(measured(jitter=1.5))) == 6
    assert "http" not in plot


def test_a_chart_has_axes_with_numbers_and_says_in_words_what_it_shows() -> None:
    received = charts(measured(11))[0]

    assert [text.text for text in received.findall("text")] == [
        *("0", "500", "1,000"),
        *("0", "2", "4", "6", "8", "10 s"),
    ]
    assert received.attrib["aria-label"] == (
        "Received over 10 s. Ada with Bob: received 400 kbit/s to 410 kbit/s, in the end 410 kbit/s. "
        "Bob with Ada: received 511 kbit/s to 511 kbit/s, in the end 511 kbit/s."
    )
    assert "Ada with Bob: received 400 kbit/s to 410 kbit/s" in str(measured(11).plot())


def test_where_nothing_was_measured_for_long_the_line_has_a_hole() -> None:
    script = Script()
    for pause in (1000, 1000, 20_000, 1000):
        script.say(ADA, "stats", BOB, bitrate=1000)
        script.wait(pause)
    [received] = charts(Stats.of(script.trace))

    assert received.find("path[@class='line']").attrib["d"].count("M") == 2  # type: ignore[union-attr]


@pytest.mark.parametrize("seconds", [1, 2, 5000])
def test_a_line_stays_in_its_chart_and_keeps_its_ends_however_long_it_is(seconds: int) -> None:
    for chart in charts(measured(seconds)):
        for line in chart.findall("path[@class='line']"):
            places = re.findall(r"([\d.]+) ([\d.]+)", line.attrib["d"])
            assert 1 <= len(places) <= 402
            assert all(42 <= float(x) <= 312 and 10 <= float(y) <= 106 for x, y in places)


def test_what_others_report_that_is_no_figure_is_left_out() -> None:
    script = Script()
    script.say(ADA, "stats", BOB, bitrate="<b>", rtt=float("nan"), loss=True, fps=30)
    stats = Stats.of(script.trace)

    assert len(charts(stats)) == 1
    assert "<b>" not in stats._repr_html_()


def test_a_trace_of_other_events_has_no_measurements() -> None:
    script = Script()
    script.join(ADA)

    assert len(Stats.of(script.trace)) == 0
