"""What Jupyter says about the cell that runs, and nothing outside of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.runtime import jupyter

if TYPE_CHECKING:
    from collections.abc import Callable

PARENT = {"header": {"session": "s-1", "msg_id": "m-1"}, "metadata": {"cellId": "c-1"}}


class Events:
    """The events of a shell."""

    def __init__(self) -> None:
        self.listeners: list[Callable[..., None]] = []

    def register(self, event: str, listener: Callable[..., None]) -> None:
        assert event == "post_run_cell"
        self.listeners.append(listener)

    def unregister(self, event: str, listener: Callable[..., None]) -> None:
        assert event == "post_run_cell"
        self.listeners.remove(listener)

    def end_cell(self) -> None:
        for listener in list(self.listeners):
            listener("result")


class Publisher:
    """What outputs go through."""

    def __init__(self) -> None:
        self.hooks: list[Any] = []

    def register_hook(self, hook: Any) -> None:
        self.hooks.append(hook)

    def unregister_hook(self, hook: Any) -> bool:
        is_there = hook in self.hooks
        if is_there:
            self.hooks.remove(hook)
        return is_there


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], Any]:
    """Run in a shell, or in none."""

    def use(shell: Any) -> Any:
        monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: shell)
        return shell

    return use


def shell_of(parent: Any) -> Any:
    return SimpleNamespace(
        kernel=SimpleNamespace(get_parent=lambda channel: parent if channel == "shell" else None),
        events=Events(),
        display_pub=Publisher(),
        displayhook=SimpleNamespace(msg=None),
        user_ns={},
    )


def test_the_cell_that_runs_is_known(use: Callable[[Any], Any]) -> None:
    use(shell_of(PARENT))

    assert jupyter.executing_session() == "s-1"
    assert jupyter.executing_cell() == ("c-1", "m-1")


@pytest.mark.parametrize(
    "shell",
    [None, SimpleNamespace(), shell_of(None), shell_of({}), shell_of({"header": {}, "metadata": {}})],
    ids=["no shell", "no kernel", "no parent", "empty", "without ids"],
)
def test_outside_of_a_cell_nothing_is_known(use: Callable[[Any], Any], shell: Any) -> None:
    use(shell)

    assert jupyter.executing_session() is None
    assert jupyter.executing_cell() is None
    assert jupyter.name_of(object()) is None
    assert not jupyter.formats_result()


@pytest.mark.parametrize(
    ("parent", "tab"),
    [
        ({"header": {"session": "s-1", "msg_type": "execute_request"}, "metadata": {"cellId": "c-1"}}, "s-1"),
        # The server that shows the notebook runs its cells, and the tab that shows it has another session.
        ({"header": {"session": "s-1", "msg_type": "execute_request"}, "metadata": {}}, None),
        # A button's callback.
        ({"header": {"session": "s-1", "msg_type": "comm_msg"}, "metadata": {}}, "s-1"),
        (None, None),
    ],
    ids=["tab", "program", "callback", "nothing"],
)
def test_the_tab_that_runs_a_cell_is_known_and_a_program_that_does_is_not_taken_for_one(
    use: Callable[[Any], Any], parent: Any, tab: str | None
) -> None:
    header = None if parent is None else {**parent, "header": {"msg_id": "m-1", **parent["header"]}}
    use(shell_of(header))

    assert jupyter.executing_tab() == tab


def test_what_is_for_the_end_of_a_cell_happens_once(use: Callable[[Any], Any]) -> None:
    shell, ran = use(shell_of(PARENT)), []
    jupyter.at_end_of_cell(lambda: ran.append("ran"))
    assert ran == []

    for _ in range(2):
        shell.events.end_cell()

    assert ran == ["ran"]
    assert shell.events.listeners == []


def test_outside_of_a_cell_nothing_waits_for_its_end(use: Callable[[Any], Any]) -> None:
    use(None)

    jupyter.at_end_of_cell(lambda: pytest.fail("there is no cell"))


def test_the_users_name_for_something_is_found_by_identity(use: Callable[[Any], Any]) -> None:
    shell, room = use(shell_of(PARENT)), [1]
    shell.user_ns = {"_": room, "_5": room, "equal": [1], "room": room, "again": room}

    assert jupyter.name_of(room) == "room"
    assert jupyter.name_of([1]) is None


def test_a_result_that_is_being_formatted_is_known(use: Callable[[Any], Any]) -> None:
    shell = use(shell_of(PARENT))
    assert not jupyter.formats_result()

    shell.displayhook.msg = {"header": {}}

    assert jupyter.formats_result()


def test_outputs_go_through_a_function_once_however_often_it_is_asked_for(use: Callable[[Any], Any]) -> None:
    shell = use(shell_of(PARENT))

    def hook(message: dict[str, Any]) -> dict[str, Any]:
        return message

    for _ in range(3):
        jupyter.watch_outputs(hook)

    assert shell.display_pub.hooks == [hook]
    use(SimpleNamespace(display_pub=object()))
    jupyter.watch_outputs(hook)


@pytest.mark.parametrize(
    "failure", [None, OSError("closed"), RuntimeError("shutting down"), AttributeError("gone")]
)
def test_what_is_shown_is_an_output_and_a_kernel_that_ends_shows_nothing(
    monkeypatch: pytest.MonkeyPatch, failure: Exception | None
) -> None:
    shown: list[tuple[Any, dict[str, Any]]] = []

    def display(bundle: Any, **options: Any) -> None:
        shown.append((bundle, options))
        if failure is not None:
            raise failure

    monkeypatch.setattr("IPython.display.display", display)

    jupyter.show({"text/plain": "7"}, "d-1", again=True)

    assert shown == [({"text/plain": "7"}, {"raw": True, "display_id": "d-1", "update": True})]
