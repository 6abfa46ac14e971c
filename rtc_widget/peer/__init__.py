"""The kernel as a participant: an aiortc peer in a separate process, with numpy frames in and out."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .peer import Peer

__all__ = ["Peer"]


def __getattr__(name: str) -> Any:
    """Import `Peer` on first use: the media process, which belongs to this package too, never loads the kernel's facade.

    Parameters
    ----------
    name : str
        The attribute.

    Returns
    -------
    object
        `Peer`; where packages are missing, a class that says so.

    Raises
    ------
    AttributeError
        For any other name.
    """
    if name != "Peer":
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from .kernel.extra import missing

    home = import_module(".uninstalled" if missing() else ".peer", __name__)
    globals()["Peer"] = home.Peer
    return home.Peer
