"""A room that is recorded without a relay: a member with its traits, and an observer that answers by itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from traitlets import Any as AnyTrait
from traitlets import HasTraits

from rtc_widget.room.participants import Participants

if TYPE_CHECKING:
    from collections.abc import Callable

    from rtc_widget.errors import RtcWidgetError
    from rtc_widget.signaling.observer import ObserverListener


class FakeRoomMember(HasTraits):
    """The traits and taps of a member of the room "demo"."""

    state = AnyTrait("joined")
    error = AnyTrait(None)
    participants = AnyTrait(Participants())
    me = AnyTrait(None)
    room = "demo"
    name = "Eve"

    def __init__(self) -> None:
        super().__init__()
        self.taps: list[Callable[[Any, str, str | None], None]] = []

    def tap(self, tap: Callable[[Any, str, str | None], None], remove: bool = False) -> None:
        """Keep or remove a tap."""
        if remove:
            self.taps.remove(tap)
        else:
            self.taps.append(tap)


class FakeRecordingObserver:
    """Says at once who is in the room, or nothing, or refuses."""

    def __init__(self, *, silent: bool = False, refusal: RtcWidgetError | None = None) -> None:
        self.silent, self.refusal = silent, refusal
        self.connected = True
        self.listener: ObserverListener | None = None
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def add(self, listener: ObserverListener) -> None:
        """Take a listener, on the RTC thread, and tell it who is here."""
        self.listener = listener
        if not self.silent:
            asyncio.get_running_loop().call_soon(
                listener.on_snapshot, {"participants": [], "time": 9_000.0, "control": {}}
            )

    async def remove(self, _listener: ObserverListener) -> None:
        """Let go of the listener."""
        self.listener = None

    async def request(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Answer, or refuse."""
        self.asked.append((event, payload))
        if self.refusal is not None:
            raise self.refusal
        return {"ok": True}

    @property
    def announced(self) -> list[bool]:
        """Whether recording was said to be on or off, in order."""
        return [payload["on"] for event, payload in self.asked if event == "record_room"]
