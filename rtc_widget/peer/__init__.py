"""The kernel as a participant: an aiortc peer in a process of its own, with numpy frames in and out."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .peer import Peer

__all__ = ["Peer"]


def __getattr__(name: str) -> Any:
    """Import `Peer` on first use: the media process, which is this package too, never loads the kernel's facade."""
    if name != "Peer":
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from .kernel.media_process import missing

    home = import_module(".uninstalled" if missing() else ".peer", __name__)
    globals()["Peer"] = home.Peer
    return home.Peer
