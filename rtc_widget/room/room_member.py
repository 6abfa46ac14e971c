"""Being in a room as Python sees it, whoever has the media: a browser tab or the kernel's own peer."""

from __future__ import annotations

import concurrent.futures
import logging
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from traitlets import Dict, Enum, Instance, Tuple, observe

from ..errors import InvalidArgumentError, WaitTimeoutError
from ..runtime import threads
from ..runtime.cell_callback import CellCallback
from ..runtime.cell_observers import CellObservers
from ..runtime.fixed_names import FixedNames
from ..runtime.lifetime import Lifetime
from ..runtime.own_names import OwnNames
from ..runtime.validation import check_callable, check_timeout, nearest
from ..runtime.waiters import Waiters
from .call_state import CallState, CallStateName, is_legal
from .participants import CONNECTION_STATES, ConnectionState, Participant, Participants, labels
from .room_state import RoomState, assign

log = logging.getLogger(__name__)

STATES: Final = tuple(map(str, CallState))

MessageCallback = Callable[[Any, Participant], Any]
Tap = Callable[[Any, str, str | None], None]
Condition = CallStateName | ConnectionState | Callable[[Any], Any]


def _change(functions: list[Any], name: str, function: Any, remove: bool) -> None:
    """Add a function to those that are called, or remove it."""
    if not remove:
        functions.append(function)
    elif function in functions:
        functions.remove(function)
    else:
        msg = f"This {name} was not added, so it cannot be removed: pass the function that was, not another of its name."
        raise InvalidArgumentError("bad_argument", msg)


class RecordedBy(NamedTuple):
    """Who records a room.

    Attributes
    ----------
    by : str or None
        A participant's id, None where the recorder is none.
    name : str
        What whoever records is called.
    """

    by: str | None
    name: str


class RoomMember(OwnNames, FixedNames, CellObservers):
    """The traits that follow a room, waiting for conditions, and incoming messages.

    The observer thread is the only writer of the traits, so they are also correct while a cell runs.

    Attributes
    ----------
    state : str
        "idle", "connecting", "joined", "reconnecting", "left" or "failed".
    participants : Participants
        Everybody else, each with live traits; a new tuple whenever somebody comes or leaves.
    me : Participant or None
        This member's own participant while it is in the room.
    error : dict or None
        The last error, as {"code", "message"}.
    recorded_by : tuple of str
        What everybody is called who records the room now, including this member.
    """

    state = Enum(STATES, "idle", read_only=True)
    participants = Instance(Participants, args=(), read_only=True)
    me = Instance(Participant, allow_none=True, read_only=True)
    error = Dict(default_value=None, allow_none=True, read_only=True)
    recorded_by = Tuple(read_only=True)

    room: Any
    name: Any
    _room_state: RoomState
    _threads: threads.Threads
    _life: Lifetime
    _recorders: Sequence[RecordedBy] = ()

    def _begin_membership(self, owner: str | None) -> None:
        """Initialize this class; subclasses call it first, once their traits exist."""
        self._room_state = RoomState(owner)
        self._waiters: Waiters[Any] = Waiters(self)
        self._message_callbacks: list[CellCallback] = []
        self._taps: list[Tap] = []
        self._threads = threads.acquire()
        self._life = Lifetime(type(self).__name__, self._threads)

    def on_message(self, callback: MessageCallback, remove: bool = False) -> None:
        """Call a function for every data channel message. It runs on the observer thread, and prints below this cell.

        A `Peer` lets 16 MiB wait for its callbacks; of more, the newest messages of whoever has sent most are dropped, and
        the notebook says so.

        Parameters
        ----------
        callback : MessageCallback
            Called as ``callback(data, sender)`` with the message and the sending `Participant`.
        remove : bool
            Remove the callback instead of adding it.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` for what is no function, or is to be removed and was not added.
        """
        check_callable("callback", callback)
        _change(self._message_callbacks, "callback", CellCallback(callback), remove)

    def tap(self, tap: Tap, remove: bool = False) -> None:
        """Call a function for every message that is sent or received, as recordings do.

        Parameters
        ----------
        tap : Tap
            Called as ``tap(data, sender, to)`` with ids, on the sender's thread or the observer thread. It must
            return at once.
        remove : bool
            Remove the function instead of adding it.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` for what is no function, or is to be removed and was not added.
        """
        check_callable("tap", tap)
        _change(self._taps, "tap", tap, remove)

    def _run_taps(self, data: Any, sender: str, to: str | None) -> None:
        for tap in list(self._taps):
            tap(data, sender, to)

    def _receive_message(self, data: Any, sender: str) -> None:
        participant = self._room_state.others.get(sender)
        if participant is None:
            return
        self._run_taps(data, sender, self.me.id if self.me is not None else None)
        for callback in list(self._message_callbacks):
            try:
                callback(data, participant)
            except Exception:
                callback.print_exc()
        # Somebody may wait for what a callback has put aside, and nothing else may happen for long.
        self._waiters.notify()

    def wait_for(self, what: Condition, timeout: float = 30.0) -> None:
        """Wait for a condition. Works in the cell that makes this object, and while further cells are queued.

        Parameters
        ----------
        what : str or callable
            A state of the call ("joined", "left", …), a connection state ("connected": somebody else is in the room,
            everybody is connected, and it is known by which candidate pair), or a function that takes this object and
            returns something true. A widget that is not shown joins for a state. For a function it does not, which may
            ask for what others do: no camera goes on for that where nobody sees it.
        timeout : float
            Seconds.

        Raises
        ------
        WaitTimeoutError
            ``timeout``, with what the state was.
        RtcWidgetError
            ``would_deadlock`` in a callback, ``closed`` after `close`.
        """
        timeout = check_timeout(timeout)
        if not self._waiters.wait(self._begin_waiting(what), timeout):
            raise self._timed_out(what, timeout)

    async def wait_for_async(self, what: Condition, timeout: float = 30.0) -> None:  # noqa: ASYNC109
        """Wait as `wait_for` does, on any event loop.

        Parameters
        ----------
        what : Condition
            As of `wait_for`.
        timeout : float
            Seconds.

        Raises
        ------
        WaitTimeoutError
            ``timeout``.
        """
        timeout = check_timeout(timeout)
        if not await self._waiters.wait_async(self._begin_waiting(what), timeout):
            raise self._timed_out(what, timeout)

    def _begin_waiting(self, what: Condition) -> concurrent.futures.Future[None]:
        self._life.check_open()
        self._life.check_may_wait()
        future = self._waiters.add(_condition(what))
        self._threads.post(self._waiters.notify)
        return future

    def _timed_out(self, what: object, timeout: float) -> WaitTimeoutError:
        labels = self.participants.labels.items()
        states = ", ".join(f"{label} ({each.connection_state})" for label, each in labels) or "nobody else"
        why = f" {self.error['message']}" if self.error else ""
        awaited = repr(what) if isinstance(what, str) else "a condition"
        message = f"Timed out after {timeout:g} s waiting for {awaited}; the call is {self.state!r}; in the room: {states}.{why}"
        return WaitTimeoutError("timeout", message)

    def _publish_recorders(self, recorders: Sequence[RecordedBy]) -> None:
        """Set who records the room. On the observer thread."""
        self._recorders = recorders
        self._name_recorders()
        self._waiters.notify()

    @observe("participants")
    def _name_recorders(self, _change: object = None) -> None:
        called = {each.id: label for label, each in labels(self.participants).items()}
        names = tuple(called.get(each.by or "", each.name) for each in self._recorders)
        if names != self.recorded_by:
            assign(self, recorded_by=names)

    def _set_state(self, state: str) -> None:
        """Change the state of the call. On the observer thread."""
        if state == self.state:
            return
        if not is_legal(self.state, state):
            # A report of a relay or a page cannot be prevented, so the state follows it.
            log.error("A call went from %s to %s, which no table has.", self.state, state)
        # A member of the enumeration would show itself as one.
        assign(self, state=str(state))


def _condition(what: Condition) -> Callable[[Any], Any]:
    if callable(what):
        return what
    if what in STATES:
        return lambda room: room.state == what
    if what == "connected":
        return lambda room: room.participants and all(map(_is_connected, room.participants))
    if what in CONNECTION_STATES:
        return lambda room: room.participants and all(p.connection_state == what for p in room.participants)
    states = sorted({*STATES, *CONNECTION_STATES})
    msg = f"Cannot wait for {what!r}: use one of {', '.join(states)}, or a function.{nearest(str(what), states)}"
    raise InvalidArgumentError("bad_argument", msg)


def _is_connected(participant: Participant) -> bool:
    return participant.connection_state == "connected" and participant.selected_candidate_pair is not None
