"""`Peer` where the packages of the extra are missing."""

from __future__ import annotations

from typing import Any

from .kernel.extra import check_installed


class Peer:
    """Raises ``peer_missing``, with the command that installs the missing packages.

    Parameters
    ----------
    *_arguments : object
        Ignored.
    **_options : object
        Ignored.
    """

    def __init__(self, *_arguments: Any, **_options: Any) -> None:
        check_installed()
