"""What `RoomWidget` has for teaching: the trace, and holding, stepping and breaking the room's signaling."""

from __future__ import annotations

import concurrent.futures
from typing import Any, Final

from ..errors import InvalidArgumentError, ProtocolError, RtcWidgetError
from ..room.participants import Participant
from ..room.room_member import Presence
from ..trace.event_log import TraceLog
from ..trace.trace import Trace
from .fault_injection import Faults
from .held_messages import Break, HeldMessage, HeldMessages
from .live_diagram import Panel

# Longer than the observer waits for a connection, and then for the relay's acknowledgement.
_REQUEST_SECONDS: Final = 15.0
_NOTHING: Final[dict[str, Any]] = {"paused": False, "held": [], "breaks": [], "faults": []}


class Controls(Presence):
    """Watches and steers the signaling of a room through its relay, whoever the clients are.

    What is held and broken ends when this widget leaves the room and when its kernel ends.
    """

    def _request(self, event: str, payload: dict[str, Any]) -> concurrent.futures.Future[dict[str, Any]]:
        """Ask the relay for something, on the RTC thread."""
        raise NotImplementedError

    def _send_custom(self, content: dict[str, Any]) -> None:
        """Put a message on the comm."""
        raise NotImplementedError

    def _begin_teaching(self) -> None:
        self._log = TraceLog(self.room)
        self._panel = Panel(self._log, self._shown_state, self._send_custom)
        self._has_wished = False
        # Replaced as a whole on the RTC thread, before the relay's acknowledgement arrives there.
        self._control = _NOTHING
        self.fault = Faults(self._ask_relay, lambda: self._control["faults"], self._everybody)

    def _everybody(self) -> list[str]:
        me = [self.me.id] if self.me is not None else []
        return [*me, *(participant.id for participant in self.participants)]

    # -- watching

    @property
    def trace(self) -> Trace:
        """What has happened in the room since this widget was made, on one clock; see `Trace`."""
        return self._log.trace()

    @property
    def stats(self) -> Trace:
        """What participants have measured, each connection once a second, as a trace of "stats" events.

        ``room.stats.between("Ada", "Bob").to_frame()`` is a table with a column for each figure: ``bitrate`` and
        ``sent_bitrate`` (bit/s), ``fps``, ``width`` and ``height`` (px), ``loss`` (0 to 1), ``rtt`` and ``jitter``
        (ms).
        """
        return self._log.stats()

    # -- holding

    @property
    def paused(self) -> bool:
        """Whether signaling messages are held."""
        return bool(self._control["paused"])

    @property
    def held(self) -> HeldMessages:
        """The messages that wait at the relay, the oldest first."""
        names = self._log.names
        return HeldMessages(HeldMessage.of(each, names) for each in self._control["held"])

    @property
    def breaks(self) -> tuple[Break, ...]:
        """The breakpoints that no message has met yet; `resume` takes them away."""
        return tuple(Break.of(each) for each in self._control["breaks"])

    def pause(self) -> None:
        """Hold every signaling message of the room at the relay, from now on, whoever the client is.

        Raises
        ------
        ProtocolError
            ``forbidden`` without a teacher's token; ``relay_unreachable``, ``timeout``.
        """
        self._ask_relay("pause")

    def step(self, timeout: float = 1.0) -> HeldMessage:
        """Let the message go that has been held for longest, and return it.

        Parameters
        ----------
        timeout : float
            Seconds to wait for one to come: the next message is often just on its way.

        Raises
        ------
        ProtocolError
            ``nothing_held``.
        """
        self._check_open()
        if not self.held:
            self._check_thread()
            coming = self._waiters.add(lambda room: room.held)
            self._threads.post(self._waiters.wake)
            self._waiters.wait(coming, timeout)
        waiting = self.held
        if not waiting:
            msg = f"No message came to be held in {timeout:g} s: pause() first, or make something happen."
            raise ProtocolError("nothing_held", msg)
        self.release(waiting[0])
        return waiting[0]

    def release(self, message: HeldMessage | str) -> None:
        """Let one of `held` go, by itself or by its id, whatever came before it.

        Raises
        ------
        ProtocolError
            ``nothing_held``.
        """
        self._ask_relay("release", message=message.id if isinstance(message, HeldMessage) else message)

    def resume(self) -> None:
        """Hold nothing any more; what was held goes on, in order."""
        self._ask_relay("resume")

    def break_on(
        self,
        kind: str | None = None,
        *,
        sender: str | Participant | None = None,
        to: str | Participant | None = None,
    ) -> None:
        """Pause as soon as a message of this kind comes, with that message held.

        Parameters
        ----------
        kind : {"offer", "answer", "ice_candidate", "request_offer"}, optional
            Any when left out.
        sender, to : str or Participant, optional
            Names or ids, also of those who are still to come.
        """
        ends = {"sender": sender, "to": to}
        named = {key: who.id if isinstance(who, Participant) else who for key, who in ends.items()}
        self._ask_relay("break_on", kind=kind, **named)

    def _ask_relay(self, action: str, **options: Any) -> None:
        """Send a teacher's wish and wait until the relay has done it."""
        self._check_open()
        given = {key: value for key, value in options.items() if value is not None}
        for key, value in given.items():
            if not isinstance(value, str | bool | int | float):
                msg = f"{key} is a text or a number, not {value!r}."
                raise InvalidArgumentError("bad_argument", msg)
        self._has_wished = True
        future = self._wish(action, **given)
        try:
            future.result(_REQUEST_SECONDS)
        except concurrent.futures.TimeoutError:
            future.cancel()
            raise ProtocolError("timeout", "The relay did not answer: is it still running?") from None
        except ProtocolError as error:
            if error.code == "bad_request":
                raise InvalidArgumentError("bad_argument", error.message) from None
            raise

    def _stop_teaching(self) -> None:
        """Undo what this widget has asked for, without waiting for it: it has left the room."""
        if self._has_wished:
            self._has_wished = False
            self._wish("let_go")

    def _wish(self, action: str, **options: Any) -> concurrent.futures.Future[dict[str, Any]]:
        return self._request("control_room", {"roomId": self.room, "action": action, "options": options})

    def _shown_state(self) -> dict[str, Any]:
        """Return what is held and broken, in the front end's words."""
        return {
            "paused": self.paused,
            "held": [{"id": each.id, "text": repr(each).strip("<>")} for each in self.held],
            "faults": [repr(each).strip("<>") for each in (*self.fault, *self.breaks)],
        }

    # -- the panel's buttons; on the RTC thread

    def _press(self, client_id: str, content: dict[str, Any]) -> None:
        """Take what a front end's panel asks for."""
        action = content.get("action")
        if action == "open":
            self._panel.open(client_id)
        elif action == "shut":
            self._panel.shut(client_id)
        elif action in ("pause", "step", "resume", "release", "break_on", "clear"):
            options = {key: str(content[key]) for key in ("message", "kind") if key in content}
            self._has_wished = True
            if action == "clear" and self.breaks and not self.paused:
                self._wish("resume")  # which takes breakpoints away
            wish = self._wish(str(action), **options)
            wish.add_done_callback(lambda done: self._pressed(client_id, done))

    def _pressed(self, client_id: str, wish: concurrent.futures.Future[dict[str, Any]]) -> None:
        error = None if wish.cancelled() else wish.exception()
        if isinstance(error, RtcWidgetError):
            self._send_custom({"kind": "panel", "to": client_id, "error": dict(error.info())})

    # -- news; on the RTC thread

    def _hear_snapshot(self, watched: dict[str, Any]) -> None:
        # A relay that another notebook has kept from before there was any of this says nothing of it.
        self._control = {**_NOTHING, **watched.get("control", {})}
        self._log.snapshot(watched, self._control)
        self._panel.changed()

    def _hear_lost(self) -> None:
        # The relay has undone everything, or has ended.
        self._control = _NOTHING
        self._panel.changed()

    def _hear_event(self, event: str, payload: dict[str, Any]) -> None:
        if event == "control":
            self._control = payload
        before = self._log.number
        self._log.apply(event, payload)
        # Measurements come all the time, and are not in the drawing.
        if self._log.number != before:
            self._panel.changed()
