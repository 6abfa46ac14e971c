"""Static summary of a call, saved in the notebook and shown without a kernel."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from html import escape
from typing import Final

from ..room.room_member import RoomMember
from ..runtime.text import listed, told_apart

# The summary is synced and saved in notebooks; the length of a call is not needed to the second.
_EVERY_SECONDS: Final = 10.0
_MAX_PICTURE: Final = 120_000
_PICTURE: Final = re.compile(r"data:image/jpeg;base64,[A-Za-z0-9+/=]+")


class CallSummary:
    """Who was in the call, when and for how long, and a picture of it if that is wanted.

    Parameters
    ----------
    member : RoomMember
        Whose call it is.
    publish : callable
        Takes the summary whenever it has changed: ``who`` and ``when`` as text, and perhaps ``picture``, a small
        JPEG as a data URL. It is saved in the notebook.
    """

    def __init__(self, member: RoomMember, publish: Callable[[Mapping[str, str]], None]) -> None:
        self._member, self._publish = member, publish
        self._summary: dict[str, str] = {}
        self._began: float | None = None
        self._published_at = 0.0
        self._names: tuple[str, ...] = ()

    def update(self) -> None:
        """Update participants and length. On the observer thread, at every change of the room."""
        me = self._member.me
        if me is None:
            if self._began is not None:
                self._describe()
                self._began = None
            return
        now = time.time()
        if self._began is None:
            self._began, self._names = now, ()
        # Two of one name are two people where they were there at once.
        here = told_apart([me.name, *(participant.name for participant in self._member.participants)])
        names = tuple(dict.fromkeys((*self._names, *here)))
        if names != self._names or now - self._published_at >= _EVERY_SECONDS:
            self._names = names
            self._describe()

    def set_picture(self, data: object) -> None:
        """Store a front end's picture of the call; what is not one, or too large, is dropped.

        Parameters
        ----------
        data : object
            A data URL of a JPEG of at most 120,000 characters.
        """
        if isinstance(data, str) and len(data) <= _MAX_PICTURE and _PICTURE.fullmatch(data):
            self._summary = {**self._summary, "picture": data}
            self._publish(self._summary)

    def card(self) -> str:
        """Render the summary for viewers that cannot display widgets.

        Returns
        -------
        str
            HTML.
        """
        room = escape(str(self._member.room))
        parts = [f"<strong>A call in the room “{room}”</strong>"]
        if "who" in self._summary:
            parts.append(f"<div>{escape(self._summary['who'])}. {escape(self._summary['when'])}.</div>")
        if "picture" in self._summary:
            source, style = self._summary["picture"], "max-width:320px;display:block"
            parts.append(f'<img src="{source}" alt="The call in “{room}”" style="{style}">')
        parts.append("<div>Run this cell to join it.</div>")
        return f'<div dir="ltr">{"".join(parts)}</div>'

    def _describe(self) -> None:
        began = self._began or time.time()
        self._published_at = now = time.time()
        # In the kernel's time zone, which is usually the reader's.
        day = datetime.fromtimestamp(began)
        minutes = round((now - began) / 60)
        lasted = "less than a minute" if minutes < 1 else f"{minutes} minute{'s' * (minutes > 1)}"
        when = f"{day.day} {day:%B %Y, %H:%M}, {lasted}"
        self._summary = {**self._summary, "who": listed(self._names), "when": when}
        self._publish(self._summary)
