"""The state of a room: turns the relay's events into participants and their traits.

Runs on the observer thread only.
"""

from __future__ import annotations

import traceback
from typing import Any

from traitlets import HasTraits

from .participants import Participant, Participants, others_among

_STATES = ("connection_state", "ice_connection_state", "ice_gathering_state", "signaling_state")
_STATS = ("bitrate", "fps", "width", "height", "loss", "rtt")
_PAIR = ("local", "remote", "protocol")


def assign(target: HasTraits, **values: Any) -> None:
    """Set read-only traits. What an `observe` callback raises is printed, and stops nothing.

    Parameters
    ----------
    target : HasTraits
        Has the traits.
    **values : object
        Values by trait.
    """
    for name, value in values.items():
        try:
            target.set_trait(name, value)
        except Exception:
            traceback.print_exc()


def _reset(participant: Participant, state: str) -> None:
    """Set the states of a connection to those before its beginning ("new") or after its end ("closed")."""
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
    """The roster of one room as a widget or peer sees it.

    Parameters
    ----------
    owner : str or None
        The public name of the widget: its own participant is `me`, everybody else is in `others`.
    """

    def __init__(self, owner: str | None) -> None:
        self._owner = owner
        self._known: dict[str, Participant] = {}
        self._orders: dict[str, int] = {}
        self._owned: dict[str, int] = {}
        self._present: set[str] = set()

    @property
    def me(self) -> Participant | None:
        """The widget's own participant; the first one, if several tabs have joined."""
        mine = sorted((order, key) for key, order in self._owned.items() if key in self._present)
        return self._known[mine[0][1]] if mine else None

    @property
    def others(self) -> Participants:
        """Everybody else, in order of arrival."""
        everybody = [self._known[key] for key in sorted(self._present, key=self._orders.__getitem__)]
        return others_among(everybody, self.me)

    def snapshot(self, entries: list[dict[str, Any]]) -> set[str]:
        """Apply a complete roster.

        Parameters
        ----------
        entries : list of dict
            The roster.

        Returns
        -------
        set of str
            Ids of participants who are no longer on it; they may be about to come back.
        """
        missing = self._present - {entry["socketId"] for entry in entries}
        for entry in entries:
            self._enter(entry)
        for key in missing:
            assign(self._known[key], away=True)
        return missing

    def drop(self, ids: set[str]) -> None:
        """Remove participants who are still disconnected.

        Parameters
        ----------
        ids : set of str
            Which ones.
        """
        for key in ids:
            if key in self._present and self._known[key].away:
                self._leave(key)

    def clear(self) -> None:
        """Remove everybody, because the room is no longer observed."""
        for key in list(self._present):
            self._leave(key)

    def apply(self, event: str, payload: dict[str, Any]) -> None:
        """Apply an event of the relay; events that do not concern the roster or our own connections are ignored.

        Parameters
        ----------
        event : str
            The event's name on the wire.
        payload : dict
            Its payload.
        """
        match event:
            case "user_joined":
                self._enter(payload)
            case "user_left":
                self._leave(payload["socketId"])
            case "user_away" | "user_back":
                self._set_disconnected(payload["socketId"], event == "user_away")
            case "media_state":
                participant = self._known.get(payload["from"])
                if participant is not None:
                    assign(participant, **{key: payload[key] for key in ("audio", "video", "screen")})
            case "report":
                self._apply_report(payload)

    def _apply_report(self, payload: dict[str, Any]) -> None:
        """Apply our own participant's report of its connections."""
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
        is_new = key not in self._present
        self._present.add(key)
        self._orders[key] = entry["order"]
        if is_new:
            _reset(participant, "new")
        if is_new and entry.get("owner") == self._owner:
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
        # These were the connections of our own participant, which has left.
        if self._owned.pop(key, None) is not None and self.me is None:
            for other in self.others:
                _reset(other, "closed")

    def _set_disconnected(self, key: str, away: bool) -> None:
        if key in self._present:
            assign(self._known[key], away=away)
