"""What is written down of what the relay tells: nothing of whose it is and where they are, unless that is wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ...trace.privacy import Redactor

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
        self._redactor = Redactor() if private else None

    def snapshot(self, watched: dict[str, Any]) -> dict[str, Any]:
        """Return of the answer to ``watch_room`` what is kept."""
        participants = [self._entry(entry) for entry in watched["participants"]]
        control = self.anything(watched.get("control", {}))
        return {"participants": participants, "control": control, "time": watched["time"]}

    def event(self, name: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        """Return what is kept of an event, None for nothing."""
        if name == "user_joined":
            return self._entry(payload)
        if name == "report":
            # Labels of devices say who somebody is.
            entries = [entry for entry in payload["entries"] if entry.get("type") != "devices"]
            return {**payload, "entries": self.anything(entries)} if entries else None
        if name in ("user_left", "user_away", "user_back", "media_state"):
            return {key: value for key, value in payload.items() if key != "owner"}
        if name in ("signal", "control"):
            kept: dict[str, Any] = self.anything(payload)
            return kept
        return None

    def anything(self, value: Any, key: str = "") -> Any:
        """Return a structure as JSON holds it with placeholders for what is private."""
        redactor = self._redactor
        if redactor is None:
            return value
        if isinstance(value, str):
            return _BY_KEY.get(key, _text)(redactor, value)
        if isinstance(value, dict):
            return {str(name): self.anything(each, str(name)) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.anything(each, key) for each in value]
        return value

    def _entry(self, entry: dict[str, Any]) -> dict[str, Any]:
        kept: dict[str, Any] = self.anything({key: entry[key] for key in _ROSTER if key in entry})
        return kept


def _text(redactor: Redactor, value: str) -> str:
    return redactor(value) if value else value


def _sdp(redactor: Redactor, value: str) -> str:
    return redactor(value) + "\r\n"


_BY_KEY: Final[dict[str, Callable[[Redactor, str], str]]] = {
    "sdp": _sdp,
    "usernameFragment": lambda redactor, value: redactor.name("ufrag", value) if value else value,
    "address": lambda redactor, value: redactor.address(value),
}
