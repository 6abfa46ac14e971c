"""The kernel as a participant: an aiortc peer in a process of its own, with numpy pictures in and out."""

from .process import check_installed

check_installed()

from .peer import Peer  # noqa: E402

__all__ = ["Peer"]
