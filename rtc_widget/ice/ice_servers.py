"""The ICE servers that a participant may use, with credentials that are renewed in time."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from .turn_server import TurnServer


class IceServers:
    """Dictionaries that stay as they are, and one TURN server's, which are made anew when half of their time is over.

    Parameters
    ----------
    fixed : iterable of dict, optional
        ``RTCIceServer`` dictionaries.
    turn : TurnServer, optional
        A server for which credentials are made.
    """

    def __init__(self, fixed: Iterable[dict[str, Any]] = (), turn: TurnServer | None = None) -> None:
        self._fixed, self._turn = list(fixed), turn
        self._made: tuple[float, dict[str, Any]] | None = None

    def current(self) -> list[dict[str, Any]]:
        """Return what may be used now, and for half of the credentials' lifetime at least.

        Returns
        -------
        list of dict
            ``RTCIceServer`` dictionaries.
        """
        if self._turn is None:
            return self._fixed
        # The server goes by the clock on the wall, too, which may be set back.
        now = time.time()
        if self._made is None or not 0 <= now - self._made[0] < self._turn.lifetime / 2:
            self._made = now, self._turn.ice_server()
        return [*self._fixed, self._made[1]]
