"""What Jupyter knows about the cell that is being executed, and output for it; nothing outside of Jupyter."""

from __future__ import annotations

import contextlib
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


def show(bundle: dict[str, Any], display_id: str, *, again: bool = False) -> None:
    """Display something as output of the current cell.

    Parameters
    ----------
    bundle : dict
        Data by MIME type.
    display_id : str
        Names the output.
    again : bool
        Whether to replace the earlier output of that name.
    """
    import IPython.display

    display: Any = IPython.display.display
    # A kernel that is shutting down cannot display anything.
    with contextlib.suppress(OSError, RuntimeError, AttributeError):
        display(bundle, raw=True, display_id=display_id, update=again)
