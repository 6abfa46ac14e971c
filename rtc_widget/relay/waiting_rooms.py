"""Who waits to be let into a room: they are not in it, receive nothing of it, and send nothing into it."""

from __future__ import annotations

import ipaddress
import secrets
import time
from dataclasses import dataclass
from typing import Any, Final

from ..errors import ProtocolError
from ..protocol.limits import seconds
from ..protocol.signaling import AnswerKnock, Knock
from ..runtime.timers import KeyedTimers
from .clients import Client
from .rate_limits import TokenBuckets
from .room_service import Emit
from .roster import Rooms
from .token_ledger import TokenLedger
from .tokens import RESUME_SECONDS, resume_token

MOST: Final = 16
"""How many may wait for one room."""
MOST_OF_LINK: Final = 12
"""How many of them may have come by one link, so that one that is passed on leaves room for those of others."""
MOST_OF_ADDRESS: Final = 8
"""How many of them may be at one address. A school may have one for all; this machine's own are a proxy's, and not counted."""
KNOCKS: Final = (1.0, 16.0)
"""Knocks a second from one address, or of one link where that says nothing, on average and at once."""


@dataclass(slots=True)
class _Waiting:
    """Somebody who has knocked; ``sid`` is None while their connection is lost, ``admission`` what lets them in once they may."""

    id: str
    room: str
    name: str
    kind: str
    since: float
    link: str
    expires: float
    uses: int | None
    address: str | None
    sid: str | None
    admission: str | None = None

    def entry(self) -> dict[str, Any]:
        return {"socketId": self.id, "name": self.name, "kind": self.kind, "since": self.since}


class WaitingRooms:
    """Lets those wait whose token says so, until somebody who teaches answers or the time is up. Used on the relay's loop.

    Parameters
    ----------
    secret : str
        Signs the tokens with which people go on waiting, and come in.
    rooms : Rooms
        The roster.
    clients : dict
        All connected clients, by ``sid``.
    emit : callable
        Coroutine function that sends an event with a payload to some connections.
    timers : KeyedTimers
        For those whom nobody answers, and those whose connection is lost.
    ledger : TokenLedger
        Uses and revocations of tokens.
    """

    def __init__(
        self,
        secret: str,
        rooms: Rooms,
        clients: dict[str, Client],
        *,
        emit: Emit,
        timers: KeyedTimers,
        ledger: TokenLedger,
    ) -> None:
        self._secret, self._rooms, self._clients = secret, rooms, clients
        self._emit, self._timers, self._ledger = emit, timers, ledger
        self._waiting: dict[str, dict[str, _Waiting]] = {}
        self._knocks = TokenBuckets(*KNOCKS)

    def entries(self, room_name: str) -> list[dict[str, Any]]:
        """Return who waits for an answer, who has waited longest first.

        Parameters
        ----------
        room_name : str
            The room's name.

        Returns
        -------
        list of dict
            As they are on the wire.
        """
        return [one.entry() for one in self._unanswered(room_name)]

    async def knock(self, client: Client, payload: Knock, known: str | None) -> dict[str, Any]:
        """Let somebody wait, or go on waiting in the same place.

        Parameters
        ----------
        client : Client
            The client.
        payload : Knock
            The event ``knock``.
        known : str, optional
            The id under which it proves to have waited.

        Returns
        -------
        dict
            The acknowledgement.

        Raises
        ------
        ProtocolError
            ``not_admitted``, ``token_used``, ``waiting_full``, ``rate_limited``, ``bad_name`` or ``already_joined``.
        """
        room_name, name = payload["roomId"], payload.get("name", "Guest")
        if self._of(client) is not None:
            raise ProtocolError("already_joined", "This connection waits already.")
        if known is not None and self._ledger.is_revoked(known):
            raise _not_admitted()
        one = self._waiting.get(room_name, {}).get(known or "")
        if one is None:
            one = self._begin(client, room_name, name, payload.get("kind", "browser"), known)
            await self._tell(room_name)
        elif one.admission is None:
            earlier, one.sid = one.sid, client.sid
            self._timers.cancel(("knock away", one.id))
            if earlier is not None:
                taken = ProtocolError("taken_over", "The same person waits in another page.")
                await self._emit([earlier], "removed", {"roomId": room_name, **taken.info()})
        return {"waiting": one.admission is None, "resume": one.admission or self._place(one)}

    async def withdraw(self, client: Client) -> None:
        """Let somebody go who no longer wants to wait.

        Parameters
        ----------
        client : Client
            The client; one that does not wait is ignored.
        """
        one = self._of(client)
        if one is not None:
            await self._forget(one)

    def path_lost(self, client: Client) -> None:
        """Give somebody who waits, and whose connection has ended, some time to return to their place.

        Parameters
        ----------
        client : Client
            The client; one that does not wait is ignored.
        """
        one = self._of(client)
        if one is None:
            return
        one.sid = None
        if one.admission is None:
            self._timers.set(("knock away", one.id), seconds("return"), lambda: self._forget(one))

    async def answer(self, payload: AnswerKnock) -> None:
        """Let somebody in who waits, or not.

        Parameters
        ----------
        payload : AnswerKnock
            The event ``answer_knock``.

        Raises
        ------
        ProtocolError
            ``unknown_participant``, or ``token_used`` when their link has admitted as many as it may.
        """
        room_name = payload["roomId"]
        one = self._waiting.get(room_name, {}).get(payload["participant"])
        if one is None or one.admission is not None:
            raise ProtocolError("unknown_participant", "Nobody with that id waits to be let into this room.")
        if payload["admit"]:
            await self._admit(one)
            return
        self._ledger.revoke(one.id, time.time() + RESUME_SECONDS)
        await self._dismiss(one, _not_admitted())
        if payload.get("revoke", False):
            # So long may those return who came in with it.
            self._ledger.revoke(one.link, max(one.expires, time.time() + RESUME_SECONDS))
            await self.revoked(room_name, one.link)

    async def revoked(self, room_name: str, link: str) -> None:
        """Let those go who came by a link that is revoked.

        Parameters
        ----------
        room_name : str
            The room's name.
        link : str
            The id of its token.
        """
        error = ProtocolError("token_revoked", "A teacher has revoked this token: ask for a new one.")
        for one in self._unanswered(room_name):
            if one.link == link:
                await self._dismiss(one, error)

    # -- one who waits

    def _begin(self, client: Client, room_name: str, name: str, kind: str, known: str | None) -> _Waiting:
        link, uses = client.claims["id"], client.claims.get("uses")
        address = _foreign(client.address)
        if self._ledger.is_used_up(link, uses):
            raise _used_up()
        if not self._knocks.take(address or link):
            raise ProtocolError("rate_limited", "Too many knock at once: try again in a moment.")
        there = self._unanswered(room_name)
        if (
            len(there) >= MOST
            or sum(one.link == link for one in there) >= MOST_OF_LINK
            or (address is not None and sum(one.address == address for one in there) >= MOST_OF_ADDRESS)
        ):
            raise ProtocolError("waiting_full", "Too many wait to be let in: try again in a moment.")
        room = self._rooms.get(room_name)
        if room is not None and name in room.members:
            raise ProtocolError(
                "bad_name", "This name is the id of somebody in the room: choose another one."
            )
        one = _Waiting(
            id=known or secrets.token_urlsafe(12),
            room=room_name,
            name=name,
            kind=kind,
            since=time.time() * 1000,
            link=link,
            expires=client.claims["exp"],
            uses=uses,
            address=address,
            sid=client.sid,
        )
        self._waiting.setdefault(room_name, {})[one.id] = one
        self._timers.set(("knock", one.id), seconds("waiting"), lambda: self._time_is_up(one))
        return one

    def _place(self, one: _Waiting) -> str:
        return resume_token(
            self._secret, one.room, one.id, 0, admitted_by=one.link, waits=True, max_uses=one.uses
        )

    async def _admit(self, one: _Waiting) -> None:
        if self._ledger.is_used_up(one.link, one.uses):
            raise _used_up()
        self._ledger.add_use(one.link, one.expires)
        # They come into the room when they are let in, and not when they knocked.
        order = self._rooms.next_order()
        one.admission = resume_token(self._secret, one.room, one.id, order, admitted_by=one.link)
        # Somebody whose page is reloading now learns of it within the time that was theirs to wait.
        self._timers.cancel(("knock away", one.id))
        if one.sid is not None:
            await self._emit([one.sid], "admitted", {"roomId": one.room, "resume": one.admission})
        await self._tell(one.room)
        if self._ledger.is_used_up(one.link, one.uses):
            for other in self._unanswered(one.room):
                if other.link == one.link:
                    await self._dismiss(other, _used_up())

    async def _time_is_up(self, one: _Waiting) -> None:
        if one.admission is not None:
            self._remove(one)
            return
        minutes = seconds("waiting") / 60
        error = ProtocolError("nobody_answered", f"Nobody has answered within {minutes:g} minutes.")
        await self._dismiss(one, error)

    async def _dismiss(self, one: _Waiting, error: ProtocolError) -> None:
        sid = one.sid
        await self._forget(one)
        if sid is not None:
            await self._emit([sid], "removed", {"roomId": one.room, **error.info()})

    async def _forget(self, one: _Waiting) -> None:
        self._remove(one)
        if one.admission is None:
            await self._tell(one.room)

    def _remove(self, one: _Waiting) -> None:
        for key in ("knock", "knock away"):
            self._timers.cancel((key, one.id))
        there = self._waiting.get(one.room, {})
        if there.get(one.id) is one:
            del there[one.id]
        if not there:
            self._waiting.pop(one.room, None)

    # -- all of them

    def _unanswered(self, room_name: str) -> list[_Waiting]:
        return [one for one in self._waiting.get(room_name, {}).values() if one.admission is None]

    def _of(self, client: Client) -> _Waiting | None:
        there = self._waiting.get(client.claims["room"], {})
        return next((one for one in there.values() if one.sid == client.sid), None)

    async def _tell(self, room_name: str) -> None:
        """Tell those who may answer who waits."""
        room = self._rooms.get(room_name)
        observers = room.observers if room is not None else ()
        teachers = [
            sid
            for sid in observers
            if sid in self._clients and self._clients[sid].claims["role"] == "teacher"
        ]
        await self._emit(teachers, "waiting", {"roomId": room_name, "waiting": self.entries(room_name)})


def _foreign(address: str | None) -> str | None:
    """Return an address that tells clients apart: this machine's own are its user's, or a proxy's."""
    try:
        return None if address is None or ipaddress.ip_address(address).is_loopback else address
    except ValueError:
        return None


def _not_admitted() -> ProtocolError:
    return ProtocolError("not_admitted", "Somebody who teaches has declined to let you in.")


def _used_up() -> ProtocolError:
    return ProtocolError("token_used", "This token has admitted as many as it was made for.")
