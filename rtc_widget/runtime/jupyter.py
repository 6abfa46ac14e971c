"""What Jupyter knows about the cell that is being executed, and output for it; nothing outside of Jupyter."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any


def _parent() -> dict[str, Any] | None:
    """Return the message that requested the current execution."""
    try:
        from IPython.core.getipython import get_ipython

        shell: Any = get_ipython()
        parent: dict[str, Any] = shell.kernel.get_parent("shell")
    except (AttributeError, KeyError, ImportError, TypeError):
        return None
    return parent


def executing_session() -> str | None:
    """Return which Jupyter client is running the current cell, so that its tab can recognize itself.

    Returns
    -------
    str or None
        The session id of Jupyter's messaging protocol; None outside of a cell.
    """
    parent = _parent()
    session = (parent or {}).get("header", {}).get("session")
    return None if session is None else str(session)


def executing_tab() -> str | None:
    """Return which Jupyter client is running the current cell, where that is a tab.

    Some hosts run cells elsewhere and show what came of it, as Voila does: nobody would recognize itself.

    Returns
    -------
    str or None
        As `executing_session`; None also where a program runs the cell.
    """
    header = (_parent() or {}).get("header", {})
    if header.get("msg_type") == "execute_request" and executing_cell() is None:
        return None
    return executing_session()


def executing_cell() -> tuple[str, str] | None:
    """Return the ids of the current cell and of its execution, which JupyterLab provides.

    Returns
    -------
    (str, str) or None
        None where they are not known.
    """
    parent = _parent() or {}
    cell, execution = parent.get("metadata", {}).get("cellId"), parent.get("header", {}).get("msg_id")
    return None if cell is None or execution is None else (str(cell), str(execution))


def at_end_of_cell(act: Callable[[], None]) -> None:
    """Call a function once, when the cell that is being executed has ended and may still print; never outside of a cell.

    Parameters
    ----------
    act : callable
        The function.
    """
    if _parent() is None:
        return
    from IPython.core.getipython import get_ipython

    events: Any = get_ipython().events  # type: ignore[union-attr]

    def once(*_result: object) -> None:
        events.unregister("post_run_cell", once)
        act()

    events.register("post_run_cell", once)


def name_of(value: object) -> str | None:
    """Return the variable of the user's that something is in.

    Parameters
    ----------
    value : object
        What the user has made.

    Returns
    -------
    str or None
        None when it is in no variable, and outside of IPython.
    """
    from IPython.core.getipython import get_ipython

    names: dict[str, Any] = getattr(get_ipython(), "user_ns", {})
    return next((name for name, each in [*names.items()] if each is value and not name.startswith("_")), None)


def formats_result() -> bool:
    """Return whether IPython is formatting the value of a cell's last expression.

    Returns
    -------
    bool
        False also outside of a kernel.
    """
    from IPython.core.getipython import get_ipython

    # The message of the result, which a kernel's display hook begins before it formats.
    return getattr(getattr(get_ipython(), "displayhook", None), "msg", None) is not None


def watch_outputs(hook: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Pass every output that this thread displays from now on through a function; nothing outside of a kernel.

    Parameters
    ----------
    hook : callable
        Takes the message to the front ends, and returns it or another. Registered once, however often this is called.
    """
    from IPython.core.getipython import get_ipython

    publisher: Any = getattr(get_ipython(), "display_pub", None)
    if hasattr(publisher, "register_hook"):
        publisher.unregister_hook(hook)
        publisher.register_hook(hook)


def show(bundle: dict[str, Any], display_id: str | None = None, *, again: bool = False) -> None:
    """Display something as output of the current cell.

    Parameters
    ----------
    bundle : dict
        Data by MIME type.
    display_id : str, optional
        Names the output.
    again : bool
        Whether to replace the earlier output of that name.
    """
    import IPython.display

    display: Any = IPython.display.display
    # A kernel that is shutting down cannot display anything.
    with contextlib.suppress(OSError, RuntimeError, AttributeError):
        display(bundle, raw=True, display_id=display_id, update=again)
