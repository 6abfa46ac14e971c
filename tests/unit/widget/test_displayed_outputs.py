"""Which outputs show a widget, so that something else can be shown in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.widget import displayed_outputs
from rtc_widget.widget.displayed_outputs import DisplayedOutputs

if TYPE_CHECKING:
    from collections.abc import Callable

VIEW = "application/vnd.jupyter.widget-view+json"


class Notebook:
    """What is displayed, and what is shown again in which output."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hooks: list[Callable[[dict[str, Any]], dict[str, Any]]] = []
        self.shown: list[tuple[dict[str, Any], str | None, bool]] = []
        monkeypatch.setattr(displayed_outputs, "watch_outputs", self.hooks.append)
        monkeypatch.setattr(displayed_outputs, "show", self._show)

    def _show(self, bundle: dict[str, Any], display_id: str | None = None, *, again: bool = False) -> None:
        self.shown.append((bundle, display_id, again))

    def display(self, data: dict[str, Any], display_id: str | None = None) -> str | None:
        """Publish an output; return the display id that it has then."""
        transient = {} if display_id is None else {"display_id": display_id}
        message = self.hooks[-1]({"content": {"data": data, "transient": transient}})
        found: str | None = message["content"]["transient"].get("display_id")
        return found

    def widget(self, model: str, display_id: str | None = None) -> str | None:
        """Display a widget."""
        return self.display({VIEW: {"model_id": model}, "text/plain": "…"}, display_id)

    def replaced(self, outputs: DisplayedOutputs) -> list[str | None]:
        """Show something else; return in which outputs."""
        self.shown.clear()
        outputs.replace({"text/plain": "closed"})
        assert all(again and bundle == {"text/plain": "closed"} for bundle, _id, again in self.shown)
        return [display_id for _bundle, display_id, _again in self.shown]


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Notebook:
    return Notebook(monkeypatch)


@pytest.fixture
def outputs(notebook: Notebook) -> DisplayedOutputs:
    made = DisplayedOutputs("ours")
    made.watch()
    return made


def test_an_output_of_ours_gets_a_display_id_or_keeps_its_own(
    notebook: Notebook, outputs: DisplayedOutputs
) -> None:
    fresh, named = notebook.widget("ours"), notebook.widget("ours", "named")

    assert fresh
    assert named == "named"
    assert notebook.replaced(outputs) == [fresh, "named"]


def test_outputs_of_others_are_left_as_they_are(notebook: Notebook, outputs: DisplayedOutputs) -> None:
    assert notebook.widget("another") is None
    assert notebook.display({"text/plain": "7"}) is None
    assert notebook.display({VIEW: None}) is None
    assert notebook.hooks[-1]({"content": {"name": "stdout"}}) == {"content": {"name": "stdout"}}

    assert notebook.replaced(outputs) == []


def test_where_something_else_was_displayed_since_it_is_not_replaced(
    notebook: Notebook, outputs: DisplayedOutputs
) -> None:
    first, second = notebook.widget("ours"), notebook.widget("ours")

    notebook.display({"text/plain": "7"}, first)

    assert notebook.replaced(outputs) == [second]


def test_an_output_that_shows_it_twice_is_replaced_once(
    notebook: Notebook, outputs: DisplayedOutputs
) -> None:
    for _ in range(2):
        notebook.widget("ours", "same")

    assert notebook.replaced(outputs) == ["same"]


def test_only_the_last_ones_are_kept(notebook: Notebook, outputs: DisplayedOutputs) -> None:
    for number in range(30):
        notebook.widget("ours", f"{number}")

    assert notebook.replaced(outputs) == [f"{number}" for number in range(10, 30)]


def test_a_widget_that_is_gone_is_not_known_any_more(notebook: Notebook) -> None:
    DisplayedOutputs("gone").watch()

    assert notebook.widget("gone") is None
