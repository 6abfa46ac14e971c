"""Moves a widget's call to another tab, when the person in front of that tab asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..room.room_member import RoomMember
from ..runtime.threads import Threads


class CallMove:
    """Lets the tab that is in the call leave, and then invites the one that asked.

    Parameters
    ----------
    member : RoomMember
        The widget; used on the observer thread.
    threads : Threads
        Of this process.
    leave : callable
        Lets the tab that is in the call leave.
    invite : callable
        Takes the id of the front end that is to join.
    """

    def __init__(
        self,
        member: RoomMember,
        threads: Threads,
        *,
        leave: Callable[[], None],
        invite: Callable[[str], None],
    ) -> None:
        self._member, self._threads = member, threads
        self._leave, self._invite = leave, invite
        self._to: str | None = None

    def receive(self, client_id: str, _content: dict[str, Any], _buffers: list[bytes]) -> None:
        """Handle a `Move`; on any thread.

        Parameters
        ----------
        client_id : str
            Who asks.
        _content : dict
            Unused.
        _buffers : list of bytes
            Unused.
        """
        self._threads.post(self._begin, client_id)

    def on_left(self) -> None:
        """Invite who asked, now that nobody of this widget is in the room; on the observer thread."""
        to, self._to = self._to, None
        if to is not None:
            self._invite(to)

    def _begin(self, client_id: str) -> None:
        if self._member.me is None:
            self._invite(client_id)
        else:
            self._to = client_id
            self._leave()
