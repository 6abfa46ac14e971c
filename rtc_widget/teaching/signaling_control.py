"""What `RoomWidget` has for teaching: the trace, and holding, stepping and breaking the room's signaling."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable
from typing import Any, Final

from ..errors import InvalidArgumentError, ProtocolError, RtcWidgetError
from ..protocol.comm import PanelContent
from ..room.participants import Participant
from ..room.room_member import RoomMember
from ..runtime.lifetime import Lifetime
from ..runtime.waiters import Waiters
from ..trace.event_log import EventLog
from ..trace.trace import Trace
from .fault_injection import FaultInjection
from .held_messages import Break, HeldMessage, HeldMessages
from .live_diagram import LiveDiagram

# Longer than the observer waits for a connection, and then for the relay's acknowledgement.
_REQUEST_SECONDS: Final = 15.0
Request = Callable[[str, dict[str, Any]], concurrent.futures.Future[dict[str, Any]]]

_NOTHING: Final[dict[str, Any]] = {"paused": False, "held": [], "breaks": [], "faults": []}


class SignalingControl:
    """Watches and steers the signaling of a room through its relay, whoever the clients are.

    What is held and broken ends when the widget leaves the room and when its kernel ends.

    Parameters
    ----------
    member : RoomMember
        Who is in the room.
    life : Lifetime
        Of the widget.
    waiters : Waiters
        To wait for a message that is held.
    request : callable
        Asks the relay for something: takes an event and its payload, returns a future of the acknowledgement.
    send : callable
        Puts a message on the comm: ``send(message, to=…)``.
    """

    def __init__(
        self,
        member: RoomMember,
        life: Lifetime,
        waiters: Waiters[Any],
        *,
        request: Request,
        send: Callable[..., None],
    ) -> None:
        self._member, self._life, self._waiters = member, life, waiters
        self._request, self._send = request, send
        self._log = EventLog(str(member.room))
        self._diagram = LiveDiagram(self._log, self._panel_content, send)
        self._has_asked = False
        # Replaced as a whole on the RTC thread, before the relay's acknowledgement arrives there.
        self._control = _NOTHING
        self.fault = FaultInjection(self._ask, lambda: self._control["faults"], self._everybody)

    def _everybody(self) -> list[str]:
        me = [self._member.me.id] if self._member.me is not None else []
        return [*me, *(participant.id for participant in self._member.participants)]

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
        self._ask("pause")

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
        self._life.check_open()
        if not self.held:
            self._life.check_may_wait()
            coming = self._waiters.add(lambda _member: self.held)
            self._life.threads.post(self._waiters.wake)
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
        self._ask("release", message=message.id if isinstance(message, HeldMessage) else message)

    def resume(self) -> None:
        """Hold nothing any more; what was held goes on, in order."""
        self._ask("resume")

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
        self._ask("break_on", kind=kind, **named)

    def _ask(self, action: str, **options: Any) -> None:
        """Ask the relay for something, and wait until it has done it."""
        self._life.check_open()
        given = {key: value for key, value in options.items() if value is not None}
        for key, value in given.items():
            if not isinstance(value, str | bool | int | float):
                msg = f"{key} is a text or a number, not {value!r}."
                raise InvalidArgumentError("bad_argument", msg)
        self._has_asked = True
        future = self._request_control(action, given)
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
        """Undo what was asked for, without waiting for it: the widget has left the room."""
        if self._has_asked:
            self._has_asked = False
            self._request_control("let_go", {})

    def forget(self) -> None:
        """Ask for nothing more: what was held and broken has ended with its connection."""
        self._has_asked = False

    async def close(self) -> None:
        """End the live diagram; on the RTC loop."""
        await self._diagram.close()

    def _request_control(
        self, action: str, options: dict[str, Any]
    ) -> concurrent.futures.Future[dict[str, Any]]:
        payload = {"roomId": self._member.room, "action": action, "options": options}
        return self._request("control_room", payload)

    def _panel_content(self) -> PanelContent:
        return {
            "kind": "panel",
            "paused": self.paused,
            "held": [{"id": each.id, "text": repr(each).strip("<>")} for each in self.held],
            "faults": [repr(each).strip("<>") for each in (*self.fault, *self.breaks)],
        }

    # -- the trace panel's buttons; on the RTC thread

    def receive_panel(self, client_id: str, content: dict[str, Any]) -> None:
        """Do what a front end's panel asks for.

        Parameters
        ----------
        client_id : str
            The front end.
        content : dict
            A `PanelRequest`.
        """
        match content.get("action"):
            case "open":
                self._diagram.open(client_id)
            case "shut":
                self._diagram.shut(client_id)
            case "clear":
                if self.breaks and not self.paused:
                    self._request_control("resume", {})  # which takes breakpoints away
                self._press(client_id, "clear", {})
            case "release":
                self._press(client_id, "release", {"message": str(content.get("message"))})
            case "break_on":
                self._press(client_id, "break_on", {"kind": str(content.get("event"))})
            case ("pause" | "step" | "resume") as action:
                self._press(client_id, action, {})

    def _press(self, client_id: str, action: str, options: dict[str, Any]) -> None:
        self._has_asked = True

        def done(future: concurrent.futures.Future[dict[str, Any]]) -> None:
            error = None if future.cancelled() else future.exception()
            if isinstance(error, RtcWidgetError):
                self._send({"kind": "panel", "error": error.info()}, to=client_id)

        self._request_control(action, options).add_done_callback(done)

    # -- from the room's observer; on the RTC thread

    def on_snapshot(self, watched: dict[str, Any]) -> None:
        """Take over who is here and what is held."""
        # A relay that another notebook has kept from before there was any of this says nothing of it.
        self._control = {**_NOTHING, **watched.get("control", {})}
        self._log.snapshot(watched, self._control)
        self._diagram.changed()

    def on_lost(self) -> None:
        """Hold nothing: the relay has undone everything, or has ended."""
        self._control = _NOTHING
        self._diagram.changed()

    def on_event(self, event: str, payload: dict[str, Any]) -> None:
        """Take over an event of the relay's."""
        if event == "control":
            self._control = payload
        before = self._log.number
        self._log.apply(event, payload)
        # Measurements come all the time, and are not in the drawing.
        if self._log.number != before:
            self._diagram.changed()
