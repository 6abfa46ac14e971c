"""Participants show themselves as a table: who, what, how connected, without ids."""

from __future__ import annotations

import pytest

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.room.participants import Participants, find
from tests.support.fakes import participant


@pytest.fixture
def everybody() -> Participants:
    pair = {"local": "host", "remote": "srflx", "protocol": "udp"}
    stats = {"bitrate": 1_234_000, "fps": 14.9, "width": 640, "height": 360, "loss": 0.012, "rtt": 12.4}
    return Participants(
        [
            participant(
                *("Ada", "id-1"),
                video=True,
                audio=True,
                connection_state="connected",
                selected_candidate_pair=pair,
                stats=stats,
            ),
            participant("Ada", "id-2", kind="python", away=True),
            participant("<b>", "id-3"),
        ]
    )


def test_a_terminal_gets_a_line_for_each(everybody):
    assert repr(everybody).splitlines() == [
        "name     kind     sends         connection  candidates          receiving",
        "Ada      browser  audio, video  connected   host to srflx, udp  640 x 360, 15 fps, 1234 kbit/s, 1.2% lost, 12 ms",
        "Ada (2)  python   nothing       new, away",
        "<b>      browser  nothing       new",
    ]


def test_media_that_no_candidate_pair_carries_are_said_to_go_over_the_notebook():
    pair = dict.fromkeys(("local", "remote", "protocol"), "notebook")
    bot = participant("Bot", connection_state="connected", selected_candidate_pair=pair)

    assert repr(Participants([bot])).splitlines()[1].split(maxsplit=4)[3:] == [
        "connected",
        "over the notebook",
    ]


def test_a_notebook_gets_a_table_whose_names_are_only_names(everybody):
    shown = everybody._repr_html_()

    assert shown.count("<tr>") == 4
    assert "&lt;b&gt;" in shown
    assert "<b>" not in shown
    assert "id-1" not in shown


def test_nobody_is_said_in_words():
    assert repr(Participants()) == "nobody else"
    assert "nobody else" in Participants()._repr_html_()


def test_equal_names_are_told_apart_where_they_are_shown_and_asked_for(everybody):
    assert everybody["Ada"].id == "id-1"
    assert everybody["Ada (2)"].id == "id-2"
    assert find(everybody, "Ada (2)").id == "id-2"


def test_who_is_called_as_another_is_labelled_has_the_name():
    both = Participants([participant("Ada", "1"), participant("Ada", "2"), participant("Ada (2)", "3")])

    assert both["Ada (2)"].id == "3"
    assert {label: each.id for label, each in both.labels.items()} == {
        "Ada": "1",
        "Ada (3)": "2",
        "Ada (2)": "3",
    }


def test_a_misspelt_name_gets_the_nearest(everybody):
    with pytest.raises(KeyError, match="Did you mean 'Ada'"):
        everybody["Adda"]
    with pytest.raises(InvalidArgumentError, match="Did you mean 'Ada'"):
        find(everybody, "Adda")
