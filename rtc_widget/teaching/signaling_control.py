"""What `RoomWidget` offers for teaching: the trace, and holding, stepping and breaking the room's signaling."""

from __future__ import annotations

import concurrent.futures
import itertools
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ..errors import InvalidArgumentError, ProtocolError, RtcWidgetError
from ..plain_numbers import number
from ..protocol.panel import PanelContent
from ..room.participants import Participant, find
from ..room.room_member import RoomMember
from ..runtime.lifetime import Lifetime
from ..runtime.waiters import Waiters
from ..signaling.observer import ObserverListener
from ..trace.event_log import EventLog
from ..trace.stats import Stats
from ..trace.trace import Trace
from .fault_injection import FaultInjection
from .held_messages import HeldMessage, rows
from .live_diagram import LiveDiagram
from .stepping import Stepping
from .waiting_room import WaitingRoom

if TYPE_CHECKING:
    from ..trace.overview import Overview

# Longer than a connection waits for its relay and that for an answer, so that their errors are told.
_REQUEST_SECONDS: Final = 45.0
# A trace without what comes later is better than a cell that hangs because the relay does.
_CATCH_UP_SECONDS: Final = 0.5
_MOST_MESSAGES: Final = 500
Request = Callable[[str, dict[str, Any]], concurrent.futures.Future[dict[str, Any]]]

_NO_CONTROL: Final[dict[str, Any]] = {"paused": False, "held": [], "breaks": [], "faults": []}


class SignalingControl:
    """Observes and controls the signaling of a room through its relay, whoever the clients are.

    Holds, breakpoints and faults end when the widget leaves the room, and when its kernel ends.

    Parameters
    ----------
    member : RoomMember
        The member that is in the room.
    life : Lifetime
        The widget's lifetime.
    waiters : Waiters
        Used to wait for a held message.
    request : callable
        Sends a request to the relay: takes an event and its payload, returns a future of the acknowledgement.
    reach : callable
        Asks the relay for an answer, behind which nothing is left that it had sent before; returns None without a connection.
    send : callable
        Sends a comm message: ``send(message, to=…)``.
    """

    def __init__(
        self,
        member: RoomMember,
        life: Lifetime,
        waiters: Waiters[Any],
        *,
        request: Request,
        reach: Callable[[], concurrent.futures.Future[dict[str, Any]] | None],
        send: Callable[..., None],
    ) -> None:
        self._member, self._life, self._waiters = member, life, waiters
        self._request, self._reach, self._send = request, reach, send
        self._log = EventLog(str(member.room))
        self._diagram = LiveDiagram(self._log, self._panel_content, self._held_ends, send)
        self._has_requested = False
        # Replaced as a whole on the RTC thread, before the relay's acknowledgement arrives there.
        self._control = _NO_CONTROL
        self._is_watching = False
        self.stepping = Stepping(
            life,
            waiters,
            request=self._request_and_wait,
            state=lambda: self._control,
            names=lambda: self._log.names,
            members=self._member_names,
        )
        self.waiting_room = WaitingRoom(
            member,
            life,
            waiters,
            request=lambda event, payload: self._wait(self._request(event, payload)),
            post=self._request,
            send=send,
        )
        self.fault = FaultInjection(
            self._request_and_wait, lambda: self._control["faults"], self._member_names
        )

    def _member_names(self) -> dict[str, str]:
        me = [self._member.me] if self._member.me is not None else []
        return {member.id: member.name for member in (*me, *self._member.participants)}

    # -- observing

    @property
    def trace(self) -> Trace:
        """Everything that has happened in the room since this widget was made, on one clock; see `Trace`."""
        self._catch_up()
        return self._log.trace(self._member_names())

    def _catch_up(self) -> None:
        """Wait up to half a second for events that are still on their way: a `Peer`'s state reaches its cell before the relay's report of it.

        The first time, this waits until the room is watched as well; see `KernelSession.reach`.
        """
        # In a callback nothing is waited for: it would hold up the traits.
        answer = None if self._life.threads.on_observer_thread() else self._reach()
        if answer is None:
            return
        try:
            answer.result(_CATCH_UP_SECONDS)
        except (concurrent.futures.TimeoutError, concurrent.futures.CancelledError, RtcWidgetError):
            answer.cancel()
        else:
            self._log.settle()

    @property
    def stats(self) -> Stats:
        """The participants' measurements, one a second for each connection, as a trace of "stats" events; see `Stats`.

        ``room.stats.plot()`` draws them. ``room.stats.between("Ada", "Bob").to_frame()`` is a table with a column for each measurement: ``bitrate``
        and ``sent_bitrate`` (bit/s), ``fps``, ``width`` and ``height`` (px), ``loss`` (0 to 1), ``rtt`` and
        ``jitter`` (ms).
        """
        self._catch_up()
        return self._log.stats(self._member_names())

    def overview(self) -> Overview:
        """Put together who is connected to whom.

        Returns
        -------
        Overview
            Of the room as it is now.
        """
        from ..trace.overview import overview

        trace = self.trace
        _events, measured = self._log.present(0)
        return overview(trace, measured, self._held_ends())

    @property
    def intervenes(self) -> bool:
        """Whether anybody holds or breaks something in the room."""
        return any(self._control[key] for key in ("paused", "held", "breaks", "faults"))

    def _held_ends(self) -> list[tuple[str, str, str]]:
        return [(each["from"], each["to"], each["kind"]) for each in self._control["held"]]

    # -- requests

    def remove(self, participant: str | Participant, *, revoke: bool = False) -> None:
        """Put somebody out of the room: another widget, a peer, a phone, whoever it is.

        They cannot return as the same participant. As another one they can, as long as their token admits them: give each
        person a token of their own (``relay.token(room, max_uses=1)``), or revoke it.

        Parameters
        ----------
        participant : str or Participant
            A name, an id or a participant.
        revoke : bool
            Also revoke the token that they joined with. Others who are in the room by the same token stay.

        Raises
        ------
        InvalidArgumentError
            ``unknown_participant``.
        ProtocolError
            ``forbidden`` without a teacher's token; ``relay_unreachable``, ``timeout``.
        """
        self._life.check_open()
        found = find(self._member.participants, participant)
        payload = {"roomId": self._member.room, "participant": found.id, "revoke": bool(revoke)}
        self._wait(self._request("remove_participant", payload))

    def _request_and_wait(self, action: str, **options: Any) -> None:
        """Send a request to the relay, and wait for its acknowledgement."""
        self._life.check_open()
        arguments = {key: _plain(key, value) for key, value in options.items() if value is not None}
        self._has_requested = True
        self._wait(self._request_control(action, arguments))

    def _wait(self, future: concurrent.futures.Future[dict[str, Any]]) -> None:
        try:
            future.result(_REQUEST_SECONDS)
        except concurrent.futures.TimeoutError:
            future.cancel()
            raise ProtocolError("timeout", "The relay did not answer: is it still running?") from None
        except ProtocolError as error:
            if error.code == "bad_request":
                raise InvalidArgumentError("bad_argument", error.message) from None
            raise

    def let_go(self) -> None:
        """Undo all holds, breakpoints and faults of this widget, without waiting: it has left the room."""
        # With a closed widget its connection has ended, and with that everything.
        if self._has_requested and not self._life.closed:
            self._has_requested = False
            self._request_control("let_go", {})

    async def close(self) -> None:
        """Stop the live diagram. On the RTC loop."""
        await self._diagram.close()

    def _request_control(
        self, action: str, options: dict[str, Any]
    ) -> concurrent.futures.Future[dict[str, Any]]:
        payload = {"roomId": self._member.room, "action": action, "options": options}
        return self._request("control_room", payload)

    def _panel_content(self) -> PanelContent:
        return {
            "kind": "panel",
            "watching": self._is_watching,
            "paused": self.stepping.paused,
            "held": rows(self.stepping.held, time.time()),
            "breaks": [{"id": each.id, "text": repr(each).strip("<>")} for each in self.stepping.breaks],
            "faults": [repr(each).strip("<>") for each in self.fault],
        }

    # -- front ends; on the RTC thread

    def greet(self, client_id: str) -> None:
        """Say who waits to be let in, on any thread.

        Parameters
        ----------
        client_id : str
            The front end that has come, or "*" for all.
        """
        self.waiting_room.greet(client_id)

    def receive_answer(self, content: dict[str, Any]) -> None:
        """Handle an `Answer` of a front end to those who wait.

        Parameters
        ----------
        content : dict
            The message.
        """
        self.waiting_room.receive(content)

    def receive_panel(self, client_id: str, content: dict[str, Any]) -> None:
        """Handle a request of a front end's trace panel. On the RTC thread.

        Parameters
        ----------
        client_id : str
            The front end.
        content : dict
            A `PanelRequest`.
        """
        match content.get("action"):
            case "open":
                self._diagram.open(client_id, everybody=content.get("everybody") is True)
            case "shut":
                self._diagram.shut(client_id)
            case "step_over":
                self._let_go(client_id, lambda held: held.kind == "ice_candidate")
            case "step_to":
                first = self.stepping.held[:1]
                self._let_go(client_id, lambda held: held in first or held.kind not in ("offer", "answer"))
            case "clear_break":
                self._request_for_panel(client_id, "clear_breaks", {"break": str(content.get("id"))})
            case ("release" | "drop" | "duplicate") as action:
                for message in list(content.get("messages", ()))[:_MOST_MESSAGES]:
                    self._request_for_panel(client_id, action, {"message": str(message)})
            case "break_on":
                self._request_for_panel(client_id, "break_on", {"kind": str(content.get("event"))})
            case ("pause" | "step" | "resume" | "clear") as action:
                self._request_for_panel(client_id, action, {})

    def _let_go(self, client_id: str, passes: Callable[[HeldMessage], bool]) -> None:
        """Release the held messages that come first and pass."""
        for message in itertools.takewhile(passes, self.stepping.held):
            self._request_for_panel(client_id, "release", {"message": message.id})

    def _request_for_panel(self, client_id: str, action: str, options: dict[str, Any]) -> None:
        self._has_requested = True

        def done(future: concurrent.futures.Future[dict[str, Any]]) -> None:
            error = None if future.cancelled() else future.exception()
            if isinstance(error, RtcWidgetError):
                self._send({"kind": "panel", "error": error.info()}, to=client_id)

        self._request_control(action, options).add_done_callback(done)

    # -- from the room's observer; on the RTC thread

    def listener(self) -> ObserverListener:
        """Return the callbacks for the room's observer.

        Returns
        -------
        ObserverListener
            The callbacks.
        """
        return ObserverListener(self._on_snapshot, self._on_event, self._on_lost)

    def _on_snapshot(self, payload: dict[str, Any]) -> None:
        # An old relay that another notebook keeps running has no control state.
        self._control = {**_NO_CONTROL, **payload.get("control", {})}
        self._is_watching = True
        self._log.snapshot(payload, self._control)
        self.waiting_room.told(payload)
        self._diagram.changed()

    def _on_lost(self) -> None:
        # The relay has undone everything, or has ended.
        self._control = _NO_CONTROL
        self._is_watching = False
        # Who waits will be told anew.
        self.waiting_room.told({})
        self._diagram.changed()

    def _on_event(self, event: str, payload: dict[str, Any]) -> None:
        if event == "waiting":
            self.waiting_room.told(payload)
            return
        if event == "control":
            self._control = payload
        before = self._log.number
        self._log.apply(event, payload)
        if self._log.number != before:
            self._diagram.changed()
        else:
            # Measurements arrive all the time, and only the overview shows them.
            self._diagram.measured()


def _plain(key: str, value: object) -> str | bool | int | float:
    """Return an option as JSON has it, whatever library its number is from."""
    if isinstance(value, str | bool):
        return value
    found = number(value)
    if found is None:
        raise InvalidArgumentError("bad_argument", f"{key} must be a str or a number, not {value!r}.")
    return int(found) if hasattr(value, "__index__") else found
