"""What Jupyter says of the cell that is being executed, and what it is to show there; nothing where there is none."""

from __future__ import annotations

import contextlib
from typing import Any


def _parent() -> dict[str, Any] | None:
    """Return the message that asked for the present execution."""
    try:
        from IPython.core.getipython import get_ipython

        shell: Any = get_ipython()
        parent: dict[str, Any] = shell.kernel.get_parent("shell")
    except (AttributeError, KeyError, ImportError, TypeError):
        return None
    return parent


def executing_session() -> str | None:
    """Return which Jupyter client runs the present cell, so that its tab can know itself."""
    parent = _parent()
    session = (parent or {}).get("header", {}).get("session")
    return None if session is None else str(session)


def executing_cell() -> tuple[str, str] | None:
    """Return the ids of the present cell and of its execution, which JupyterLab says."""
    parent = _parent() or {}
    cell, execution = parent.get("metadata", {}).get("cellId"), parent.get("header", {}).get("msg_id")
    return None if cell is None or execution is None else (str(cell), str(execution))


def show(bundle: dict[str, Any], display_id: str, *, again: bool = False) -> None:
    """Show something as a cell's output; ``again``, in place of what was shown by that id."""
    import IPython.display

    display: Any = IPython.display.display
    # A kernel that is going away shows nothing any more.
    with contextlib.suppress(OSError, RuntimeError, AttributeError):
        display(bundle, raw=True, display_id=display_id, update=again)
