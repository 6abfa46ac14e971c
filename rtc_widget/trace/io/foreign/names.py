"""The names of a dump's entries that a trace has states of, or nothing."""

from __future__ import annotations

from typing import Final

MACHINES: Final = {
    "signalingstatechange": "signaling_state",
    "iceconnectionstatechange": "ice_connection_state",
    "icegatheringstatechange": "ice_gathering_state",
    "connectionstatechange": "connection_state",
}
"""The state machines, by the name in small letters of the event that tells of them."""

LEFT_OUT: Final = frozenset(
    [
        "addstream",
        "addtrack",
        "addtrackonsuccess",
        "addtransceiver",
        "addtransceiveronsuccess",
        "constraints",
        "createansweronsuccess",
        "createdatachannel",
        "createdtmfsender",
        "createofferonsuccess",
        "dtlserror",
        "dtlsstatechange",
        "htmlmediaelement.resize",
        "icecandidateerror",
        "iceconnectionstatechange (legacy)",
        "removestream",
        "removetrack",
        "replacetrack",
        "setcodecpreferences",
        "setconfiguration",
        "setheaderextensionstonegotiate",
        "setparameters",
        "transceiveradded",
        "transceivermodified",
        "transceiverremoved",
        "updateice",
    ]
)
"""What is known, and what a trace has no event for; in small letters, without "on"."""

LEFT_OUT_OF: Final = ("MediaStreamTrack.", "navigator.")
"""Whose methods and events are, too."""
