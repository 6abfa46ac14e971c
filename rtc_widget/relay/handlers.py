"""What the relay does with each event of a client: a registry of event, permitted sender, and function."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

from ..errors import ProtocolError, RtcWidgetError
from ..protocol import signaling as wire
from ..protocol.validate import check
from .clients import Client
from .intercept.interceptor import Interceptor
from .recording_router import RecordingRouter
from .room_service import Emit, RoomService, now
from .roster import Member, Room, Rooms
from .token_ledger import TokenLedger
from .tokens import RESUME_SECONDS, read_token, resume_token
from .waiting_rooms import WaitingRooms

Ack = dict[str, Any]

Sender = Literal["anybody", "participant", "teacher"]
"""Who may send an event: anybody with a token; a participant, to the room that it is in; a teacher's observer connection, to
the room that it watches, since what a teacher does ends with that."""


@dataclass(frozen=True, slots=True)
class Handler:
    """What is done with one event.

    Attributes
    ----------
    sender : {"anybody", "participant", "teacher"}
        Who may send it.
    run : callable
        Coroutine function that takes the handlers, the sender and the validated payload, and returns the
        acknowledgement. The sender is the client; of a participant's event, its member and room; of a teacher's, the
        client and the room that it watches.
    """

    sender: Sender
    run: Callable[..., Awaitable[Ack]]


class Handlers:
    """Handles events. Used on the relay's loop.

    Parameters
    ----------
    secret : str
        Signs resume tokens.
    ice_servers : callable
        Returns ``RTCIceServer`` dictionaries for somebody who joins.
    clients : mapping
        All connected clients, by ``sid``.
    rooms : Rooms
        The roster.
    service : RoomService
        Admits and removes participants.
    interceptor : Interceptor
        Forwards signaling messages.
    recordings : RecordingRouter
        Forwards recorded segments.
    emit : callable
        Coroutine function that sends an event with a payload to some connections.
    ledger : TokenLedger
        Uses and revocations of tokens.
    waiting : WaitingRooms
        Lets people wait until somebody lets them in.
    """

    def __init__(
        self,
        secret: str,
        ice_servers: Callable[[], list[dict[str, Any]]],
        *,
        clients: Mapping[str, Client],
        rooms: Rooms,
        service: RoomService,
        interceptor: Interceptor,
        recordings: RecordingRouter,
        emit: Emit,
        ledger: TokenLedger,
        waiting: WaitingRooms,
    ) -> None:
        self._secret, self._ice_servers = secret, ice_servers
        self._clients, self._rooms, self._service = clients, rooms, service
        self._interceptor, self._recordings, self._emit = interceptor, recordings, emit
        self._ledger, self._waiting = ledger, waiting

    async def receive(self, event: object, sid: str, *args: object) -> Ack:
        """Handle an event that a connection has sent, if its sender may send it.

        Parameters
        ----------
        event : object
            The event's name on the wire, as the client gives it.
        sid : str
            The connection.
        *args : object
            The payload, not yet validated.

        Returns
        -------
        dict
            The acknowledgement; a refusal has ``ok`` False and an ``error``.
        """
        client = self._clients.get(sid)
        if client is None:
            return {"ok": False, "error": ProtocolError("bad_token", "This connection has ended.").info()}
        try:
            payload = check(str(event), args[0] if args else None)
            handler = HANDLERS[str(event)]
            sender: tuple[object, ...]
            match handler.sender:
                case "anybody":
                    sender = (client,)
                case "participant":
                    sender = self._member_and_room(client, payload["roomId"])
                case "teacher":
                    sender = (client, self._observed_room(client, payload["roomId"]))
            return {"ok": True, **await handler.run(self, *sender, payload)}
        except RtcWidgetError as error:
            return {"ok": False, "error": error.info()}

    # -- who may send what

    def _member_and_room(self, client: Client, room_name: str) -> tuple[Member, Room]:
        member, room = client.member, self._rooms.get(room_name)
        if member is None or room is None or member.room != room.name:
            raise ProtocolError("not_joined", "Join this room before sending to it.")
        return member, room

    def _observed_room(self, client: Client, room_name: str) -> Room:
        if client.claims["role"] != "teacher":
            raise ProtocolError(
                "forbidden", "Holding or breaking messages and recording a room require a teacher's token."
            )
        room = self._rooms.get(room_name)
        if room is None or client.watching != room.name:
            raise ProtocolError("not_joined", "Watch this room before controlling it.")
        return room

    # -- coming and going

    async def _join_room(self, client: Client, payload: wire.JoinRoom) -> Ack:
        """Admit a client to its room, or back to it."""
        room_name = payload["roomId"]
        self._check_admission(client, room_name)
        resume = self._resume(client, payload)
        identity = (resume["id"], resume["order"]) if resume else None
        if (client.claims if resume is None else resume).get("wait"):
            raise ProtocolError(
                "admission_required",
                "Who has this link waits until somebody lets them in: open it in a browser.",
            )
        # A client with a valid resume token needs no second admission.
        counts = identity is None and "uses" in client.claims
        if counts:
            self._ledger.check_uses(client.claims)
        session = payload.get("session", client.sid)
        member, is_new = await self._service.enter(client, payload, session, identity)
        if is_new:
            if counts:
                self._ledger.add_use(client.claims["id"], client.claims["exp"])
            await self._service.announce(member, "user_joined", {"roomId": room_name, **member.entry()})
        await self._service.deliver_kept(member, client.sid)
        await self._service.settle(client, member)
        room = self._rooms.get(room_name)
        others = [other for other in room.members.values() if other is not member] if room else []
        link = client.claims["id"] if client.claims.get("watch") is False else None
        return {
            "socketId": member.id,
            "resume": resume_token(self._secret, room_name, member.id, member.order, admitted_by=link),
            "order": member.order,
            "participants": [other.entry() for other in others],
            "iceServers": self._ice_servers(),
            "paused": room is not None and room.rules.holding.paused,
            "recordings": self._recordings.entries(room_name),
        }

    def _check_room(self, client: Client, room_name: str) -> None:
        if room_name != client.claims["room"]:
            raise ProtocolError(
                "wrong_room", "The token is for another room: ask its owner for one for this room."
            )
        self._ledger.check_revoked(client.claims)

    def _check_admission(self, client: Client, room_name: str) -> None:
        if not client.joins.take():
            raise ProtocolError("rate_limited", "Too many joins on one connection: wait a second.")
        self._check_room(client, room_name)
        if client.claims["role"] == "observer":
            raise ProtocolError("forbidden", "An observer's token can watch but not join.")
        room = self._rooms.get(room_name)
        if room is not None and room.down_until > time.monotonic():
            raise ProtocolError(
                "relay_down",
                "This room's signaling server is switched off by a fault (room.fault.relay_down): it will be back soon.",
            )
        if client.member is not None:
            raise ProtocolError(
                "already_joined", "This connection has already joined: leave first, or open another one."
            )

    def _resume(self, client: Client, payload: wire.JoinRoom | wire.Knock) -> dict[str, Any] | None:
        """Return the claims of a participant that proves to have been here, or to have waited."""
        resume = read_token(self._secret, payload["resume"], "resume") if "resume" in payload else None
        returning = client.claims.get("participant")
        if returning is not None and (resume is None or resume["id"] != returning):
            raise ProtocolError(
                "forbidden", "A resume token brings back its own participant and nobody else."
            )
        if resume is None:
            return None
        if resume["room"] != payload["roomId"]:
            raise ProtocolError("wrong_room", "The resume token is from another room.")
        if self._ledger.is_revoked(resume["id"]) and not resume.get("wait"):
            raise _removed_by_teacher()
        return resume

    async def _knock(self, client: Client, payload: wire.Knock) -> Ack:
        """Let somebody wait to be let in, whose token says that they do."""
        self._check_admission(client, payload["roomId"])
        resume = self._resume(client, payload)
        if not client.claims.get("wait") or (resume is not None and not resume.get("wait")):
            raise ProtocolError("forbidden", "Who has this token need not knock: join the room.")
        return await self._waiting.knock(client, payload, resume["id"] if resume else None)

    async def _withdraw_knock(self, client: Client, _payload: wire.InRoom) -> Ack:
        """Let somebody go who no longer wants to wait."""
        await self._waiting.withdraw(client)
        return {}

    async def _leave_room(self, member: Member, _room: Room, _payload: wire.InRoom) -> Ack:
        """Remove a participant from its room."""
        await self._service.take_out(member, "left")
        return {}

    async def _watch_room(self, client: Client, payload: wire.WatchRoom) -> Ack:
        """Make a client an observer of its room, including its signaling messages if it may see them."""
        self._check_room(client, payload["roomId"])
        if client.claims.get("watch") is False:
            raise ProtocolError("forbidden", "A link lets people join its room, and not watch it.")
        trace = payload.get("trace", False)
        if trace and client.claims["role"] != "teacher":
            raise ProtocolError(
                "forbidden", "Seeing the participants' signaling messages requires a teacher's token."
            )
        room = self._rooms.watch(payload["roomId"], client.sid, trace=trace)
        client.watching = room.name
        if client.owner:
            self._service.observer_back(client.owner)
        return {
            "participants": [member.entry() for member in room.members.values()],
            "control": self._interceptor.state_of(room),
            "recordings": self._recordings.entries(room.name),
            "waiting": self._waiting.entries(room.name) if client.claims["role"] == "teacher" else [],
            "time": now(),
        }

    # -- between participants

    async def _forward(self, member: Member, room: Room, payload: wire.Signal, event: str) -> Ack:
        """Forward a signaling message to its receiver, or to everybody else."""
        content: dict[str, Any] = {
            key: value for key, value in payload.items() if key not in ("to", "session")
        }
        if "to" not in payload:
            receivers = [other for other in room.members.values() if other is not member]
        else:
            receiver = room.members.get(payload["to"])
            if receiver is None or receiver is member:
                raise ProtocolError(
                    "unknown_participant", "There is no participant with that id in this room."
                )
            # Sent before the sender heard that they were loaded again: to the next life it would be another's.
            if payload.get("session", receiver.session) != receiver.session:
                raise ProtocolError(
                    "unknown_participant",
                    "That participant has come back since, and has other connections now.",
                )
            receivers = [receiver]
        message = await self._interceptor.forward(room, member, receivers, event, content)
        return {} if message is None else {"id": message}

    async def _media_state(self, member: Member, _room: Room, payload: wire.MediaState) -> Ack:
        """Store which media a participant has turned on, and inform everybody."""
        member.media = {"audio": payload["audio"], "video": payload["video"], "screen": payload["screen"]}
        await self._service.announce(member, "media_state", {**payload, "from": member.id})
        return {}

    async def _report(self, member: Member, room: Room, payload: wire.Report) -> Ack:
        """Forward a participant's report to the observers."""
        if not member.reports.take(len(payload["entries"])):
            raise ProtocolError("rate_limited", "Too much is reported: report less, or later.")
        await self._emit(list(room.observers), "report", {**payload, "from": member.id})
        return {}

    # -- teachers

    async def _control_room(self, client: Client, room: Room, payload: wire.ControlRoom) -> Ack:
        """Hold, step or break messages."""
        await self._interceptor.control(room, client.sid, payload["action"], payload.get("options", {}))
        return {}

    async def _remove_participant(self, _client: Client, room: Room, payload: wire.RemoveParticipant) -> Ack:
        """Put a participant out of the room for good, and revoke its token if that is wanted."""
        member = room.members.get(payload["participant"])
        if member is None:
            raise ProtocolError("unknown_participant", "There is no participant with that id in this room.")
        # Its resume token ends with its id.
        self._ledger.revoke(member.id, time.time() + RESUME_SECONDS)
        token = member.token if payload.get("revoke", False) else None
        if token is not None:
            token_id, expires = token
            # So long may those return who came in with it.
            self._ledger.revoke(token_id, max(expires, time.time() + RESUME_SECONDS))
        await self._service.put_out(member, _removed_by_teacher())
        if token is not None:
            await self._waiting.revoked(room.name, token[0])
            await self._service.end_watching(room, token[0])
        return {}

    async def _answer_knock(self, _client: Client, _room: Room, payload: wire.AnswerKnock) -> Ack:
        """Let somebody in who waits, or not."""
        await self._waiting.answer(payload)
        return {}

    async def _record_room(self, client: Client, room: Room, payload: wire.RecordRoom) -> Ack:
        """Begin or end a recording."""
        await self._recordings.switch(room, client.sid, client.owner, payload)
        return {}

    # -- recordings

    async def _recorded(self, member: Member, room: Room, payload: wire.Recorded) -> Ack:
        """Forward a segment chunk of a participant to the recorder."""
        await self._recordings.forward(room, member, payload)
        return {}

    async def _received(self, client: Client, room: Room, payload: wire.Received) -> Ack:
        """Forward the recorder's acknowledgement to the participant."""
        await self._recordings.acknowledge(room, client.sid, payload)
        return {}

    async def _clock(self, _client: Client, _payload: wire.Clock) -> Ack:
        """Return the relay's time."""
        return {"time": now()}


def _removed_by_teacher() -> ProtocolError:
    return ProtocolError("removed", "A teacher has removed this participant from the room.")


HANDLERS: Final[Mapping[str, Handler]] = {
    "join_room": Handler("anybody", Handlers._join_room),
    "leave_room": Handler("participant", Handlers._leave_room),
    **{event: Handler("participant", partial(Handlers._forward, event=event)) for event in wire.SIGNALS},
    "media_state": Handler("participant", Handlers._media_state),
    "report": Handler("participant", Handlers._report),
    "watch_room": Handler("anybody", Handlers._watch_room),
    "control_room": Handler("teacher", Handlers._control_room),
    "remove_participant": Handler("teacher", Handlers._remove_participant),
    "knock": Handler("anybody", Handlers._knock),
    "withdraw_knock": Handler("anybody", Handlers._withdraw_knock),
    "answer_knock": Handler("teacher", Handlers._answer_knock),
    "record_room": Handler("teacher", Handlers._record_room),
    "recorded": Handler("participant", Handlers._recorded),
    "received": Handler("teacher", Handlers._received),
    "clock": Handler("anybody", Handlers._clock),
}
"""Every event that a client may send; its shape is in `protocol.signaling.SHAPES`."""
