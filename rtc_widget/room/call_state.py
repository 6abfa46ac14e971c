"""The states of a call, and which may follow which: the twin of ``js/src/call/call-state.ts``."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Literal

CallStateName = Literal["idle", "connecting", "joined", "reconnecting", "left", "failed"]
"""A value of `CallState`, as users write it."""


class CallState(StrEnum):
    """The state of a `RoomWidget` or `Peer` in its call."""

    IDLE = "idle"
    CONNECTING = "connecting"
    JOINED = "joined"
    RECONNECTING = "reconnecting"
    LEFT = "left"
    FAILED = "failed"


_IDLE, _CONNECTING, _JOINED, _RECONNECTING, _LEFT, _FAILED = CallState

TRANSITIONS: Final[Mapping[CallState, frozenset[CallState]]] = {
    # A tab may be faster than its kernel's observer: already in the room, or out of it again.
    _IDLE: frozenset({_CONNECTING, _JOINED, _RECONNECTING, _LEFT, _FAILED}),
    _CONNECTING: frozenset({_IDLE, _JOINED, _RECONNECTING, _LEFT, _FAILED}),
    # Once in the room, only losing the relay or leaving ends that; a refusal ends it as "left".
    _JOINED: frozenset({_RECONNECTING, _LEFT, _FAILED}),
    _RECONNECTING: frozenset({_JOINED, _LEFT, _FAILED}),
    # Joining again starts over.
    _LEFT: frozenset({_CONNECTING, _JOINED, _RECONNECTING, _FAILED}),
    _FAILED: frozenset({_IDLE, _CONNECTING, _JOINED, _RECONNECTING, _LEFT}),
}
"""From each state, those that may follow."""


def is_legal(before: str, after: str) -> bool:
    """Return whether one state may follow another; remaining in a state is always legal.

    Parameters
    ----------
    before, after : str
        Values of `CallState`.

    Returns
    -------
    bool
        Whether `TRANSITIONS` has it.
    """
    return before == after or CallState(after) in TRANSITIONS[CallState(before)]
