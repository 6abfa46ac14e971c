"""What a call was, for whoever opens the notebook when it is over."""

from __future__ import annotations

import re
import time
from datetime import datetime
from html import escape
from typing import Any, Final

from traitlets import Dict

from ..room.room_member import Presence
from ..room.room_state import assign
from ..runtime.text import listed

# Notebooks save what is synced, and nobody needs to know to the second how long a call goes on.
_EVERY_SECONDS: Final = 10.0
_MAX_PICTURE: Final = 120_000
_PICTURE: Final = re.compile(r"data:image/jpeg;base64,[A-Za-z0-9+/=]+")


class Memory(Presence):
    """Keeps in the notebook who was in the call, when and for how long, and a picture of it where that is wanted.

    Attributes
    ----------
    seen : dict
        In words: ``who`` and ``when``; with ``keep_picture``, ``picture`` too, a small JPEG as a data URL.
    """

    # Saved in the notebook, as everything that is synced.
    seen = Dict(read_only=True, help="What the call was: who, when, and a picture.").tag(sync=True)

    _began: float | None = None
    _told_at = 0.0
    _people: tuple[str, ...] = ()

    def _remember(self) -> None:
        """Note who is here and how long it has been; on the observer thread."""
        if self.me is None:
            if self._began is not None:
                self._tell_memory()
                self._began = None
            return
        now = time.time()
        if self._began is None:
            self._began, self._people = now, ()
        here = (self.me.name, *(participant.name for participant in self.participants))
        people = tuple(dict.fromkeys((*self._people, *here)))
        if people != self._people or now - self._told_at >= _EVERY_SECONDS:
            self._people = people
            self._tell_memory()

    def _tell_memory(self) -> None:
        began = self._began or time.time()
        self._told_at = now = time.time()
        # In the notebook's own place and time, which is the reader's more often than not.
        day = datetime.fromtimestamp(began)
        minutes = round((now - began) / 60)
        lasted = "less than a minute" if minutes < 1 else f"{minutes} minute{'s' * (minutes > 1)}"
        when = f"{day.day} {day:%B %Y, %H:%M}, {lasted}"
        assign(self, seen={**self.seen, "who": listed(self._people), "when": when})

    def _on_picture(self, data: Any) -> None:
        """Take a picture of the call from a front end."""
        if isinstance(data, str) and len(data) <= _MAX_PICTURE and _PICTURE.fullmatch(data):
            assign(self, seen={**self.seen, "picture": data})

    def _card(self) -> str:
        """Return it as HTML, for where widgets are not shown."""
        seen = self.seen
        words = [f"<strong>A call in the room {escape(self.room)}</strong>"]
        if "who" in seen:
            words.append(f"<div>{escape(seen['who'])}. {escape(seen['when'])}.</div>")
        if "picture" in seen:
            alt = escape(f"The call in {self.room}")
            words.append(f'<img src="{seen["picture"]}" alt="{alt}" style="max-width:320px;display:block">')
        words.append("<div>Run this cell to join it.</div>")
        return f"<div>{''.join(words)}</div>"
