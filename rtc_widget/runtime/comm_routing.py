"""Where a kernel handles what a page says on a comm: while a cell runs, only a subshell can."""

from __future__ import annotations


def keep_subshell(comm: object) -> None:
    """Let the page choose the subshell of each message that it sends on a comm.

    JupyterLab names one, which is free while a cell runs. Since ipykernel 7.4 the kernel overrules it: a page's messages go to the
    shell that has last sent something on the comm, or opened it, so that an ``await`` in a cell finds its answer. What a widget
    sends from its own thread counts as the main shell's, and so the page's messages would wait for the cell. ipykernel asks
    the comm where they go, and takes the page's word where a comm does not say; this one no longer does.

    Parameters
    ----------
    comm : object
        A widget's comm. Comms of other kernels, and of other releases, stay as they are.
    """
    if callable(getattr(comm, "_reply_subshell_for", None)):
        comm._reply_subshell_for = None  # type: ignore[attr-defined]
