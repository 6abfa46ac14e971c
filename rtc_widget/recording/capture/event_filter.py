"""What is written down of what the relay tells: nothing of whose it is and where they are, unless that is wanted."""

from __future__ import annotations

from typing import Any, Final

from ...trace.events import REPORTED
from ...trace.redaction import Redactor

_REPORTED: Final = frozenset({*REPORTED, "step", "clock"})
# As deep as readers go, with room for what it is in.
_DEEPEST: Final = 32
# Fields of reports that are private whatever they hold; none of them is in a trace.
_PRIVATE: Final = frozenset(
    [
        "port",
        "relatedport",
        "localport",
        "remoteport",
        "address",
        "relatedaddress",
        "ip",
        "username",
        "password",
        "pwd",
        "credential",
        "secret",
        "token",
        "fingerprint",
        "deviceid",
        "groupid",
        "label",
        "url",
    ]
)

# Of a participant, what the roster shows. The rest are keys of pages and widgets.
_ROSTER: Final = ("roomId", "socketId", "order", "name", "kind", "media", "away", "reason", "at")


class Plain:
    """Makes copies of what an observer hears, fit to be kept.

    Parameters
    ----------
    private : bool
        Whether addresses, ports, names and passwords of ICE, fingerprints and ids of streams become placeholders, the
        same value the same one in all of a recording.
    """

    def __init__(self, private: bool) -> None:
        self.private = private
        self._redactor = Redactor() if private else None

    def snapshot(self, watched: dict[str, Any]) -> dict[str, Any]:
        """Return of the answer to ``watch_room`` what is kept."""
        participants = [self._entry(entry) for entry in watched["participants"]]
        control = self.reported(watched.get("control", {}))
        return {"participants": participants, "control": control, "time": watched["time"]}

    def event(self, name: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        """Return what is kept of an event, None for nothing."""
        if name == "user_joined":
            return self._entry(payload)
        if name == "report":
            # Nothing else is in a trace; labels of devices would say who somebody is.
            entries = [entry for entry in payload["entries"] if entry.get("type") in _REPORTED]
            return {**payload, "entries": self.reported(entries)} if entries else None
        if name in ("user_left", "user_away", "user_back", "media_state"):
            return {key: value for key, value in payload.items() if key != "owner"}
        if name in ("signal", "control"):
            kept: dict[str, Any] = self.reported(payload)
            return kept
        return None

    def said(self, value: Any, depth: int = 0) -> Any:
        """Return what somebody said, as JSON holds it, in which only texts may have to be hidden."""
        if isinstance(value, dict | list | tuple) and depth >= _DEEPEST:
            return "…"
        if isinstance(value, dict):
            return {self.said(str(name)): self.said(each, depth + 1) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.said(each, depth + 1) for each in value]
        hidden = self._redactor is not None and isinstance(value, str)
        return self._redactor.words(value) if hidden and self._redactor is not None else value

    def reported(self, value: Any, key: str = "", depth: int = 0) -> Any:
        """Return what was reported, with placeholders for what is private."""
        redactor = self._redactor
        if redactor is not None and key.lower() in _PRIVATE and value is not None:
            return redactor.name("private", str(value))
        if isinstance(value, dict) and depth < _DEEPEST:
            return {str(name): self.reported(each, str(name), depth + 1) for name, each in value.items()}
        if isinstance(value, list | tuple) and depth < _DEEPEST:
            return [self.reported(each, key, depth + 1) for each in value]
        if redactor is None or not isinstance(value, str):
            return self.said(value, depth)
        if key == "sdp":
            return "".join(f"{redactor(line)}\r\n" for line in value.splitlines())
        if key == "candidate":
            return redactor(value)
        return redactor.name("ufrag", value) if key == "usernameFragment" and value else redactor.words(value)

    def _entry(self, entry: dict[str, Any]) -> dict[str, Any]:
        kept: dict[str, Any] = self.reported({key: entry[key] for key in _ROSTER if key in entry})
        return kept
