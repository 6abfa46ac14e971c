"""Where the pages come from that show this kernel's widgets, so that its relay lets them in wherever the notebook is shown.

The relay knows the origins of the user's own Jupyter servers. A page of another host, or one behind a proxy, has an origin that only it
can tell: it does so over the comm, which nobody has but who sees the notebook.
"""

from __future__ import annotations

from threading import Lock
from typing import Final

from ..relay.address import Relay

_MOST: Final = 16
_CHARACTERS: Final = 256


class PageOrigins:
    """The origins that pages have told, the newest ones. All methods may be called from any thread."""

    def __init__(self) -> None:
        self._known: dict[str, None] = {}
        self._lock = Lock()

    def add(self, origin: object) -> None:
        """Remember an origin; not the one that all sandboxed frames have in common.

        Parameters
        ----------
        origin : object
            What a page has said.
        """
        if not isinstance(origin, str) or origin == "null" or len(origin) > _CHARACTERS:
            return
        with self._lock:
            self._known.pop(origin, None)
            self._known[origin] = None
            while len(self._known) > _MOST:
                del self._known[next(iter(self._known))]

    def tokens(self, relay: Relay) -> dict[str, str]:
        """Make what pages show the relay.

        Parameters
        ----------
        relay : Relay
            A relay whose secret is known.

        Returns
        -------
        dict of str
            A token for each origin.
        """
        with self._lock:
            known = list(self._known)
        return {origin: relay.origin_token(origin) for origin in known}


PAGE_ORIGINS: Final = PageOrigins()
"""Those of this process: a page that has shown one widget is known when it shows the next."""
