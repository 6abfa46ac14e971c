"""What a kernel's shell would send to the front ends."""

from __future__ import annotations

from typing import Any

from jupyter_client.session import Session

VIEW = "application/vnd.jupyter.widget-view+json"


class Wire(Session):
    """A kernel's session that keeps what it would send to the front ends."""

    def __init__(self) -> None:
        super().__init__(key=b"a key")
        self.sent: list[dict[str, Any]] = []

    def send(self, _socket: Any, message: Any, **_: Any) -> None:  # type: ignore[override]
        self.sent.append(message)

    def outputs(self) -> list[tuple[str, str, str | None]]:
        """Return each output's kind, what it shows and its display id."""
        found = []
        for message in self.sent:
            content = message["content"]
            if "data" in content:
                what = "widget" if VIEW in content["data"] else content["data"].get("text/html", "text")
                shown = "card" if "rtcw" in what or "<" in what else what
                found.append((message["msg_type"], shown, content.get("transient", {}).get("display_id")))
        return found
