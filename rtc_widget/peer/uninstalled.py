"""`Peer` where the packages of the extra are missing."""

from __future__ import annotations

from typing import Any

from .kernel.media_process import check_installed


class Peer:
    """Raises ``peer_missing``, which says what to install."""

    def __init__(self, *_arguments: Any, **_options: Any) -> None:
        check_installed()
