"""The line below a cell that made a widget and did not show it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from rtc_widget.widget import unshown_hint
from rtc_widget.widget.unshown_hint import UnshownHint

if TYPE_CHECKING:
    from collections.abc import Callable


class Widget(SimpleNamespace):
    """A widget's traits, in something that can be referenced weakly."""


class Cell:
    """A cell that ends when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.acts: list[Callable[[], None]] = []
        self.name: str | None = "room"
        monkeypatch.setattr(unshown_hint, "at_end_of_cell", self.acts.append)
        monkeypatch.setattr(unshown_hint, "name_of", lambda _widget: self.name)

    def end(self) -> None:
        """End it."""
        for act in self.acts:
            act()


@pytest.fixture
def cell(monkeypatch: pytest.MonkeyPatch) -> Cell:
    return Cell(monkeypatch)


def hint_of(widget: Any) -> UnshownHint:
    return UnshownHint(cast("Any", widget))


@pytest.mark.parametrize(
    ("name", "said"), [("room", "put room on a line"), (None, "put the widget on a line")]
)
def test_it_names_the_users_variable(
    cell: Cell, capsys: pytest.CaptureFixture[str], name: str | None, said: str
) -> None:
    cell.name = name
    widget = Widget(state="idle", participants=())
    hint_of(widget)

    cell.end()

    out = capsys.readouterr().out
    assert said in out
    assert f"call {name or 'the widget'}.join()" in out


@pytest.mark.parametrize(
    "traits", [{"state": "joined", "participants": ()}, {"state": "idle", "participants": ("Bob",)}]
)
def test_who_is_in_the_call_or_watches_it_needs_none(
    cell: Cell, capsys: pytest.CaptureFixture[str], traits: dict[str, Any]
) -> None:
    widget = Widget(**traits)
    hint_of(widget)

    cell.end()

    assert capsys.readouterr().out == ""


def test_one_that_was_shown_or_is_gone_says_nothing(cell: Cell, capsys: pytest.CaptureFixture[str]) -> None:
    shown = Widget(state="idle", participants=())
    hint_of(shown).dismiss()
    hint_of(Widget(state="idle", participants=()))

    cell.end()

    assert capsys.readouterr().out == ""
