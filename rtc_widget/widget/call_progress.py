"""The state of a widget's call, derived from its relay's and front ends' reports: rules without I/O."""

from __future__ import annotations

from dataclasses import dataclass

from ..room.call_state import CallState


@dataclass(frozen=True, slots=True)
class Progress:
    """What has changed.

    Attributes
    ----------
    state : CallState
        The widget's state now.
    entered, left : bool
        Whether it has entered or left the room.
    is_abandoned : bool
        Whether no page displays the widget and none of it is in the room, so that it needs no connection.
    """

    state: CallState
    entered: bool = False
    left: bool = False
    is_abandoned: bool = False


class CallProgress:
    """Follows one widget. The relay knows best whether it is in the room; until then its front end's word counts."""

    def __init__(self) -> None:
        self._state = CallState.IDLE
        self._was_in = False
        self._is_watching = False
        self._has_failed = False
        self._is_unseen = False

    def watching(self) -> None:
        """Note that the relay is connected."""
        self._is_watching = True

    def lost(self) -> None:
        """Note that the relay is not connected."""
        self._is_watching = False

    def failed(self, *, is_in: bool) -> None:
        """Note that the relay cannot be reached.

        Parameters
        ----------
        is_in : bool
            Whether the widget is in the room.
        """
        self._is_watching, self._has_failed = False, True
        if not is_in:
            self._state = CallState.FAILED

    def front_end(self, phase: object, *, unseen: bool, is_in: bool) -> None:
        """Apply a front end's report of its state.

        Parameters
        ----------
        phase : object
            "connecting", "left" or "failed"; anything else is the relay's to say.
        unseen : bool
            Whether it has left because nothing shows the widget any more.
        is_in : bool
            Whether the widget's participant is in the room, which the relay knows better.
        """
        if not is_in and phase in (CallState.CONNECTING, CallState.FAILED, CallState.LEFT):
            self._state = CallState(str(phase))
        self._is_unseen = phase == CallState.LEFT and unseen

    def closed(self) -> None:
        """Note that the widget is closed."""
        if self._state not in (CallState.LEFT, CallState.FAILED):
            self._state = CallState.LEFT

    def settle(self, *, is_in: bool, is_away: bool) -> Progress:
        """Work out where the widget stands.

        Parameters
        ----------
        is_in : bool
            Whether the widget's participant is in the room.
        is_away : bool
            Whether its signaling path is lost.

        Returns
        -------
        Progress
            What has changed since the last time.
        """
        entered, left = is_in and not self._was_in, self._was_in and not is_in
        self._was_in = is_in
        if is_in:
            there = self._is_watching and not is_away
            self._state = CallState.JOINED if there else CallState.RECONNECTING
        elif left:
            self._state = CallState.LEFT
        elif self._state is CallState.FAILED and self._is_watching and self._has_failed:
            # It had failed without a relay, and there is one now.
            self._state, self._has_failed = CallState.IDLE, False
        is_abandoned = self._is_unseen and not is_in
        if is_abandoned:
            self._is_unseen = self._is_watching = False
        return Progress(self._state, entered, left, is_abandoned)
