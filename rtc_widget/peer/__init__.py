"""The kernel as a participant: an aiortc peer in a process of its own, with numpy pictures in and out."""

from typing import TYPE_CHECKING, Any

from .process import check_installed, missing

if TYPE_CHECKING or not missing():
    from .peer import Peer
else:

    class Peer:
        """Says what to install, where the extra's packages are missing."""

        def __init__(self, *_arguments: Any, **_options: Any) -> None:
            check_installed()


__all__ = ["Peer"]
