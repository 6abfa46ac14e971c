"""Which relay events are recorded, with identities and addresses removed."""

from __future__ import annotations

from typing import Any, Final

from ...trace.events import REPORTED
from ...trace.redaction import PRIVATE_FIELDS, Redactor

_REPORTED: Final = frozenset({*REPORTED, "step", "clock"})
# The nesting depth that readers accept, less the levels that the line itself adds.
_DEEPEST: Final = 32
# What the roster shows of a participant. The remaining fields identify pages and widgets.
_ROSTER: Final = ("roomId", "socketId", "order", "name", "kind", "media", "away", "reason", "at")


class EventFilter:
    """Makes copies of what an observer receives that may be stored.

    Parameters
    ----------
    private : bool
        Whether addresses, ports, ICE credentials, fingerprints and stream ids become placeholders; equal values get
        the same placeholder throughout a recording.
    """

    def __init__(self, private: bool) -> None:
        self.private = private
        self._redactor = Redactor() if private else None

    def snapshot(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Filter the answer to ``watch_room``.

        Parameters
        ----------
        payload : dict
            The answer.

        Returns
        -------
        dict
            Participants, control state and time.
        """
        participants = [self._entry(entry) for entry in payload["participants"]]
        control = self.report(payload.get("control", {}))
        return {"participants": participants, "control": control, "time": payload["time"]}

    def event(self, name: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        """Filter an event of the room.

        Parameters
        ----------
        name : str
            The event's name on the wire.
        payload : dict
            Its payload.

        Returns
        -------
        dict or None
            What to store, None for events that are not stored.
        """
        if name == "user_joined":
            return self._entry(payload)
        if name == "report":
            # Traces contain no other entries, and device labels could identify a person.
            entries = [entry for entry in payload["entries"] if entry.get("type") in _REPORTED]
            return {**payload, "entries": self.report(entries)} if entries else None
        if name in ("user_left", "user_away", "user_back", "media_state"):
            return {key: value for key, value in payload.items() if key != "owner"}
        if name in ("signal", "control"):
            kept: dict[str, Any] = self.report(payload)
            return kept
        return None

    def text_values(self, value: Any, depth: int = 0) -> Any:
        """Filter a message or a name, a JSON value in which only texts may be private.

        Parameters
        ----------
        value : object
            The value; its keys are filtered too.
        depth : int
            How deep it is nested; below 32 levels it is cut.

        Returns
        -------
        object
            A filtered copy.
        """
        if isinstance(value, dict | list | tuple) and depth >= _DEEPEST:
            return "…"
        if isinstance(value, dict):
            return {
                self.text_values(str(name)): self.text_values(each, depth + 1) for name, each in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.text_values(each, depth + 1) for each in value]
        return self._redactor.words(value) if self._redactor is not None and isinstance(value, str) else value

    def report(self, value: Any, key: str = "", depth: int = 0) -> Any:
        """Filter what a participant reported, with placeholders for private fields.

        Parameters
        ----------
        value : object
            A JSON value.
        key : str
            The field that it is the value of.
        depth : int
            How deep it is nested.

        Returns
        -------
        object
            A filtered copy.
        """
        redactor = self._redactor
        if redactor is not None and key.lower() in PRIVATE_FIELDS and value is not None:
            return redactor.name("private", str(value))
        if isinstance(value, dict) and depth < _DEEPEST:
            return {str(name): self.report(each, str(name), depth + 1) for name, each in value.items()}
        if isinstance(value, list | tuple) and depth < _DEEPEST:
            return [self.report(each, key, depth + 1) for each in value]
        if redactor is None or not isinstance(value, str):
            return self.text_values(value, depth)
        if key == "sdp":
            return "".join(f"{redactor(line)}\r\n" for line in value.splitlines())
        if key == "candidate":
            return redactor(value)
        return redactor.name("ufrag", value) if key == "usernameFragment" and value else redactor.words(value)

    def _entry(self, entry: dict[str, Any]) -> dict[str, Any]:
        kept: dict[str, Any] = self.report({key: entry[key] for key in _ROSTER if key in entry})
        # Of whom nothing arrives, that can be said.
        if entry.get("caps", {}).get("records") is True:
            kept["caps"] = {"records": True}
        return kept
