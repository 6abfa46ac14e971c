"""What Python sees of a call while it is recorded: traits that change, and data channel messages."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from .event_filter import Plain
from .staging_folder import Folder

if TYPE_CHECKING:
    from ...room.participants import Participant
    from ...room.room_member import RoomMember

_OWN: Final = ("state", "error")
_THEIRS: Final = (
    *("name", "audio", "video", "screen", "away"),
    *("connection_state", "ice_connection_state", "ice_gathering_state", "signaling_state"),
    "selected_candidate_pair",
)
_MAX_BYTES: Final = 16 * 1024


class MemberLog:
    """Writes down what changes from now on, beginning with how it is now.

    Parameters
    ----------
    member : RoomMember
        Whose traits and messages.
    folder : Folder
        Where to.
    plain : Plain
        What may be written.
    """

    def __init__(self, member: RoomMember, folder: Folder, plain: Plain) -> None:
        self._member, self._folder, self._plain = member, folder, plain
        self._followed: dict[str, Participant] = {}
        self._closed = False
        for name in _OWN:
            self._trait(None, name, getattr(member, name))
        member.observe(self._own, list(_OWN))
        member.observe(self._people, ["participants", "me"])
        member.tap(self._said)
        self._people()

    def close(self) -> None:
        """Write down nothing more. May be called twice."""
        if self._closed:
            return
        self._closed = True
        member = self._member
        member.tap(self._said, remove=True)
        member.unobserve(self._people, ["participants", "me"])
        member.unobserve(self._own, list(_OWN))
        for participant in self._followed.values():
            participant.unobserve(self._theirs, list(_THEIRS))
        self._followed.clear()

    def _own(self, change: Any) -> None:
        self._trait(None, change["name"], change["new"])

    def _people(self, _change: Any = None) -> None:
        member = self._member
        for participant in (*member.participants, *([member.me] if member.me else [])):
            if participant.id in self._followed:
                continue
            self._followed[participant.id] = participant
            for name in _THEIRS:
                self._trait(participant.id, name, getattr(participant, name))
            participant.observe(self._theirs, list(_THEIRS))

    def _theirs(self, change: Any) -> None:
        self._trait(change["owner"].id, change["name"], change["new"])

    def _trait(self, participant: str | None, name: str, value: Any) -> None:
        line = {"time": self._now(), "participant": participant, "name": name}
        self._folder.line("traits", {**line, "value": self._plain.reported(value, name)})

    def _said(self, data: Any, sender: str, to: str | None) -> None:
        line: dict[str, Any] = {"time": self._now(), "from": sender, "to": to}
        encoded = data if isinstance(data, bytes) else None
        if encoded is None and not isinstance(data, str | int | float | bool | list | dict | None):
            line["bytes"] = getattr(data, "nbytes", 0)  # an array
        elif encoded is not None:
            line["bytes"] = len(encoded)
            if len(encoded) <= _MAX_BYTES:
                line["base64"] = base64.b64encode(encoded).decode()
        else:
            line["data"] = self._plain.said(data)
        self._folder.line("messages", line)

    def _now(self) -> float:
        return round(self._folder.seconds, 3)
