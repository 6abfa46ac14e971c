"""Errors of ours end at the user's line, and warnings name it."""

from __future__ import annotations

import traceback
from pathlib import Path
from types import SimpleNamespace

import IPython
import pytest
from IPython.core.ultratb import AutoFormattedTB

import rtc_widget
from rtc_widget.errors import InvalidArgumentError, RtcWidgetError
from rtc_widget.relay.address import Relay
from rtc_widget.runtime.validation import check_size
from rtc_widget.trace import Trace
from rtc_widget.tracebacks import users_part


def a_users_cell() -> None:
    check_size("resolution", "large")


@pytest.fixture
def error() -> RtcWidgetError:
    with pytest.raises(InvalidArgumentError) as caught:
        a_users_cell()
    return caught.value


def shown(monkeypatch: pytest.MonkeyPatch, error: RtcWidgetError, mode: str) -> str:
    shell = SimpleNamespace(InteractiveTB=AutoFormattedTB(mode=mode, theme_name="nocolor", tb_offset=0))
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    return "\n".join(error._render_traceback_())


def test_the_last_line_is_the_users(error):
    *_, last = traceback.extract_tb(users_part(error.__traceback__))

    assert last.name == "a_users_cell"


def test_a_traceback_that_begins_inside_is_shown_whole(error):
    inside = error.__traceback__
    while inside is not None and inside.tb_frame.f_code.co_name != "check_size":
        inside = inside.tb_next

    assert users_part(inside) is inside
    assert users_part(None) is None


def test_a_notebook_shows_no_line_of_this_package_unless_it_is_asked_to(monkeypatch, error):
    short = shown(monkeypatch, error, "Context")

    assert "a_users_cell" in short
    assert "resolution must be (width, height)" in short
    assert "validation.py" not in short
    assert "validation.py" in shown(monkeypatch, error, "Verbose")


def test_what_an_error_was_raised_from_is_only_shown_when_it_is_asked_for(monkeypatch, error):
    error.__cause__ = ZeroDivisionError("inside")

    assert "ZeroDivisionError" not in shown(monkeypatch, error, "Context")
    assert "ZeroDivisionError" in shown(monkeypatch, error, "Verbose")
    assert isinstance(error.__cause__, ZeroDivisionError)


def test_a_warning_names_the_users_line(tmp_path):
    broken = tmp_path / "call.jsonl"
    broken.write_text('{"format": "rtc_widget.trace", "version": 1, "room": "demo", "names": {}}\n{')

    for act in (lambda: Relay("http://relay.example.org"), lambda: Trace.load(broken)):
        with pytest.warns(UserWarning, match="not encrypted|is incomplete") as warned:
            act()
        assert [(each.filename, each.lineno) for each in warned] == [(__file__, act.__code__.co_firstlineno)]


def test_nothing_warns_in_another_way():
    folder = Path(rtc_widget.__file__).parent
    warning = [path.name for path in folder.rglob("*.py") if "warnings.warn" in path.read_text()]

    assert warning == ["tracebacks.py"]
