"""Records what Python sees of a call: trait changes and data channel messages."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from .event_filter import EventFilter
from .staging_folder import StagingFolder

if TYPE_CHECKING:
    from ...room.participants import Participant
    from ...room.room_member import RoomMember

_OWN_TRAITS: Final = ("state", "error")
_PARTICIPANT_TRAITS: Final = (
    *("name", "audio", "video", "screen", "away"),
    *("connection_state", "ice_connection_state", "ice_gathering_state", "signaling_state"),
    "selected_candidate_pair",
)
_MAX_BYTES: Final = 16 * 1024


class MemberLog:
    """Records every change from now on, starting with the current values.

    Parameters
    ----------
    member : RoomMember
        The member whose traits and messages are recorded.
    folder : StagingFolder
        Receives the lines.
    event_filter : EventFilter
        Removes what may not be stored.
    """

    def __init__(self, member: RoomMember, folder: StagingFolder, event_filter: EventFilter) -> None:
        self._member, self._folder, self._filter = member, folder, event_filter
        self._observed: dict[str, Participant] = {}
        self._closed = False
        for name in _OWN_TRAITS:
            self._write_trait(None, name, getattr(member, name))
        member.observe(self._on_own_trait, list(_OWN_TRAITS))
        member.observe(self._on_participants, ["participants", "me"])
        member.tap(self._on_message)
        self._on_participants()

    def close(self) -> None:
        """Stop recording changes. May be called twice."""
        if self._closed:
            return
        self._closed = True
        member = self._member
        member.tap(self._on_message, remove=True)
        member.unobserve(self._on_participants, ["participants", "me"])
        member.unobserve(self._on_own_trait, list(_OWN_TRAITS))
        for participant in self._observed.values():
            participant.unobserve(self._on_participant_trait, list(_PARTICIPANT_TRAITS))
        self._observed.clear()

    def _on_own_trait(self, change: Any) -> None:
        self._write_trait(None, change["name"], change["new"])

    def _on_participants(self, _change: Any = None) -> None:
        member = self._member
        for participant in (*member.participants, *([member.me] if member.me else [])):
            if participant.id in self._observed:
                continue
            self._observed[participant.id] = participant
            for name in _PARTICIPANT_TRAITS:
                self._write_trait(participant.id, name, getattr(participant, name))
            participant.observe(self._on_participant_trait, list(_PARTICIPANT_TRAITS))

    def _on_participant_trait(self, change: Any) -> None:
        self._write_trait(change["owner"].id, change["name"], change["new"])

    def _write_trait(self, participant: str | None, name: str, value: Any) -> None:
        line = {"time": self._now(), "participant": participant, "name": name}
        self._folder.write_line_of(participant, "traits", {**line, "value": self._filter.report(value, name)})

    def _on_message(self, data: Any, sender: str, to: str | None) -> None:
        line: dict[str, Any] = {"time": self._now(), "from": sender, "to": to}
        encoded = data if isinstance(data, bytes) else None
        if encoded is None and not isinstance(data, str | int | float | bool | list | dict | None):
            line["bytes"] = getattr(data, "nbytes", 0)  # a NumPy array
        elif encoded is not None:
            line["bytes"] = len(encoded)
            if len(encoded) <= _MAX_BYTES:
                line["base64"] = base64.b64encode(encoded).decode()
        else:
            line["data"] = self._filter.text_values(data)
        self._folder.write_line_of(sender, "messages", line)

    def _now(self) -> float:
        return round(self._folder.seconds, 3)
