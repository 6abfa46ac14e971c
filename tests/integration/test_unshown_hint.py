"""A widget that was made and not shown says so below its cell, unless it is of use as it is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from ipykernel.zmqshell import ZMQInteractiveShell
from traitlets.config import Config

from rtc_widget import RoomWidget
from tests.support.kernel_wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEAD = """from contextlib import suppress
from rtc_widget import RoomWidget
def make():
    return RoomWidget("demo", name="Ada", relay="http://127.0.0.1:9", token="a token")
"""


@pytest.fixture
def says(no_leaks: None, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[str], str]]:
    """Run a cell in the shell of a kernel, and return what stands below it."""
    shell = ZMQInteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
    shell.kernel = SimpleNamespace(get_parent=lambda _channel: {"header": {}})
    for part in (shell.display_pub, shell.displayhook):
        part.session = Wire()

    def cell(code: str) -> str:
        shell.run_cell(HEAD + code).raise_error()
        return capsys.readouterr().out

    yield cell
    for each in [*shell.user_ns.values()]:
        if isinstance(each, RoomWidget):
            each.close()
    ZMQInteractiveShell.clear_instance()


def test_a_widget_that_nobody_shows_tells_what_to_do_once(says: Any) -> None:
    assert says("call = make()") == (
        "Not in the call yet: put call on a line of its own at the cell's end, or call call.join().\n"
    )
    assert says("1 + 1") == ""


@pytest.mark.parametrize(
    "code",
    [
        "call = make(); display(call)",
        "from ipywidgets import HBox; call = make(); box = HBox([call])",
        "call = make(); call.join()",
        "call = make(); call.close()",
        "call = make()\nwith suppress(Exception): call.wait_for('joined', 0)",
        "call = make()\nwith suppress(Exception): call.pause()",
    ],
    ids=["shown", "in another widget", "joined", "closed", "waited for", "used to watch"],
)
def test_a_widget_that_is_used_says_nothing(says: Any, code: str) -> None:
    assert says(code) == ""


def test_a_widget_that_is_gone_at_the_cells_end_says_nothing(says: Any) -> None:
    assert says("make().close()") == ""
