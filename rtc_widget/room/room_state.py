"""What is known of a room: turns the events of its relay into participants and their states.

Runs on the observer thread alone.
"""

from __future__ import annotations

import traceback
from typing import Any

from traitlets import HasTraits

from .participants import Participant, Participants

_STATES = ("connection_state", "ice_connection_state", "ice_gathering_state", "signaling_state")
_STATS = ("bitrate", "fps", "width", "height", "loss", "rtt")
_PAIR = ("local", "remote", "protocol")


def assign(target: HasTraits, **values: Any) -> None:
    """Set read-only traits; an `observe` callback that raises is shown, and stops nothing."""
    for name, value in values.items():
        try:
            target.set_trait(name, value)
        except Exception:
            traceback.print_exc()


def _reset(participant: Participant, state: str) -> None:
    """Put the connection to a participant before its beginning ("new") or after its end ("closed")."""
    assign(
        participant,
        connection_state=state,
        ice_connection_state=state,
        ice_gathering_state="new",
        signaling_state="stable" if state == "new" else state,
        selected_candidate_pair=None,
        stats=None,
    )


class RoomState:
    """The roster of one room as a widget or a peer sees it.

    Parameters
    ----------
    owner : str or None
        The public name of the widget; its own participant is `me`, everybody else is in `others`.
    """

    def __init__(self, owner: str | None) -> None:
        self._owner = owner
        self._known: dict[str, Participant] = {}
        self._orders: dict[str, int] = {}
        self._owned: dict[str, int] = {}
        self._present: set[str] = set()

    @property
    def me(self) -> Participant | None:
        """The widget's own participant: the first, if several tabs have joined."""
        mine = sorted((order, key) for key, order in self._owned.items() if key in self._present)
        return self._known[mine[0][1]] if mine else None

    @property
    def others(self) -> Participants:
        """Everybody else, in the order in which they came."""
        me = self.me
        ids = sorted(self._present, key=lambda key: self._orders[key])
        return Participants(self._known[key] for key in ids if me is None or key != me.id)

    def snapshot(self, entries: list[dict[str, Any]]) -> set[str]:
        """Take over a roster; return the ids that were here and are not in it (they may be coming back)."""
        missing = self._present - {entry["socketId"] for entry in entries}
        for entry in entries:
            self._enter(entry)
        for key in missing:
            assign(self._known[key], away=True)
        return missing

    def drop(self, ids: set[str]) -> None:
        """Remove those of ``ids`` that are still away."""
        for key in ids:
            if key in self._present and self._known[key].away:
                self._leave(key)

    def clear(self) -> None:
        """Forget everybody: the room is no longer watched."""
        for key in list(self._present):
            self._leave(key)

    def apply(self, event: str, payload: dict[str, Any]) -> None:
        """Take over one event of the relay's; those that say nothing of the roster or of our connections pass by."""
        match event:
            case "user_joined":
                self._enter(payload)
            case "user_left":
                self._leave(payload["socketId"])
            case "user_away" | "user_back":
                self._set_away(payload["socketId"], event == "user_away")
            case "media_state":
                participant = self._known.get(payload["from"])
                if participant is not None:
                    assign(participant, **{key: payload[key] for key in ("audio", "video", "screen")})
            case "report":
                self._apply_report(payload)

    def _apply_report(self, payload: dict[str, Any]) -> None:
        """Take over what our own participant reports of its connections."""
        me = self.me
        if me is None or payload["from"] != me.id:
            return
        for entry in payload["entries"]:
            participant = self._known.get(str(entry.get("peer")))
            if participant is None:
                continue
            if entry["type"] == "state" and entry.get("name") in _STATES:
                assign(participant, **{entry["name"]: entry.get("value")})
            elif entry["type"] == "stats":
                assign(participant, stats={key: entry.get(key) for key in _STATS})
            elif entry["type"] == "pair":
                assign(participant, selected_candidate_pair={key: str(entry.get(key)) for key in _PAIR})

    def _enter(self, entry: dict[str, Any]) -> None:
        key = entry["socketId"]
        participant = self._known.setdefault(key, Participant())
        fresh = key not in self._present
        self._present.add(key)
        self._orders[key] = entry["order"]
        if fresh:
            _reset(participant, "new")
        if fresh and entry.get("owner") == self._owner:
            if self.me is None:
                for other in self.others:
                    _reset(other, "new")
            self._owned[key] = entry["order"]
        assign(
            participant, id=key, name=entry["name"], kind=entry["kind"], away=entry["away"], **entry["media"]
        )

    def _leave(self, key: str) -> None:
        if key not in self._present:
            return
        self._present.discard(key)
        assign(self._known[key], away=False)
        _reset(self._known[key], "closed")
        # The connections were those of our own participant: without it there are none.
        if self._owned.pop(key, None) is not None and self.me is None:
            for other in self.others:
                _reset(other, "closed")

    def _set_away(self, key: str, away: bool) -> None:
        if key in self._present:
            assign(self._known[key], away=away)
