"""Session descriptions of which rtcstats writes only the sections that have changed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

from .row import Notes

Description = dict[str, Any]

_SIDES: Final = {
    "createOfferOnSuccess": "local",
    "createAnswerOnSuccess": "local",
    "setLocalDescription": "local",
    "setLocalDescriptionOnSuccess": "local",
    "setRemoteDescription": "remote",
    "setRemoteDescriptionOnSuccess": "remote",
}

# What a file may unpack to: a line of some bytes can stand for a description of any length.
_MOST_CHARACTERS: Final = 128 * 1024 * 1024


@dataclass(slots=True)
class _Connection:
    """A connection's descriptions, by the side that they are of: "local" or "remote"."""

    current: dict[str, Description] = field(default_factory=dict)
    pending: dict[str, Description] = field(default_factory=dict)
    asked: dict[str, Description] = field(default_factory=dict)
    # What createOffer() and createAnswer() returned, by type.
    created: dict[str, Description] = field(default_factory=dict)

    def in_force(self, side: str) -> Description | None:
        return self.pending.get(side) or self.current.get(side)

    def set(self, side: str, description: Description) -> None:
        """Do what the connection does when it has set a description (W3C WebRTC, 4.4.1.5)."""
        other = "remote" if side == "local" else "local"
        match description.get("type"):
            case "offer":
                self.pending = {side: description}
            case "pranswer":
                self.pending[side] = description
            case "answer":
                self.current[side] = description
                if other in self.pending:
                    self.current[other] = self.pending[other]
                self.pending = {}
            case "rollback":
                self.pending = {}


class Descriptions:
    """The session descriptions of a dump, as far as later ones may repeat them.

    A section that is as it was in the description before is only its first two characters, "v=" or "m=". The one before
    is what localDescription or remoteDescription was at the time; of a first one, what createOffer() or createAnswer()
    had returned.

    Parameters
    ----------
    notes : Notes
        Gets what was not understood.
    """

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._left = _MOST_CHARACTERS
        self._connections: defaultdict[str, _Connection] = defaultdict(_Connection)

    def whole(self, connection: str, what: str, value: Any) -> Any:
        """Follow an entry.

        Parameters
        ----------
        connection : str
            The connection that it is about.
        what : str
            Its name.
        value : object
            Its value.

        Returns
        -------
        object
            The value; a description with all of its text.
        """
        if what not in _SIDES:
            return value
        known, side = self._connections[connection], _SIDES[what]
        described = isinstance(value, dict) and isinstance(value.get("sdp"), str)
        before = known.in_force(side)
        if before is None and what == "setLocalDescription" and described:
            before = known.created.get(str(value.get("type")))
        if described:
            value = self._completed(value, before)
        if what.startswith("create"):
            if described:
                known.created[str(value.get("type"))] = value
        elif what.endswith("OnSuccess"):
            asked = known.asked.pop(side, {})
            known.set(side, value if described else asked)
        else:
            known.asked[side] = value if isinstance(value, dict) else {}
        return value

    def _completed(self, value: Description, base: Description | None) -> Description:
        sections = _sections(value["sdp"])
        repeated = [n for n, section in enumerate(sections) if section == ("v=" if n == 0 else "m=")]
        if not repeated:
            return value
        known = _sections(base["sdp"]) if base is not None and base.get("type") == value.get("type") else []
        if len(known) > repeated[-1]:
            for number in repeated:
                sections[number] = known[number]
            text = "\r\n".join(sections) + "\r\n"
            self._left -= len(text)
            if self._left >= 0:
                return {**value, "sdp": text}
        self._notes.add("a session description that repeats one that is not known")
        return value


def _sections(sdp: str) -> list[str]:
    first, *rest = sdp.split("\nm=")
    return [first.strip(), *(f"m={section}".strip() for section in rest)]
