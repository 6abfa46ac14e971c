"""A widget in the outputs of cells: displayed as any other, and replaced by its card when it is closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ipykernel.zmqshell import ZMQInteractiveShell
from ipywidgets import Output
from traitlets.config import Config

from rtc_widget import RoomWidget
from tests.support.kernel_wire import VIEW, Wire

HEAD = "from IPython.display import clear_output, display, update_display\n"


@pytest.fixture
def widget(no_leaks: None) -> Iterator[RoomWidget]:
    # Nothing listens there: displaying a widget needs no relay.
    one = RoomWidget("demo", name="Ada", relay="http://127.0.0.1:9", token="a token")
    yield one
    one.close()


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def run(widget: RoomWidget, wire: Wire) -> Iterator[Callable[[str], None]]:
    """Run cells in the shell of a kernel, in which the widget is called ``room``."""
    shell = ZMQInteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
    shell.user_ns["room"] = widget
    for part in (shell.display_pub, shell.displayhook):
        part.session = wire

    def cell(code: str) -> None:
        shell.run_cell(HEAD + code).raise_error()

    yield cell
    ZMQInteractiveShell.clear_instance()


def test_a_cell_whose_result_is_a_widget_shows_it_once(run: Any, wire: Wire) -> None:
    run("room")

    ((kind, what, display_id),) = wire.outputs()
    assert (kind, what) == ("display_data", "widget")
    assert display_id


def test_an_output_with_the_name_that_the_user_gave_it_is_shown_and_updated(run: Any, wire: Wire) -> None:
    run("display(room, display_id='x')\nupdate_display(room, display_id='x')")

    assert wire.outputs() == [("display_data", "widget", "x"), ("update_display_data", "widget", "x")]


def test_it_is_in_the_output_widget_that_it_is_appended_to_and_nowhere_else(
    run: Any, wire: Wire, widget: RoomWidget
) -> None:
    output = Output()
    output.append_display_data(widget)

    assert [set(each["data"]) for each in output.outputs] == [{VIEW, "text/plain", "text/html"}]
    assert wire.outputs() == []
    output.close()


def test_a_loop_that_displays_it_anew_makes_outputs_of_their_own(run: Any, wire: Wire) -> None:
    run("for _ in range(3):\n    clear_output(wait=True)\n    display(room)")

    assert [message["msg_type"] for message in wire.sent] == ["clear_output", "display_data"] * 3
    assert len({display_id for _, _, display_id in wire.outputs()}) == 3


@pytest.mark.parametrize(
    "code", ["room", "display(room)", "display(room, display_id='x')", "display(room)\nroom"]
)
def test_its_card_takes_its_place_when_it_is_closed(
    run: Any, wire: Wire, widget: RoomWidget, code: str
) -> None:
    run(code)
    shown = [each for _, what, each in wire.outputs() if what == "widget"]
    wire.sent.clear()
    widget.close()

    assert wire.outputs() == [("update_display_data", "card", each) for each in shown]


def test_what_was_displayed_in_its_place_stays_when_it_is_closed(
    run: Any, wire: Wire, widget: RoomWidget
) -> None:
    run("display(room, display_id='x')\nupdate_display('something else', display_id='x')")
    wire.sent.clear()
    widget.close()

    assert wire.outputs() == []


def test_no_more_outputs_are_replaced_than_anybody_looks_at(run: Any, wire: Wire, widget: RoomWidget) -> None:
    run("for _ in range(100):\n    display(room)")
    wire.sent.clear()
    widget.close()

    assert len(wire.outputs()) == 20


def test_one_that_has_been_closed_shows_its_card(run: Any, wire: Wire) -> None:
    run("room.close(); room")
    run("display(room)")

    assert [(kind, what) for kind, what, _ in wire.outputs()] == [("display_data", "card")] * 2
