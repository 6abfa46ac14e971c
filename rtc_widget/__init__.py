"""A WebRTC call in a notebook cell: ``RoomWidget("demo")`` joins it, Python sees it live.

Every public name is imported on first use, so that ``import rtc_widget`` costs next to nothing and the relay,
which is this package too, starts without loading a widget.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .runtime.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from .errors import (
        InvalidArgumentError,
        ProtocolError,
        RelayError,
        RtcWidgetError,
        WaitTimeoutError,
    )
    from .ice.turn_server import TurnServer
    from .peer import Peer
    from .preflight import doctor
    from .recording.recording import Recording
    from .relay.address import Relay
    from .room.participants import Participant, Participants
    from .teaching.check import check
    from .teaching.routers.home_routers import HomeRouters
    from .trace.trace import Trace
    from .widget.room_widget import RoomWidget

_HOME = {
    "HomeRouters": "teaching.routers.home_routers",
    "InvalidArgumentError": "errors",
    "Participant": "room.participants",
    "Participants": "room.participants",
    "ProtocolError": "errors",
    "Peer": "peer",
    "Recording": "recording.recording",
    "Relay": "relay.address",
    "RelayError": "errors",
    "RoomWidget": "widget.room_widget",
    "RtcWidgetError": "errors",
    "Trace": "trace.trace",
    "TurnServer": "ice.turn_server",
    "WaitTimeoutError": "errors",
    "check": "teaching.check",
    "doctor": "preflight",
}

__all__ = [
    "HomeRouters",
    "InvalidArgumentError",
    "Participant",
    "Participants",
    "Peer",
    "ProtocolError",
    "Recording",
    "Relay",
    "RelayError",
    "RoomWidget",
    "RtcWidgetError",
    "Trace",
    "TurnServer",
    "WaitTimeoutError",
    "check",
    "doctor",
]


_exports = lazy_exports(__name__, _HOME)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("rtc-widget")
    return _exports(name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
