"""A Python peer's room without a relay and without connections: what the relay says, and others who only keep what they are told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.support.fakes import FakeClient

ME = {"ok": True, "socketId": "me", "order": 5, "resume": "ticket", "participants": [], "paused": False}


class FakeRemote:
    """Another participant, to whom no connection is made."""

    def __init__(self, entry: dict[str, Any], context: Any, before: FakeRemote | None = None) -> None:
        self.id, self.entry, self.away, self.before = entry["socketId"], entry, entry["away"], before
        self.context = context
        self.told: list[Any] = []
        self.heard: list[str] = []
        self.later: list[Any] = []
        self.takes, self.has_room = True, True
        self.incoming = SimpleNamespace()
        self.signaling = SimpleNamespace(receive=lambda event, _payload, _at: self.heard.append(event))
        self.takes_messages = True
        self.connection = SimpleNamespace(resume=lambda: self.told.append("resume"))

    def report_all(self) -> None:
        self.told.append("report_all")

    def send_later(self, data: Any) -> bool:
        if self.has_room:
            self.later.append(data)
        return self.has_room

    async def send(self, data: Any, _timeout: float) -> bool:
        self.told.append(data)
        return self.takes

    def update(self, entry: dict[str, Any]) -> None:
        self.entry = entry
        self.told.append("update")

    def set_away(self, away: bool) -> None:
        self.away = away

    def set_media(self, media: dict[str, bool]) -> None:
        self.entry["media"] = media

    def close(self) -> None:
        self.told.append("close")


def joined(*others: dict[str, Any], **more: Any) -> FakeClient:
    """Return a relay's client in whose room others are."""
    return FakeClient({"join_room": {**ME, "participants": list(others), **more}})


def sent(client: FakeClient, event: str) -> list[dict[str, Any]]:
    """Return what was sent to a relay of one kind."""
    return [payload for name, payload in client.sent if name == event]
