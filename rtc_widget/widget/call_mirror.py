"""Follows a widget's call: from the room's observer and the front ends to the widget's traits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..errors import RtcWidgetError, is_fatal
from ..recording.capture.recorder import Recorder
from ..room.data_messages import decode
from ..room.participants import Participants
from ..room.room_member import RoomMember
from ..room.room_state import RoomState, assign
from ..runtime.threads import Threads
from ..runtime.waiters import Waiters
from ..signaling.observer import ObserverListener
from .call_progress import CallProgress
from .call_summary import CallSummary


@dataclass(frozen=True)
class CallEvents:
    """What a widget does when its call changes; all are called on the observer thread.

    Attributes
    ----------
    on_entered, on_left : callable
        The widget has entered or left the room.
    on_abandoned : callable
        No page displays the widget any more, and no page of it is in the room.
    on_message : callable
        Takes a data channel message and its sender's id.
    on_reported : callable
        Takes an entry of what the widget's own page reports.
    """

    on_entered: Callable[[], None]
    on_left: Callable[[], None]
    on_abandoned: Callable[[], object]
    on_message: Callable[[Any, str], None]
    on_reported: Callable[[dict[str, Any]], None]


class CallMirror:
    """The only writer of a widget's actual state.

    The room's observer calls on the RTC thread, front ends on whatever thread the kernel uses; both are passed on
    to the observer thread, one after the other.

    Parameters
    ----------
    member : RoomMember
        The widget: `state`, `participants`, `me`, `error` and `devices` are set.
    room_state : RoomState
        The state of the room.
    threads : Threads
        Of this process.
    waiters : Waiters
        Those that wait for a condition of the widget.
    recorder : Recorder
        Receives events about recordings.
    summary : CallSummary
        Updated with every change.
    events : CallEvents
        Called when the call changes.
    """

    def __init__(
        self,
        member: RoomMember,
        room_state: RoomState,
        threads: Threads,
        waiters: Waiters[Any],
        *,
        recorder: Recorder,
        summary: CallSummary,
        events: CallEvents,
    ) -> None:
        self._member, self._room, self._waiters = member, room_state, waiters
        self._post = threads.post
        self._recorder, self._summary = recorder, summary
        self._events = events
        self._progress = CallProgress()
        # Participants of before a lost connection that the next snapshot does not list.
        self._missing: set[str] = set()

    # -- from the room's observer; on the RTC thread

    def listener(self) -> ObserverListener:
        """Return the callbacks for the room's observer.

        Returns
        -------
        ObserverListener
            The callbacks.
        """
        post, applied = self._post, (self._apply_snapshot, self._apply, self._apply_lost, self._apply_failure)
        return ObserverListener(*(partial(post, apply) for apply in applied))

    def on_stale(self) -> None:
        """Remove participants who were there before the connection was lost and have not returned."""
        self._post(self._drop_stale)

    # -- from front ends; on any thread

    def receive_phase(self, _client_id: str, content: dict[str, Any], _buffers: list[bytes]) -> None:
        """Handle a `Phase`.

        Parameters
        ----------
        _client_id : str
            Unused.
        content : dict
            The message.
        _buffers : list of bytes
            Unused.
        """
        phase, unseen = content.get("phase"), content.get("unseen") is True

        def apply() -> None:
            self._progress.front_end(phase, unseen=unseen, is_in=self._room.me is not None)
            self._publish()

        self._post(apply)

    def receive_error(self, _client_id: str, content: dict[str, Any], _buffers: list[bytes]) -> None:
        """Handle an `ErrorReport`.

        Parameters
        ----------
        _client_id : str
            Unused.
        content : dict
            The message.
        _buffers : list of bytes
            Unused.
        """
        self._post(self._set_error, content)

    def receive_devices(self, _client_id: str, content: dict[str, Any], _buffers: list[bytes]) -> None:
        """Handle `Devices`.

        Parameters
        ----------
        _client_id : str
            Unused.
        content : dict
            The message.
        _buffers : list of bytes
            Unused.
        """
        self._post(self._set_devices, content)

    def receive_message(self, _client_id: str, content: dict[str, Any], buffers: list[bytes]) -> None:
        """Handle a `DataMessage`.

        Parameters
        ----------
        _client_id : str
            Unused.
        content : dict
            The message.
        buffers : list of bytes
            The data of a binary message.
        """
        sender = str(content.get("from"))
        data = buffers[0] if buffers else str(content.get("text", ""))
        # Decoded on the observer thread: what comes may be large.
        self._post(lambda: self._events.on_message(decode(data), sender))

    # -- on the observer thread

    def end(self, error: RtcWidgetError) -> None:
        """Set the state of a closed widget.

        Parameters
        ----------
        error : RtcWidgetError
            Raised in everything that still waits for the widget.
        """
        self._room.clear()
        self._publish()
        self._progress.closed()
        self._publish()
        self._waiters.notify(error)

    def _apply_snapshot(self, watched: dict[str, Any]) -> None:
        self._recorder.on_snapshot(watched.get("recordings", []))
        self._progress.watching()
        self._missing = self._room.snapshot(watched["participants"])
        self._publish()

    def _drop_stale(self) -> None:
        self._room.drop(self._missing)
        self._publish()

    def _apply(self, event: str, payload: dict[str, Any]) -> None:
        if event == "recording":
            self._recorder.on_recording(payload)
            return
        if event == "user_joined":
            self._missing.discard(payload["socketId"])
        self._room.apply(event, payload)
        me = self._room.me
        if event == "report" and me is not None and payload["from"] == me.id:
            for entry in payload["entries"]:
                if entry["type"] == "error":
                    self._set_error(entry)
                elif entry["type"] == "devices":
                    self._set_devices(entry)
                self._events.on_reported(entry)
        self._publish()

    def _apply_lost(self) -> None:
        self._progress.lost()
        self._publish()

    def _apply_failure(self, error: RtcWidgetError) -> None:
        assign(self._member, error=dict(error.info()))
        if is_fatal(error.code):
            # Nobody will say any more who is in the room.
            self._room.clear()
        self._progress.failed(is_in=self._room.me is not None)
        self._publish()

    def _set_error(self, reported: dict[str, Any]) -> None:
        assign(self._member, error={key: str(reported.get(key)) for key in ("code", "message")})

    def _set_devices(self, reported: dict[str, Any]) -> None:
        labels = {
            kind: [str(label) for label in reported.get(kind, ())] for kind in ("cameras", "microphones")
        }
        assign(self._member, devices=labels)

    def _publish(self) -> None:
        """Set the widget's traits to the state of the room, and notify all that wait."""
        me, others = self._room.me, self._room.others
        progress = self._progress.settle(is_in=me is not None, is_away=me is not None and me.away)
        if progress.entered:
            assign(self._member, error=None)
            self._events.on_entered()
        if others != self._member.participants or me is not self._member.me:
            assign(self._member, participants=others)
        if me is not self._member.me:
            assign(self._member, me=me)
        self._summary.update()
        if progress.left:
            self._events.on_left()
        self._member._set_state(progress.state)
        if progress.is_abandoned:
            self._events.on_abandoned()
            self._room.clear()
            assign(self._member, participants=Participants())
        self._waiters.notify()
